"""The manifests of docs/deploy.md on models of their shape, against observations made by hand."""
import copy
import functools
import json
from pathlib import Path
import re

from bundle_examples import text
import numpy as np
from onnx import helper, numpy_helper
from onnx import TensorProto as Proto
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check import preflight
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.manifest import parse_manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import StaleError
from physai_ros.core.types import Image, Imu, JointState, Motion
from physai_ros.inference.onnx import OnnxModel
import pytest
import yaml

PAGE = (Path(__file__).resolve().parents[2] / 'docs' / 'deploy.md').read_text()
EXAMPLES = {content['name']: content for content in map(
    yaml.safe_load, re.findall(r'```yaml\n(.*?)```', PAGE, re.DOTALL))}
TYPES = {'float32': Proto.FLOAT, 'int64': Proto.INT64, 'bool': Proto.BOOL}
S, MS = 1_000_000_000, 1_000_000
RNG = np.random.default_rng(3)


def example(name, **changes):
    """Return a manifest of the page, with top-level parts replaced."""
    return parse_manifest(text({**copy.deepcopy(EXAMPLES[name]), **changes}))


def linear_onnx(manifest, source, weights):
    """
    Return a model with the inputs of a manifest that answers ``source`` times the weights.

    :param weights: (numbers of the source, numbers of the answer)
    """
    (target, output), = manifest.outputs.items()
    nodes = [helper.make_node('Flatten', [source], ['row']),
             helper.make_node('MatMul', ['row', 'weights'], ['flat']),
             helper.make_node('Reshape', ['flat', 'shape'], [target])]
    shape = output.tensor_shapes[-1]
    graph = helper.make_graph(
        nodes, 'linear',
        [helper.make_tensor_value_info(name, TYPES[dtype], size)
         for name, (size, dtype) in manifest.input_specs.items()],
        [helper.make_tensor_value_info(target, Proto.FLOAT, shape)],
        [numpy_helper.from_array(weights, 'weights'),
         numpy_helper.from_array(np.array(shape, np.int64), 'shape')])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()


@functools.lru_cache(maxsize=None)
def weights_for(count, answers):
    return np.random.default_rng(count).normal(0, 0.01, (count, answers)).astype(np.float32)


def model_for(manifest, source):
    """Return the loaded linear model and its weights."""
    (_, output), = manifest.outputs.items()
    count = int(np.prod(manifest.input_specs[source][0]))
    weights = weights_for(count, output.chunk * output.width)
    model = OnnxModel(linear_onnx(manifest, source, weights))
    preflight(manifest, model)
    return model, weights.astype(np.float64)


def quaternion(axis, angle):
    return np.array([np.cos(angle / 2), *(np.sin(angle / 2) * np.array(axis))])


class Turned:
    """TF in which the IMU is turned by a quarter about z of the base."""

    def lookup(self, target, source, stamp_ns):
        assert (target, source) == ('base', 'imu_link')
        pose = np.eye(4)
        pose[:2, :2] = [[0, -1], [1, 0]]
        return pose


class Walk:
    """A made-up walk: what the sensors say at each tick, and the observation made by hand."""

    def __init__(self, ticks=8):
        self.joints = EXAMPLES['walker']['outputs']['actions']['joints']
        self.q0 = np.array(EXAMPLES['walker']['outputs']['actions']['offset'])
        self.q = self.q0 + RNG.normal(0, 0.3, (ticks, 12))
        self.dq = RNG.normal(0, 3.0, (ticks, 12))
        self.gyro = RNG.normal(0, 1.0, (ticks, 3))
        self.tilt = RNG.uniform(-0.5, 0.5, ticks)
        self.command = RNG.uniform(-1, 1, (ticks, 3))

    def feed(self, assembler, k, now):
        order = np.random.default_rng(k).permutation(12)
        names = tuple(self.joints[n] for n in order)
        assembler.feed('joint_states', JointState(now, names, self.q[k][order],
                                                  self.dq[k][order]))
        assembler.feed('imu', Imu(now - 2 * MS, 'imu_link', quaternion((1, 0, 0), self.tilt[k]),
                                  self.gyro[k], np.zeros(3)))
        vx, vy, wz = self.command[k]
        assembler.feed('command/velocity', Motion(now - 15 * MS, 'base', np.array([vx, vy, 9.0]),
                                                  np.array([9.0, 9.0, wz])))

    def by_hand(self, k, last):
        """Return the observation of one tick as legged_gym computes it, 49 numbers."""
        def to_base(v):
            return np.array([-v[1], v[0], v[2]])
        gravity = np.array([0.0, -np.sin(self.tilt[k]), -np.cos(self.tilt[k])])
        clock = np.sin(2 * np.pi * ((k * 0.02 * 3.0 + np.array([0, 0.5, 0.5, 0])) % 1))
        return np.concatenate([
            to_base(self.gyro[k]) * 0.25, to_base(gravity), self.command[k] * [2, 2, 0.25],
            self.q[k] - self.q0, self.dq[k] * 0.05, last, clock])


