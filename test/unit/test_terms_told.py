"""What the model told last as an observation, as BeyondMimic's motions: against their code."""
from bundle_examples import changed, manifest, onnx_model, write_files
import numpy as np
from onnx import helper, numpy_helper, TensorProto
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check import preflight
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.flow import flow
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError, validate
from physai_ros.bundle.rotations import matrix
from physai_ros.core.errors import BundleError, SampleError
from physai_ros.core.types import Imu, JointState
from physai_ros.inference.loading import Loaded
from physai_ros.inference.onnx import OnnxModel
from physai_ros.inference.policy import Policy
import pytest

S, DT = 1_000_000_000, 20_000_000
JOINTS, BODIES, ANCHOR, FRAMES = [f'j{n}' for n in range(29)], 14, 7, 6
RNG = np.random.default_rng(11)
POSE = RNG.uniform(-0.3, 0.3, 29).round(3).tolist()
MOTION = {'joint_pos': RNG.normal(size=(FRAMES, 29)), 'joint_vel': RNG.normal(size=(FRAMES, 29)),
          'body_quat_w': RNG.normal(size=(FRAMES, BODIES, 4))}
MOTION['body_quat_w'] /= np.linalg.norm(MOTION['body_quat_w'], axis=2, keepdims=True)
TURN = {'term': 'model_orientation', 'output': 'body_quat_w', 'size': 56, 'body': ANCHOR,
        'rotation': 'rotation_6d', 'take': [0, 3, 1, 4, 2, 5]}
RATE = {'rate_hz': 50, 'timing': {'deadline_s': 0.02}}
OUTPUTS = {'actions': {'kind': 'joint_position', 'joints': JOINTS, 'scale': 0.25, 'offset': POSE}}


def content(**parts):
    return changed(**{**RATE, 'outputs': OUTPUTS, 'inputs': {
        'obs': [
            {'term': 'model_output', 'output': 'joint_pos', 'size': 29},
            {'term': 'model_output', 'output': 'joint_vel', 'size': 29}, TURN,
            {'term': 'angular_velocity'},
            {'term': 'joint_position', 'joints': JOINTS, 'offset': POSE},
            {'term': 'joint_velocity', 'joints': JOINTS},
            {'term': 'previous_action', 'output': 'actions', 'size': 29}],
        'time_step': [{'term': 'episode_step', 'offset': -1}]}, **parts})


def onnx():
    """Return a model as BeyondMimic exports it: a policy, and a motion by its time step."""
    weights = RNG.normal(0, 0.05, (154, 29)).astype(np.float32)
    arrays = {'weights': weights, 'last': np.array(FRAMES - 1, np.float32), 'one': np.array([-1]),
              **{f'{name}_all': rows.astype(np.float32) for name, rows in MOTION.items()}}
    nodes = [helper.make_node('MatMul', ['obs', 'weights'], ['actions']),
             helper.make_node('Min', ['time_step', 'last'], ['clamped']),
             helper.make_node('Cast', ['clamped'], ['cast'], to=TensorProto.INT64),
             helper.make_node('Reshape', ['cast', 'one'], ['row'])]
    nodes += [helper.make_node('Gather', [f'{name}_all', 'row'], [name]) for name in MOTION]
    return onnx_model(nodes, {'obs': [1, 154], 'time_step': [1, 1]},
                      {'actions': [1, 29], **{name: [1, *rows.shape[1:]]
                                              for name, rows in MOTION.items()}},
                      [numpy_helper.from_array(array, name) for name, array in arrays.items()])


def yaw(rotation):
    angle = np.arctan2(rotation[1, 0], rotation[0, 0])
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


