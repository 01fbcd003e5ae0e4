"""What the outputs for joints have in common."""
from functools import cached_property
from typing import ClassVar, Literal, Optional

import numpy as np
from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.scaling import Angular, require_bounds
from physai_ros.bundle.schema import Bounds, JointNames, Topic
from physai_ros.bundle.terms.joint_position import JointPosition
from physai_ros.core.types import JointChunk
from pydantic import Field, model_validator


class JointOutput(Angular, Output):
    """One number a joint, in the order of ``joints``."""

    moves: ClassVar[str] = 'joints'

    joints: JointNames = Field(description='the names of the joints, in the order of the model')
    within: Optional[Bounds] = Field(
        default=None, description='[the least, the greatest] target in rad or m, as the training '
        'bounds them; for each joint its own: [[the least ones], [the greatest ones]]. A target '
        'beyond becomes that')
    topic: Topic = Field(default='joint_states', description='topic of sensor_msgs/JointState '
                         'with the measured pose, for what is relative to it')

    @property
    def width(self):
        return len(self.joints)

    @property
    def measured_pose(self) -> JointPosition:
        """Return the measurement of the joints."""
        return JointPosition(joints=self.joints, topic=self.topic)

    def bounded(self, targets) -> np.ndarray:
        """Return targets (..., J) within ``within``."""
        return targets if self.within is None else targets.clip(*map(np.array, self.within))

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return JointChunk(t_obs_ns, dt_ns, self.joints, actions)

    @model_validator(mode='after')
    def _bounds(self):
        require_bounds('within', self.within, self.width)
        return self


class RelativeJointOutput(JointOutput):
    """Joints that move from where they are, or from where they were wanted."""

    relative_to: Literal['measured', 'previous_target'] = Field(
        default='measured', description='what the first step starts from: the pose measured at '
        't_obs, or what the last answer wanted one period before t_obs, from which a delta leads '
        'to t_obs (joint_velocity, frame_pose: for t_obs itself); without one the measured pose')

    @cached_property
    def reference(self):
        return self.measured_pose

    @property
    def follows_itself(self):
        return self.relative_to == 'previous_target'

    def added_up(self, reference, steps) -> np.ndarray:
        """Return the targets (K, J) of steps (K, J) that each start from the target before."""
        if self.within is None:
            return reference + np.cumsum(steps, axis=0)
        targets = np.empty_like(steps)
        for k, step in enumerate(steps):
            reference = targets[k] = self.bounded(reference + step)
        return targets