def walk(manifest, walk):
    """Run a policy for all ticks; yield (tick, observation, answer, targets)."""
    source, = manifest.inputs
    model, _ = model_for(manifest, source)
    assembler, decoder = Assembler(manifest, transforms=Turned()), Decoder(manifest)
    for k in range(len(walk.q)):
        now = 10 * S + k * 20 * MS
        walk.feed(assembler, k, now)
        observation = assembler.assemble(now)
        outputs = model.run(observation.inputs)
        chunk, = decoder.decode(outputs, now)
        assembler.remember(outputs, now)
        yield k, observation.inputs[source], outputs['actions'][0], chunk


def histories(walked, manifest):
    """Return all observations of the policy beside those that are made by hand."""
    last, single, pairs = np.zeros(12), [], []
    for k, observation, answer, chunk in walk(manifest, walked):
        single.append(walked.by_hand(k, last))
        steps = [single[max(k - n, 0)] for n in (4, 3, 2, 1, 0)]
        pairs.append((observation[0], np.concatenate(steps)))
        np.testing.assert_allclose(chunk.positions[0], walked.q0 + 0.25 * answer, atol=1e-9)
        last = answer.astype(np.float64)
    return pairs


def test_legged_observations_equal_those_made_by_hand():
    manifest = example('walker')
    assert manifest.input_specs['obs'] == ((1, 245), 'float32')
    assert manifest.looks_hz == 50
    for found, expected in histories(Walk(), manifest):
        np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize('wrong', ['degrees', 'joint order', 'history order', 'frame'])
def test_legged_mistakes_show_in_the_numbers(wrong):
    inputs = copy.deepcopy(EXAMPLES['walker']['inputs'])
    history = {'obs': {'steps': 5, 'order': 'oldest_first'}}
    if wrong == 'degrees':
        inputs['obs'][3]['unit'] = 'deg'
    elif wrong == 'joint order':
        position, velocity = inputs['obs'][3:5]
        for numbers in (position['joints'], position['offset'], velocity['joints']):
            numbers.reverse()
    elif wrong == 'history order':
        history['obs']['order'] = 'newest_first'
    else:
        del inputs['obs'][0]['frame']
    pairs = histories(Walk(), example('walker', inputs=inputs, history=history))
    found, expected = pairs[-1]
    assert np.abs(found - expected).max() > 0.05


def test_legged_history_part_by_part():
    content = copy.deepcopy(EXAMPLES['walker'])
    del content['history']
    for term in content['inputs']['obs']:
        term['history'] = {'steps': 5}
    manifest = parse_manifest(text(content))
    walked = Walk()
    single, last = [], np.zeros(12)
    for k, found, answer, _ in walk(manifest, walked):
        single.append(walked.by_hand(k, last))
        last = answer.astype(np.float64)
    edges = np.cumsum([0, 3, 3, 3, 12, 12, 12, 4])
    expected = np.concatenate([step[a:b] for a, b in zip(edges, edges[1:])
                               for step in single[-5:]])
    np.testing.assert_allclose(found[0], expected, atol=2e-6)


