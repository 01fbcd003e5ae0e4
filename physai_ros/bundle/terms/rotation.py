"""What the terms with a rotation have in common."""
from functools import cached_property

import numpy as np
from physai_ros.bundle.rotations import (
    matrix, quaternion_of, represent, Representation, SIZES, TWOFOLD)
from physai_ros.bundle.schema import mismatch, Quaternion, Schema
from pydantic import Field, model_validator

LEAST_LENGTH = 1e-6


class Rotated(Schema):
    """A term that gives a rotation; between two samples it is not interpolated."""

    rotation: Representation = Field(
        default='quaternion_xyzw', description='how: quaternion_xyzw, quaternion_wxyz, '
        'rotation_6d (first two columns of the matrix), rotation_6d_rows (first two rows), '
        'rotation_matrix (three rows), rotation_vector (axis times angle), euler_rpy (rad)')
    near: Quaternion = Field(
        default=(0.0, 0.0, 0.0, 1.0), description='a quaternion x, y, z, w: of the two that a '
        'rotation has the one on its side is taken, for a rotation vector too, which may then '
        'be longer than pi; by default w is not negative')

    @property
    def rotation_size(self) -> int:
        """Return how many numbers the rotation has."""
        return SIZES[self.rotation]

    @cached_property
    def side(self) -> np.ndarray:
        """Return ``near``, (4,) w first, of length 1."""
        near = np.roll(self.near, 1)
        return near / np.linalg.norm(near)

    def represented(self, quaternion, pose=None) -> np.ndarray:
        """
        Return a rotation as the model wants it.

        :param quaternion: (4,), w first
        :param pose: (4, 4) of its frame in the wanted one, None when they agree
        """
        if pose is not None:
            turned = pose[:3, :3] @ matrix(quaternion)
            quaternion = quaternion_of(turned)
        return represent(quaternion, self.rotation, self.side)

    @model_validator(mode='after')
    def _near(self):
        if 'near' not in self.model_fields_set:
            return self
        reason = 'field is position' if getattr(self, 'field', None) == 'position' else \
            f'rotation is {self.rotation}' if self.rotation not in TWOFOLD else ''
        if reason:
            raise mismatch('near', f'no near, as {reason}',
                           'leave it out: both quaternions of a rotation give the same numbers')
        if np.linalg.norm(self.near) < LEAST_LENGTH:
            raise mismatch('near', 'a quaternion x, y, z, w whose length is not zero',
                           'give one in the middle of where the frame turns in the training: '
                           '[1, 0, 0, 0] for a tool that points down')
        return self
