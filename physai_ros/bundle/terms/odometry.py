"""What the terms on odometry have in common."""
from typing import ClassVar

from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.taken import Taken
from physai_ros.core.types import Odometry
from pydantic import Field


class OdometryTerm(Taken, MeasuredVector):
    """Three numbers of a nav_msgs/Odometry."""

    sample_type: ClassVar[type] = Odometry
    default_max_age_s: ClassVar[float] = 0.2

    topic: Topic = Field(default='odom', description='topic of nav_msgs/Odometry')

    @property
    def source(self):
        return Source(self.topic, 'odometry')

    @property
    def count(self):
        return 3
