"""What docs/deploy.md says of published policies, against their deployment written by hand."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import Image, Imu, JointState, Joy, Motion, Pose

S, UPRIGHT = 1_000_000_000, np.array([1.0, 0.0, 0.0, 0.0])
ARM = [f'joint{n}' for n in range(7)]


def random():
    return np.random.default_rng(7)


def test_a_clock_that_is_counted_before_the_first_observation():
    rng, period, phase = random(), 0.8, 0.0
    assembler = Assembler(manifest(rate_hz=50, inputs={'obs': [
        {'term': 'velocity_command', 'topic': 'c', 'clip': [[-0.5, -0.3, -0.2], [1.0, 0.3, 0.2]]},
        {'term': 'gait_clock', 'frequency_hz': 1.25, 'phases': [0.025]}]},
        outputs={'u': {'kind': 'joint_position', 'joints': ['a']}}, timing={'deadline_s': 0.02}))
    for k in range(60):
        now, command = S + k * S // 50, rng.normal(size=3)
        assembler.feed('c', Motion(now, 'base', np.array([*command[:2], 0]),
                                   np.array([0, 0, command[2]])))
        phase = np.fmod(phase + 0.02 / period, 1.0)
        np.testing.assert_allclose(assembler.assemble(now).inputs['obs'][0], [
            *np.clip(command, [-0.5, -0.3, -0.2], [1.0, 0.3, 0.2]),
            np.sin(2 * np.pi * phase), np.cos(2 * np.pi * phase)], atol=1e-6)


def test_open_duck_mini():
    rng, joints = random(), [f'd{n}' for n in range(14)]
    pose, steps = rng.uniform(-1, 1, 14), 27
    last = [{'term': 'previous_action', 'output': 'u', 'size': 14, 'lag': n} for n in range(3)]
    clock = {'term': 'gait_clock', 'frequency_hz': 50 / steps}
    example = manifest(rate_hz=50, inputs={'obs': [
        {'term': 'angular_velocity'}, {'term': 'linear_acceleration'},
        {'term': 'joy', 'topic': 'commands', 'axes': list(range(7))},
        {'term': 'joint_position', 'joints': joints, 'offset': pose.tolist()},
        {'term': 'joint_velocity', 'joints': joints, 'scale': 0.05}, *last,
        {'term': 'previous_target', 'joints': joints},
        {'term': 'joy', 'topic': 'contacts', 'buttons': [0, 1]},
        {**clock, 'form': 'cos'}, {**clock, 'form': 'sin'}]},
        outputs={'u': {'kind': 'joint_position', 'joints': joints, 'scale': 0.25,
                       'offset': pose.tolist()}}, timing={'deadline_s': 0.02})
    assembler, decoder = Assembler(example), Decoder(example)
    actions, targets = [np.zeros(14)] * 3, None
    for k in range(40):
        now, position, velocity = S + k * S // 50, *rng.normal(size=(2, 14))
        gyro, acceleration = rng.normal(size=(2, 3))
        commands, contacts = rng.normal(size=7), rng.integers(0, 2, 2)
        assembler.feed('joint_states', JointState(now, tuple(joints), position, velocity))
        assembler.feed('imu', Imu(now, 'trunk', UPRIGHT, gyro, acceleration))
        assembler.feed('commands', Joy(now, commands, np.zeros(0)))
        assembler.feed('contacts', Joy(now, np.zeros(0), contacts))
        observation = assembler.assemble(now)
        angle = 2 * np.pi * k / steps
        np.testing.assert_allclose(observation.inputs['obs'][0], np.concatenate([
            gyro, acceleration, commands, position - pose, velocity * 0.05, *actions,
            position if targets is None else targets, contacts,
            [np.cos(angle), np.sin(angle)]]), atol=1e-5)
        answer = {'u': rng.normal(size=(1, 14)).astype(np.float32)}
        decision = decoder.decide(answer, now, observation.references)
        decoder.settle(decision)
        assembler.remember(answer, now, decision.wanted)
        actions = [answer['u'][0].astype(float), *actions[:2]]
        targets = pose + 0.25 * actions[0]
        np.testing.assert_allclose(decision.chunks[0].positions[0], targets, atol=1e-6)


def test_a_command_that_points_down():
    rng = random()
    assembler = Assembler(manifest(inputs={'obs': [
        {'term': 'pose', 'topic': 'c', 'rotation': 'quaternion_wxyz', 'near': [0, 1, 0, 0]}]}))
    for sign in (1, -1, 1, -1):
        yaw, position = rng.uniform(-3.1, 3.1), rng.normal(size=3)
        given = np.array([0.0, -np.sin(yaw / 2), np.cos(yaw / 2), 0.0])   # roll 0, pitch pi
        assembler.feed('c', Pose(S, 'base', position, sign * given))
        np.testing.assert_allclose(assembler.assemble(S).inputs['obs'][0], [*position, *given],
                                   atol=1e-6)


def test_droid():
    rng = random()
    example = manifest(rate_hz=15, inputs={'state': [
        {'term': 'joint_position', 'joints': ARM},
        {'term': 'joint_position', 'joints': ['finger'], 'scale': 1.25}]},
        outputs={'actions': {'kind': 'split', 'chunk': 10, 'clip': [-1, 1], 'parts': [
            {'kind': 'joint_delta', 'joints': ARM, 'scale': 0.2, 'steps': 'from_step_before'},
            {'kind': 'gripper', 'joints': ['finger'], 'closed': 0.8, 'open': 0.0,
             'fractions': [0.5001, 0.4999]}]}})
    assembler, position, finger = Assembler(example), rng.uniform(-1, 1, 7), 0.2
    assembler.feed('joint_states', JointState(S, (*ARM, 'finger'), np.array([*position, finger])))
    observation = assembler.assemble(S)
    np.testing.assert_allclose(observation.inputs['state'][0], [*position, finger / 0.8],
                               atol=1e-6)
    answer = rng.normal(0, 0.8, (1, 10, 8)).astype(np.float32)
    chunk, = Decoder(example).decode({'actions': answer}, S, observation.references)
    moves = np.clip(answer[0, :, :7].astype(float), -1, 1) * 0.2
    np.testing.assert_allclose(chunk.positions[:, :7], position + np.cumsum(moves, 0), atol=1e-6)
    np.testing.assert_allclose(chunk.positions[:, 7], (answer[0, :, 7] > 0.5) * 0.8)


def test_rdt():
    rng, left, right = random(), [f'l{n}' for n in range(6)], [f'r{n}' for n in range(6)]
    views = [{'term': 'image', 'topic': name, 'size': [4, 4], 'fit': 'pad', 'pad_value': 127,
              'mean': [0.5] * 3, 'std': [0.5] * 3} for name in ('ext', 'right', 'left')]

    def filled(*parts, fill):
        numbers = (4, 39, 4, 67)
        return [entry for part, count in zip(parts, numbers) for entry in (part, fill(count))]

    def arm(joints, key):
        return {key: 'joint_position', 'joints': joints}

    example = manifest(rate_hz=25, inputs={'images': views, 'state': filled(
        arm(right, 'term'), {**arm(['rg'], 'term'), 'scale': 1 / 4.7888},
        arm(left, 'term'), {**arm(['lg'], 'term'), 'scale': 1 / 4.7908},
        fill=lambda count: {'term': 'constant', 'numbers': [0] * count})},
        outputs={'action': {'kind': 'split', 'chunk': 64, 'parts': filled(
            arm(right, 'kind'), {**arm(['rg'], 'kind'), 'scale': 13.9231},
            arm(left, 'kind'), {**arm(['lg'], 'kind'), 'scale': 11.8997},
            fill=lambda count: {'kind': 'unused', 'size': count})}},
        stacked=['images'], history={'images': {'steps': 2, 'stack': 'axis'},
                                     'state': {'steps': 1, 'stack': 'axis'}})
    assembler, names = Assembler(example), (*left, 'lg', *right, 'rg')
    places = [*range(50, 56), 60, *range(6), 10]
    joints = rng.uniform(-1, 1, 14)
    for k in range(2):
        now = S + k * S // 25
        assembler.feed('joint_states', JointState(now, names, joints))
        for n, view in enumerate(('ext', 'right', 'left')):
            assembler.feed(view, Image(now, 'c', np.full((2, 4, 3), 10 * n + k, np.uint8)))
    inputs = assembler.assemble(now).inputs
    state = np.zeros(128)
    state[places] = joints / ([1] * 6 + [4.7908] + [1] * 6 + [4.7888])
    np.testing.assert_allclose(inputs['state'], [[state]], atol=1e-6)
    assert inputs['images'].shape == (1, 2, 3, 3, 4, 4)
    for k in range(2):
        for n in range(3):
            np.testing.assert_allclose(inputs['images'][0, k, n, :, 1, 1],
                                       ((10 * n + k) / 255 - 0.5) / 0.5, atol=1e-6)
            np.testing.assert_allclose(inputs['images'][0, k, n, :, 0, 0],
                                       (127 / 255 - 0.5) / 0.5, atol=1e-6)
    answer = rng.normal(0, 0.3, (1, 64, 128)).astype(np.float32)
    chunk, = Decoder(example).decode({'action': answer}, now)
    np.testing.assert_allclose(
        chunk.positions[:, [chunk.names.index(name) for name in names]],
        answer[0][:, places] * np.array([1] * 6 + [11.8997] + [1] * 6 + [13.9231]), atol=1e-5)
