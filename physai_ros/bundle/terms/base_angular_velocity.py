"""How fast the body turns, by its odometry."""
from typing import Literal

from physai_ros.bundle.scaling import Angular
from physai_ros.bundle.terms.odometry import OdometryTerm


class BaseAngularVelocity(Angular, OdometryTerm):
    """Measured angular velocity of the base about its own x, y, z, rad/s."""

    term: Literal['base_angular_velocity'] = 'base_angular_velocity'

    def values(self, sample, context):
        return sample.angular
