"""What the outputs that move a frame have in common."""
from typing import Annotated, ClassVar, Literal, Optional

import numpy as np
from physai_ros.bundle.outputs.joints import RelativeJointOutput
from physai_ros.bundle.schema import Label, Listed, mismatch, Moderate
from physai_ros.core.errors import BundleError
from pydantic import Field, model_validator


class FrameOutput(RelativeJointOutput):
    """
    A frame whose poses differential inverse kinematics turns into positions of ``joints``.

    ``steps``: see FrameDeltaOutput.
    """

    invertible: ClassVar[bool] = False

    frame: Label = Field(description='the frame that moves, as the URDF names it')
    axes: Literal['base', 'frame'] = Field(
        default='base', description='along whose axes: those of the root of the URDF, or those '
        'of the frame itself')
    fixed: Optional[Annotated[Listed[Optional[Moderate]], Field(min_length=1)]] = Field(
        default=None, description='where the model tells only some of the numbers: all of them, '
        'null for each that it tells, in its order; the others in m and the unit of the model')

    @property
    def whole_width(self) -> int:
        """Return how many numbers a step has, those that are ``fixed`` included."""
        raise NotImplementedError

    @property
    def width(self):
        return self.whole_width if self.fixed is None else self.fixed.count(None)

    @property
    def absolute(self) -> bool:
        """Return whether a step is a pose in the root, not one relative to another pose."""
        return False

    def whole(self, rows):
        """Return the numbers of each step, (K, whole_width), in m and the unit of the model."""
        told = self.from_model(rows) * self.per_radian
        if self.fixed is None:
            return told
        numbers = np.tile([np.nan if n is None else n for n in self.fixed], (len(rows), 1))
        numbers[:, [n is None for n in self.fixed]] = told
        return numbers

    def solved(self, moves, reference, solver):
        """
        Return joint positions (K, J), rad or m.

        :param moves: (K, 6) x, y, z in m and a rotation vector in rad
        """
        if solver is None:
            raise BundleError(f'an output that moves the frame {self.frame}', None,
                              'a solver for inverse kinematics',
                              'give the robot a URDF and install pin-pink and daqp')
        return self.bounded(solver(self, moves, reference))

    @model_validator(mode='after')
    def _told(self):
        if self.fixed is not None and (len(self.fixed) != self.whole_width or not self.width):
            raise mismatch('fixed', f'{self.whole_width} numbers, null for those that the model '
                           'tells, one at least', 'write them in the order of the output')
        return self
