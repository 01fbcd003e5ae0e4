"""Aims are worked out for several ticks together, and are those of each tick by itself."""
from guard_bench import limits, MS
import numpy as np
from physai_ros.core.stitching import JointReference
from physai_ros.core.types import JointChunk
from physai_ros.guard.aims import Course
from physai_ros.guard.bounds import JointBounds
import pytest

NAMES = ('j0', 'j1')
BOUNDS = JointBounds(limits(), np.full(2, 0.05), 0.01, 0.3)


def course(reference):
    """Return aims at what a reference says now."""
    return Course(reference, BOUNDS, 100 * MS, 10 * MS)


def same(one, other):
    """Return whether two aims are the same."""
    return (one is None) == (other is None) and (one is None or all(
        np.array_equal(value, twin) for value, twin in zip(one, other)))


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
