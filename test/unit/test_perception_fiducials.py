"""Tests of ArUco and AprilTag poses on drawn pictures."""
import cv2
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import CameraModel
from physai_ros.perception.camera import Camera
from physai_ros.perception.fiducials import family, Fiducials
import pytest

K = np.array([[300.0, 0.0, 159.5], [0.0, 300.0, 119.5], [0.0, 0.0, 1.0]])
CAMERA = Camera(CameraModel(320, 240, K, np.zeros(5)))
SIDE_M = 0.1


def pattern(dictionary, number):
    """Return a marker with a white margin, ten pixels a module, as (N, N) uint8."""
    table = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    modules = table.markerSize + 2
    draw = getattr(cv2.aruco, 'generateImageMarker', None) or cv2.aruco.drawMarker
    return np.pad(draw(table, number, 10 * modules), 20, constant_values=255)


def picture(dictionary, number, rotation, translation):
    """Return a grey picture of a marker at a pose in the optical frame."""
    marker = pattern(dictionary, number)
    side = len(marker) - 40
    scale = SIDE_M / side
    centre = 0.5 * (len(marker) - 1)
    # Marker pixels to marker metres (x right, y up), then through the camera.
    to_metres = np.array([[scale, 0.0, -scale * centre], [0.0, -scale, scale * centre],
                          [0.0, 0.0, 1.0]])
    to_picture = K @ np.column_stack([rotation[:, 0], rotation[:, 1], translation]) @ to_metres
    fine = np.diag((4.0, 4.0, 1.0)) + np.array([[0, 0, 1.5], [0, 0, 1.5], [0, 0, 0]])
    drawn = cv2.warpPerspective(marker, fine @ to_picture, (1280, 960), borderValue=150,
                                flags=cv2.INTER_AREA)
    grey = cv2.resize(drawn, (320, 240), interpolation=cv2.INTER_AREA)
    return np.repeat(grey[..., None], 3, axis=2)


FACING = np.diag((1.0, -1.0, -1.0))     # marker upright, its z towards the camera
TILT, _ = cv2.Rodrigues(np.array((0.5, 0.4, 0.0)))


@pytest.mark.parametrize('dictionary, number, class_id', [
    ('DICT_APRILTAG_36h11', 7, 'tag36h11:7'), ('DICT_4X4_50', 1, 'aruco_4x4_50:1')])
@pytest.mark.parametrize('rotation', [FACING, TILT @ FACING])
def test_class_and_pose(dictionary, number, class_id, rotation):
    translation = np.array((0.05, -0.03, 0.5))
    pixels = picture(dictionary, number, rotation, translation)
    marker, = Fiducials(dictionary, SIDE_M).find(pixels, CAMERA)
    assert marker.class_id == class_id
    assert marker.camera_t_marker[:3, 3] == pytest.approx(translation, abs=0.01)
    turned = marker.camera_t_marker[:3, :3].T @ rotation
    assert np.degrees(np.arccos((np.trace(turned) - 1.0) / 2.0)) < 8.0


def test_corners_start_at_the_top_left_of_the_marker():
    pixels = picture('DICT_4X4_50', 0, FACING, np.array((0.0, 0.0, 0.5)))
    marker, = Fiducials('DICT_4X4_50', SIDE_M).find(pixels, CAMERA)
    expected = CAMERA.project(
        [(-0.05, -0.05, 0.5), (0.05, -0.05, 0.5), (0.05, 0.05, 0.5), (-0.05, 0.05, 0.5)])
    assert marker.corners == pytest.approx(expected, abs=0.7)


def test_small_markers_are_found_in_an_enlarged_picture():
    translation = np.array((0.05, -0.03, 2.4))
    pixels = picture('DICT_4X4_50', 0, TILT @ FACING, translation)
    marker, = Fiducials('DICT_4X4_50', SIDE_M, upscale=2).find(pixels, CAMERA)
    assert marker.camera_t_marker[:3, 3] == pytest.approx(translation, abs=0.15)


def test_another_dictionary_is_not_seen():
    pixels = picture('DICT_4X4_50', 0, FACING, np.array((0.0, 0.0, 0.5)))
    assert Fiducials('DICT_APRILTAG_36h11', SIDE_M).find(pixels, CAMERA) == []


def test_an_empty_picture_has_no_markers():
    assert Fiducials('DICT_4X4_50', SIDE_M).find(np.zeros((240, 320, 3), np.uint8), CAMERA) == []


def test_wrong_configuration_is_refused():
    with pytest.raises(ConfigError, match='DICT_4X4_50'):
        Fiducials('DICT_9X9', SIDE_M)
    for size in (0.0, -1.0, np.nan):
        with pytest.raises(ConfigError, match='size_m'):
            Fiducials('DICT_4X4_50', size)


@pytest.mark.parametrize('dictionary, prefix', [
    ('DICT_APRILTAG_36h11', 'tag36h11'), ('DICT_4X4_50', 'aruco_4x4_50'),
    ('DICT_ARUCO_ORIGINAL', 'aruco_original')])
def test_family(dictionary, prefix):
    assert family(dictionary) == prefix
