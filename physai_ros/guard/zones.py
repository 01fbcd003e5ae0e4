"""Stop and slowdown zones in front of a base, wherever it goes, from a laser scan."""
import math
from typing import Optional

import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import Scan
from physai_ros.guard.braking import stopping_speed
from physai_ros.guard.limits import BaseLimits
from physai_ros.robots.profile import Zones as ZonesProfile

STANDING = np.zeros(3)
NEAREST_M = 0.01     # where something is that is too close to be measured


class Zones:
    """
    Reduce a twist so that the base stops before what its laser sees.

    What counts lies in the strip ``half_width_m`` to each side of the direction of travel. Nearer
    than ``stop_m`` (from base_link's origin) that direction is closed; turning on the spot and
    driving away stay possible. Farther away the speed is one from which the base still stops
    there, and at most ``slow_velocity`` within ``slow_m`` and where the laser does not look.

    ``stamp_ns``: of the last scan, None without one.

    :param profile: of the zones
    :param limits: of the base
    """

    def __init__(self, profile: ZonesProfile, limits: BaseLimits):
        self._profile = profile
        used = limits.velocity[:2] > 0
        self._acceleration = float(np.min(limits.acceleration[:2][used], initial=np.inf))
        self._jerk = float(np.min(limits.jerk[:2][used], initial=np.inf))
        self._max_age_ns = round(profile.max_age_s * 1e9)
        self._points, self.stamp_ns = np.zeros((0, 2)), None
        self._rays = self._shape = None
        self._from, self._sweep = 0.0, math.tau     # bearings that the laser looks at, rad

    def update(self, scan: Scan):
        """
        Take a scan, readings as REP 117 has them: -inf is too close, inf and NaN see nothing.

        A scan that is mostly NaN, or nearer than ``range_min``, is no scan: it is not taken, and
        the last one grows stale.

        :raises GuardError: for limits of its readings between which there is nothing
        """
        least, most = scan.range_min, scan.range_max
        if not 0.0 <= least < most:
            raise GuardError('scan: range_min, range_max', (least, most),
                             '0 <= range_min < range_max', 'look at the driver of the laser')
        ranges = np.asarray(scan.ranges, dtype=float)
        ranges = np.where(ranges == -np.inf, max(least, NEAREST_M), ranges)
        measured = np.count_nonzero(ranges >= least)
        if self.stamp_ns is not None and scan.stamp_ns < self.stamp_ns or \
                2 * measured <= len(ranges):
            return
        self._look(len(ranges), scan.angle_min, scan.angle_step)
        seen = (ranges >= least) & (ranges <= most)
        self._points = self._rays[seen] * ranges[seen, None] + self._profile.pose[:2]
        self.stamp_ns = scan.stamp_ns

    def clear(self):
        """Forget everything: the clock was set back."""
        self.stamp_ns = None

    def stale(self, now_ns: int, ahead_ns: int) -> Optional[str]:
        """Return that there is no fresh scan, or None; one from the future is forgotten."""
        stamp_ns = self.stamp_ns
        if stamp_ns is not None and -ahead_ns <= now_ns - stamp_ns <= self._max_age_ns:
            return None
        if stamp_ns is not None and stamp_ns - now_ns > ahead_ns:
            self.clear()
        return f'{self._profile.topic}: no fresh scan'

    def reduce(self, twist: np.ndarray, moved: np.ndarray = STANDING) -> np.ndarray:
        """
        Return a twist (3,) as far as the zones let it; the turning stays.

        :param moved: x, y (m), yaw (rad) of the base now, where it was at the last scan
        """
        speed = math.hypot(twist[0], twist[1])
        if speed == 0.0:
            return twist
        direction = twist[:2] / speed
        ahead = self.distance(direction, moved)
        room = max(ahead - self._profile.stop_m, 0.0)
        most = float(stopping_speed(room, self._acceleration, self._jerk))
        if ahead < self._profile.slow_m or not self._looks(direction, moved[2]):
            most = min(most, self._profile.slow_velocity)
        if speed <= most:
            return twist
        return np.array([twist[0] * most / speed, twist[1] * most / speed, twist[2]])

    def distance(self, direction: np.ndarray, moved: np.ndarray = STANDING) -> float:
        """Return how far away (m) the nearest point in the strip along a direction (2,) is."""
        c, s = math.cos(moved[2]), math.sin(moved[2])
        direction = np.array([[c, -s], [s, c]]) @ direction
        points = self._points - moved[:2]
        along = points @ direction
        across = points @ np.array([-direction[1], direction[0]])
        in_strip = (along > 0.0) & (np.abs(across) <= self._profile.half_width_m)
        return float(np.min(along[in_strip], initial=np.inf))

    def _look(self, count, angle_min, step):
        """Take note of where the laser looks."""
        shape = (count, angle_min, step)
        if shape == self._shape:
            return
        angles = angle_min + step * np.arange(count)
        if self._profile.upside_down:
            angles = -angles
        angles += self._profile.pose[2]
        self._rays = np.column_stack([np.cos(angles), np.sin(angles)])
        self._from, self._sweep = min(angles[0], angles[-1]), abs(step) * count
        self._shape = shape

    def _looks(self, direction, yaw) -> bool:
        """Return whether the laser looks along a direction (2,)."""
        bearing = math.atan2(direction[1], direction[0]) + yaw
        return (bearing - self._from) % math.tau <= self._sweep
