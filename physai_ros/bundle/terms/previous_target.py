"""Where the last answer wanted the joints."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.terms.joint_position import JointPosition


class PreviousTarget(JointPosition):
    """
    Joint targets of the last answer, rad or m: what ``relative_to: previous_target`` starts from.

    Of a chunk it is the target meant for one period before this tick (of velocities and poses of a
    frame, for the tick itself), before the guard. Before the first answer, and when the last one
    has ended, it is the measured position, which has to be there all the time. The rest is as in
    joint_position.
    """

    of_sample_alone: ClassVar[bool] = False

    term: Literal['previous_target'] = 'previous_target'

    def positions(self, sample, context):
        measured = super().positions(sample, context)
        return np.array([context.targets.get(name, position)
                         for name, position in zip(self.joints, measured)])
