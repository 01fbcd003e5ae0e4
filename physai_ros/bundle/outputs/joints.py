"""What the outputs for joints have in common."""
from typing import ClassVar, Literal

from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.scaling import Angular
from physai_ros.bundle.schema import JointNames, Topic
from physai_ros.bundle.terms.joint_position import JointPosition
from physai_ros.core.types import JointChunk
from pydantic import Field


class JointOutput(Angular, Output):
    """One number a joint, in the order of ``joints``."""

    moves: ClassVar[str] = 'joints'

    joints: JointNames = Field(description='the names of the joints, in the order of the model')

    @property
    def width(self):
        return len(self.joints)

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return JointChunk(t_obs_ns, dt_ns, self.joints, actions)


class RelativeJointOutput(JointOutput):
    """Joints that move from where they are, or from where they were wanted."""

    relative_to: Literal['measured', 'previous_target'] = Field(
        default='measured', description='what the first step starts from: the pose measured at '
        't_obs, or what the last answer wanted for t_obs (without one: the measured pose)')
    topic: Topic = Field(default='joint_states',
                         description='topic of sensor_msgs/JointState with the measured pose')

    @property
    def reference(self):
        return JointPosition(joints=self.joints, topic=self.topic)

    @property
    def follows_itself(self):
        return self.relative_to == 'previous_target'
