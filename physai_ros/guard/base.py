"""The base's part of the guard: from chunks of twists and odometry to one twist a tick."""
from collections import deque
from typing import Optional

import numpy as np
from physai_ros.core.stitching import BaseReference
from physai_ros.core.types import BaseChunk, NS_PER_S, Odometry, Twist
from physai_ros.guard import checks
from physai_ros.guard.base_shaper import BaseShaper
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.last_resort import FORGOTTEN_NS
from physai_ros.guard.limits import AXES, BaseLimits
from physai_ros.guard.measured import Lasting, MeasuredBase, TRACKING, Watched
from physai_ros.guard.zones import Zones

STANDSTILL = np.zeros(3)
LATELY = 50      # commands that a measured twist may still come from
SLOW, STANDS, STUCK_NS = 0.2, 0.1, 300_000_000   # shares of the limit, of what it was told
STUCK = Watched('tracking', 'speed that it was told, and stands',
                'look for what blocks it, or whether its driver hears cmd_vel')


class Base:
    """
    Chunks in, twists out, for a mobile base; methods as in `Arm`.

    :param limits: per axis
    :param config: how strict to be
    :param zones: that a laser watches, None without one
    """

    def __init__(self, limits: BaseLimits, config: GuardConfig, zones: Optional[Zones] = None):
        self.limits, self.config, self.zones = limits, config, zones
        self.reference = BaseReference(config.ns('reference_max_age_s'))
        self.measured = MeasuredBase()
        self.shaper = BaseShaper(limits, config.ns('control_period_s'))
        self.following = self._held = False     # held: until it is at rest
        self._ticks = 0                         # since it began
        self._max_age_ns = config.ns('odometry_max_age_s')
        self._ahead_ns = config.ns('future_tolerance_s')
        most = np.where(limits.velocity > 0, limits.velocity * config.base_tracking_ratio, np.inf)
        self._tracking = Lasting(TRACKING, [f'base {axis}' for axis in AXES], most,
                                 config.ns('base_tracking_time_s'))
        self._stuck = Lasting(STUCK, [f'base {axis}' for axis in AXES], np.where(
            limits.velocity > 0, SLOW * limits.velocity, np.inf), STUCK_NS)
        remembered = 0 if zones is None else -(-zones.max_age_ns // self.shaper.period_ns) + 2
        self._sent, self._watched_ns = deque(maxlen=max(LATELY, remembered)), None
        self._take_up_ns = config.ns('take_up_max_age_s')
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
        stale = self.measured.stale(now_ns, self._max_age_ns, self._ahead_ns)
        if stale is None and self.zones is not None:
            stale = self.zones.stale(now_ns, self._ahead_ns)
        return stale

    def start(self, now_ns: int):
        """
        Begin to command, from the measured velocity.

        What the policy wanted before is forgotten.
        """
        self.following = False
        self.reference.clear(now_ns)
        if not self.moving(now_ns):
            self._begin(now_ns)

    def take_over(self, now_ns: int, twist: Twist, following: bool, follow: bool):
        """
        Command what another guard did in this tick; call it for all of its ticks until going on.

        :param following: whether that one followed its reference, and ``follow`` whether it might
        """
        shaper, before_ns = self.shaper, self.shaper.time_ns
        if not 0 <= now_ns - before_ns <= self._gap_ns:
            shaper.start(twist.stamp_ns or now_ns, twist.velocity)
            self.following = following
            return
        self.advance(now_ns, follow)
        steps = (shaper.time_ns - before_ns) // shaper.period_ns
        shaper.correct(twist.velocity, steps)
        if steps:
            self._sent[-1] = shaper.velocity

    def moving(self, now_ns: int) -> bool:
        """Return whether the commanded velocity is not zero yet."""
        return not self.shaper.at_rest

    def advance(self, now_ns: int, follow: bool) -> bool:
        """
        Step up to now, towards the reference or to a stop; return whether it follows.

        A stop for another reason than silence goes on to rest: the base may be another by then, of
        a driver that was started anew.
        """
        shaper = self.shaper
        if now_ns - shaper.time_ns > self._gap_ns:
            self._begin(now_ns)  # the consumer may have timed out: only the odometry knows
        self._held = not shaper.at_rest and (self._held or not follow)
        follow = follow and not self._held and not self._outdated(now_ns)
        steps = (now_ns - shaper.time_ns) // shaper.period_ns
        for left in range(steps - 1, -1, -1):
            wanted_ns = shaper.time_ns + shaper.period_ns if left else now_ns  # what counts now
            target = self.reference.sample(wanted_ns) if follow else None
            self.following = target is not None
            shaper.step(STANDSTILL if target is None else self._permitted(target), self._clear)
            self._sent.append(shaper.velocity)
            self._ticks += 1
        self.following = self.following and follow
        return self.following

    def watch(self):
        """
        Compare the measured twist with what was commanded lately.

        :raises Trip: as `Lasting.check`
        """
        stamp_ns = self.measured.stamp_ns
        if stamp_ns == self._watched_ns or self._ticks < LATELY:
            return
        self._watched_ns = stamp_ns
        lately = [*self._sent][-LATELY:]
        least, most = np.min(lately, axis=0), np.max(lately, axis=0)
        velocity = self.measured.velocity
        self._tracking.check(stamp_ns, velocity - np.minimum(np.maximum(velocity, least), most))
        told = np.maximum(least, -most)         # in one direction all the time
        self._stuck.check(stamp_ns, np.where(np.abs(velocity) < STANDS * told, told, 0.0))

    def command(self, now_ns: int) -> Twist:
        """Return the twist to publish, stamped with its control tick."""
        return Twist(self.shaper.time_ns, self.shaper.velocity)

    def clock_set_back(self, delta_ns: int):
        """Forget everything that has a stamp; keep the velocity, moved in time."""
        self.reference.clear()
        self.measured.clear()
        if self.zones is not None:
            self.zones.clear()
        self.shaper.time_ns += delta_ns
        self._sent.clear()
        self._ticks = 0
        self._tracking.reset()
        self._stuck.reset()
        self.following = False

    def _outdated(self, now_ns) -> bool:
        """Return whether it would set off on actions that are too old for that."""
        newest_ns = self.reference.newest_ns
        return not self.following and self.shaper.at_rest and newest_ns is not None and (
            now_ns - newest_ns > self._take_up_ns)

    def _permitted(self, target):
        return target if self.zones is None else self.zones.reduce(
            target, self._moved(), self.shaper.velocity)

    def _clear(self, velocities):
        return self.zones is None or self.zones.clear_along(
            velocities, self.shaper.period_ns / NS_PER_S, self._moved())

    def _moved(self):
        """Return how far (x, y, yaw) the base goes from the last scan until its next command."""
        shaper, since_ns = self.shaper, self.zones.stamp_ns
        if since_ns is None:
            return STANDSTILL
        ticks = max(-((since_ns - shaper.time_ns) // shaper.period_ns), 0) + 1
        sent = [*self._sent][-ticks:]
        sent = np.array([shaper.velocity] * (ticks - len(sent)) + sent) * (shaper.period_ns * 1e-9)
        yaw = np.cumsum(sent[:, 2]) - sent[:, 2] / 2
        cos, sin = np.cos(yaw), np.sin(yaw)
        return np.array([cos @ sent[:, 0] - sin @ sent[:, 1],
                         sin @ sent[:, 0] + cos @ sent[:, 1], sent[:, 2].sum()])

    def _begin(self, now_ns):
        """Begin at the measured velocity, without one at what the consumer still drives with."""
        shaper, self._ticks = self.shaper, 0
        self._stuck.reset()
        missed = min((now_ns - shaper.time_ns) // shaper.period_ns, self._sent.maxlen)
        self._sent.extend([shaper.velocity] * missed)
        velocity = self.measured.velocity
        if self.measured.stale(now_ns, self._max_age_ns, self._ahead_ns):
            told = now_ns - shaper.time_ns < FORGOTTEN_NS
            velocity = shaper.velocity if told else STANDSTILL
        standing = np.abs(velocity) < self.config.moving_ratio * self.limits.velocity
        shaper.start(now_ns, np.where(standing, 0.0, velocity))
