"""Stop and slowdown zones in front of a base, wherever it goes, from a laser scan."""
import math
from typing import Optional

import numpy as np
from physai_ros.core.types import Scan
from physai_ros.guard.braking import stopping_speed
from physai_ros.guard.limits import BaseLimits
from physai_ros.robots.profile import Zones as ZonesProfile


class Zones:
    """
    Reduce a twist so that the base stops before what its laser sees.

    What counts lies in the strip ``half_width_m`` to each side of the direction of travel. Nearer
    than ``stop_m`` (from base_link's origin) that direction is closed; turning on the spot and
    driving away stay possible. Farther away the speed is one from which the base still stops
    there, and at most ``slow_velocity`` within ``slow_m``.

    :param profile: of the zones
    :param limits: of the base
    """

    def __init__(self, profile: ZonesProfile, limits: BaseLimits):
        self._profile = profile
        used = limits.velocity[:2] > 0
        self._acceleration = float(np.min(limits.acceleration[:2][used], initial=np.inf))
        self._jerk = float(np.min(limits.jerk[:2][used], initial=np.inf))
        self._max_age_ns = round(profile.max_age_s * 1e9)
        self._points, self._stamp_ns = np.zeros((0, 2)), None
        self._angles = self._shape = None

    def update(self, scan: Scan):
        """
        Take a scan, readings as REP 117 has them: -inf is too close, inf and NaN see nothing.

        A scan that is mostly NaN is no scan: it is not taken, and the last one grows stale.
        """
        ranges = np.asarray(scan.ranges, dtype=float)
        if self._stamp_ns is not None and scan.stamp_ns < self._stamp_ns or \
                2 * np.count_nonzero(np.isnan(ranges)) >= len(ranges):
            return
        shape = (len(ranges), scan.angle_min, scan.angle_step)
        if shape != self._shape:
            angles = scan.angle_min + scan.angle_step * np.arange(len(ranges))
            angles += self._profile.pose[2]
            self._angles = np.column_stack([np.cos(angles), np.sin(angles)])
            self._shape = shape
        ranges = np.where(ranges == -np.inf, scan.range_min, ranges)
        seen = (ranges >= scan.range_min) & (ranges <= scan.range_max)
        self._points = self._angles[seen] * ranges[seen, None] + self._profile.pose[:2]
        self._stamp_ns = scan.stamp_ns

    def clear(self):
        """Forget everything: the clock was set back."""
        self._stamp_ns = None

    def stale(self, now_ns: int, ahead_ns: int) -> Optional[str]:
        """Return that there is no fresh scan, or None."""
        stamp_ns = self._stamp_ns
        if stamp_ns is not None and -ahead_ns <= now_ns - stamp_ns <= self._max_age_ns:
            return None
        return f'{self._profile.topic}: no fresh scan'

    def reduce(self, twist: np.ndarray) -> np.ndarray:
        """Return a twist (3,) as far as the zones let it; the turning stays."""
        speed = math.hypot(twist[0], twist[1])
        if speed == 0.0 or not len(self._points):
            return twist
        ahead = self.distance(twist[:2] / speed)
        room = max(ahead - self._profile.stop_m, 0.0)
        most = float(stopping_speed(room, self._acceleration, self._jerk))
        if ahead < self._profile.slow_m:
            most = min(most, self._profile.slow_velocity)
        if speed <= most:
            return twist
        return np.array([twist[0] * most / speed, twist[1] * most / speed, twist[2]])

    def distance(self, direction: np.ndarray) -> float:
        """Return how far away (m) the nearest point in the strip along a direction (2,) is."""
        along = self._points @ direction
        across = self._points @ np.array([-direction[1], direction[0]])
        in_strip = (along > 0.0) & (np.abs(across) <= self._profile.half_width_m)
        return float(np.min(along[in_strip], initial=np.inf))
