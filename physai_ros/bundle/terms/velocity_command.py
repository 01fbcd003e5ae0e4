"""How fast somebody wants the robot to move."""
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Distinct, Listed, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.core.types import Motion
from pydantic import Field

AXES = ('vx', 'vy', 'vz', 'wx', 'wy', 'wz')


class TwistTerm(MeasuredVector):
    """What is made of some numbers of a TwistStamped."""

    sample_type: ClassVar[type] = Motion
    default_max_age_s: ClassVar[float] = 0.5

    topic: Topic = Field(description='topic of geometry_msgs/TwistStamped')
    axes: Annotated[Listed[Literal[AXES]], Distinct, Field(min_length=1)] = Field(
        default=('vx', 'vy', 'wz'), description='the numbers, of vx, vy, vz, wx, wy, wz')

    @property
    def source(self):
        return Source(self.topic, 'twist')

    def wanted(self, sample) -> np.ndarray:
        """Return the numbers of ``axes``."""
        return np.concatenate([sample.linear, sample.angular])[self.places]

    @cached_property
    def places(self):
        """Return where the wanted numbers stand among all."""
        return np.array([AXES.index(axis) for axis in self.axes])


class VelocityCommand(TwistTerm):
    """A wanted velocity, m/s and rad/s; when it falls silent there is no observation."""

    term: Literal['velocity_command'] = 'velocity_command'

    @property
    def width(self):
        return len(self.axes)

    def values(self, sample, context):
        return self.wanted(sample)
