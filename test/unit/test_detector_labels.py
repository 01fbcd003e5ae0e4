"""Tests of the labels that the detector learns from: they agree with robot, camera and truth."""
import mujoco
import numpy as np
from physai_ros.core.types import CameraModel
from physai_ros.perception.camera import Camera
import pytest
from training.detector.classes import CLASSES
from training.detector.inspection import InspectionStage
from training.detector.kitting import KittingStage
from training.detector.labels import label, outline


@pytest.fixture(scope='module', params=[KittingStage, InspectionStage])
def stage(request):
    """Return a robot in its scene, with no other one."""
    made = request.param(alone=True)
    yield made
    made.close()


def test_a_seed_is_a_picture(stage):
    first, other, again = stage.shoot(7), stage.shoot(8), stage.shoot(7)
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.pixels, other.pixels)


def test_anchors_are_where_tf_and_truth_say(stage):
    """But for the camera's mounting, which TF does not know: 3 mm and 0.3 degrees."""
    checked = 0
    for seed in range(12):
        shot = stage.shoot(seed)
        inside = np.all((shot.labels[:, 2:4] >= 0) & (shot.labels[:, 2:4] < (320, 240)), axis=1)
        for kind, _, u, v, *_ in shot.labels[inside]:
            known = CLASSES[int(kind)]
            truth = shot.truth[known.class_id] + (0.0, 0.0, known.anchor_z)
            camera_t_base = np.linalg.inv(shot.base_t_camera)
            seen, = Camera(shot.camera).project(camera_t_base[:3, :3] @ truth
                                                + camera_t_base[:3, 3])
            assert np.hypot(*(seen - (u, v))) < 4.0
            checked += 1
    assert checked > 4


def test_what_shows_most_of_an_object_is_labelled_so(stage):
    shares = np.concatenate([stage.shoot(seed).labels[:, 1] for seed in range(12)])
    assert np.all((shares >= 0.0) & (shares <= 1.0))
    assert np.any(shares > 0.95)


def test_outline_and_label_of_a_cylinder_straight_ahead():
    model = mujoco.MjModel.from_xml_string(
        '<mujoco><worldbody><body name="can" pos="0 0 2"><geom type="cylinder" size="0.1 0.2"/>'
        '</body></worldbody></mujoco>')
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    points = outline(model, data, model.body('can').id)
    assert points.min(axis=0) == pytest.approx((-0.1, -0.1, 1.8))
    assert points.max(axis=0) == pytest.approx((0.1, 0.1, 2.2))
    k = np.array([[100.0, 0.0, 49.5], [0.0, 100.0, 49.5], [0.0, 0.0, 1.0]])
    camera = Camera(CameraModel(100, 100, k, np.zeros(5)))
    seen = np.zeros((100, 100), bool)
    seen[45:50, 40:50] = True
    kind, share, u, v, left, top, right, bottom = label(
        2, points, np.array((0.0, 0.0, 2.0)), camera, seen)
    assert (kind, u, v) == (2, 49.5, 49.5)
    half = 100 * 0.1 / 1.8
    assert (left, top) == pytest.approx((49.5 - half, 49.5 - half))
    assert (right, bottom) == pytest.approx((49.5 + half, 49.5 + half))
    assert share == pytest.approx(50 / (np.pi * half ** 2), rel=0.03)
    assert label(2, -points, np.array((0.0, 0.0, -2.0)), camera, seen) is None
