"""How fast the robot turns."""
from typing import ClassVar, Literal

from physai_ros.bundle.scaling import Angular
from physai_ros.bundle.terms.imu import ImuVector


class AngularVelocity(Angular, ImuVector):
    """Angular velocity of an IMU about x, y, z, rad/s."""

    field: ClassVar[str] = 'angular_velocity'

    term: Literal['angular_velocity'] = 'angular_velocity'
