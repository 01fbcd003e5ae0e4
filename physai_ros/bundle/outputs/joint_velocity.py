"""Velocities of joints."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.outputs.joints import RelativeJointOutput


class JointVelocityOutput(RelativeJointOutput):
    """
    Joint velocities, rad/s or m/s, each in force for one period.

    They become positions: the pose, and after each period that pose plus all velocities times the
    period; a chunk of K velocities has K + 1 positions. The guard limits them.
    """

    invertible: ClassVar[bool] = False
    begins_at_reference: ClassVar[bool] = True

    kind: Literal['joint_velocity'] = 'joint_velocity'

    def actions(self, rows, dt_s, reference=None, solver=None):
        targets = self.added_up(reference, self.from_model(rows) * dt_s)
        return np.concatenate([[reference], targets])
