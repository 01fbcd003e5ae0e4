"""Motion of a frame, such as that of a tool."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.outputs.joints import RelativeJointOutput
from physai_ros.bundle.schema import Label
from physai_ros.core.errors import BundleError
from pydantic import Field


class FrameDeltaOutput(RelativeJointOutput):
    """
    How far a frame of the URDF is to move: x, y, z in m and a rotation vector in rad.

    Differential inverse kinematics turns it into positions of ``joints``, within their limits.
    """

    invertible: ClassVar[bool] = False

    kind: Literal['frame_delta'] = 'frame_delta'
    frame: Label = Field(description='the frame that moves, as the URDF names it')
    axes: Literal['base', 'frame'] = Field(
        default='base', description='along whose axes: those of the root of the URDF, or those '
        'of the frame itself')
    rotation: bool = Field(default=True, description='6 numbers; without: 3, and the frame keeps '
                           'its orientation')
    steps: Literal['from_reference', 'from_step_before'] = Field(
        default='from_reference', description='from_reference: each step of a chunk counts from '
        'the same pose; from_step_before: each counts from the step before it')

    @property
    def width(self):
        return 6 if self.rotation else 3

    def actions(self, rows, dt_s, reference=None, solver=None):
        if solver is None:
            raise BundleError(f'an output that moves the frame {self.frame}', None,
                              'a solver for inverse kinematics',
                              'give the robot a URDF and install pin-pink and daqp')
        moves = np.zeros((len(rows), 6))
        moves[:, :self.width] = self.from_model(rows)
        if self.per_radian != 1.0:
            moves[:, :3] *= self.per_radian
        return self.bounded(solver(self, moves, reference))
