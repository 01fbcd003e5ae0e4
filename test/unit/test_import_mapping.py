"""Features of a policy become terms: names, units, topics, rate; no torch needed."""
import json
import math

from lerobot_examples import ACTION, CONFIG, IMAGE, MEAN, STATE, STD, write_processors
import numpy as np
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import validate
from physai_ros.cli import main
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.importers.checkpoint import read_checkpoint
from physai_ros.importers.dataset import Dataset, read_dataset
from physai_ros.importers.mapping import manifest_of, unit_sizes, unmoved, Wishes
import pytest

WISHES = Wishes('so101', ('pan', 'lift'), rate_hz=30.0)


@pytest.fixture
def checkpoint(tmp_path):
    return read_checkpoint(write_processors(tmp_path / 'reach_act'))


def built(checkpoint, *args):
    content = {**manifest_of(checkpoint, *args), 'model': {'file': 'm.onnx', 'sha256': '0' * 64}}
    return validate(Manifest, json.loads(json.dumps(content)), 'policy.yaml')


def test_the_manifest_of_a_checkpoint(checkpoint):
    manifest = built(checkpoint, WISHES)
    assert (manifest.name, manifest.robot, manifest.rate_hz) == ('reach_act', 'so101', 30.0)
    assert list(manifest.inputs) == [STATE, IMAGE] and list(manifest.outputs) == [ACTION]
    image, = manifest.inputs[IMAGE]
    assert (image.topic, image.size) == ('top/image_raw', (64, 96))
    np.testing.assert_allclose(image.mean, MEAN[IMAGE])
    np.testing.assert_allclose(image.std, STD[IMAGE], atol=1e-7)
    assert manifest.outputs[ACTION].chunk == 20
    assert manifest.timing.deadline_s == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize('unit, size', [('rad', 1.0), ('deg', math.pi / 180), ('0.01', 0.01)])
def test_statistics_and_units_are_in_offset_and_scale(checkpoint, unit, size):
    manifest = built(checkpoint, Wishes('so101', ('pan', 'lift'), (), 30.0, (unit,)))
    state, = manifest.inputs[STATE]
    raw = np.array([0.75, -2.0])
    np.testing.assert_allclose((raw * size - state.offset) * state.scale, [1.0, -2.0], rtol=1e-6)
    output = manifest.outputs[ACTION]
    expected = (np.array(MEAN[ACTION]) + np.array([1.0, -2.0]) * STD[ACTION]) * size
    np.testing.assert_allclose(output.offset + np.array([1.0, -2.0]) * output.scale, expected)


def test_a_joint_that_stood_still_in_training_is_told(checkpoint):
    manifest = manifest_of(checkpoint, WISHES)
    assert unmoved(checkpoint, manifest) == ()
    checkpoint.maps[STATE].width[1] = 1e-8
    assert unmoved(checkpoint, manifest) == ('lift',)


def test_names_and_rate_and_robot_come_from_the_dataset(checkpoint, tmp_path):
    folder = tmp_path / 'dataset' / 'meta'
    folder.mkdir(parents=True)
    (folder / 'info.json').write_text(json.dumps({
        'fps': 50, 'robot_type': 'koch', 'features': {
            STATE: {'dtype': 'float32', 'names': ['pan.pos', 'lift.pos']},
            ACTION: {'dtype': 'float32', 'names': {'motors': ['pan', 'lift']}},
            IMAGE: {'dtype': 'video', 'names': ['height', 'width', 'channels']}}}))
    manifest = built(checkpoint, Wishes(), read_dataset(folder.parent))
    assert (manifest.robot, manifest.rate_hz) == ('koch', 50.0)
    assert manifest.inputs[STATE][0].joints == manifest.outputs[ACTION].joints == ('pan', 'lift')


@pytest.mark.parametrize('wishes, dataset, words', [
    (Wishes('r', ('a', 'b')), Dataset(), '--rate.*fps'),
    (Wishes(None, ('a', 'b'), rate_hz=30.0), Dataset(), '--robot'),
    (Wishes('r', rate_hz=30.0), Dataset(), 'joints of observation.state.*2 names.*--joints'),
    (Wishes('r', ('a',), rate_hz=30.0), Dataset(), r"\['a'\].*2 names"),
    (Wishes('r', rate_hz=30.0), Dataset({STATE: ('x.vel', 'y.vel')}), 'x.vel.*positions only'),
    (Wishes('r', ('a', 'b'), rate_hz=30.0, units=('ell',)), Dataset(), "'ell'.*rad, m, deg"),
    (Wishes('r', ('a', 'b'), rate_hz=30.0, units=('rad',) * 3), Dataset(), '--unit.*or 2'),
    (Wishes('r', ('a', 'b'), rate_hz=30.0, topics={'side': 't'}), Dataset(), "'side'.*top"),
])
def test_what_nothing_says_is_asked_for(checkpoint, wishes, dataset, words):
    with pytest.raises(PhysaiError, match=words):
        manifest_of(checkpoint, wishes, dataset)


@pytest.mark.parametrize('name, topic', [
    ('observation.images.cam-high', 'cam_high/image_raw'),
    ('observation.image', 'camera/image_raw'),
    ('observation.images.2', 'camera_2/image_raw')])
def test_topics_of_cameras(tmp_path, name, topic):
    config = {**CONFIG, 'input_features': {name: {'type': 'VISUAL', 'shape': [3, 64, 96]}},
              'normalization_mapping': {'ACTION': 'MEAN_STD'}}
    checkpoint = read_checkpoint(write_processors(tmp_path, config))
    manifest = built(checkpoint, Wishes('r', (), ('a', 'b'), 30.0))
    assert manifest.inputs[name][0].topic == topic
    assert manifest.inputs[name][0].mean is None


def test_state_and_action_of_different_widths_are_named_apart(tmp_path):
    config = {**CONFIG, 'output_features': {ACTION: {'type': 'ACTION', 'shape': [3]}},
              'normalization_mapping': {}}
    checkpoint = read_checkpoint(write_processors(tmp_path, config))
    with pytest.raises(ConfigError, match='--action-joints'):
        manifest_of(checkpoint, WISHES)
    manifest = built(checkpoint, Wishes('r', ('a', 'b'), ('a', 'b', 'c'), 30.0))
    assert manifest.outputs[ACTION].joints == ('a', 'b', 'c')


def test_units_of_each_joint():
    assert unit_sizes(('deg', 'm', '0.5'), 3) == (math.pi / 180, 1.0, 0.5)


def test_a_dataset_that_is_none_is_refused(tmp_path):
    with pytest.raises(PhysaiError, match='hf download'):
        read_dataset(tmp_path)
    (tmp_path / 'info.json').write_text('{}')
    with pytest.raises(PhysaiError, match='features'):
        read_dataset(tmp_path)


def test_without_torch_the_command_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    from importlib import util
    monkeypatch.setattr(util, 'find_spec', lambda name: None)
    write_processors(tmp_path / 'c')
    code = main.main(['import', 'lerobot', str(tmp_path / 'c'), '--output', str(tmp_path / 'o'),
                      '--robot', 'r', '--joints', 'a,b', '--rate', '30'])
    assert code == 1
    assert "pip install 'lerobot==0.4.*'" in capsys.readouterr().err
    assert not (tmp_path / 'o').exists()
