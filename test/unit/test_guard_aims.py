"""Aims are worked out for several ticks together, and are those of each tick by itself."""
from guard_bench import limits, MS
import numpy as np
from physai_ros.core.stitching import JointReference
from physai_ros.core.types import JointChunk
from physai_ros.guard.aims import Course
from physai_ros.guard.bounds import JointBounds
from physai_ros.guard.joint_shaper import JointShaper
import pytest

NAMES = ('j0', 'j1')
HERE = np.arange(6.0).reshape(3, 2)
BOUNDS = JointBounds(limits(), np.full(2, 0.05), 0.01, 0.3)


def course(reference):
    """Return aims at what a reference says now."""
    return Course(reference, BOUNDS, 100 * MS, 10 * MS)


def same(one, other):
    """Return whether two aims are the same."""
    fields = ('position', 'active', 'idle', 'drift', 'lowest', 'highest', 'slow')
    return (one is None) == (other is None) and (one is None or all(
        np.array_equal(getattr(one, field), getattr(other, field)) for field in fields)
        and np.array_equal(one.seen_from(HERE), other.seen_from(HERE)))


def test_a_change_of_the_reference_is_seen_at_the_next_tick():
    rng, reference = np.random.default_rng(0), JointReference(NAMES)
    running = course(reference)
    for tick in range(300):
        now_ns = tick * 10 * MS + int(tick > 150) * MS      # the plan began anew, off the old grid
        if rng.random() < 0.15:
            names = NAMES if rng.random() < 0.8 else NAMES[:1]
            rows = rng.uniform(-3, 3, (int(rng.integers(1, 8)), len(names)))
            reference.merge(JointChunk(now_ns - 30 * MS, 50 * MS, names, rows), now_ns + 40 * MS)
        if rng.random() < 0.02:
            reference.clear()
        for t_ns in (now_ns, now_ns + 50 * MS):
            assert same(running.aim(t_ns), course(reference).aim(t_ns)), tick


def test_a_target_beyond_the_soft_limits_is_aimed_at_inside_them_and_stands():
    reference = JointReference(NAMES)
    reference.merge(JointChunk(0, 50 * MS, NAMES, np.array([[5.0, 0.0], [6.0, 0.01]])), 0)
    aim = course(reference).aim(20 * MS)
    assert aim.position[0] > 5.0
    seen = aim.seen_from(np.zeros((3, 2)))
    assert seen[0, 0] == pytest.approx(-1.95 + 0.01 * aim.drift[0])
    # Not faster than what stops on the margin of 0.05 rad: v^2/(2a) + v a/(2j), times 0.9.
    v, a, j = abs(aim.drift[0]) / 0.9, BOUNDS.acceleration[0], BOUNDS.jerk[0]
    assert v * v / (2 * a) + v * a / (2 * j) == pytest.approx(0.05, rel=1e-2)
    assert aim.drift[1] == pytest.approx(0.2) and seen[1, 1] == -aim.drift[1]
    assert aim.highest == pytest.approx(BOUNDS.top - aim.drift)
    assert aim.lowest == pytest.approx(-BOUNDS.top - aim.drift)


class Counted:
    """A Ruckig that counts how often it is asked."""

    def __init__(self, ruckig):
        self._ruckig, self.count = ruckig, 0

    def calculate(self, *motion):
        self.count += 1
        return self._ruckig.calculate(*motion)


def follow(reference, joint_limits, ticks, always):
    """Return positions (ticks, J) of a plan that follows a reference, and Ruckig's count."""
    shaper = JointShaper(joint_limits, np.full(2, 0.005), 10 * MS)
    shaper.start(0, np.zeros(2), np.zeros(2))
    shaper._ruckig = Counted(shaper._ruckig)
    if always:
        shaper._soon = lambda relative, aim: None
    aims, positions = Course(reference, shaper.bounds, 100 * MS, 10 * MS), []
    for k in range(ticks):
        shaper.extend(aims.aim((k + 1) * 10 * MS))
        positions.append(shaper.at(k * 10 * MS))
    return np.array(positions), shaper._ruckig.count


@pytest.mark.parametrize('seed', range(8))
def test_a_target_within_three_ticks_is_met_as_ruckig_meets_it(seed):
    rng = np.random.default_rng(seed)
    lim = limits(2, 2.0, rng.uniform(1, 4, 2), rng.uniform(5, 20, 2), rng.uniform(200, 2000, 2))
    names, times = NAMES[:1 + seed % 2], np.arange(60)[:, None] * 0.05
    rows = rng.uniform(0.1, 0.5, len(names)) * np.sin(times * rng.uniform(0.5, 2.0, len(names)))
    reference = JointReference(NAMES)
    reference.merge(JointChunk(0, 50 * MS, names, rows), 0)
    quick, asked = follow(reference, lim, 290, always=False)
    slow, always = follow(reference, lim, 290, always=True)
    np.testing.assert_allclose(quick, slow, rtol=0, atol=1e-7)
    assert asked < 145 and always == 290
