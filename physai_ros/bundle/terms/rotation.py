"""What the terms with a rotation have in common."""
import numpy as np
from physai_ros.bundle.rotations import matrix, quaternion_of, represent, Representation, SIZES
from physai_ros.bundle.schema import Schema
from pydantic import Field


class Rotated(Schema):
    """A term that gives a rotation; between two samples it is not interpolated."""

    rotation: Representation = Field(
        default='quaternion_xyzw', description='how: quaternion_xyzw, quaternion_wxyz (w not '
        'negative), rotation_6d (first two columns of the matrix), rotation_6d_rows (first two '
        'rows), rotation_vector, euler_rpy (rad)')

    @property
    def rotation_size(self) -> int:
        """Return how many numbers the rotation has."""
        return SIZES[self.rotation]

    def represented(self, quaternion, pose=None) -> np.ndarray:
        """
        Return a rotation as the model wants it.

        :param quaternion: (4,), w first
        :param pose: (4, 4) of its frame in the wanted one, None when they agree
        """
        if pose is not None:
            turned = pose[:3, :3] @ matrix(quaternion)
            quaternion = quaternion_of(turned)
        return represent(quaternion, self.rotation)
