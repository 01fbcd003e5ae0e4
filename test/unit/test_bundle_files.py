"""Loading: only verified bytes from inside the folder, and clear words for all else."""
import hashlib
import os

from bundle_examples import identity_onnx, MANIFEST, onnx_model, write_files
from hypothesis import given, settings, strategies
import numpy as np
from onnx import helper, ModelProto, numpy_helper, TensorProto
from physai_ros.bundle.files import available_bundles, load_bundle, read_verified
from physai_ros.bundle.graph import require_self_contained
from physai_ros.bundle.schema import ModelFile
from physai_ros.core.errors import BundleError
import pytest

MODEL = identity_onnx(3)


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / 'models' / 'example', MANIFEST, MODEL)


def refusal(which, **options):
    with pytest.raises(BundleError) as error:
        load_bundle(which, **options)
    return str(error.value)


def edit(folder, old, new):
    manifest = folder / 'policy.yaml'
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))


def test_load_by_path_and_by_name(folder):
    for bundle in (load_bundle(folder), load_bundle(str(folder)),
                   load_bundle('example', models=folder.parent)):
        assert (bundle.name, bundle.version, bundle.folder) == ('example', '1.0.0', folder)
        assert bundle.model_bytes == MODEL
        assert bundle.sha256 == hashlib.sha256(MODEL).hexdigest()


def test_unknown_name_lists_what_there_is(folder):
    write_files(folder.parent / 'other', MANIFEST, MODEL)
    (folder.parent / 'notes').mkdir()
    assert available_bundles(models=folder.parent) == ('example', 'other')
    assert "'exampel'" in refusal('exampel', models=folder.parent)
    assert 'Available: example, other' in refusal('exampel', models=folder.parent)
    assert 'Available: none is in' in refusal('x', models=folder.parent / 'nowhere')
    assert 'Available: example, other' in refusal('/no/such', models=folder.parent)


@pytest.mark.parametrize('which', ['', 'a\0b', '~nobody-has-this-name/x', 'x' * 5000])
def test_what_can_be_no_folder(folder, which):
    assert refusal(which, models=folder.parent).endswith('Available: example')


def test_folder_without_manifest(folder):
    (folder / 'policy.yaml').unlink()
    assert 'policy.yaml in' in refusal(folder, models=folder.parent)


def test_missing_model(folder):
    (folder / 'model.onnx').rename(folder / 'net.onnx')
    assert refusal(folder).startswith('example/model.onnx is missing')
    assert 'holds net.onnx, policy.yaml' in refusal(folder)


def test_changed_model(folder):
    (folder / 'model.onnx').write_bytes(MODEL + b'\0')
    assert refusal(folder).startswith('the SHA-256 of example/model.onnx is ')
    (folder / 'model.onnx').write_bytes(MODEL[:-1])
    assert refusal(folder).startswith('the SHA-256 of example/model.onnx is ')


def test_invalid_manifest_is_named_with_its_folder(folder):
    edit(folder, 'rate_hz: 20', 'rate_hz: x')
    assert 'example/policy.yaml: rate_hz (line 5)' in refusal(folder)


def test_size_caps(folder):
    assert 'the size of example/model.onnx' in refusal(folder, max_model_bytes=len(MODEL) - 1)
    assert load_bundle(folder, max_model_bytes=len(MODEL)).model_bytes == MODEL
    with open(folder / 'policy.yaml', 'a') as manifest:
        manifest.write('#' * 300_000)
    assert 'the size of example/policy.yaml' in refusal(folder)


@pytest.mark.parametrize('file', ['../model.onnx', 'a/../../model.onnx', '/tmp/model.onnx'])
def test_paths_out_of_the_folder(folder, file):
    (folder.parent / 'model.onnx').write_bytes(MODEL)
    edit(folder, 'file: model.onnx', f'file: {file}')
    assert 'expected a file inside the folder' in refusal(folder)


def test_links_are_not_followed(folder):
    outside = folder.parent / 'outside'
    outside.mkdir()
    (folder / 'model.onnx').rename(outside / 'model.onnx')
    (folder / 'model.onnx').symlink_to(outside / 'model.onnx')
    assert "example/model.onnx is 'a symbolic link" in refusal(folder)
    edit(folder, 'file: model.onnx', 'file: inner/model.onnx')
    (folder / 'inner').symlink_to(outside)
    assert "example/inner/model.onnx is 'a symbolic link" in refusal(folder)


