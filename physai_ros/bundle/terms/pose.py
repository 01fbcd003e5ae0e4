"""Where something is."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.rotations import matrix
from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.frames import Framed, require_rotation
from physai_ros.bundle.terms.posed import Posed
from physai_ros.core.types import Pose as PoseSample
from pydantic import Field


class Pose(Posed, Framed, MeasuredVector):
    """A pose: x, y, z in m, then the rotation; or one of the two."""

    sample_type: ClassVar[type] = PoseSample
    default_max_age_s: ClassVar[float] = 0.2

    term: Literal['pose'] = 'pose'
    topic: Topic = Field(description='topic of geometry_msgs/PoseStamped')

    @property
    def source(self):
        return Source(self.topic, 'pose')

    @property
    def needs_rotation(self) -> bool:
        """Return whether the rotation of a sample counts."""
        return self.field != 'position' or self.relative_to is not None

    def check(self, sample, frame_prefix):
        super().check(sample, frame_prefix)
        if self.needs_rotation:
            require_rotation(sample.orientation, self.topic)

    def measured(self, sample, frame_prefix):
        return sample.position

    def values(self, sample, context):
        change = self.change(sample, context)
        position = sample.position if change is None else \
            change[:3, :3] @ sample.position + change[:3, 3]
        if self.field == 'position':
            return position
        return self.told(position, self.represented(sample.orientation, change))

    def pose(self, sample, context):
        pose, change = np.eye(4), self.change(sample, context)
        pose[:3, :3], pose[:3, 3] = matrix(sample.orientation), sample.position
        return pose if change is None else change @ pose

    def blend(self, before, after, share, context):
        if not self.needs_rotation:
            return super().blend(before, after, share, context)
        return self.build(before if share < 0.5 else after, context)
