"""What is read of LeRobot checkpoints without torch, and what is refused without being opened."""
import io
import json
import pickle
import zipfile

from lerobot_examples import (ACTION, CONFIG, IMAGE, OLD_CONFIG, safetensors, STATE,
                              write_buffers, write_processors)
import numpy as np
from physai_ros.bundle.foreign import foreign_error
from physai_ros.bundle.graph import require_self_contained
from physai_ros.core.errors import BundleError, PhysaiError
from physai_ros.importers.checkpoint import read_checkpoint
from physai_ros.importers.safetensors import read_header, read_tensors
from physai_ros.importers.statistics import affine
import pytest


@pytest.mark.parametrize('write, config', [
    (write_buffers, CONFIG), (write_buffers, OLD_CONFIG), (write_processors, CONFIG)])
def test_every_format_is_read_alike(tmp_path, write, config):
    checkpoint = read_checkpoint(write(tmp_path / 'c', config))
    assert [(f.name, f.kind, f.shape) for f in (*checkpoint.inputs, checkpoint.action)] == [
        (STATE, 'STATE', (2,)), (IMAGE, 'VISUAL', (3, 64, 96)), (ACTION, 'ACTION', (2,))]
    np.testing.assert_allclose(checkpoint.maps[STATE].shift, [0.5, -1.0])
    np.testing.assert_allclose(checkpoint.maps[STATE].width, [0.25, 0.5])
    np.testing.assert_allclose(checkpoint.maps[IMAGE].width, [0.229, 0.224, 0.225])
    np.testing.assert_allclose(checkpoint.maps[ACTION].shift, [2.0, 3.0])
    assert checkpoint.chunk == 20


def test_the_output_of_a_training_is_accepted(tmp_path):
    write_processors(tmp_path / 'pretrained_model')
    (tmp_path / 'pretrained_model' / 'train_config.json').write_text('{"env": {"fps": 30}}')
    checkpoint = read_checkpoint(tmp_path)
    assert checkpoint.folder.name == 'pretrained_model' and checkpoint.rate_hz == 30.0


