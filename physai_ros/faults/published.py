"""Whether what is published to a robot is what it may be sent. Free of ROS."""
from collections import Counter
from typing import Iterable, Tuple

import numpy as np
from physai_ros.core.types import JointTrajectory, NS_PER_S, Twist

RELATIVE = 1e-6
TIME_NS = 1               # stamps are whole nanoseconds


class TrajectoryCheck:
    """
    Check every trajectory for itself: finite, within all limits, at rest in the end.

    :param limits: ``guard.limits.JointLimits``
    :param controllers: the joints of each controller, in its order
    """

    def __init__(self, limits, controllers: Iterable[Tuple[str, ...]]):
        self._limits = {joints: limits.of(joints) for joints in controllers}
        self.found = Counter()

    def sample(self, trajectory: JointTrajectory):
        """Check one trajectory."""
        limits = self._limits.get(trajectory.names)
        if limits is None:
            self.found['names'] += 1
            return
        p, v, a = trajectory.positions, trajectory.velocities, trajectory.accelerations
        if not all(np.isfinite(x).all() for x in (p, v, a)):
            self.found['non_finite'] += 1
            return
        more = 1.0 + RELATIVE
        seconds = np.diff(trajectory.times_ns)[:, None] / NS_PER_S
        jerk = np.abs(np.diff(a, axis=0)) / seconds if len(a) > 1 else np.zeros((1, 1))
        slack = RELATIVE * (limits.upper - limits.lower)
        self.found.update(kind for kind, wrong in (
            ('position', (p > limits.upper + slack) | (p < limits.lower - slack)),
            ('velocity', np.abs(v) > limits.velocity * more),
            ('acceleration', np.abs(a) > limits.acceleration * more),
            ('jerk', jerk > limits.jerk * more + TIME_NS / NS_PER_S),
            ('end', np.abs(v[-1]) > RELATIVE)) if np.any(wrong))


class TwistCheck:
    """
    Check every base command: finite and within the limits of velocity.

    Its changes from one to the next are the simulator's to watch, which knows when they arrive.

    :param limits: ``guard.limits.BaseLimits``
    """

    def __init__(self, limits):
        self._velocity = limits.velocity * (1.0 + RELATIVE) + RELATIVE
        self.found = Counter()

    def sample(self, twist: Twist):
        """Check one command."""
        if not np.isfinite(twist.velocity).all():
            self.found['non_finite'] += 1
        elif np.any(np.abs(twist.velocity) > self._velocity):
            self.found['velocity'] += 1
