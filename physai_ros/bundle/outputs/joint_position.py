"""Targets for joints."""
from typing import ClassVar, Literal

from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.schema import JointNames
from physai_ros.core.types import JointChunk
from pydantic import Field


class JointPositionOutput(Output):
    """Joint positions to be at, rad or m."""

    moves: ClassVar[str] = 'joints'

    kind: Literal['joint_position'] = 'joint_position'
    joints: JointNames = Field(description='the names of the joints, in the order of the model')

    @property
    def width(self):
        return len(self.joints)

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return JointChunk(t_obs_ns, dt_ns, self.joints, actions)
