"""What a simulated base does with commands that were meant for the one that was killed."""
from typing import Callable

import numpy as np
from physai_ros.core.types import NS_PER_S, Twist

WAIT_NS = NS_PER_S // 2
FIRST_S = 0.02      # of its acceleration: a first command from standstill


class BaseInterlock:
    """
    Passes no command on that a base that has just started would have to begin with a jump.

    Drives ask for a set point near zero when they are enabled, for the same reason: it is the end
    of a motion that the base of before made. Such a stop is over after ``WAIT_NS``.

    :param acceleration: (3,) limits, m/s^2 and rad/s^2
    :param clock: returns the time since the start, ns
    :param accept: called with the robot's name and a command
    """

    def __init__(self, acceleration, clock: Callable[[], int], accept):
        self._most, self._clock, self._accept = FIRST_S * np.array(acceleration), clock, accept
        self._stands = True

    def __call__(self, name: str, twist: Twist):
        """Pass a command on, or not."""
        jump = np.any(np.abs(twist.velocity) > self._most)
        self._stands = self._stands and bool(jump) and self._clock() < WAIT_NS
        if not self._stands:
            self._accept(name, twist)
