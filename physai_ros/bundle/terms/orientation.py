"""How the robot is turned."""
from typing import Literal

from physai_ros.bundle.rotations import matrix, quaternion_of
from physai_ros.bundle.terms.frames import require_rotation
from physai_ros.bundle.terms.imu import ImuTerm
from physai_ros.bundle.terms.rotation import Rotated


class Orientation(Rotated, ImuTerm):
    """
    Orientation of an IMU in its fixed frame; of ``frame`` instead, where that is given.

    ``frame`` is looked up in TF: the fixed frame stays that of the IMU.
    """

    term: Literal['orientation'] = 'orientation'

    @property
    def count(self):
        return self.rotation_size

    def check(self, sample, frame_prefix):
        require_rotation(sample.orientation, self.topic)

    def values(self, sample, context):
        pose = self.change(sample, context)
        if pose is None:
            return self.represented(sample.orientation)
        turned = matrix(sample.orientation) @ pose[:3, :3].T
        return self.represented(quaternion_of(turned))

    def blend(self, before, after, share, context):
        return self.build(before if share < 0.5 else after, context)