def test_a_silent_command_stops_a_legged_policy():
    assembler = Assembler(example('walker'), transforms=Turned())
    walked = Walk()
    walked.feed(assembler, 0, S)
    assembler.assemble(S)
    now = 2 * S
    walked.feed(assembler, 1, now)
    assembler.feed('command/velocity', Motion(now - 600 * MS, 'base', np.ones(3), np.ones(3)))
    with pytest.raises(StaleError):
        assembler.assemble(now + 500 * MS)


ARM = ['shoulder_pan', 'shoulder_lift', 'elbow_flex', 'wrist_flex', 'wrist_roll', 'gripper']


def arm_state(position, stamp_ns=S):
    """Return a joint state whose names are in no order of the manifest."""
    order = [3, 5, 0, 2, 4, 1]
    return JointState(stamp_ns, tuple(ARM[n] for n in order), np.asarray(position)[order])


def test_act_chunk_of_absolute_targets():
    manifest = example('pour')
    assert manifest.looks_hz == 5
    model, weights = model_for(manifest, 'observation.state')
    position = np.array([0.2, -0.5, 1.1, 0.9, -0.3, 0.4])
    pixels = RNG.integers(0, 256, (96, 128, 3), dtype=np.uint8)
    assembler = Assembler(manifest)
    assembler.feed('joint_states', arm_state(position))
    assembler.feed('front/image_raw', Image(S, 'front', pixels))
    observation = assembler.assemble(S)
    degrees = np.array([*np.degrees(position[:5]), position[5] * 57.3])
    mean, std = [1.5, -40, 55, 60, -3, 12], [20, 35, 30, 25, 40, 10]
    state = (degrees - mean) / std
    np.testing.assert_allclose(observation.inputs['observation.state'][0], state, atol=1e-6)
    picture = ((pixels / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225])
    np.testing.assert_allclose(observation.inputs['observation.images.front'][0],
                               picture.transpose(2, 0, 1), atol=1e-5)
    chunk, = Decoder(manifest).decode(model.run(observation.inputs), S)
    assert chunk.names == tuple(ARM) and chunk.positions.shape == (100, 6)
    answer = (state @ weights).reshape(100, 6) * std + mean
    expected = np.radians(answer)
    expected[:, 5] = 1.745 * np.clip(answer[:, 5] / 100, 0, 1)
    np.testing.assert_allclose(chunk.positions, expected, atol=1e-5)


class Tool:
    """TF in which the tool moves along x, 0.1 m a second, turned by a quarter about z."""

    def lookup(self, target, source, stamp_ns):
        assert (target, source) == ('base_link', 'tool0')
        pose = np.eye(4)
        pose[:2, :2] = [[0, -1], [1, 0]]
        pose[:3, 3] = 0.1 * stamp_ns / S, 0.2, 0.3
        return pose


def test_diffusion_looks_at_two_steps_and_answers_velocities():
    manifest = example('push')
    model, weights = model_for(manifest, 'observation.state')
    joints = list(manifest.outputs['action'].joints)
    assembler = Assembler(manifest, transforms=Tool())
    for stamp_ns, brightness in ((S, 51), (S + 100 * MS, 255)):
        assembler.feed('top/image_raw', Image(stamp_ns, 'top', np.full(
            (120, 160, 3), brightness, np.uint8)))
    now, measured = S + 120 * MS, np.linspace(0.1, 0.6, 6)
    assembler.feed('joint_states', JointState(now, tuple(joints[::-1]), measured[::-1]))
    observation = assembler.assemble(now)
    pictures = observation.inputs['observation.image']
    assert pictures.shape == (1, 2, 3, 84, 84)
    np.testing.assert_allclose(pictures[0, :, 0, 0, 0], [0.2, 1.0], atol=1e-6)
    state = np.array([[2 * (0.1 * t + 0.5) - 1, 2 * 0.6 / 0.8 - 1, 0.0, 0, 1, 0, -1, 0, 0]
                      for t in (1.02, 1.12)])
    np.testing.assert_allclose(observation.inputs['observation.state'][0], state, atol=1e-6)
    chunk, = Decoder(manifest).decode(model.run(observation.inputs), now, observation.references)
    velocity = 1.5 * (state.reshape(-1) @ weights).reshape(8, 6)
    assert chunk.positions.shape == (9, 6)
    np.testing.assert_allclose(chunk.positions[0], measured)
    np.testing.assert_allclose(np.diff(chunk.positions, axis=0), 0.1 * velocity, atol=1e-6)


