"""The stop of a base whose commands have ended."""
from collections import deque
from typing import Optional

import numpy as np
from physai_ros.core.types import Twist
from physai_ros.guard.base_shaper import BaseShaper
from physai_ros.guard.limits import BaseLimits

OWN = 10    # commands that may be under way in the middleware
FORGOTTEN_NS = 500_000_000    # diff_drive_controller's cmd_vel_timeout: the base stands by then


class LastResort:
    """
    Bring a base to rest within its limits, from what it was told last.

    :param limits: per axis
    :param period_ns: between two commands
    """

    def __init__(self, limits: BaseLimits, period_ns: int):
        self._shaper = BaseShaper(limits, period_ns)
        self._last: Optional[Twist] = None
        self._stopping, self._said = False, deque(maxlen=OWN)

    def heard(self, twist: Twist):
        """Take note of a command that somebody else sent."""
        if np.isfinite(twist.velocity).all():
            self._last = twist

    @property
    def under_way(self) -> bool:
        """Return whether a stop has begun that has not come to rest."""
        return self._stopping and bool(self._said[-1].any())

    def said(self, twist: Twist) -> bool:
        """Return whether a command may be one of this stop's latest."""
        return any(np.array_equal(twist.velocity, own) for own in self._said)

    def release(self):
        """End the stop: somebody commands again."""
        self._stopping = False

    def stop(self, now_ns: int) -> Twist:
        """Return the command for now; call it once in a period until :meth:`release`."""
        shaper = self._shaper
        if not self._stopping:
            self._stopping = True
            known = self._last is not None and 0 <= now_ns - self._last.stamp_ns < FORGOTTEN_NS
            shaper.start(now_ns, self._last.velocity if known else np.zeros(3))
            self._last, self._before = None, (now_ns, shaper.velocity)
        while shaper.time_ns < now_ns and not shaper.at_rest:
            self._before = shaper.time_ns, shaper.velocity
            shaper.step(np.zeros(3))
        # between two states: periods that are not quite even must not bend the ramp
        since_ns, velocity = self._before
        share = min(max((now_ns - since_ns) / shaper.period_ns, 0.0), 1.0)
        self._said.append(velocity + share * (shaper.velocity - velocity))
        return Twist(now_ns, self._said[-1])
