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


class Drive(Bench):
    """A base on its way to a wall."""

    def __init__(self, wall=2.0):
        super().__init__(None, base_limits())
        self.guard._base.zones = Zones(PROFILE, base_limits())
        self.wall, self.seen = wall, True

    def states(self):
        super().states()
        self.wall -= self.twist[0] * 0.01
        if self.seen:
            self.guard.on_scan(scan(self.now, max(self.wall, 0.1)))

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


def test_at_the_wall_it_may_turn_and_drive_away():
    drive = Drive(wall=0.3).engage()
    drive.go([0.4, 0, 0.5], 100)
    assert drive.twist.tolist() == pytest.approx([0.0, 0.0, 0.5], abs=1e-6)
    drive.go([-0.4, 0, 0.0], 150)
    assert drive.twist[0] == pytest.approx(-0.4)


def test_what_is_beside_the_way_does_not_count():
    zones = Zones(PROFILE, base_limits())
    zones.update(scan(0, 0.5, angle=np.pi / 2))
    assert zones.reduce(np.array([0.6, 0, 0])).tolist() == [0.6, 0, 0]
    assert zones.reduce(np.array([0.0, 0.6, 0]))[1] <= 0.2
    assert zones.distance(np.array([0.0, 1.0])) == pytest.approx(0.5)


def test_readings_mean_what_rep_117_says():
    zones = Zones(PROFILE, base_limits())
    forward = np.array([1.0, 0.0])
    for reading, distance in ((-np.inf, 0.05), (np.inf, np.inf), (np.nan, np.inf), (11.0, np.inf)):
        zones.update(scan(0, reading))
        assert zones.distance(forward) == pytest.approx(distance)
    zones.update(Scan(1, 'laser', 0.0, 0.1, 0.05, 10.0, np.array([1.0, np.nan, np.nan])))
    assert zones.stale(0, 0) is None and zones.stale(1_000_000_000, 0) is not None


def test_a_stale_scan_holds():
    drive = Drive(wall=9.0).engage()
    assert drive.go([0.3, 0, 0], 100).state == ENGAGED
    drive.seen = False
    outcome = drive.go([0.3, 0, 0], 100)
    assert (outcome.state, outcome.reason) == (HOLDING, 'scan: no fresh scan')
    assert not drive.twist.any()
    drive.seen = True
    assert drive.go([0.3, 0, 0], 20).state == ENGAGED
