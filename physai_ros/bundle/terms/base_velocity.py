"""How fast the base moves."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import Source, VectorTerm
from physai_ros.core.types import Odometry
from pydantic import Field


class BaseVelocity(VectorTerm):
    """Measured velocity of the base (vx, vy, wz) in its own frame, m/s, m/s, rad/s."""

    sample_type: ClassVar[type] = Odometry
    default_max_age_s: ClassVar[float] = 0.2

    term: Literal['base_velocity'] = 'base_velocity'
    topic: Topic = Field(default='odom', description='topic of nav_msgs/Odometry')

    @property
    def source(self):
        return Source(self.topic, 'odometry')

    @property
    def width(self):
        return 3

    def values(self, sample, context):
        return np.array((sample.linear[0], sample.linear[1], sample.angular[2]), dtype=np.float64)
