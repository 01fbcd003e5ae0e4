"""Tests of detector and pipeline with a model whose classes are the three primary colours."""
import hashlib

import cv2
import numpy as np
import onnx
from onnx import helper, numpy_helper, TensorProto
from physai_ros.bundle.detector import load_detector
from physai_ros.core.errors import BundleError, ConfigError
from physai_ros.core.types import CameraModel, Image
from physai_ros.perception.detector import Detector, letterbox
from physai_ros.perception.pipeline import Pipeline
from physai_ros.robots.profile import Perception
import pytest

K = np.array([[60.0, 0.0, 31.5], [0.0, 60.0, 23.5], [0.0, 0.0, 1.0]])
CAMERA = CameraModel(64, 48, K, np.zeros(5))
# 1 m above the floor at x = 0.2, looking straight down, the top of the picture towards +x.
DOWN = np.array([[0.0, -1.0, 0.0, 0.2], [-1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0],
                 [0.0, 0.0, 0.0, 1.0]])
CLASSES = ('red', 'green', 'blue')


def model(rows=12, columns=16, box=(1.0, 0.5, 1.0, 0.5)):
    """Return ONNX bytes: scores are the colours of each cell's pixel (1, 1), boxes constant."""
    edges = np.tile(np.float32(box)[None, :, None, None], (1, 1, rows, columns))
    offset = np.full((1, 2, rows, columns), 0.375, np.float32)
    consts = {'starts': np.array([1, 1]), 'ends': np.array([4 * rows, 4 * columns]),
              'axes': np.array([1, 2]), 'steps': np.array([4, 4]), 'white': np.float32(255.0),
              'offset_value': offset, 'box_value': edges}
    nodes = [
        helper.make_node('Slice', ['image', 'starts', 'ends', 'axes', 'steps'], ['cells']),
        helper.make_node('Cast', ['cells'], ['floats'], to=TensorProto.FLOAT),
        helper.make_node('Div', ['floats', 'white'], ['scores']),
        helper.make_node('Transpose', ['scores'], ['heatmap'], perm=[0, 3, 1, 2]),
        helper.make_node('Identity', ['offset_value'], ['offset']),
        helper.make_node('Identity', ['box_value'], ['box'])]
    shapes = {'heatmap': (1, 3, rows, columns), 'offset': offset.shape, 'box': edges.shape}
    graph = helper.make_graph(
        nodes, 'colours',
        [helper.make_tensor_value_info('image', TensorProto.UINT8,
                                       (1, 4 * rows, 4 * columns, 3))],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in consts.items()])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made.SerializeToString()


@pytest.fixture
def bundle(tmp_path):
    """Return a function that writes and loads a detector bundle around a model."""
    def make(data=None, encoding='rgb8', anchor_z=0.0):
        data = data or model()
        (tmp_path / 'model.onnx').write_bytes(data)
        rows = '\n'.join(f'  - {{class_id: {c}, size_m: [0.1, 0.1, 0.2], anchor_z: {anchor_z}}}'
                         for c in CLASSES)
        (tmp_path / 'detector.yaml').write_text(
            f'format: physai-detector/1\nname: colours\nversion: 1.0.0\n'
            f'model: {{file: model.onnx, sha256: {hashlib.sha256(data).hexdigest()}}}\n'
            f'input: {{name: image, size: [48, 64], encoding: {encoding}}}\n'
            f'stride: 4\nthreshold: 0.4\nclasses:\n{rows}\n')
        return load_detector(str(tmp_path))
    return make


def picture(*dots, size=(48, 64)):
    """Return a black picture with a dot (u, v, colour) on each given pixel."""
    pixels = np.zeros((*size, 3), np.uint8)
    for u, v, colour in dots:
        pixels[v, u] = colour
    return pixels


def perceive(pipeline, pixels, camera=CAMERA, pose=DOWN):
    """Return what a pipeline sees in a picture taken at 7 ns."""
    return pipeline.process(Image(7, 'head_camera_optical_frame', pixels), camera, pose)


def perception(**kwargs):
    """Return the perception part of a profile."""
    kwargs.setdefault('support_planes', {'red': 0.0, 'blue': 0.25})
    return Perception(detector='colours', **kwargs)


def test_sightings(bundle):
    red, blue = Detector(bundle()).find(picture((9, 13, (255, 0, 0)), (41, 33, (0, 0, 153))))
    assert (red.class_id, red.score) == ('red', pytest.approx(1.0))
    assert red.anchor.tolist() == [9.0, 13.0]
    assert red.box.tolist() == [5.0, 11.0, 13.0, 15.0]
    assert (blue.class_id, blue.score) == ('blue', pytest.approx(0.6))


def test_colour_order_of_the_model(bundle):
    sighting, = Detector(bundle(encoding='bgr8')).find(picture((9, 13, (255, 0, 0))))
    assert sighting.class_id == 'blue'


def test_a_larger_picture_is_scaled_and_its_pixels_are_returned(bundle):
    pixels = np.zeros((96, 160, 3), np.uint8)
    pixels[60:70, 100:110] = (0, 255, 0)
    small, scale = letterbox(pixels, 64, 48)
    assert small.shape == (48, 64, 3) and scale == pytest.approx(0.4)
    assert not small[39:].any()
    sighting, = Detector(bundle()).find(pixels)
    assert sighting.class_id == 'green'
    assert sighting.anchor == pytest.approx((104.5, 64.5), abs=5.0)


