"""Tests of lifting a ray onto a support plane."""
import math

import numpy as np
from physai_ros.perception.lifting import lift
import pytest

# A camera 1.2 m up at x = 0.1, looking straight down, the top of its picture towards +x.
DOWN = np.array([[0.0, -1.0, 0.0, 0.1],
                 [-1.0, 0.0, 0.0, 0.0],
                 [0.0, 0.0, -1.0, 1.2],
                 [0.0, 0.0, 0.0, 1.0]])
# The same camera looking along +x, upright.
AHEAD = np.array([[0.0, 0.0, 1.0, 0.1],
                  [-1.0, 0.0, 0.0, 0.0],
                  [0.0, -1.0, 0.0, 1.2],
                  [0.0, 0.0, 0.0, 1.0]])


def ray(right, down):
    """Return a unit vector in the optical frame."""
    vector = np.array((right, down, 1.0))
    return vector / np.linalg.norm(vector)


def test_straight_down():
    assert lift(ray(0.0, 0.0), DOWN, 0.8) == pytest.approx((0.1, 0.0, 0.8))


def test_to_the_right_of_the_picture_is_to_the_right_of_the_robot():
    assert lift(ray(0.5, 0.0), DOWN, 0.8) == pytest.approx((0.1, -0.2, 0.8))
    assert lift(ray(0.0, -0.5), DOWN, 0.8) == pytest.approx((0.3, 0.0, 0.8))


def test_the_length_of_the_ray_does_not_matter():
    assert lift(5.0 * ray(0.5, 0.1), DOWN, 0.8) == pytest.approx(lift(ray(0.5, 0.1), DOWN, 0.8))


def test_a_plane_above_the_camera_is_met_by_rays_that_rise():
    assert lift(ray(0.0, -0.5), AHEAD, 1.7) == pytest.approx((1.1, 0.0, 1.7))
    assert lift(ray(0.0, 0.5), AHEAD, 1.7) is None


def test_a_plane_behind_the_camera_is_not_met():
    assert lift(ray(0.0, 0.0), DOWN, 1.3) is None
    assert lift(ray(0.0, -0.5), AHEAD, 0.8) is None


def test_a_camera_in_the_plane_meets_nothing():
    assert lift(ray(0.0, 0.5), AHEAD, 1.2) is None


@pytest.mark.parametrize('degrees, met', [(0.0, False), (2.9, False), (3.1, True)])
def test_grazing_rays_are_refused(degrees, met):
    point = lift(ray(0.0, math.tan(math.radians(degrees))), AHEAD, 0.8)
    assert (point is not None) == met


@pytest.mark.parametrize('bad', [math.nan, math.inf])
def test_nothing_that_is_not_finite_comes_out(bad):
    moved = DOWN.copy()
    moved[0, 3] = bad
    turned = DOWN.copy()
    turned[0, 1] = bad
    assert lift(ray(0.0, 0.0), moved, 0.8) is None
    assert lift(ray(0.0, 0.1), turned, 0.8) is None
    assert lift(np.array((0.0, bad, 1.0)), DOWN, 0.8) is None
    assert lift(ray(0.0, 0.0), DOWN, bad) is None
    assert lift(np.zeros(3), DOWN, 0.8) is None
