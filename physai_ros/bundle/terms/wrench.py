"""What pushes."""
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Distinct, Listed, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.frames import Framed
from physai_ros.core.types import Wrench as WrenchSample
from pydantic import Field

AXES = ('fx', 'fy', 'fz', 'tx', 'ty', 'tz')


class Wrench(Framed, MeasuredVector):
    """Force in N and torque in N m; in another ``frame`` also about its origin."""

    sample_type: ClassVar[type] = WrenchSample
    default_max_age_s: ClassVar[float] = 0.1

    term: Literal['wrench'] = 'wrench'
    topic: Topic = Field(description='topic of geometry_msgs/WrenchStamped')
    axes: Annotated[Listed[Literal[AXES]], Distinct, Field(min_length=1)] = Field(
        default=AXES, description='the numbers, of fx, fy, fz, tx, ty, tz')

    @property
    def source(self):
        return Source(self.topic, 'wrench')

    @property
    def width(self):
        return len(self.axes)

    def measured(self, sample, frame_prefix):
        return np.concatenate([sample.force, sample.torque])

    def values(self, sample, context):
        force, torque = sample.force, sample.torque
        pose = self.change(sample, context)
        if pose is not None:
            force, torque = pose[:3, :3] @ force, pose[:3, :3] @ torque
            torque = torque + np.cross(pose[:3, 3], force)
        return np.concatenate([force, torque])[self.places]

    @cached_property
    def places(self):
        """Return where the wanted numbers stand among all."""
        return np.array([AXES.index(axis) for axis in self.axes])