def test_a_model_of_another_shape_is_refused(bundle):
    with pytest.raises(BundleError, match='inputs and outputs of the model'):
        Detector(bundle(model(rows=10)))


def test_objects_stand_on_their_planes(bundle):
    seen = perceive(Pipeline(bundle(), perception()), picture(
        (33, 21, (255, 0, 0)), (13, 5, (0, 0, 255))))
    assert (seen.objects.stamp_ns, seen.objects.frame_id) == (7, 'base_link')
    red, blue = seen.objects.items
    assert red.position == pytest.approx((0.2 + 2.5 / 60, -1.5 / 60, 0.0))
    assert blue.position == pytest.approx((0.2 + 0.75 * 18.5 / 60, 0.75 * 18.5 / 60, 0.25))
    assert red.size.tolist() == [0.1, 0.1, 0.2]
    assert red.orientation.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_an_anchor_above_the_centre(bundle):
    seen = perceive(Pipeline(bundle(anchor_z=0.5), perception()),
                    picture((37, 21, (255, 0, 0))))
    red, = seen.objects.items
    assert red.position == pytest.approx((0.2 + 0.5 * 2.5 / 60, -0.5 * 5.5 / 60, 0.0))


def test_what_cannot_be_lifted_is_detected_and_counted(bundle):
    pipeline = Pipeline(bundle(), perception())
    seen = perceive(pipeline, picture((33, 21, (255, 0, 0)), (9, 9, (0, 255, 0))))
    assert [d.class_id for d in seen.detections] == ['red', 'green']
    assert [o.class_id for o in seen.objects.items] == ['red']
    up = DOWN.copy()
    up[:3, 1:3] *= -1.0
    nowhere = np.full((4, 4), np.nan)
    for pose in (up, nowhere):
        assert perceive(pipeline, picture((33, 21, (255, 0, 0))), pose=pose).objects.items == ()
    assert pipeline.counters == {'pictures': 3, 'detections': 4, 'objects': 1, 'not_lifted': 3}


def test_detections_are_in_raw_pixels(bundle):
    lens = CameraModel(64, 48, K, np.array([-0.4, 0.1, 0.0, 0.0, 0.0]))
    pixels = np.zeros((48, 64, 3), np.uint8)
    ray = np.array([[(8.0 - 31.5) / 60, (6.0 - 23.5) / 60, 1.0]])
    raw = cv2.projectPoints(ray, np.zeros(3), np.zeros(3), K, lens.d)[0].ravel()
    cv2.circle(pixels, tuple(np.rint(raw).astype(int).tolist()), 3, (255, 0, 0), -1)
    seen = perceive(Pipeline(bundle(), perception()), pixels, lens)
    assert seen.detections[0].center == pytest.approx(raw, abs=3.5)
    undistorted = perceive(Pipeline(bundle(), perception()), pixels)
    shift = np.subtract(seen.objects.items[0].position, undistorted.objects.items[0].position)
    assert np.hypot(*shift[:2]) > 0.02


def test_markers_are_objects_with_a_pose(bundle):
    table = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    draw = getattr(cv2.aruco, 'generateImageMarker', None) or cv2.aruco.drawMarker
    pixels = np.full((96, 128, 3), 255, np.uint8)
    pixels[30:60, 50:80] = draw(table, 3, 30)[..., None]
    camera = CameraModel(128, 96, K, np.zeros(5))
    pipeline = Pipeline(bundle(), perception(
        fiducials={'dictionary': 'DICT_4X4_50', 'size_m': 0.1}))
    marker, = (o for o in perceive(pipeline, pixels, camera).objects.items
               if o.class_id == 'aruco_4x4_50:3')
    assert marker.position[2] == pytest.approx(1.0 - 60 * 0.1 / 30, abs=0.02)
    assert abs(marker.orientation[[1, 2]]) == pytest.approx((0.0, 0.0), abs=0.1)


def test_the_picture_is_drawn_on_request_only_and_on_a_copy(bundle, monkeypatch):
    calls = []
    monkeypatch.setattr('physai_ros.perception.pipeline.annotate',
                        lambda *args: calls.append(args) or 'drawn')
    seen = perceive(Pipeline(bundle(), perception()), picture((33, 21, (255, 0, 0))))
    assert not calls
    assert seen.annotated() == 'drawn'


def test_annotated_boxes_have_the_classes_colour(bundle):
    pixels = picture((33, 21, (255, 0, 0)))
    drawn = perceive(Pipeline(bundle(), perception()), pixels).annotated()
    assert drawn.shape == pixels.shape and drawn[19, 33].tolist() == [255, 176, 0]
    assert np.count_nonzero(pixels) == 1


def test_a_new_camera_model_is_taken_up(bundle):
    pipeline = Pipeline(bundle(), perception())
    pixels = picture((9, 21, (255, 0, 0)))
    near = perceive(pipeline, pixels).objects.items[0].position
    wide = CameraModel(64, 48, K * (0.5, 0.5, 1.0), np.zeros(5))
    assert perceive(pipeline, pixels, wide).objects.items[0].position[1] == pytest.approx(
        2 * near[1])


def test_a_plane_for_an_unknown_class_is_refused(bundle):
    with pytest.raises(ConfigError, match='purple'):
        Pipeline(bundle(), perception(support_planes={'purple': 0.0}))
