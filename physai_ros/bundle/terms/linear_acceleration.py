"""What an accelerometer measures."""
from typing import ClassVar, Literal

from physai_ros.bundle.terms.imu import ImuVector


class LinearAcceleration(ImuVector):
    """Linear acceleration of an IMU along x, y, z, m/s², gravity included as the driver has it."""

    field: ClassVar[str] = 'linear_acceleration'

    term: Literal['linear_acceleration'] = 'linear_acceleration'
