"""
What a model's outputs may mean.

To add a kind, write its file and name it here.
"""
from typing import Annotated, Union

from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.outputs.base_twist import BaseTwistOutput
from physai_ros.bundle.outputs.joint_position import JointPositionOutput
from pydantic import Field

OUTPUTS = (BaseTwistOutput, JointPositionOutput)

AnyOutput = Annotated[Union[OUTPUTS], Field(discriminator='kind')]

__all__ = ['AnyOutput', 'BaseTwistOutput', 'JointPositionOutput', 'Output', 'OUTPUTS']