class Controller:
    """The observation of motion_tracking_controller, without state estimation."""

    def __init__(self, model):
        self.model, self.time_step, self.last = model, 0, np.zeros(29)
        self.forward(np.zeros((1, 154)))
        self.world = None

    def forward(self, observation):
        self.told = self.model.run({'obs': observation.astype(np.float32),
                                    'time_step': np.float32([[self.time_step]])})
        self.time_step += 1

    def step(self, orientation, gyro, position, velocity):
        robot = matrix(orientation)
        motion = matrix(self.told['body_quat_w'][0, ANCHOR].astype(float))
        if self.world is None:
            self.world = yaw(robot) @ yaw(motion).T
        seen = (robot.T @ self.world @ motion)[:, :2].reshape(-1)
        observation = np.concatenate([self.told['joint_pos'][0], self.told['joint_vel'][0], seen,
                                      gyro, position - POSE, velocity, self.last])
        self.forward(observation[None])
        self.last = self.told['actions'][0].astype(float)
        return observation


def feed(assembler, now):
    """Return and feed what is measured at a time."""
    orientation, gyro = RNG.normal(size=4), RNG.normal(size=3)
    orientation /= np.linalg.norm(orientation)
    position, velocity = RNG.normal(size=(2, 29))
    assembler.feed('imu', Imu(now, 'torso', orientation, gyro, np.zeros(3)))
    assembler.feed('joint_states', JointState(now, tuple(JOINTS), position, velocity))
    return orientation, gyro, position, velocity


def test_motions_as_beyondmimic_deploys_them():
    example, model = validate(Manifest, content(), Manifest.FILE), OnnxModel(onnx())
    preflight(example, model)
    assembler, decoder = Assembler(example, model=model), Decoder(example)
    for _ in range(2):
        controller = Controller(model)
        for k in range(FRAMES + 3):                     # the last frame stays
            now = S + k * DT
            expected = controller.step(*feed(assembler, now))
            observation = assembler.assemble(now)
            np.testing.assert_allclose(observation.inputs['obs'][0], expected, atol=1e-5)
            assert observation.inputs['time_step'].tolist() == [[k + 1]]
            outputs = model.run(observation.inputs)
            decision = decoder.decide(outputs, now, observation.references)
            decoder.settle(decision)
            assembler.remember(outputs, now, decision.wanted)
            np.testing.assert_allclose(decision.chunks[0].positions[0],
                                       POSE + 0.25 * controller.last, atol=1e-5)
        assembler.reset()
        decoder.reset()


def test_the_policy_node_asks_the_model_first(tmp_path):
    bundle = load_bundle(str(write_files(tmp_path / 'b', content(), onnx())))
    model = OnnxModel(onnx())
    policy = Policy(Loaded(bundle, model))
    try:
        expected = Controller(model).step(*feed(policy.assembler, S))
        np.testing.assert_allclose(policy.assembler.assemble(S).inputs['obs'][0], expected,
                                   atol=1e-5)
    finally:
        policy.close()


def test_moments_of_the_past():
    term = {'term': 'model_output', 'output': 'v', 'size': 1, 'history': {'steps': 3}}
    assembler = Assembler(manifest(
        inputs={'x': [term]}, outputs=OUTPUTS, **RATE), model=Told(v=5))
    seen = []
    for k in range(4):
        seen.append(assembler.assemble(S + k * DT).inputs['x'][0].tolist())
        assembler.remember({'v': np.float32([[k]])}, S + k * DT)
    assert seen == [[5, 5, 5], [5, 5, 0], [5, 0, 1], [0, 1, 2]]


class Told:
    """A model that tells the same always."""

    def __init__(self, **told):
        self.told = {name: np.float32([value]) for name, value in told.items()}

    def run(self, inputs):
        return self.told


