"""Quantising: what is chosen, what it changes, what the card says, what is refused."""
import hashlib

import numpy as np
import onnx
from onnx import helper, numpy_helper
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.write import write_bundle
from physai_ros.cli import main
from physai_ros.core.errors import PhysaiError
from physai_ros.core.types import JointState
from physai_ros.inference.onnx import OnnxModel
from physai_ros.quantize import record
from physai_ros.quantize.bundle import Difference, quantise_bundle, Report, Success
from physai_ros.quantize.card import success
from physai_ros.quantize.int8 import heavy_layers, quantise
from physai_ros.quantize.record import from_file, Recorder, thinned
import pytest

JOINTS = [f'j{n}' for n in range(8)]
MANIFEST = {
    'format': 'physai/1', 'name': 'net', 'version': '1.2.0', 'robot': 'tester', 'rate_hz': 20,
    'inputs': {'state': [{'term': 'joint_position', 'joints': JOINTS}]},
    'outputs': {'action': {'kind': 'joint_position', 'joints': JOINTS, 'chunk': 1}},
    'timing': {'deadline_s': 0.05}}


def network(width=96) -> bytes:
    """Return a network of two small matrices and a large one with a two-dimensional sum."""
    random = np.random.default_rng(0)
    sizes = {'a': (8, width), 'b': (width, width), 'c': (width, 8)}
    weights = [numpy_helper.from_array(
        (random.standard_normal(size) / size[0] ** 0.5).astype(np.float32), name)
        for name, size in sizes.items()]
    weights.append(numpy_helper.from_array(np.ones((1, width), np.float32), 'sum'))
    nodes = [helper.make_node('MatMul', ['state', 'a'], ['x'], 'first'),
             helper.make_node('Relu', ['x'], ['y']),
             helper.make_node('MatMul', ['y', 'b'], ['u'], 'middle'),
             helper.make_node('Add', ['u', 'sum'], ['v']), helper.make_node('Tanh', ['v'], ['w']),
             helper.make_node('MatMul', ['w', 'c'], ['action'], 'last')]
    infos = [helper.make_tensor_value_info(name, 1, [1, 8]) for name in ('state', 'action')]
    graph = helper.make_graph(nodes, 'net', infos[:1], infos[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()


def states(count):
    random = np.random.default_rng(1)
    return [{'state': random.standard_normal((1, 8)).astype(np.float32)} for _ in range(count)]


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / 'net', MANIFEST, network(), '# net\n\nDoes nothing.\n')


def test_large_layers_become_int8_and_answers_stay_near():
    before, result = OnnxModel(network()), quantise(network(), states(30))
    after = OnnxModel(result.model)
    assert (result.layers, result.stayed) == (1, 2)
    change = [np.abs(after.run(x)['action'] - before.run(x)['action']).max() for x in states(50)]
    assert 0.0 < max(change) < 0.1
    model = onnx.load_from_string(result.model)
    int8 = [w.name for w in model.graph.initializer if w.data_type == onnx.TensorProto.INT8
            and len(w.dims) == 2]
    scales = [w for w in model.graph.initializer if w.name == 'b_scale']
    assert len(int8) == 1 and list(scales[0].dims) == [96]
    assert [opset.domain for opset in model.opset_import] == ['']


def test_layers_can_be_kept_and_none_is_an_error():
    assert heavy_layers(onnx.load_from_string(network())) == (['middle'], 2)
    with pytest.raises(PhysaiError, match='nothing to quantise'):
        quantise(network(), states(10), keep=('middle',))


def test_a_bundle_is_written_with_its_figures(bundle, tmp_path):
    file = tmp_path / 'recording.npz'
    np.savez(file, state=np.concatenate([inputs['state'] for inputs in states(40)]))
    made, report = quantise_bundle(tmp_path / 'net', tmp_path / 'net8', recording=file)
    assert (made.name, made.version) == ('net', '1.2.0+int8')
    assert made.manifest.outputs == bundle.manifest.outputs
    assert (report.calibrated, report.compared, report.success) == (32, 8, None)
    text = (tmp_path / 'net8' / 'README.md').read_text()
    assert f'{report.differences["action"].largest:.3g}' in text and bundle.sha256 in text
    assert 'not measured' in text and '## net' in text
    assert load_bundle(tmp_path / 'net8').sha256 != bundle.sha256


def test_a_recording_of_topics_calibrates(bundle, tmp_path, capsys):
    pytest.importorskip('rclpy', reason='messages are read with rclpy')
    from mcap.writer import Writer
    from physai_ros.adapters.sensors import write_joint_state
    with (tmp_path / 'r.mcap').open('wb') as file:
        writer = Writer(file)
        writer.start('ros2', 'rosbag2')
        schema = writer.register_schema('sensor_msgs/msg/JointState', 'ros2msg', b'')
        channel = writer.register_channel('/r1/state', 'cdr', schema)
        for n, inputs in enumerate(states(40)):
            state = JointState(n * 50_000_000, tuple(JOINTS), inputs['state'][0], None, None)
            writer.add_message(channel, state.stamp_ns, write_joint_state(state), state.stamp_ns)
        writer.finish()
    command = ['quantize', str(bundle.folder), '--output', str(tmp_path / 'o'),
               '--recording', str(tmp_path / 'r.mcap')]
    assert main.main(command) == 1
    assert 'lacks /joint_states (sensor_msgs/msg/JointState)' in capsys.readouterr().err
    assert main.main([*command, '--remap', 'joint_states']) == 1
    assert 'TOPIC:=RECORDED' in capsys.readouterr().err
    assert main.main([*command, '--remap', 'joint_states:=state']) == 0
    text = (tmp_path / 'o' / 'README.md').read_text()
    assert '32 observations' in text and 'r.mcap, compared on 8 others' in text
    np.savez(tmp_path / 'r.npz', state=np.zeros((40, 8)))
    assert main.main([*command[:-1], str(tmp_path / 'r.npz'), '--namespace', 'r1']) == 1
    assert '--namespace' in capsys.readouterr().err


def test_success_is_told_with_its_interval():
    found = Report('x', 1, 1, 1, 1, {'a': Difference(0, 0, 1)}, (1, 1), (1, 1),
                   Success(20, 20, 18, 1000))
    assert '20 of 20 before (95 % interval 83.9% to 100.0%)' in success(found)
    assert '18 of 20 after (95 % interval 69.9%' in success(found)


@pytest.mark.parametrize('arrays, words', [
    ({'other': np.zeros((5, 8))}, 'state.*It has other'),
    ({'state': np.zeros((5, 7))}, r'\(5, 7\).*\(N, 8\)'),
    ({'state': np.zeros((0, 8))}, 'shape of state'),
    ({'state': np.array([None])}, '.npz file'),
])
def test_a_recording_that_does_not_fit_is_refused(tmp_path, arrays, words):
    np.savez(tmp_path / 'r.npz', **arrays)
    with pytest.raises(PhysaiError, match=words):
        from_file(tmp_path / 'r.npz', OnnxModel(network()))


@pytest.mark.parametrize('options, words', [
    (['--episodes', '-1'], '--episodes'), (['--recording', 'none.npz'], 'none.npz'),
    ([], '--recording.*no robot of the fleet'), (['--robot', 'nobody'], "'nobody'")])
def test_the_command_says_what_is_missing(bundle, tmp_path, capsys, options, words):
    code = main.main(['quantize', str(bundle.folder), '--output', str(tmp_path / 'o'), *options])
    error = capsys.readouterr().err
    assert code == 1 and all(word in error for word in words.split('.*'))
    assert not (tmp_path / 'o').exists()


def test_the_bundle_itself_is_not_overwritten(bundle):
    before = hashlib.sha256(bundle.model_bytes).hexdigest()
    with pytest.raises(PhysaiError, match='another folder'):
        quantise_bundle(bundle.folder, bundle.folder)
    assert load_bundle(bundle.folder).sha256 == before


def test_a_recorder_thins_out_evenly(monkeypatch):
    monkeypatch.setattr(record, 'MOST', 4)
    recorder = Recorder(OnnxModel(network()))
    for n in range(40):
        recorder.run({'state': np.full((1, 8), n, np.float32)})
    kept = [int(inputs['state'][0, 0]) for inputs in recorder.kept]
    assert len(kept) <= 9 and np.ptp(np.diff(kept)) == 0 and kept[0] == 0 and kept[-1] >= 32
    assert len(thinned(recorder.kept)) == 4
