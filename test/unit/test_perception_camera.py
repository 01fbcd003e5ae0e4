"""Tests of the camera model: rectify, project, ray, to_raw."""
import cv2
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import CameraModel
from physai_ros.perception.camera import Camera
import pytest

K = np.array([[200.0, 0.0, 159.5], [0.0, 200.0, 119.5], [0.0, 0.0, 1.0]])
BARREL = np.array([-0.3, 0.08, 0.002, -0.001, 0.0])


def camera(d=(0.0,) * 5, k=K):
    """Return a 320 x 240 camera."""
    return Camera(CameraModel(320, 240, k, np.array(d)))


def test_the_principal_point_is_seen_straight_ahead():
    assert camera().ray((159.5, 119.5)) == pytest.approx((0.0, 0.0, 1.0))
    assert camera().project([(0.0, 0.0, 3.0)]).tolist() == [[159.5, 119.5]]


def test_project_puts_right_right_and_down_down():
    assert camera().project([(1.0, 0.5, 2.0)]).tolist() == [[259.5, 169.5]]


def test_points_behind_or_beside_the_camera_do_not_project():
    pixels = camera().project([(1.0, 0.0, -2.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
    assert np.isnan(pixels[:2]).all() and np.isfinite(pixels[2]).all()


def test_rays_are_unit_vectors_that_project_back():
    pixels = np.array([(0.0, 0.0), (319.0, 12.5), (33.3, 239.0)])
    rays = camera().ray(pixels)
    assert np.linalg.norm(rays, axis=1) == pytest.approx(np.ones(3))
    assert camera().project(7.0 * rays) == pytest.approx(pixels)


def test_without_distortion_nothing_is_copied_or_moved():
    pixels = np.zeros((240, 320, 3), np.uint8)
    for d in ((), (0.0,) * 4, (0.0,) * 5):
        assert camera(d).rectify(pixels) is pixels
        assert camera(d).to_raw([(3.0, 4.0)]).tolist() == [[3.0, 4.0]]


def test_rectify_undoes_the_distortion():
    lens = camera(BARREL)
    points = np.array([(-0.45, -0.3, 1.0), (0.4, 0.35, 1.0), (0.3, -0.35, 1.0)])
    raw, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, BARREL)
    picture = np.zeros((240, 320, 3), np.uint8)
    for u, v in np.rint(raw.reshape(-1, 2)).astype(int):
        cv2.circle(picture, (int(u), int(v)), 3, (255, 255, 255), -1)
    rectified = lens.rectify(picture)
    for u, v in lens.project(points):
        spot = rectified[int(v) - 8:int(v) + 9, int(u) - 8:int(u) + 9, 0].astype(float)
        rows, columns = np.mgrid[int(v) - 8:int(v) + 9, int(u) - 8:int(u) + 9]
        assert (spot * columns).sum() / spot.sum() == pytest.approx(u, abs=0.8)
        assert (spot * rows).sum() / spot.sum() == pytest.approx(v, abs=0.8)


def test_to_raw_is_the_lens():
    points = np.array([(-0.45, -0.3, 1.0), (0.4, 0.35, 1.0)])
    raw, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, BARREL)
    lens = camera(BARREL)
    assert lens.to_raw(lens.project(points)) == pytest.approx(raw.reshape(-1, 2))
    assert abs(raw.reshape(-1, 2) - lens.project(points)).max() > 5.0


def test_same_as_compares_values():
    assert camera(BARREL).same_as(CameraModel(320, 240, K.copy(), BARREL.copy()))
    assert not camera().same_as(CameraModel(320, 240, K, BARREL))
    assert not camera().same_as(CameraModel(640, 240, K, np.zeros(5)))


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ConfigError, match=r'\(640, 480\)'):
        camera().rectify(np.zeros((480, 640, 3), np.uint8))


@pytest.mark.parametrize('k', [np.zeros((3, 3)), np.full((3, 3), np.nan), np.diag((-1., 1., 1.)),
                               np.eye(4)])
def test_an_uncalibrated_camera_is_refused(k):
    with pytest.raises(ConfigError, match='camera_info k'):
        camera(k=k)


@pytest.mark.parametrize('d', [(np.nan,) * 5, (0.1,) * 8, (0.1,)])
def test_other_distortion_models_are_refused(d):
    with pytest.raises(ConfigError, match='plumb_bob'):
        camera(d)