def test_frame_and_order_of_the_quaternions():
    quaternion = np.array([0.5, -0.1, 0.7, 0.5])
    seen = []
    for order, row in (('wxyz', quaternion), ('xyzw', np.roll(quaternion, -1))):
        term = {'term': 'model_orientation', 'output': 'q', 'size': 4, 'order': order,
                'rotation': 'rotation_6d', 'frame': 'torso'}
        assembler = Assembler(manifest(inputs={'x': [term]}), transforms=Upside(),
                              model=Told(q=[row]))
        assembler.feed('imu', Imu(S, 'imu_link', np.array([1.0, 0, 0, 0]), np.zeros(3),
                                  np.zeros(3)))
        seen.append(assembler.assemble(S).inputs['x'][0])
    np.testing.assert_allclose(*seen, atol=1e-6)
    robot, motion = np.diag([1.0, -1, -1]), matrix(quaternion)
    np.testing.assert_allclose(seen[0], (robot.T @ yaw(robot) @ yaw(motion).T @ motion)[
        :, :2].T.reshape(-1), atol=1e-6)


class Upside:
    """TF in which the IMU hangs upside down in the torso."""

    def lookup(self, target, source, stamp_ns):
        return np.diag([1.0, -1, -1, 1])


@pytest.mark.parametrize('told, error, message', [
    ({}, BundleError, 'also q. Correct output of its term'),
    ({'q': [[np.nan, 0, 0, 1]]}, BundleError, 'output q, for inputs of zeros'),
    ({'q': [[0.0, 0, 0, 0]]}, SampleError, 'body 0 in output q is 0.0; expected 1'),
    ({'q': [[1.0, 0, 0]]}, BundleError, 'how many numbers output q has is 3; expected 4')])
def test_a_model_that_tells_something_else(told, error, message):
    example = manifest(inputs={'x': [{'term': 'model_orientation', 'output': 'q', 'size': 4}]})
    with pytest.raises(error, match=message):
        assembler = Assembler(example, model=Told(**told))
        assembler.feed('imu', Imu(S, 'imu', np.array([1.0, 0, 0, 0]), np.zeros(3), np.zeros(3)))
        assembler.assemble(S)


def test_nobody_answers_for_the_model():
    assembler = Assembler(manifest(inputs={'x': [
        {'term': 'model_output', 'output': 'v', 'size': 2}]}))
    with pytest.raises(BundleError, match='Give the assembler the model'):
        assembler.assemble(S)


def test_what_is_told_must_be_finite():
    decoder = Decoder(manifest(inputs={'x': [{'term': 'model_output', 'output': 'v', 'size': 1}]},
                               outputs={'u': {'kind': 'joint_position', 'joints': ['a']}},
                               timing={'deadline_s': 0.05}))
    with pytest.raises(BundleError, match='output v'):
        decoder.decode({'u': np.zeros((1, 1)), 'v': np.float32([[np.inf]])}, S)


@pytest.mark.parametrize('term, message', [
    ({'term': 'model_output', 'output': 'actions', 'size': 29},
     "'actions'; expected an output that moves nothing. Previous_action shows"),
    ({**TURN, 'size': 54}, 'expected four numbers for each body'),
    ({**TURN, 'body': 14}, 'expected 0 to 13, as size says'),
    ({'term': 'model_output', 'output': 'joint_pos', 'size': 29, 'take': [29]}, '0 to 28')])
def test_refused_manifests(term, message):
    with pytest.raises(InvalidBundleError, match=message):
        manifest(inputs={'obs': [term]}, outputs=OUTPUTS, **RATE)


@pytest.mark.parametrize('change, message', [
    ({'output': 'joint_position'}, 'Did you mean joint_pos'),
    ({'size': 30}, r'30; expected 29, as the model has \(1, 29\)')])
def test_refused_models(change, message):
    parts = content()
    parts['inputs']['obs'][0].update(change)
    example = validate(Manifest, parts, Manifest.FILE)
    with pytest.raises(InvalidBundleError, match=message):
        preflight(example, OnnxModel(onnx()))


def test_it_is_drawn():
    example = validate(Manifest, content(), Manifest.FILE)
    drawn = flow(example, 1)
    assert drawn.columns[0]['told', 'joint_pos'].lines == ('output joint_pos',)
    assert (('told', 'body_quat_w'), ('inputs', 'obs', 2)) in drawn.arrows
    assert example.needs_answers
