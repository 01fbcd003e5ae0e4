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
BLIND_RAD = 0.1      # without a measurement: something may stand there
STILL = 1e-3         # m/s: no direction
ACROSS = np.array([[-1.0], [1.0]])     # turns a direction to its left
ROUNDING_M = 1e-3


class Zones:
    """
    Tell how fast a base may go, and where, so that it stops before what its laser sees.

    What counts lies in the strip ``half_width_m`` to each side of the direction of travel. Nearer
    than ``stop_m`` (from base_link's origin) that direction is closed; turning on the spot and
    driving away stay possible. The speed is at most ``slow_velocity`` within ``slow_m`` and where
    the laser does not look, and falls to that before.

    ``stamp_ns``: of the last scan, None without one; ``max_age_ns``: how long it counts.

    :param profile: of the zones
    :param limits: of the base
    """

    def __init__(self, profile: ZonesProfile, limits: BaseLimits):
        self._profile = profile
        used = limits.velocity[:2] > 0
        a = self._acceleration = float(np.min(limits.acceleration[:2][used], initial=np.inf))
        j = self._jerk = float(np.min(limits.jerk[:2][used], initial=np.inf))
        slow = profile.slow_velocity
        self._slowest_m = slow * slow / (2 * a) + slow * a / (2 * j)    # to stop from there
        self._reach_m = math.hypot(profile.stop_m, profile.half_width_m)
        self._half = math.atan2(profile.half_width_m, profile.stop_m)
        self.max_age_ns = round(profile.max_age_s * 1e9)
        self._points, self._sees_m, self.stamp_ns = np.zeros((0, 2)), math.inf, None
        self._rays = self._shape = None
        self._blind = np.zeros((0, 2))     # bearings (from, extent), rad, without a measurement

    def update(self, scan: Scan):
        """
        Take a scan, readings as REP 117 has them: -inf is too close, inf and NaN see nothing.

        A scan that is mostly NaN, 0, or nearer than ``range_min``, is no scan: it is not taken,
        and the last one grows stale.

        :raises GuardError: for limits of its readings between which there is nothing
        """
        least, most = scan.range_min, scan.range_max
        if not 0.0 <= least < most:
            raise GuardError('scan: range_min, range_max', (least, most),
                             '0 <= range_min < range_max', 'look at the driver of the laser')
        ranges = np.asarray(scan.ranges, dtype=float)
        ranges = np.where(ranges == -np.inf, max(least, NEAREST_M), ranges)
        measured = (ranges >= least) & (ranges > 0.0)
        if self.stamp_ns is not None and scan.stamp_ns < self.stamp_ns or \
                2 * np.count_nonzero(measured) <= len(ranges):
            return
        self._look(len(ranges), scan.angle_min, scan.angle_step)
        self._note_blind(measured, abs(scan.angle_step))
        seen = measured & (ranges <= most)
        self._points = self._rays[seen] * ranges[seen, None] + self._profile.pose[:2]
        self._sees_m = self._whole_strip_m(most)
        self.stamp_ns = scan.stamp_ns

    def clear(self):
        """Forget everything: the clock was set back."""
        self.stamp_ns = None

    def stale(self, now_ns: int, ahead_ns: int) -> Optional[str]:
        """Return that there is no fresh scan, or None; one from the future is forgotten."""
        stamp_ns = self.stamp_ns
        if stamp_ns is not None and -ahead_ns <= now_ns - stamp_ns <= self.max_age_ns:
            return None
        if stamp_ns is not None and stamp_ns - now_ns > ahead_ns:
            self.clear()
        return f'{self._profile.topic}: no fresh scan'

    def reduce(self, twist: np.ndarray, moved: np.ndarray = STANDING,
               going: np.ndarray = STANDING) -> np.ndarray:
        """
        Return a twist (3,) as far as the zones let it; the turning stays.

        :param moved: x, y (m), yaw (rad) of the base now, where it was at the last scan
        :param going: its twist now: what lies in that direction counts, too
        """
        speed = math.hypot(twist[0], twist[1])
        most = min(self._most(twist, moved), self._most(going, moved))
        if speed <= most:
            return twist
        return twist * [most / speed, most / speed, 1.0]

    def _most(self, twist, moved) -> float:
        """Return the greatest speed in the direction of a twist."""
        speed = math.hypot(twist[0], twist[1])
        if speed < STILL:
            return math.inf
        direction, slow_m = twist[:2] / speed, self._profile.slow_m
        ahead = min(self.distance(direction, moved), self._sees_m - math.hypot(*moved[:2]))
        most = self._stopping(ahead - self._profile.stop_m)
        if ahead < slow_m or not self._looks(direction, moved[2]):
            return min(most, self._profile.slow_velocity)
        return min(most, max(self._profile.slow_velocity,
                             self._stopping(ahead - slow_m + self._slowest_m)))

    def clear_along(self, velocities: np.ndarray, period_s: float, moved: np.ndarray) -> bool:
        """
        Return whether nothing comes nearer than ``stop_m`` in front of a base that drives.

        :param velocities: (N, 3), each in force for ``period_s``
        :param moved: as for ``reduce``, where it begins
        """
        vx, vy, wz = velocities.T
        steps = np.cumsum(wz) * period_s
        yaw = moved[2] + steps - wz * (period_s / 2)
        motion = np.column_stack([np.cos(yaw) * vx - np.sin(yaw) * vy,
                                  np.sin(yaw) * vx + np.cos(yaw) * vy])
        place = moved[:2] + np.cumsum(motion, axis=0) * period_s
        speed = np.hypot(vx, vy)
        looked = speed > STILL
        points = self._points[np.hypot(*(self._points - moved[:2]).T)
                              <= speed.sum() * period_s + self._reach_m]
        if not len(points) or not looked.any():
            return True
        ways = (motion[looked] / speed[looked, None]).T
        place = place[looked].T
        along = points @ ways - (place * ways).sum(axis=0)
        across = points @ (ways[::-1] * ACROSS) - (place * ways[::-1] * ACROSS).sum(axis=0)
        return not np.any((along > 0.0) & (along < self._profile.stop_m - ROUNDING_M)
                          & (np.abs(across) <= self._profile.half_width_m))

    def distance(self, direction: np.ndarray, moved: np.ndarray = STANDING) -> float:
        """Return how far away (m) the nearest point in the strip along a direction (2,) is."""
        c, s = math.cos(moved[2]), math.sin(moved[2])
        direction = np.array([[c, -s], [s, c]]) @ direction
        points = self._points - moved[:2]
        along = points @ direction
        across = points @ np.array([-direction[1], direction[0]])
        in_strip = (along > 0.0) & (np.abs(across) <= self._profile.half_width_m)
        return float(np.min(along[in_strip], initial=np.inf))

    def _whole_strip_m(self, range_m):
        """Return how far ahead of base_link the strip is seen whole, corners too."""
        corners_m = self._reach_m - self._profile.stop_m
        return max(range_m - math.hypot(*self._profile.pose[:2]) - corners_m, 0.0)

    def _look(self, count, angle_min, step):
        """Take note of where the laser looks."""
        shape = (count, angle_min, step)
        if shape == self._shape:
            return
        angles = angle_min + step * np.arange(count)
        if self._profile.upside_down:
            angles = -angles
        angles += self._profile.pose[2]
        self._rays, self._angles = np.column_stack([np.cos(angles), np.sin(angles)]), angles
        self._shape = shape

    def _note_blind(self, measured, step):
        """Take note of the bearings without a measurement that something may hide in."""
        angles = np.sort(self._angles[measured] % math.tau)
        gaps = np.diff(angles, append=angles[0] + math.tau)
        wide = gaps > max(BLIND_RAD, 1.5 * step)
        self._blind = np.column_stack([angles[wide], gaps[wide]])

    def _looks(self, direction, yaw) -> bool:
        """Return whether the laser looks along the whole strip in a direction (2,)."""
        begin = math.atan2(direction[1], direction[0]) + yaw - self._half
        first, extent = self._blind.T
        return not np.any(((first - begin) % math.tau < 2 * self._half)
                          | ((begin - first) % math.tau < extent))

    def _stopping(self, room) -> float:
        return float(stopping_speed(max(room, 0.0), self._acceleration, self._jerk))
