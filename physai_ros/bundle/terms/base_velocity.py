"""How fast the base moves over the ground."""
from typing import Literal

import numpy as np
from physai_ros.bundle.terms.odometry import OdometryTerm


class BaseVelocity(OdometryTerm):
    """Measured velocity of the base (vx, vy, wz) in its own frame, m/s, m/s, rad/s."""

    term: Literal['base_velocity'] = 'base_velocity'

    def values(self, sample, context):
        return np.array((sample.linear[0], sample.linear[1], sample.angular[2]), dtype=np.float64)
