"""Motion of a frame, such as that of a tool."""
from typing import Annotated, Literal

import numpy as np
from physai_ros.bundle.outputs.base import require_finite
from physai_ros.bundle.outputs.frame import FrameOutput
from physai_ros.bundle.rotations import rotation_vectors
from physai_ros.bundle.schema import mismatch
from pydantic import BeforeValidator, Field


def _no_number(value):
    """Refuse 1 and 0, which a Literal takes for true and false."""
    if type(value) in (int, float):
        raise mismatch('', "'rotation_vector', 'euler_rpy', True or False", 'write one of these')
    return value


Turn = Annotated[Literal['rotation_vector', 'euler_rpy', True, False],
                 BeforeValidator(_no_number)]


class FrameDeltaOutput(FrameOutput):
    """
    How far a frame of the URDF is to move: x, y, z in m, then how far it is to turn.

    Differential inverse kinematics turns it into positions of ``joints``, within their limits.
    """

    kind: Literal['frame_delta'] = 'frame_delta'
    rotation: Turn = Field(
        default='rotation_vector', description='how the turn is told, as in the term pose: '
        'rotation_vector (or true), or euler_rpy; false: there are 3 numbers, and the frame keeps '
        'its orientation')
    steps: Literal['from_reference', 'from_step_before'] = Field(
        default='from_reference', description='from_reference: each step of a chunk counts from '
        'the same pose; from_step_before: each counts from the step before it')

    @property
    def whole_width(self):
        return 6 if self.rotation else 3

    def actions(self, rows, dt_s, reference=None, solver=None):
        moves = np.zeros((len(rows), 6))
        moves[:, :self.whole_width] = self.whole(rows)
        moves[:, 3:] /= self.per_radian
        require_finite(f'the motion of frame {self.frame}', moves)
        if self.rotation == 'euler_rpy':
            moves[:, 3:] = rotation_vectors(moves[:, 3:], self.rotation)
        return self.solved(moves, reference, solver)
