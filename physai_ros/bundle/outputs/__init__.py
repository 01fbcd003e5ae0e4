"""
What a model's outputs may mean.

To add a kind, write its file and name it here and, if it may be a part, in ``split.py``.
"""
from typing import Annotated, Union

from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.outputs.base_path import BasePathOutput
from physai_ros.bundle.outputs.base_twist import BaseTwistOutput
from physai_ros.bundle.outputs.frame import FrameOutput
from physai_ros.bundle.outputs.frame_delta import FrameDeltaOutput
from physai_ros.bundle.outputs.frame_pose import FramePoseOutput
from physai_ros.bundle.outputs.gripper import GripperOutput
from physai_ros.bundle.outputs.joint_delta import JointDeltaOutput
from physai_ros.bundle.outputs.joint_position import JointPositionOutput
from physai_ros.bundle.outputs.joint_velocity import JointVelocityOutput
from physai_ros.bundle.outputs.split import PARTS, SplitOutput
from physai_ros.bundle.outputs.unused import UnusedOutput
from pydantic import Field

OUTPUTS = (*PARTS, SplitOutput)

AnyOutput = Annotated[Union[OUTPUTS], Field(discriminator='kind')]

__all__ = ['AnyOutput', 'BasePathOutput', 'BaseTwistOutput', 'FrameDeltaOutput', 'FrameOutput',
           'FramePoseOutput', 'GripperOutput', 'JointDeltaOutput', 'JointPositionOutput',
           'JointVelocityOutput', 'Output', 'OUTPUTS', 'SplitOutput', 'UnusedOutput']
