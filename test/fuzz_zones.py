"""A robot with a base in a random still world, which its laser sees as lasers do: badly."""
from guard_bench import Bench, MS
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import Scan
from physai_ros.guard.states import DISENGAGED
from physai_ros.guard.zones import Zones
from physai_ros.robots.profile import Zones as Profile
from zones_observer import ZonesObserver


def any_zones(rng, base):
    """Return a random profile of zones, about as large as the base is fast."""
    top = float(np.max(base.velocity[:2]))
    stop_m = rng.uniform(0.2, 0.8)
    return Profile(pose=tuple(rng.uniform(-1, 1, 3) * [0.3, 0.1, np.pi] * (rng.random() < 0.7)),
                   upside_down=bool(rng.random() < 0.5), half_width_m=rng.uniform(0.1, 0.5),
                   stop_m=stop_m, slow_m=stop_m + rng.uniform(0.0, 1.0),
                   slow_velocity=top * 10 ** rng.uniform(-1, 0), max_age_s=rng.uniform(0.15, 0.6))


def any_world(rng, profile, base):
    """Return points (N, 2) of small walls and posts; none is inside a zone of the start."""
    clear_m = np.hypot(profile.stop_m, profile.half_width_m) + 0.05
    reach_m = profile.slow_m + rng.uniform(0.3, 2.0) * min(1.0, float(base.velocity[:2].max()))
    walls = []
    for _ in range(rng.integers(2, 25)):
        middle, bearing = rng.uniform(clear_m, clear_m + reach_m), rng.uniform(0, 2 * np.pi)
        along = rng.uniform(0, 2 * np.pi)
        spread = np.arange(rng.choice([1, 1, 5, 20])) * rng.uniform(0.02, 0.1)
        walls.append(middle * np.array([np.cos(bearing), np.sin(bearing)])
                     + spread[:, None] * [np.cos(along), np.sin(along)])
    points = np.concatenate(walls)
    return points[np.hypot(*points.T) > clear_m]


class Laser:
    """Scans of points: a ray sees the nearest point that it is the nearest ray of."""

    def __init__(self, rng, profile):
        self._profile = profile
        self._field = float(rng.choice([2 * np.pi, 2 * np.pi, 4.7, np.pi, 2.0]))
        self.step = float(rng.choice([0.25, 0.25, 0.5, 1.0]) * np.pi / 180)
        self._count = int(self._field / self.step)
        self.first = -self._field / 2
        if rng.random() < 0.3:
            self.first, self.step = -self.first, -self.step
        self.least, self.most = rng.uniform(0.01, 0.1), rng.choice([1.5, 4.0, 10.0, 30.0])
        self._beyond = float(rng.choice([np.inf, self.most + 1.0]))
        self._near = float(rng.choice([-np.inf, 0.0]))
        self._bad = float(rng.choice([0.0, 0.0, 0.0, 0.002]))
        self._hidden = rng.integers(self._count) + np.arange(
            int(rng.choice([0.0, 0.0, 0.3]) / abs(self.step)))

    def look(self, rng, seen, now_ns):
        """
        Return a scan, and for each point whether it is in it or further than the laser sees.

        :param seen: points (N, 2) in base_link
        """
        away = seen - self._profile.pose[:2]
        distances = np.hypot(*away.T)
        angles = np.arctan2(away[:, 1], away[:, 0]) - self._profile.pose[2]
        angles = -angles if self._profile.upside_down else angles
        rays = np.round((angles - self.first) / self.step % (2 * np.pi / abs(self.step)))
        rays = rays.astype(int) % int(round(2 * np.pi / abs(self.step)))
        inside = rays < self._count
        nearest = np.full(self._count, np.inf)
        np.minimum.at(nearest, rays[inside], distances[inside])
        ranges = np.where(nearest > self.most, self._beyond, nearest)
        ranges[nearest < self.least] = self._near
        ranges[self._hidden % self._count] = np.nan
        spoiled = rng.random(self._count) < self._bad
        ranges[spoiled] = rng.choice([np.nan, np.inf, -np.inf, 0.0], np.count_nonzero(spoiled))
        hit = ranges[np.minimum(rays, self._count - 1)]
        known = inside & ((hit == distances) | (distances > self.most) & (hit == self._beyond))
        return Scan(now_ns, 'laser', self.first, self.step, self.least, self.most, ranges), known


