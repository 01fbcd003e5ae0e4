"""What a joystick says."""
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Listed, mismatch, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.core.types import Joy as JoySample
from pydantic import Field, model_validator

MOST = 1024     # what is no joystick comes this way, too: a height map, for example
Places = Annotated[Listed[Annotated[int, Field(ge=0, lt=MOST)]], Field(max_length=MOST)]


class Joy(MeasuredVector):
    """Some axes (-1 to 1) of a joystick, then some buttons (0 or 1)."""

    sample_type: ClassVar[type] = JoySample
    default_max_age_s: ClassVar[float] = 0.5

    term: Literal['joy'] = 'joy'
    topic: Topic = Field(default='joy', description='topic of sensor_msgs/Joy')
    axes: Places = Field(default=(), description='places of the axes, from 0')
    buttons: Places = Field(default=(), description='places of the buttons, from 0')

    @property
    def source(self):
        return Source(self.topic, 'joy')

    @property
    def width(self):
        return len(self.axes) + len(self.buttons)

    def absence(self, sample):
        for field in ('axes', 'buttons'):
            wanted, count = getattr(self, field), len(getattr(sample, field))
            if wanted and max(wanted) >= count:
                return f'it has {count} {field}'
        return None

    def values(self, sample, context):
        return np.concatenate([np.asarray(sample.axes, dtype=np.float64)[list(self.axes)],
                               np.asarray(sample.buttons, np.float64)[list(self.buttons)]])

    @model_validator(mode='after')
    def _something(self):
        if not self.axes and not self.buttons:
            raise mismatch('axes', 'at least one place in axes or buttons', 'name some')
        return self
