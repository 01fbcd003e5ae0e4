"""Where something is."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.frames import Framed, require_rotation
from physai_ros.bundle.terms.rotation import Rotated
from physai_ros.bundle.terms.taken import Taken
from physai_ros.core.types import Pose as PoseSample
from pydantic import Field


class Pose(Rotated, Framed, Taken, MeasuredVector):
    """A pose: x, y, z in m, then the rotation; or one of the two."""

    sample_type: ClassVar[type] = PoseSample
    default_max_age_s: ClassVar[float] = 0.2

    term: Literal['pose'] = 'pose'
    topic: Topic = Field(description='topic of geometry_msgs/PoseStamped')
    field: Literal['pose', 'position', 'orientation'] = Field(
        default='pose', description='pose, position or orientation')

    @property
    def source(self):
        return Source(self.topic, 'pose')

    @property
    def count(self):
        return 3 * (self.field != 'orientation') + self.rotation_size * (self.field != 'position')

    def check(self, sample, frame_prefix):
        super().check(sample, frame_prefix)
        if self.field != 'position':
            require_rotation(sample.orientation, self.topic)

    def measured(self, sample, frame_prefix):
        return sample.position

    def values(self, sample, context):
        change = self.change(sample, context)
        position = sample.position if change is None else \
            change[:3, :3] @ sample.position + change[:3, 3]
        if self.field == 'position':
            return position
        rotation = self.represented(sample.orientation, change)
        return rotation if self.field == 'orientation' else np.concatenate([position, rotation])

    def blend(self, before, after, share, context):
        if self.field == 'position':
            return super().blend(before, after, share, context)
        return self.build(before if share < 0.5 else after, context)
