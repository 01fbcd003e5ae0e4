"""Which way is down."""
from typing import Literal

import numpy as np
from physai_ros.bundle.rotations import matrix
from physai_ros.bundle.terms.frames import require_rotation
from physai_ros.bundle.terms.imu import ImuTerm


class ProjectedGravity(ImuTerm):
    """The direction of gravity in the frame of the IMU: (0, 0, -1) when it stands upright."""

    term: Literal['projected_gravity'] = 'projected_gravity'

    @property
    def count(self):
        return 3

    def check(self, sample, frame_prefix):
        require_rotation(sample.orientation, self.topic)

    def values(self, sample, context):
        down = -matrix(sample.orientation)[2]
        pose = self.change(sample, context)
        return down if pose is None else pose[:3, :3] @ down

    def settle(self, values):
        return values / max(float(np.linalg.norm(values)), 1e-9)
