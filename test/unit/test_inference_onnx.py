"""ONNX Runtime behind the model protocol, and the identity through the whole bundle."""
import sys
from types import SimpleNamespace

from bundle_examples import identity_onnx, JOINTS, MANIFEST, manifest, onnx_model
from hypothesis import given, settings, strategies
import numpy as np
from onnx import helper
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check import preflight
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import BundleError
from physai_ros.core.types import JointState
from physai_ros.inference.identity import IdentityModel
from physai_ros.inference.loading import Loader
from physai_ros.inference.model import TensorSpec, warm_up
from physai_ros.inference.onnx import OnnxModel
import pytest

PASSES = manifest(
    inputs={'state': [{'term': 'joint_position', 'joints': JOINTS}]},
    outputs={'action': {'kind': 'joint_position', 'joints': JOINTS}}, timing={'deadline_s': 0.05})
ONNX = OnnxModel(identity_onnx(3))


def test_specs_and_run():
    assert ONNX.inputs == (TensorSpec('state', (1, 3), 'float32'),)
    assert ONNX.outputs == (TensorSpec('action', (1, 3), 'float32'),)
    answer = ONNX.run({'state': np.float32([[1, 2, 3]])})
    assert answer['action'].tolist() == [[1, 2, 3]]


def test_the_bytes_of_a_model_are_not_kept():
    data = identity_onnx(3)
    before = sys.getrefcount(data)
    model = OnnxModel(data)
    assert sys.getrefcount(data) == before and model.inputs


def test_a_loaded_bundle_is_without_the_bytes_of_its_model(tmp_path):
    whole = write_bundle(tmp_path, {
        'format': 'physai/1', 'name': 'same', 'version': '1.0.0', 'robot': 'any', 'rate_hz': 20,
        'inputs': {'state': [{'term': 'joint_position', 'joints': JOINTS}]},
        'outputs': {'action': {'kind': 'joint_position', 'joints': JOINTS}},
        'timing': {'deadline_s': 0.05}}, identity_onnx(3), '')
    joint = SimpleNamespace(moves=True, lower=None, upper=None)
    robot = SimpleNamespace(joints=dict.fromkeys(JOINTS, joint), text='')
    loaded = Loader(None, robot, read=lambda which: whole)('same')
    assert {*whole.files} - {*loaded.bundle.files} == {'model.onnx'}
    assert loaded.title == 'same 1.0.0' and whole.sha256 in loaded.text


def test_free_dimensions_and_warm_up():
    model = OnnxModel(onnx_model([helper.make_node('Identity', ['x'], ['y'])],
                                 {'x': ['batch', 2]}, {'y': ['batch', 2]}))
    assert model.inputs[0].shape == (None, 2)
    warm_up(model)


@pytest.mark.parametrize('inputs', [
    {}, {'state': np.zeros((1, 4), np.float32)}, {'state': np.zeros((1, 3), np.float64)},
    {'other': np.zeros((1, 3), np.float32)}])
def test_wrong_inputs(inputs):
    with pytest.raises(BundleError, match='the model failed'):
        ONNX.run(inputs)


@pytest.mark.parametrize('data', [b'', b'not a model', identity_onnx(3)[:-10]])
def test_what_is_no_model(data):
    with pytest.raises(BundleError, match='the model is refused by ONNX Runtime'):
        OnnxModel(data)


def test_an_operator_that_does_not_exist():
    model = onnx_model([helper.make_node('Launch', ['x'], ['y'], domain='evil')],
                       {'x': [1]}, {'y': [1]})
    with pytest.raises(BundleError, match='refused'):
        OnnxModel(model)


@pytest.mark.parametrize('model', [ONNX, IdentityModel(PASSES)], ids=['onnx', 'identity'])
@settings(max_examples=30, deadline=None)
@given(data=strategies.data())
def test_identity_from_joint_state_to_chunk(model, data):
    number = strategies.floats(width=32, allow_nan=False, allow_infinity=False)
    position = dict(zip(JOINTS, data.draw(strategies.tuples(number, number, number))))
    names = data.draw(strategies.permutations([*JOINTS, 'other']))
    preflight(PASSES, model)
    assembler = Assembler(PASSES)
    assembler.feed('joint_states', JointState(
        5, tuple(names), np.array([position.get(name, 9.0) for name in names])))
    observation = assembler.assemble(5)
    chunk, = Decoder(PASSES).decode(model.run(observation.inputs), observation.t_obs_ns)
    assert dict(zip(chunk.names, chunk.positions[0])) == position
    assert chunk.stamp_ns == 5


def test_identity_needs_matching_widths():
    with pytest.raises(BundleError, match=r'the shape of input observation.state is \(1, 6\)'):
        IdentityModel(manifest())
    assert MANIFEST['outputs']['action']['chunk'] == 10


def test_the_first_provider_that_is_there_is_used_and_the_others_are_told():
    model = OnnxModel(identity_onnx(3), ['CUDAExecutionProvider', 'CPUExecutionProvider'])
    assert model.provider == 'CPUExecutionProvider'
    assert model.notes == ['CUDAExecutionProvider is not in this ONNX Runtime']
    assert ONNX.notes == []


def test_a_provider_that_fails_is_told_and_the_next_one_is_used(monkeypatch):
    import onnxruntime
    real = onnxruntime.InferenceSession

    def session(*arguments, providers, **options):
        if providers[0] == 'NpuExecutionProvider':
            raise RuntimeError('no driver')
        return real(*arguments, providers=providers, **options)
    monkeypatch.setattr(onnxruntime, 'InferenceSession', session)
    monkeypatch.setattr(onnxruntime, 'get_available_providers',
                        lambda: ['NpuExecutionProvider', 'CPUExecutionProvider'])
    model = OnnxModel(identity_onnx(3), ['NpuExecutionProvider', 'CPUExecutionProvider'])
    assert model.provider == 'CPUExecutionProvider'
    assert model.notes == ['NpuExecutionProvider failed (no driver)']
    with pytest.raises(BundleError, match='No driver'):
        OnnxModel(identity_onnx(3), ['NpuExecutionProvider'])


def test_no_provider_at_all_is_refused():
    with pytest.raises(BundleError, match='NoProvider.*Append CPUExecutionProvider'):
        OnnxModel(identity_onnx(3), ['NoProvider'])