class Wanderer:
    """Twists as a policy has them: kept for a while, not exactly."""

    def __init__(self, rng, base):
        self._top, self._left = base.velocity, 0

    def __call__(self, rng):
        """Return twists (10, 3)."""
        if self._left == 0:
            self._left = int(rng.integers(5, 60))
            self._twist = rng.uniform(-1.2, 1.2, 3) * (rng.random(3) < [0.9, 0.5, 0.4])
            self._noise = rng.choice([0.0, 0.1, 0.5])
        self._left -= 1
        return (self._twist + self._noise * rng.uniform(-1, 1, (10, 3))) * self._top


def recover(bench):
    """Clear a fault and engage, as far as that goes."""
    try:
        bench.guard.on_estop(False)
        bench.guard.reset_fault(bench.now)
        bench.report = True
        if bench.guard.state == DISENGAGED:
            bench.engage()
            bench.observer.forget()
    except GuardError:
        pass


class ZonesBench(Bench):
    """A bench whose base drives among points as the published twists say."""

    def __init__(self, rng, joints, base, **more):
        self.rng, self.profile = rng, any_zones(rng, base)
        super().__init__(joints, base, zones=Zones(self.profile, base), **more)
        self.points, self.laser = any_world(rng, self.profile, base), Laser(rng, self.profile)
        self.wander = Wanderer(rng, base)
        self.place, self._driven_ns = np.zeros(3), self.now
        self.zones_observer = ZonesObserver(self.profile, base, abs(self.laser.step),
                                            len(self.points), self.config.control_period_s)
        self._every, self._delay = int(rng.choice([1, 1, 2, 4])), int(rng.choice([0, 0, 1, 3]))
        self._mess = float(rng.choice([0.0, 0.01, 0.05]))
        self._count, self._pipe, self._dark = 0, [], 0
        self._old = self.laser.look(rng, self.seen(), self.now)
        self._arrive(*self._old)

    def seen(self):
        """Return the points in base_link."""
        c, s = np.cos(self.place[2]), np.sin(self.place[2])
        return (self.points - self.place[:2]) @ np.array([[c, -s], [s, c]])

    def leap(self, span_ns):
        """Set the clock: the base does not move by that, nor does what is under way."""
        self._driven_ns += span_ns
        self.zones_observer.leap(span_ns)
        super().leap(span_ns)

    def move(self):
        """Drive until now, and scan."""
        super().move()
        span = (self.now - self._driven_ns) / 1e9
        if span <= 0:
            return
        self._driven_ns = self.now
        vx, vy, wz = self.twist
        middle = self.place[2] + wz * span / 2
        chord = span * np.sinc(wz * span / 2 / np.pi)
        self.place += np.array([(np.cos(middle) * vx - np.sin(middle) * vy) * chord,
                                (np.sin(middle) * vx + np.cos(middle) * vy) * chord, wz * span])
        stamp_ns = self.twists[-1][0] if self.twists else None
        seen = self.seen()
        self.zones_observer.check(seen, self.twist, self.now, span, stamp_ns)
        self._scan(seen)

    def _scan(self, seen):
        """Let the laser measure, and what it measured before arrive."""
        rng, self._count = self.rng, self._count + 1
        if self._dark == 0 and rng.random() < self._mess / 20:
            self._dark = int(rng.integers(20, 150))
        self._dark = max(self._dark - 1, 0)
        if self._count % self._every == 0 and not self._dark and rng.random() >= self._mess:
            self._pipe.append(self.laser.look(rng, seen, self.now))
        messy = rng.random(3) < self._mess * np.array([1.0, 1.0, 0.2])
        while len(self._pipe) > self._delay:
            scan, known = self._pipe.pop(0)
            self._arrive(scan, known)
            if messy[0]:
                self._arrive(scan, known)
            if messy[1]:
                self._arrive(*self._old)
            self._old = scan, known
        if messy[2]:
            scan, known = self.laser.look(rng, seen, self.now + int(rng.choice([200, 9000])) * MS)
            self._arrive(scan, known)

    def _arrive(self, scan, known):
        self.guard.on_scan(scan)
        self.zones_observer.heard(scan, known, self.now)
