"""The beams of a laser scanner, brought into sectors or taken as they are."""
import numpy as np
from physai_ros.bundle.terms import Context, LaserScan
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Scan
import pytest

S = 1_000_000_000
AT = Context(2 * S, S // 10)


def near(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def scan(ranges, first=-1.0, step=0.5):
    return Scan(S, 'laser', first, step, 0.1, 8.0, np.array(ranges))


def test_scan_takes_the_least_distance_of_each_sector():
    term = LaserScan(topic='t', beams=2, angles=[-1.0, 1.0], far=10)
    near(term.build(scan([3.0, 2.0, 5.0, 7.0]), AT), [2, 5])
    near(term.build(scan([np.inf, 99.0, -np.inf, np.nan]), AT), [10, 0.1])
    near(term.build(scan([np.nan, np.nan, 4.0, 4.0]), AT), [10, 4])
    near(term.build(scan([7.0, 5.0, 2.0, 3.0, 9.0], 0.5, -0.5), AT), [2, 5])
    with pytest.raises(SampleError, match='the angles of t'):
        term.check(scan([1.0, 1.0]), '')
    term.check(scan([np.nan] * 4), '')


@pytest.mark.parametrize('count, first, last, angles', [
    (360, -np.pi, np.pi, [-np.pi, np.pi]),
    (360, 0.0, 6.28, [0.0, 6.28]),
    (1081, -2.3561945, 2.3561945, [-2.35619, 2.35619]),
    (360, np.pi, -np.pi, [-3.14159, 3.14159])])
def test_a_beam_at_the_upper_angle_belongs_to_the_last_sector(count, first, last, angles):
    sample = scan(np.full(count, 2.0), first, (last - first) / (count - 1))
    term = LaserScan(topic='t', beams=36, angles=angles, far=10)
    term.check(sample, '')
    near(term.build(sample, AT), np.full(36, 2.0))
    sample.ranges[0 if last < first else -1] = 1.0
    near(term.build(sample, AT), [2.0] * 35 + [1.0])
    if count == 360:
        near(LaserScan(topic='t', beams=360, angles=angles, far=10).build(sample, AT)[-1:], [1])


def test_beams_as_they_are():
    ranges = np.random.default_rng(0).uniform(0.5, 7.0, 1081)
    step = 1.5 * np.pi / 1080
    term = LaserScan(topic='t', beams=1081, far=8)
    for first in (-0.75 * np.pi, 0.0):
        sample = scan(ranges, first, step)
        term.check(sample, '')
        near(term.build(sample, AT), ranges)
    ranges[:4] = np.nan, np.inf, -np.inf, 99.0
    near(term.build(scan(ranges, 0.0, step), AT)[:4], [8, 8, 0.1, 8])
    with pytest.raises(SampleError, match='the number of beams of t is 1080; expected 1081'):
        term.check(scan(ranges[1:], 0.0, step), '')


@pytest.mark.parametrize('first, angles', [
    (0.0, [-3.14159, 3.14159]), (-np.pi, [0.0, 6.28318]), (0.0, [-1.0, 1.0]),
    (-np.pi, [2.0, 4.0]), (0.0, [-9.0, -7.0])])
def test_angles_a_whole_turn_apart_are_the_same(first, angles):
    step = 2 * np.pi / 720
    seen = np.arange(720) * step + first
    ranges = 2.0 + np.cos(seen)
    term = LaserScan(topic='t', beams=8, angles=angles, far=10)
    sample = scan(ranges, first, step)
    term.check(sample, '')
    edges = np.linspace(*angles, 9)
    expected = [2.0 + np.cos(np.arange(low, high, 1e-3)).min()
                for low, high in zip(edges, edges[1:])]
    np.testing.assert_allclose(term.build(sample, AT), expected, atol=1.5 * step)


@pytest.mark.parametrize('count, first, angles', [
    (300, 0.0, [-np.pi, np.pi]), (180, -np.pi / 2, [1.0, 3.0]), (180, 0.0, [-0.1, 1.0]),
    (180, 0.0, [3.0, 3.5]), (0, 0.0, [0.0, 1.0])])
def test_angles_that_a_scan_does_not_see(count, first, angles):
    term = LaserScan(topic='t', beams=8, angles=angles, far=10)
    with pytest.raises(SampleError, match='the angles of t'):
        term.check(scan(np.ones(count), first, np.pi / 180), '')
