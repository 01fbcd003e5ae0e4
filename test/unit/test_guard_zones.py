"""A base does not drive into what its laser sees."""
from guard_bench import base_limits, Bench
import numpy as np
from physai_ros.core.types import Scan
from physai_ros.guard.states import ENGAGED, HOLDING
from physai_ros.guard.zones import Zones
from physai_ros.robots.profile import Zones as Profile
import pytest

PROFILE = Profile(half_width_m=0.3, stop_m=0.4, slow_m=1.0, slow_velocity=0.2)


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
