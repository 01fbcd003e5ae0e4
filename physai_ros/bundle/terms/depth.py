"""The picture of a depth camera."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.framing import Framing
from physai_ros.bundle.scaling import Scaling
from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import Measured, Source, VectorTerm
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Depth as DepthPicture
from pydantic import Field, FiniteFloat


class Depth(Framing, Scaling, Measured):
    """A depth picture in metres; alone in an input of the model, or stacked with others."""

    sample_type: ClassVar[type] = DepthPicture
    default_max_age_s: ClassVar[float] = 0.2

    term: Literal['depth'] = 'depth'
    topic: Topic = Field(description='topic of sensor_msgs/Image, 16UC1 (mm) or 32FC1 (m)')
    far: FiniteFloat = Field(default=10.0, gt=0, le=1000,
                             description='the greatest depth, m; more counts as this')
    unknown: FiniteFloat = Field(default=0.0, ge=0, le=1000,
                                 description='the depth of pixels that the camera cannot tell, m')
    interpolation: Literal['area', 'linear', 'cubic', 'nearest'] = Field(
        default='nearest', description='how it is resized; all but nearest mix near and far')
    layout: Literal['CHW', 'HWC', 'HW'] = Field(
        default='CHW', description='one channel first, last, or (HW) none')

    finished = VectorTerm.finished

    @property
    def source(self):
        return Source(self.topic, 'depth')

    @property
    def width(self):
        return 1

    @property
    def shape(self):
        return {'CHW': (1, *self.size), 'HWC': (*self.size, 1), 'HW': self.size}[self.layout]

    @property
    def flat_axis(self):
        return 2 if self.layout == 'HWC' else 0

    def check(self, sample, frame_prefix):
        metres = sample.metres
        if metres.ndim != 2 or not metres.size or metres.dtype != np.float32:
            raise SampleError(f'a depth picture on {self.topic}',
                              (metres.shape, str(metres.dtype)), 'height and width of float32',
                              'publish it as 16UC1 or 32FC1')
        self.region(*metres.shape)

    def build(self, sample, context):
        metres = sample.metres
        known = np.where(np.isnan(metres), np.float32(self.unknown), metres)
        picture = self.bring(known.clip(0.0, self.far))
        return self.finished(picture).reshape(self.shape)