def word_tokenizer() -> bytes:
    """Return a tokenizer.json that knows five words."""
    tokenizers = pytest.importorskip('tokenizers')
    words = {'[UNK]': 0, 'tidy': 7, 'the': 8, 'bench': 9, '\n': 10}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token='[UNK]'))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(
        tokenizers.Regex(r' '), behavior='removed')
    tokenizer.normalizer = tokenizers.normalizers.Replace('\n', ' \n')
    return json.dumps(json.loads(tokenizer.to_str())).encode()


def test_a_vision_language_action_model(tmp_path):
    import hashlib
    words = word_tokenizer()
    content = copy.deepcopy(EXAMPLES['tidy'])
    content['tokenizer']['sha256'] = hashlib.sha256(words).hexdigest()
    draft = parse_manifest(text(content))
    weights = weights_for(32, 300)
    (tmp_path / 'tidy').mkdir()
    (tmp_path / 'tidy' / 'tokenizer.json').write_bytes(words)
    write_bundle(tmp_path / 'tidy', content, linear_onnx(draft, 'state', weights), '# tidy')
    bundle = load_bundle(tmp_path / 'tidy')
    manifest, model = bundle.manifest, OnnxModel(bundle.model_bytes)
    preflight(manifest, model)
    assert manifest.looks_hz == 3
    assembler, decoder = Assembler(manifest, tokenizer_json=bundle.tokenizer_json), \
        Decoder(manifest)
    position = np.array([0.1, -0.6, 0.8, 1.2, -0.2, 0.3])
    assembler.feed('joint_states', arm_state(position))
    assembler.feed('front/image_raw', Image(S, 'front', np.full((240, 320, 3), 255, np.uint8)))
    with pytest.raises(StaleError, match='task'):
        assembler.assemble(S)
    assembler.task = 'tidy the table'
    observation = assembler.assemble(S)
    inputs = observation.inputs
    assert inputs['lang_tokens'].tolist() == [[7, 8, 0, 10] + [0] * 8]
    assert inputs['lang_masks'].dtype == bool and inputs['lang_masks'].sum() == 4
    assert inputs['image_mask'].tolist() == [[True]]
    assert inputs['image'][0, :, 0, 0].tolist() == [-1, -1, -1]
    assert inputs['image'][0, :, 511, 511].tolist() == [1, 1, 1]
    state = np.zeros(32)
    state[:6] = (position - [0, -0.7, 1, 1, 0, 0.2]) / 0.5
    np.testing.assert_allclose(inputs['state'][0], state, atol=1e-6)
    assert not inputs['action_prefix'].any() and inputs['inference_delay'].tolist() == [0]
    outputs = model.run(inputs)
    chunk, = decoder.decode(outputs, S, observation.references)
    deltas = 0.5 * (state @ weights.astype(float)).reshape(50, 6)
    np.testing.assert_allclose(chunk.positions, position + deltas, atol=1e-5)
    assembler.remember(outputs, S)
    check_the_prefix(assembler, chunk, position)


def check_the_prefix(assembler, chunk, position):
    """Three steps later the prefix is the rest of the chunk, relative to where the arm is then."""
    now = S + 3 * round(S / 30)
    moved = position + 0.05
    assembler.feed('joint_states', arm_state(moved, now))
    assembler.feed('front/image_raw', Image(now, 'front', np.zeros((240, 320, 3), np.uint8)))
    inputs = assembler.assemble(now, delay_steps=4).inputs
    prefix = np.zeros((50, 6))
    prefix[:47] = (chunk.positions[3:] - moved) / 0.5
    np.testing.assert_allclose(inputs['action_prefix'][0], prefix, atol=1e-5)
    assert inputs['inference_delay'].tolist() == [4]
    explicit = assembler.assemble(now, prefix=chunk.positions[3:5], delay_steps=9).inputs
    np.testing.assert_allclose(explicit['action_prefix'][0, :2], prefix[:2], atol=1e-5)
    assert not explicit['action_prefix'][0, 2:].any()
    assert explicit['inference_delay'].tolist() == [2]
