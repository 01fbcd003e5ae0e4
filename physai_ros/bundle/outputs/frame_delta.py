"""Motion of a frame, such as that of a tool."""
from typing import Literal

import numpy as np
from physai_ros.bundle.outputs.frame import FrameOutput
from pydantic import Field


class FrameDeltaOutput(FrameOutput):
    """
    How far a frame of the URDF is to move: x, y, z in m and a rotation vector in rad.

    Differential inverse kinematics turns it into positions of ``joints``, within their limits.
    """

    kind: Literal['frame_delta'] = 'frame_delta'
    rotation: bool = Field(default=True, description='6 numbers; without: 3, and the frame keeps '
                           'its orientation')
    steps: Literal['from_reference', 'from_step_before'] = Field(
        default='from_reference', description='from_reference: each step of a chunk counts from '
        'the same pose; from_step_before: each counts from the step before it')

    @property
    def width(self):
        return 6 if self.rotation else 3

    def actions(self, rows, dt_s, reference=None, solver=None):
        moves = np.zeros((len(rows), 6))
        moves[:, :self.width] = self.from_model(rows)
        if self.per_radian != 1.0:
            moves[:, :3] *= self.per_radian
        return self.solved(moves, reference, solver)
