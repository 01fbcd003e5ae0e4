"""Poses of a frame, such as that of a tool."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.outputs.base import require_finite
from physai_ros.bundle.outputs.frame import FrameOutput
from physai_ros.bundle.rotations import Representation, rotation_vectors, SIZES
from pydantic import Field


class FramePoseOutput(FrameOutput):
    """
    Where a frame of the URDF is to be: x, y, z in m, then its rotation.

    In the root of the URDF (``axes: base``), or in the frame itself as it was where the answer
    starts from (``axes: frame``), as UMI's policies say it. Differential inverse kinematics turns
    it into positions of ``joints``, within their limits. 6D rotations and matrices are made
    orthonormal.
    """

    steps: ClassVar[str] = 'from_reference'
    begins_at_reference: ClassVar[bool] = True

    kind: Literal['frame_pose'] = 'frame_pose'
    axes: Literal['base', 'frame'] = Field(
        default='base', description='in what: the root of the URDF, or the frame itself')
    rotation: Representation = Field(
        default='rotation_6d', description='how the rotation is told, as in the term pose')

    @property
    def absolute(self):
        return self.axes == 'base'

    @property
    def whole_width(self):
        return 3 + SIZES[self.rotation]

    def actions(self, rows, dt_s, reference=None, solver=None):
        numbers = self.whole(rows)
        position, rotation = numbers[:, :3], numbers[:, 3:]
        if self.rotation in ('rotation_vector', 'euler_rpy'):
            rotation = rotation / self.per_radian
        with np.errstate(divide='ignore', invalid='ignore', over='ignore'):
            moves = np.hstack([position, rotation_vectors(rotation, self.rotation)])
        require_finite(f'the pose of frame {self.frame}', moves)
        return self.solved(moves, reference, solver)
