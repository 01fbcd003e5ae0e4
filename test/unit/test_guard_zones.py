"""A base does not drive into what its laser sees."""
from guard_bench import base_limits, Bench
import numpy as np
from physai_ros.core.types import Scan
from physai_ros.guard.base_shaper import BaseShaper
from physai_ros.guard.limits import BaseLimits
from physai_ros.guard.states import ENGAGED, HOLDING
from physai_ros.guard.zones import Zones
from physai_ros.robots.profile import Zones as Profile
import pytest

PROFILE = Profile(half_width_m=0.3, stop_m=0.4, slow_m=1.0, slow_velocity=0.2)


@pytest.mark.parametrize('change, message', [
    ({'slow_m': 0.3}, 'slow_m is 0.3: must be at least stop_m, 0.4'),
    ({'max_age_s': np.inf}, 'less than or equal to 10'), ({'max_age_s': np.nan}, 'less than'),
    ({'stop_m': np.inf}, 'finite'), ({'slow_velocity': np.inf}, 'finite')])
def test_zones_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Profile.model_validate({**PROFILE.model_dump(), **change})


def scan(stamp_ns, distance, angle=0.0):
    """Return a scan that sees one point, and nothing else."""
    ranges = np.full(361, np.inf)
    ranges[180 + round(np.degrees(angle))] = distance
    return Scan(stamp_ns, 'laser', -np.pi, np.radians(1.0), 0.05, 10.0, ranges)


def zones(**changes):
    """Return zones of the profile with changes."""
    return Zones(PROFILE.model_copy(update=changes), base_limits())


