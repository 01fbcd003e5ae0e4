"""How fast the body moves."""
from typing import Literal

from physai_ros.bundle.terms.odometry import OdometryTerm


class BaseLinearVelocity(OdometryTerm):
    """Measured linear velocity of the base along its own x, y, z, m/s."""

    term: Literal['base_linear_velocity'] = 'base_linear_velocity'

    def values(self, sample, context):
        return sample.linear
