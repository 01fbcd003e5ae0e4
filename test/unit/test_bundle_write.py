"""Writing a bundle: what was written can be loaded, and nothing else is written."""
from bundle_examples import changed, identity_onnx, JOINTS, MANIFEST
import numpy as np
from physai_ros.bundle.detector import DetectorManifest, load_detector
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import BundleError
import pytest

MODEL = identity_onnx(3)
CARD = '# Example\n'


def test_round_trip(tmp_path):
    written = write_bundle(tmp_path / 'new' / 'example', MANIFEST, MODEL, CARD)
    loaded = load_bundle(tmp_path / 'new' / 'example')
    assert loaded.manifest == written.manifest
    assert loaded.model_bytes == MODEL
    assert loaded.manifest.inputs['observation.state'][0].joints == tuple(JOINTS)
    assert (loaded.folder / 'README.md').read_text() == CARD
    assert sorted(file.name for file in loaded.folder.iterdir()) == [
        'README.md', 'model.onnx', 'policy.yaml']


def test_it_is_readable(tmp_path):
    folder = write_bundle(tmp_path / 'example', MANIFEST, MODEL, CARD).folder
    text = (folder / 'policy.yaml').read_text()
    assert text.startswith('format: physai/1\nname: example\n')
    assert '  joints: [shoulder, elbow, on]\n' in text or "joints: [shoulder, elbow, 'on']" in text


def test_numpy_numbers_are_welcome(tmp_path):
    offset = np.array([0.25, 0.5, 1.0], dtype=np.float32)
    terms = [{'term': 'joint_position', 'joints': JOINTS, 'offset': offset, 'scale': offset[0]}]
    bundle = write_bundle(tmp_path / 'example', changed(inputs={'x': terms}), MODEL, CARD)
    assert bundle.manifest.inputs['x'][0].offset == (0.25, 0.5, 1.0)
    assert bundle.manifest.inputs['x'][0].scale == (0.25,)


def test_a_new_version_replaces_the_old_one(tmp_path):
    write_bundle(tmp_path / 'example', MANIFEST, MODEL, CARD)
    bundle = write_bundle(tmp_path / 'example', changed(version='1.1.0'), identity_onnx(4), CARD)
    assert bundle.version == '1.1.0'
    assert bundle.model_bytes == identity_onnx(4)


@pytest.mark.parametrize('content, model', [
    (changed(rate_hz=float('nan')), MODEL), (changed(extra=1), MODEL), (MANIFEST, b'\xff\xff')])
def test_nothing_is_written_that_cannot_be_loaded(tmp_path, content, model):
    with pytest.raises(BundleError):
        write_bundle(tmp_path / 'example', content, model, CARD)
    assert not (tmp_path / 'example').exists()


DETECTOR = {
    'name': 'finder', 'version': '0.1.0',
    'input': {'name': 'image', 'size': [240, 320]},
    'classes': [{'class_id': 'workpiece', 'size_m': [0.044, 0.044, 0.07]},
                {'class_id': 'beacon', 'size_m': [0.16, 0.16, 1.1], 'anchor_z': 0.3}],
    'stride': 4, 'threshold': 0.4,
}


def test_detector_round_trip(tmp_path):
    write_bundle(tmp_path / 'finder', DETECTOR, MODEL, CARD, DetectorManifest)
    detector = load_detector(tmp_path / 'finder')
    assert detector.manifest.input.size == (240, 320)
    assert [kind.class_id for kind in detector.manifest.classes] == ['workpiece', 'beacon']
    assert [kind.anchor_z for kind in detector.manifest.classes] == [0.0, 0.3]
    assert detector.manifest.threshold == 0.4
    assert detector.model_bytes == MODEL


@pytest.mark.parametrize('part, message', [
    ({'threshold': 1.5}, 'detector.yaml: threshold is 1.5; expected less than 1'),
    ({'classes': []}, 'detector.yaml: classes is []'),
    ({'classes': DETECTOR['classes'][:1] * 2}, "classes[1].class_id is 'workpiece'; expected"),
    ({'classes': [{'class_id': 'a', 'size_m': [1, 1, 0]}]}, 'classes[0].size_m is (1.0, 1.0, 0'),
    ({'stride': 7}, 'input.size is (240, 320); expected multiples of the stride 7'),
])
def test_detector_problems(tmp_path, part, message):
    with pytest.raises(BundleError) as error:
        write_bundle(tmp_path / 'finder', {**DETECTOR, **part}, MODEL, CARD, DetectorManifest)
    assert message in str(error.value)
