"""What the outputs that move a frame have in common."""
from typing import ClassVar, Literal

from physai_ros.bundle.outputs.joints import RelativeJointOutput
from physai_ros.bundle.schema import Label
from physai_ros.core.errors import BundleError
from pydantic import Field


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

    @property
    def absolute(self) -> bool:
        """Return whether a step is a pose in the root, not one relative to another pose."""
        return False

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
