"""What the terms on an inertial measurement have in common."""
from typing import ClassVar

from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.frames import Framed
from physai_ros.bundle.terms.taken import Taken
from physai_ros.core.types import Imu
from pydantic import Field


class ImuTerm(Framed, Taken, MeasuredVector):
    """Numbers of a sensor_msgs/Imu."""

    sample_type: ClassVar[type] = Imu
    default_max_age_s: ClassVar[float] = 0.1

    topic: Topic = Field(default='imu', description='topic of sensor_msgs/Imu')

    @property
    def source(self):
        return Source(self.topic, 'imu')


class ImuVector(ImuTerm):
    """A vector of three numbers that turns with the frame."""

    field: ClassVar[str]

    @property
    def count(self):
        return 3

    def measured(self, sample, frame_prefix):
        return getattr(sample, self.field)

    def values(self, sample, context):
        pose = self.change(sample, context)
        vector = getattr(sample, self.field)
        return vector if pose is None else pose[:3, :3] @ vector
