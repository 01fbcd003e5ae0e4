"""What would be published first if the guard were engaged: the dry run."""
from typing import Callable

import numpy as np
from physai_ros.core.stitching import JointReference
from physai_ros.core.types import JointTrajectory
from physai_ros.guard.aims import Aim, Course
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.joint_shaper import JointShaper
from physai_ros.guard.limits import JointLimits


class Rehearsal:
    """
    Shape the beginning of a reference, without looking for collisions.

    :param limits: of the joints (J)
    :param reference: what the policy wants
    """

    def __init__(self, limits: JointLimits, config: GuardConfig, reference: JointReference):
        self._period_ns, self._commit_ns = config.ns('control_period_s'), config.ns('commit_s')
        self._shaper = JointShaper(limits, config.per_joint('soft_margin', limits),
                                   self._period_ns, stop_s=config.stop_time_s)
        self._course = Course(reference, self._shaper.bounds, config.ns('smoothing_s'),
                              self._period_ns)

    def run(self, now_ns: int, position: np.ndarray,
            check: Callable[[Aim], None]) -> JointTrajectory:
        """
        Return a trajectory that begins at a position (J,), at rest.

        :param check: of the first aim; what it raises is passed on
        """
        shaper = self._shaper
        shaper.start(now_ns, position, np.zeros(len(position)))
        aim = self._course.aim(now_ns + self._period_ns)
        if aim is not None:
            check(aim)
        while shaper.head_ns < now_ns + self._commit_ns:
            shaper.extend(self._course.aim(shaper.head_ns + self._period_ns))
        return shaper.trajectory(now_ns)
