"""An observer of a base among points, which believes nothing of what the guard says."""
from collections import deque

import numpy as np

STILL = 1e-3          # m/s: slower there is no direction of travel
ROUNDING_M = 1e-3     # of the guard
FUTURE_NS = 50_000_000


class ZonesObserver:
    """
    Assert that a base keeps what its zones promise.

    A point counts once every scan that the guard took showed it for as long as the longest stop
    takes, or the base stood meanwhile: what comes into view (from behind something, from outside
    of the field of view, where a measurement was missing) may be too near to stop for. What is
    beyond the range of the laser counts as shown: the guard knows that it does not see there.

    :param ray: angle between two rays of the laser; ``count`` of the points
    """

    def __init__(self, profile, limits, ray, count, period_s):
        self._profile, self._ray, self._period = profile, ray, period_s
        v, a, j = limits.velocity, limits.acceleration, limits.jerk
        moves = v > 0
        self._stop_s = float(np.max((v / a + 3 * a / j)[moves])) + 10 * period_s
        self._since, self._stood = np.zeros(count), -np.inf
        self._time, self._newest_ns = 0.0, None
        self._seen_s = self._fast_s = 0.0
        self._past = deque()
        self.near = 0    # ticks in which something was within 0.1 m of the stop zone

    def leap(self, span_ns):
        """Begin anew: with the clock, all that the guard knows of before and after is wrong."""
        self._since = np.maximum(self._since, self._time)
        self._stood = -np.inf
        if span_ns < 0:
            self._newest_ns = None

    def heard(self, scan, known, now_ns):
        """Take note of which points a scan shows, if the guard is to take it."""
        if self._newest_ns is not None and self._newest_ns - now_ns > FUTURE_NS:
            self._newest_ns = None
        measured = np.count_nonzero((scan.ranges >= scan.range_min) | (scan.ranges == -np.inf))
        if 2 * measured <= len(scan.ranges) or (
                self._newest_ns is not None and scan.stamp_ns < self._newest_ns):
            return
        self._newest_ns = scan.stamp_ns
        self._note_fresh(now_ns)
        self._since[~known] = np.inf
        self._since[known] = np.minimum(self._since[known], self._time)

    def check(self, seen, twist, now_ns, span, stamp_ns):
        """
        Look at where the base has come with a twist that was in force for a span until now.

        :param seen: points (N, 2) in base_link
        :param stamp_ns: of the twist
        """
        self._time += span
        speed = float(np.hypot(*twist[:2]))
        late = 0.0 if stamp_ns is None else max(now_ns - stamp_ns - self._period * 1e9, 0.0) / 1e9
        self._past.append((self._time, *map(float, twist), late, span))
        while self._past[0][0] < self._time - self._stop_s:
            self._past.popleft()
        self._note_fresh(now_ns)
        if self._time - self._seen_s > self._stop_s + 0.05:
            assert not twist.any(), 'drives without a fresh scan'
        if not twist.any():
            self._stood = self._time
        if speed <= STILL:
            self._fast_s = self._time
            return
        self._look(seen, twist[:2] / speed, speed)

    def _note_fresh(self, now_ns):
        if self._newest_ns is not None and \
                -FUTURE_NS <= now_ns - self._newest_ns <= self._profile.max_age_s * 1e9:
            self._seen_s = self._time

    def _look(self, seen, way, speed):
        profile = self._profile
        along, across = seen @ way, np.abs(seen @ np.array([-way[1], way[0]]))
        counts = (self._since <= max(self._time - self._stop_s, self._stood)) & (along > 0.0)
        ahead = counts & (across <= profile.half_width_m)
        self.near += bool(np.any(along[ahead] < profile.stop_m + 0.1))
        if np.any(along[ahead] < profile.stop_m - ROUNDING_M):
            slack = self._slack(np.hypot(*seen.T))
            inside = counts & (across < profile.half_width_m - slack) & (
                along < profile.stop_m - ROUNDING_M - slack)
            k = int(np.argmin(np.where(inside, along, np.inf)))
            assert not inside.any(), (
                f'stop: {along[k]:.3f} < {profile.stop_m:.3f} ahead, {across[k]:.3f} of '
                f'{profile.half_width_m:.3f} aside, at {speed:.4f} m/s, slack {slack[k]:.4f}')
        # What turns into the slow zone finds the base fast: it has the time of a stop for that.
        slow = counts & (across < profile.half_width_m - 0.01) & (along < profile.slow_m - 0.02)
        if speed <= profile.slow_velocity * (1 + 1e-6) or not slow.any():
            self._fast_s = self._time
        fast_s = self._time - self._fast_s
        assert fast_s <= self._stop_s, f'slow zone: {speed:.3f} m/s for {fast_s:.2f} s'

    def _slack(self, distances):
        """
        Return how far (N,) off the guard may see points.

        Half of the angle between two rays, as far away as they were. Where ticks are not those of
        the control period, a twist is in force for longer than planned: each change of it, and the
        last one, comes so much later.
        """
        _, vx, vy, wz, late, span = np.array(self._past).T
        speed, turning, late = np.hypot(vx, vy), np.abs(wz), late.max()
        behind_m = late * (speed.max() + np.hypot(np.diff(vx), np.diff(vy)).sum())
        behind_rad = late * (turning.max() + np.abs(np.diff(wz)).sum())
        return self._ray / 2 * (distances + speed @ span + 0.35) + behind_m + (
            behind_rad * distances)
