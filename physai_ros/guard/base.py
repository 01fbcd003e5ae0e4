"""The base's part of the guard: from chunks of twists and odometry to one twist a tick."""
from typing import Optional

import numpy as np
from physai_ros.core.stitching import BaseReference
from physai_ros.core.types import BaseChunk, Odometry, Twist
from physai_ros.guard import checks
from physai_ros.guard.base_shaper import BaseShaper
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.limits import BaseLimits
from physai_ros.guard.measured import MeasuredBase

STANDSTILL = np.zeros(3)


class Base:
    """
    Chunks in, twists out, for a mobile base; methods as in `Arm`.

    :param limits: per axis
    :param config: how strict to be
    """

    def __init__(self, limits: BaseLimits, config: GuardConfig):
        self.limits, self.config = limits, config
        self.reference = BaseReference(config.ns('reference_max_age_s'))
        self.measured = MeasuredBase()
        self.shaper = BaseShaper(limits, config.ns('control_period_s'))
        self.following = False
        self._max_age_ns = config.ns('odometry_max_age_s')
        self._ahead_ns = config.ns('future_tolerance_s')
        self._gap_ns = config.ns('tick_gap_s')

    def accept(self, chunk: BaseChunk, now_ns: int) -> int:
        """Merge a chunk into the reference; return how many numbers were clamped."""
        chunk, clamped = checks.base_chunk(chunk, self.limits, self.config, now_ns)
        self.reference.merge(chunk, now_ns)
        return clamped

    def observe(self, odometry: Odometry):
        """Take a measured velocity; raises as `MeasuredBase.update`."""
        self.measured.update(odometry)

    def stale(self, now_ns: int) -> Optional[str]:
        """Return why the measured velocity cannot be relied on, or None."""
        return self.measured.stale(now_ns, self._max_age_ns, self._ahead_ns)

    def start(self, now_ns: int):
        """Begin to command, from the measured velocity."""
        self.following = False
        if not self.moving(now_ns):
            self._begin(now_ns)

    def moving(self, now_ns: int) -> bool:
        """Return whether the commanded velocity is not zero yet."""
        return not self.shaper.at_rest

    def advance(self, now_ns: int, follow: bool) -> bool:
        """Step up to now, towards the reference or to a stop; return whether it follows."""
        shaper = self.shaper
        if now_ns - shaper.time_ns > self._gap_ns:
            self._begin(now_ns)  # the consumer has timed out: only the odometry knows
        steps = (now_ns - shaper.time_ns) // shaper.period_ns
        for _ in range(steps):
            target = self.reference.sample(shaper.time_ns + shaper.period_ns) if follow else None
            if target is not None and not self.following and not self.moving(now_ns):
                self._begin(shaper.time_ns)
            self.following = target is not None
            shaper.step(STANDSTILL if target is None else target)
        self.following = self.following and follow
        return self.following

    def watch(self):
        """Nothing is compared: a base slips, and its odometry is no proof of that."""

    def command(self, now_ns: int) -> Twist:
        """Return the twist to publish, stamped with its control tick."""
        return Twist(self.shaper.time_ns, self.shaper.velocity)

    def rehearse(self, now_ns: int) -> Twist:
        """Return the twist that the reference asks for now."""
        target = self.reference.sample(now_ns)
        return Twist(now_ns, STANDSTILL if target is None else target)

    def clock_set_back(self, delta_ns: int):
        """Forget everything that has a stamp; keep the velocity, moved in time."""
        self.reference.clear()
        self.measured.clear()
        self.shaper.time_ns += delta_ns
        self.following = False

    def _begin(self, now_ns):
        velocity = STANDSTILL if self.stale(now_ns) else self.measured.velocity
        standing = np.abs(velocity) < self.config.moving_ratio * self.limits.velocity
        self.shaper.start(now_ns, np.where(standing, 0.0, velocity))