class Drive(Bench):
    """A base on its way to a wall."""

    def __init__(self, wall=2.0, every=1, late=0):
        super().__init__(None, base_limits())
        self.guard._base.zones = zones()
        self.wall, self.seen, self._every, self._late, self._scans = wall, True, every, late, []

    def states(self):
        super().states()
        self.wall -= self.twist[0] * 0.01
        self._scans.append(scan(self.now, max(self.wall, 0.1)))
        k = len(self._scans) - 1 - self._late
        if self.seen and (k < 0 or k % self._every == 0):
            self.guard.on_scan(self._scans[max(k, 0)])

    def go(self, twist, ticks):
        for _ in range(ticks // 10):
            self.twist_chunk([twist] * 10)
            outcome = self.tick(10)
        return outcome


def test_it_slows_down_and_stops_before_the_stop_zone():
    drive = Drive().engage()
    assert drive.go([0.6, 0, 0], 800).state == ENGAGED
    assert 0.38 <= drive.wall <= 0.42
    speeds = [twist[0] for _, twist in drive.twists]
    assert max(speeds) > 0.5 and speeds[-1] < 0.01


@pytest.mark.parametrize('every, late', [(10, 0), (10, 10), (20, 5)])
def test_a_slow_and_late_laser_stops_it_at_the_same_place(every, late):
    drive = Drive(every=every, late=late).engage()
    drive.go([0.6, 0, 0], 800)
    assert 0.39 <= drive.wall <= 0.42


def test_a_scan_is_turned_with_the_base():
    seen = zones()
    seen.update(scan(0, 1.0, angle=np.pi / 2))
    assert seen.distance(np.array([1.0, 0.0]), np.array([0, 0.2, np.pi / 2])) == pytest.approx(0.8)


def test_a_laser_may_be_turned_and_upside_down():
    left, right = np.array([0.0, 1.0]), np.array([0.0, -1.0])
    seen = zones(upside_down=True)
    seen.update(scan(0, 1.0, angle=np.pi / 2))
    assert (seen.distance(right), seen.distance(left)) == (pytest.approx(1.0), np.inf)
    seen = zones(pose=(0.1, 0.2, np.pi / 2))
    seen.update(scan(0, 1.0))
    assert seen.distance(left) == pytest.approx(1.2)


def test_where_the_laser_does_not_look_it_is_slow():
    half = Scan(0, 'laser', -np.pi / 2, np.pi / 180, 0.05, 10.0, np.full(181, np.inf))
    for pose, free in (((0.2, 0, 0), 0.6), ((-0.2, 0, np.pi), 0.2)):
        for upside_down in (False, True):
            seen = zones(pose=pose, upside_down=upside_down)
            seen.update(half)
            assert seen.reduce(np.array([0.6, 0, 0]))[0] == free
            assert seen.reduce(np.array([-0.6, 0, 0]))[0] == (-0.2 if free == 0.6 else -0.6)
            assert seen.reduce(np.array([-0.1, 0, 0]))[0] == -0.1


@pytest.mark.parametrize('least, most', [
    (0.05, np.nan), (np.nan, 10.0), (0.0, 0.0), (10.0, 0.05), (-1.0, 5.0), (0.05, -np.inf)])
def test_a_scan_whose_limits_leave_nothing_is_refused(least, most):
    drive = Drive(wall=9.0)
    refused = drive.guard.on_scan(Scan(drive.now, 'laser', 0.0, 0.1, least, most, np.ones(30)))
    assert 'range_min' in str(refused)
    assert drive.guard._base.stale(drive.now) is not None


@pytest.mark.parametrize('reading', [0.0, -1.0, np.nan])
def test_a_scan_that_measures_nothing_is_none(reading):
    seen = zones()
    seen.update(Scan(0, 'laser', 0.0, 0.1, 0.05, 10.0, np.full(30, reading)))
    assert seen.stale(0, 0) is not None


def test_one_scan_from_the_future_does_not_silence_the_next():
    drive = Drive(wall=9.0).engage()
    drive.guard.on_scan(scan(drive.now + 10 ** 12, 1.0))
    drive.tick()
    assert drive.go([0.3, 0, 0], 20).state == ENGAGED


def test_at_the_wall_it_may_turn_and_drive_away():
    drive = Drive(wall=0.3).engage()
    drive.go([0.4, 0, 0.5], 100)
    assert drive.twist.tolist() == pytest.approx([0.0, 0.0, 0.5], abs=1e-6)
    drive.go([-0.4, 0, 0.0], 150)
    assert drive.twist[0] == pytest.approx(-0.4)


def test_what_is_beside_the_way_does_not_count():
    seen = zones()
    seen.update(scan(0, 0.5, angle=np.pi / 2))
    assert seen.reduce(np.array([0.6, 0, 0])).tolist() == [0.6, 0, 0]
    assert seen.reduce(np.array([0.0, 0.6, 0]))[1] <= 0.2
    assert seen.distance(np.array([0.0, 1.0])) == pytest.approx(0.5)


@pytest.mark.parametrize('tick', range(60))
def test_each_tick_of_the_way_to_rest_is_looked_along(tick):
    seen = zones()
    seen.update(scan(0, 0.3, angle=np.pi / 2))           # on the left
    way = np.tile([0.1, 0.0, 0.0], (60, 1))
    assert seen.clear_along(way, 0.01, np.zeros(3))
    way[tick, :2] = 0.0, 0.01                            # to the left, for one tick
    assert not seen.clear_along(way, 0.01, np.zeros(3))


def test_readings_mean_what_rep_117_says():
    seen = zones()
    forward = np.array([1.0, 0.0])
    for reading, distance in ((-np.inf, 0.05), (np.inf, np.inf), (np.nan, np.inf), (11.0, np.inf)):
        seen.update(scan(0, reading))
        assert seen.distance(forward) == pytest.approx(distance)
    seen.update(Scan(1, 'laser', 0.0, 0.1, 0.05, 10.0, np.array([1.0, np.nan, np.nan])))
    assert seen.stale(0, 0) is None and seen.stale(1_000_000_000, 0) is not None


def test_a_stale_scan_holds():
    drive = Drive(wall=9.0).engage()
    assert drive.go([0.3, 0, 0], 100).state == ENGAGED
    drive.seen = False
    outcome = drive.go([0.3, 0, 0], 100)
    assert (outcome.state, outcome.reason) == (HOLDING, 'scan: no fresh scan')
    assert not drive.twist.any()
    drive.seen = True
    assert drive.go([0.3, 0, 0], 20).state == ENGAGED


class Yard(Bench):
    """A base among points (N, 2) in the world, seen by a laser all around, at every tick."""

    def __init__(self, limits, points, **profile):
        super().__init__(None, limits)
        self.points, self.place, self.nearest = np.array(points, dtype=float), np.zeros(3), np.inf
        self.profile = Profile(**{**PROFILE.model_dump(), **profile})
        self.guard._base.zones = Zones(self.profile, limits)

    def states(self):
        super().states()
        yaw = self.place[2] + self.twist[2] * 0.005
        c, s = np.cos(yaw), np.sin(yaw)
        self.place += np.array([c * self.twist[0] - s * self.twist[1],
                                s * self.twist[0] + c * self.twist[1], self.twist[2]]) * 0.01
        c, s = np.cos(self.place[2]), np.sin(self.place[2])
        seen = (self.points - self.place[:2]) @ np.array([[c, -s], [s, c]])
        ranges = np.full(1440, np.inf)
        rays = np.round(np.degrees(np.arctan2(seen[:, 1], seen[:, 0])) * 4).astype(int) + 720
        np.minimum.at(ranges, rays % 1440, np.hypot(*seen.T))
        self.guard.on_scan(Scan(self.now, 'laser', -np.pi, np.radians(0.25), 0.05, 30.0, ranges))
        speed = np.hypot(*self.twist[:2])
        if speed > 0.01:
            way = self.twist[:2] / speed
            along, across = seen @ way, seen @ [-way[1], way[0]]
            there = (along > 0) & (np.abs(across) < self.profile.half_width_m - 0.01)
            self.nearest = min(self.nearest, np.min(along[there], initial=np.inf))

    def go(self, twists, ticks):
        """Drive; return the nearest that anything came in front of it while it moved."""
        for _ in range(ticks // 10):
            self.twist_chunk(np.array([twists[k % len(twists)] for k in range(10)]))
            self.tick(10)
        return self.nearest


@pytest.mark.parametrize('seed', range(4))
def test_whatever_its_limits_it_stops_before_a_wall(seed):
    rng = np.random.default_rng(seed)
    velocity, acceleration = rng.uniform(0.5, 1.5), rng.uniform(0.4, 2.0)
    lim = BaseLimits((velocity, 0.0, 1.0), (acceleration, 1.0, 2.0),
                     (acceleration * 10 ** rng.uniform(0.0, 1.3), 8.0, 20.0))
    wall = rng.uniform(2.0, 4.0)
    yard = Yard(lim, [[wall, y] for y in np.arange(-0.5, 0.51, 0.01)]).engage()
    assert yard.go([[velocity, 0, 0]], 1600) >= 0.395
    assert 0.395 <= wall - yard.place[0] <= 0.5 and np.abs(yard.twist).max() < 0.01


OMNI = BaseLimits((0.8, 0.8, 1.5), (1.0, 1.0, 3.0), (5.0, 5.0, 20.0))


@pytest.mark.parametrize('point, twists', [
    ((3.0, 0.0), [[0.8, 0.8, 0], [0.8, -0.8, 0]]),
    ((0.3, 0.9), [[0.8, 0, 1.5]]),
    ((0.501, 0.716), [[0.8, 0, 1.5]]),
    ((0.0, 0.8), [[0.6, 0, 1.2]])])
def test_the_way_that_it_really_goes_is_kept_clear(point, twists):
    yard = Yard(OMNI, [point]).engage()
    assert yard.go(twists, 600) >= 0.39
    assert yard.guard.counters['braked_for_zones'] > 0 or len(twists) > 1   # slow enough by then


def test_it_is_slow_when_the_slow_zone_begins():
    yard = Yard(base_limits(), [[4.0, 0.0]]).engage()
    speeds = []
    for _ in range(100):
        yard.go([[0.6, 0, 0]], 10)
        if 4.0 - yard.place[0] < 1.0:
            speeds.append(yard.twist[0])
    assert len(speeds) > 5 and max(speeds) <= 0.23


@pytest.mark.parametrize('reading', [np.nan, 0.0])
def test_a_sector_without_measurements_is_driven_into_slowly(reading):
    seen, ranges = zones(), np.full(360, np.inf)
    ranges[180 - 15:180 + 15] = reading
    seen.update(Scan(0, 'laser', -np.pi, np.radians(1.0), 0.05, 10.0, ranges))
    assert seen.reduce(np.array([0.6, 0, 0]))[0] == 0.2
    assert seen.reduce(np.array([-0.6, 0, 0]))[0] == -0.6


def test_it_drives_no_faster_than_its_laser_sees():
    corner = np.hypot(PROFILE.stop_m, PROFILE.half_width_m)
    for range_max, least, most in ((corner + 0.01, 0.01, 0.2), (corner - 0.01, 0.0, 0.0)):
        seen = zones()
        seen.update(Scan(0, 'laser', -np.pi, np.radians(1.0), 0.05, range_max,
                         np.full(361, np.inf)))
        assert least <= seen.reduce(np.array([0.6, 0, 0]))[0] <= most


def test_a_laser_at_the_front_sees_less_far_behind():
    behind, nothing = np.array([-0.6, 0, 0]), np.full(361, np.inf)
    for x, speed in ((0.0, 0.6), (1.0, 0.0)):
        seen = zones(pose=(x, 0.0, 0.0))
        seen.update(Scan(0, 'laser', -np.pi, np.radians(1.0), 0.05, 1.4, nothing))
        assert abs(seen.reduce(behind)[0]) == pytest.approx(speed)


@pytest.mark.parametrize('acceleration, jerk', [
    (2.0, 54.8), (0.768, 1.727), (2.89, 22.3), (1.0, 8.0), (4.0, 400.0)])
def test_a_stop_that_begins_just_below_the_top_speed_stays_below_it(acceleration, jerk):
    top, ways = 0.415, []
    shaper = BaseShaper(BaseLimits([top] * 3, [acceleration] * 3, [jerk] * 3), 10_000_000)
    for twist in ([1.0, -1.0, 0.9 * top], [-1.0, 0.0, -1.0]):
        for _ in range(300):
            shaper.step(np.array(twist), lambda way: ways.append(np.abs(way).max()) or True)
    assert max(ways) <= top * (1 + 1e-9)
    assert shaper.velocity == pytest.approx([-top, 0.0, -top], rel=1e-9)


def test_the_way_to_rest_is_looked_along_at_each_of_its_ticks():
    watched = zones()
    watched.update(scan(0, 0.39, angle=np.pi / 2))
    ahead = np.tile([0.2, 0.0, 0.0], (24, 1))
    assert watched.clear_along(ahead, 0.01, np.zeros(3))
    for tick in range(len(ahead)):
        sideways = ahead.copy()
        sideways[tick] = 0.0, 0.2, 0.0      # towards what the laser sees on the left
        assert not watched.clear_along(sideways, 0.01, np.zeros(3)), tick