class Bomb:
    """Tells when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ('a pickle was opened',))


def archive(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w') as file:
        for name in names:
            file.writestr(name, pickle.dumps(Bomb()))
    return stream.getvalue()


FOREIGN = [
    ('m.pt', archive('m/data.pkl', 'm/constants.pkl', 'm/code/m.py'), 'TorchScript',
     'it has a memory'),
    ('m.pth', archive('m/data.pkl', 'm/data/0'), 'a pickle', 'save_file'),
    ('m.pt2', archive('m/models/model.json'), 'exported program', 'export.load'),
    ('m.pkl', pickle.dumps(Bomb()), 'a pickle', 'never opened'),
]


@pytest.mark.parametrize('name, data, kind, remedy', FOREIGN)
def test_foreign_models_are_refused_with_the_command_that_converts_them(
        tmp_path, name, data, kind, remedy):
    (tmp_path / name).write_bytes(data)
    for attempt in (lambda: read_checkpoint(tmp_path / name),
                    lambda: require_self_contained(data, name)):
        with pytest.raises(BundleError, match=kind) as caught:
            attempt()
        assert remedy in str(caught.value) and name in str(caught.value)


@pytest.mark.parametrize('name, data, kind, remedy', FOREIGN)
def test_foreign_weights_in_a_checkpoint_are_refused(tmp_path, name, data, kind, remedy):
    (tmp_path / 'config.json').write_text(json.dumps(CONFIG))
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BundleError, match=kind):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize('data', [b'', b'\x08\x07\x12', b'PK\x03\x04', b'PK\x03\x04' + b'\0' * 99])
def test_what_is_of_no_known_format_is_not_called_so(data):
    assert foreign_error(data, 'm') is None


def config(**changes):
    return {**CONFIG, **changes}


def feature(name, kind, *shape):
    return {'input_features': {name: {'type': kind, 'shape': list(shape)}}}


@pytest.mark.parametrize('content, words', [
    (config(type='diffusion'), "type is 'diffusion'.*'act'"),
    ({'type': 'act'}, 'is missing'),
    (config(chunk_size='20'), 'chunk_size'),
    (config(n_obs_steps=2), 'n_obs_steps'),
    (config(**feature('observation.images.top', 'VISUAL', 1, 64, 96)), 'three channels'),
    (config(**feature('observation.velocity', 'STATE', 2)), 'observation.velocity'),
    (config(**feature('observation.language', 'LANGUAGE', 2)), 'LANGUAGE'),
    (config(output_features={}), 'action'),
    (config(normalization_mapping={'STATE': 'ODD'}), "STATE|state is 'ODD'"),
    (['no', 'mapping'], 'JSON mapping'),
])
def test_a_configuration_that_is_not_act_is_refused(tmp_path, content, words):
    with pytest.raises(BundleError, match=words):
        read_checkpoint(write_buffers(tmp_path, content))


def test_statistics_that_are_missing_are_named(tmp_path):
    write_buffers(tmp_path)
    (tmp_path / 'model.safetensors').write_bytes(safetensors({'model.head': [1.0]}))
    with pytest.raises(BundleError, match='mean, std of observation.state.*policy_preprocessor'):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize('step, words', [
    ({'class': 'os.system', 'config': {}}, 'os.system'),
    ({'registry_name': 'delta_action_processor'}, 'delta_action_processor'),
    ({'registry_name': 'rename_observations_processor', 'config': {'rename_map': {'a': 'b'}}},
     'rename_map'),
    ({'registry_name': 'normalizer_processor', 'state_file': '../x.safetensors'}, 'state_file'),
    ({'registry_name': 'normalizer_processor', 'state_file': 'x.bin'}, 'state_file'),
])
def test_processing_that_would_be_lost_is_refused(tmp_path, step, words):
    write_processors(tmp_path)
    (tmp_path / 'policy_preprocessor.json').write_text(json.dumps({'steps': [step]}))
    with pytest.raises(BundleError, match=words):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize('path, words', [('none', 'hf download'), ('.', 'config.json')])
def test_a_folder_that_is_none_is_refused(tmp_path, path, words):
    with pytest.raises(BundleError, match=words):
        read_checkpoint(tmp_path / path)


def test_safetensors_of_all_types(tmp_path):
    path = tmp_path / 'm.safetensors'
    header = {'a': {'dtype': 'BF16', 'shape': [2], 'data_offsets': [0, 4]},
              'b': {'dtype': 'I64', 'shape': [], 'data_offsets': [4, 12]}}
    text = json.dumps(header).encode()
    body = np.array([0x3fc0, 0xc000], '<u2').tobytes() + np.array(-7, '<i8').tobytes()
    path.write_bytes(len(text).to_bytes(8, 'little') + text + body)
    found = read_tensors(path, read_header(path), ['a', 'b'])
    assert found['a'].tolist() == [1.5, -2.0] and found['b'] == -7


@pytest.mark.parametrize('change', [
    lambda data: b'', lambda data: data[:20], lambda data: b'\xff' * 8 + data[8:],
    lambda data: data[:-1], lambda data: data.replace(b'F32', b'F99'),
    lambda data: data.replace(b'[1]', b'[9]'), lambda data: data.replace(b'[1]', b'"x"'),
    lambda data: data.replace(b'{"dtype"', b'["dtype"'), lambda data: data.replace(b'[0', b'[-')])
def test_an_unsound_safetensors_file_is_refused(tmp_path, change):
    path = tmp_path / 'm.safetensors'
    path.write_bytes(change(safetensors({'w': [1.0]})))
    with pytest.raises(BundleError, match='no sound safetensors'):
        read_header(path)


@pytest.mark.parametrize('mode, low, high', [
    ('MIN_MAX', 'min', 'max'), ('QUANTILES', 'q01', 'q99'), ('QUANTILE10', 'q10', 'q90')])
def test_the_two_ends_become_minus_one_and_one(mode, low, high):
    there = affine('x', mode, {low: [2.0, 1.0], high: [6.0, 1.0]}, always=False)
    back = affine('x', mode, {low: [2.0, 1.0], high: [6.0, 1.0]}, always=False, inverse=True)
    np.testing.assert_allclose((np.array([2.0, 1.0]) - there.shift) / there.width, -1, atol=1e-6)
    assert (6.0 - there.shift[0]) / there.width[0] == 1.0
    np.testing.assert_allclose(np.ones(2) * back.width + back.shift, [6.0, 1.0], atol=1e-6)


def test_a_number_that_never_changed_is_not_divided_by_zero():
    there = affine('x', 'MEAN_STD', {'mean': [1.0], 'std': [0.0]})
    assert 0.0 < there.width[0] < 1e-7
    back = affine('x', 'MEAN_STD', {'mean': [1.0], 'std': [0.0]}, inverse=True)
    assert back.width[0] == 0.0
    with pytest.raises(PhysaiError, match='finite'):
        affine('x', 'MEAN_STD', {'mean': [np.inf], 'std': [1.0]})
