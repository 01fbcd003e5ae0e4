"""Whether joint states agree with each other: those of two drivers of one joint do not."""
from typing import Optional

import numpy as np
from physai_ros.guard.limits import JointLimits

NEVER = -2 ** 62
WINDOW_NS = 2_000_000_000


class Agreement:
    """
    Tells joints that are said to be in two places at once.

    One that goes farther than it can between two messages, and back, twice within two seconds, has
    two publishers (a driver, and a joint_state_publisher that was left running), or a sensor that
    fails. A single leap, as of a driver that was started anew, is none.

    :param limits: of the joints (J)
    :param tolerance: (J,) what they may leap beyond their velocity, rad or m
    """

    def __init__(self, limits: JointLimits, tolerance: np.ndarray):
        self._names, self._velocity, self._tolerance = limits.names, limits.velocity, tolerance
        self.reset()

    def reset(self):
        """Begin anew."""
        self._way, self._last = np.zeros((2, len(self._names)))
        self._last_ns = np.full(len(self._names), NEVER)
        self._leapt_ns = np.full(len(self._names), NEVER)
        self._back_ns = self._leapt_ns.copy()
        self._apart_ns, self._what = NEVER, None

    def look(self, joints, position: np.ndarray, stamp_ns: int):
        """
        Compare a message with those before it.

        :param joints: (N,) numbers of the joints in it
        :param position: (N,) where they are
        """
        before, stamps_ns = self._last[joints], self._last_ns[joints]
        newer = stamps_ns <= stamp_ns
        self._last[joints] = np.where(newer, position, before)
        self._last_ns[joints] = np.maximum(stamps_ns, stamp_ns)
        step, most = position - before, self._tolerance[joints]
        if not (np.abs(step) > most).any():
            return
        most = most + self._velocity[joints] * np.abs(stamp_ns - stamps_ns) * 1e-9
        for k in np.flatnonzero(np.abs(step) > most):
            back = stamp_ns < stamps_ns[k] or self._recent(self._leapt_ns, joints[k], stamp_ns) \
                and self._way[joints[k]] * step[k] < 0
            if back and self._recent(self._back_ns, joints[k], stamp_ns):
                if self.problem(stamp_ns) is None:
                    self._what = (f'joint_states: {self._names[joints[k]]} is said to be at '
                                  f'{before[k]:.3f} and {position[k]:.3f} at once: end the other '
                                  'publisher of it')
                self._apart_ns = stamp_ns
            self._way[joints[k]], self._leapt_ns[joints[k]] = np.sign(step[k]), stamp_ns
            if back:
                self._back_ns[joints[k]] = stamp_ns

    def problem(self, now_ns: int) -> Optional[str]:
        """Return which joint was in two places lately, in words, or None."""
        return self._what if abs(now_ns - self._apart_ns) <= WINDOW_NS else None

    @staticmethod
    def _recent(times_ns, joint, now_ns) -> bool:
        return abs(now_ns - int(times_ns[joint])) <= WINDOW_NS