def test_a_linked_manifest_leads_on_only_from_the_installation(folder):
    installed = folder.parent.parent / 'installed'
    (installed / 'example').mkdir(parents=True)
    for name in ('policy.yaml', 'model.onnx'):
        (installed / 'example' / name).symlink_to(folder / name)
    assert load_bundle('example', models=installed).folder == folder
    assert "policy.yaml is 'a symbolic link" in refusal(installed / 'example')


def test_what_is_no_file(folder):
    (folder / 'model.onnx').unlink()
    os.mkfifo(folder / 'model.onnx')
    assert 'no regular file' in refusal(folder)
    (folder / 'model.onnx').unlink()
    (folder / 'model.onnx').mkdir()
    assert 'no regular file' in refusal(folder)


def test_model_in_a_folder_of_the_bundle(folder):
    (folder / 'onnx').mkdir()
    (folder / 'model.onnx').rename(folder / 'onnx' / 'net.onnx')
    model = ModelFile(file='onnx/net.onnx', sha256=hashlib.sha256(MODEL).hexdigest())
    assert read_verified(folder, model) == MODEL


def external(tensor):
    """Turn a tensor into one that is stored in another file."""
    tensor.ClearField('raw_data')
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = 'location', '/etc/passwd'
    return tensor


def weights():
    return numpy_helper.from_array(np.ones((1, 3), dtype=np.float32), 'w')


def with_initializer(tensor):
    return onnx_model([helper.make_node('Add', ['x', 'w'], ['y'])], {'x': [1, 3]}, {'y': [1, 3]},
                      [tensor])


def with_branches(tensor):
    branch = helper.make_graph([helper.make_node('Constant', [], ['c'], value=tensor)], 'b', [],
                               [helper.make_tensor_value_info('c', TensorProto.FLOAT, [1, 3])])
    return onnx_model([helper.make_node('If', ['x'], ['y'], then_branch=branch,
                                        else_branch=branch)], {'x': [1]}, {'y': [1, 3]})


@pytest.mark.parametrize('build', [with_initializer, with_branches])
def test_weights_in_another_file(build):
    require_self_contained(build(weights()), 'model.onnx')
    with pytest.raises(BundleError, match='model.onnx stores weights in another file'):
        require_self_contained(build(external(weights())), 'model.onnx')


@pytest.mark.parametrize('data', [b'\xff' * 40, b'\x0b', b'\x3a\x7f', b'PK\x03\x04 pickle',
                                  b'\x3a\x02\x0a\x7f'])
def test_what_is_no_onnx_file(data):
    with pytest.raises(BundleError, match='model.onnx is no ONNX model'):
        require_self_contained(data, 'model.onnx')


@settings(max_examples=300, deadline=None)
@given(strategies.integers(0, len(MODEL) - 1), strategies.binary(max_size=4))
def test_mutated_models_never_raise_anything_else(place, noise):
    data = MODEL[:place] + noise + MODEL[place + len(noise) // 2:]
    try:
        require_self_contained(data, 'model.onnx')
    except BundleError as error:
        assert 'model.onnx' in str(error)


def with_operator(domain, functions=()):
    node = helper.make_node('Twice', ['x'], ['y'], domain=domain)
    data = onnx_model([node], {'x': [1, 3]}, {'y': [1, 3]})
    model = ModelProto.FromString(data)
    model.functions.extend(functions)
    return model.SerializeToString()


def test_custom_operators():
    with pytest.raises(BundleError, match="custom operators of model.onnx is 'acme::Twice'"):
        require_self_contained(with_operator('acme'), 'model.onnx')
    require_self_contained(with_operator('com.microsoft'), 'model.onnx')


def test_operators_that_the_model_itself_defines():
    body = helper.make_node('Add', ['x', 'x'], ['y'])
    twice = helper.make_function('acme', 'Twice', ['x'], ['y'], [body],
                                 [helper.make_opsetid('', 17)])
    require_self_contained(with_operator('acme', [twice]), 'model.onnx')


def test_custom_operators_in_branches():
    inner = helper.make_node('Twice', ['x'], ['c'], domain='acme')
    branch = helper.make_graph([inner], 'b', [], [
        helper.make_tensor_value_info('c', TensorProto.FLOAT, [1, 3])])
    data = onnx_model([helper.make_node('If', ['x'], ['y'], then_branch=branch,
                                        else_branch=branch)], {'x': [1]}, {'y': [1, 3]})
    with pytest.raises(BundleError, match='operators of'):
        require_self_contained(data, 'model.onnx')
