"""More published policies against their deployment, written by hand from its code."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.bundle.rotations import matrix
from physai_ros.core.errors import BundleError
from physai_ros.core.types import Imu, JointState
import pytest

S, STEP = 1_000_000_000, 20_000_000


def random():
    return np.random.default_rng(17)


def turned(rng):
    quaternion = rng.normal(size=4)
    return quaternion / np.linalg.norm(quaternion)


class Frames:
    """TF in which each frame has a pose in the world."""

    def __init__(self, **poses):
        self.poses = {'world': np.eye(4), **poses}

    def lookup(self, target, source, stamp_ns):
        return np.linalg.inv(self.poses[target]) @ self.poses[source]


def pose(rng):
    placed = np.eye(4)
    placed[:3, :3], placed[:3, 3] = matrix(turned(rng)), rng.normal(size=3)
    return placed


def seen(*terms, **poses):
    assembler = Assembler(manifest(inputs={'x': list(terms)}), transforms=Frames(**poses))
    return assembler.assemble(S).inputs['x'][0]


def test_a_cube_in_the_hand_as_playgrounds_leap_sees_it():
    rng = random()
    palm, cube, goal = pose(rng), pose(rng), pose(rng)
    error = cube[:3, :3] @ goal[:3, :3].T        # cube times inverse(goal), all in the world
    np.testing.assert_allclose(seen(
        {'term': 'transform', 'child': 'palm', 'parent': 'cube', 'axes': 'world',
         'field': 'position'},
        {'term': 'transform', 'child': 'cube', 'parent': 'goal', 'axes': 'world',
         'field': 'orientation', 'rotation': 'rotation_matrix', 'take': [3, 4, 5, 6, 7, 8]},
        palm=palm, cube=cube, goal=goal),
        [*(palm[:3, 3] - cube[:3, 3]), *error.reshape(-1)[3:]], atol=1e-6)


def test_a_drawer_as_isaac_labs_cabinet_sees_it():
    rng = random()
    root, tcp, handle = pose(rng), pose(rng), pose(rng)
    found = seen({'term': 'transform', 'child': 'handle', 'parent': 'tcp', 'axes': 'root',
                  'field': 'position'}, root=root, tcp=tcp, handle=handle)
    np.testing.assert_allclose(found, root[:3, :3].T @ (handle[:3, 3] - tcp[:3, 3]), atol=1e-6)
    plain = seen({'term': 'transform', 'child': 'handle', 'parent': 'tcp', 'field': 'position'},
                 root=root, tcp=tcp, handle=handle)
    assert np.abs(plain - found).max() > 0.1


def test_axes_of_a_third_frame_and_another_moment_do_not_go_together():
    with pytest.raises(InvalidBundleError, match='no axes, as relative_to is start'):
        manifest(inputs={'x': [{'term': 'transform', 'child': 'a', 'parent': 'b', 'axes': 'c',
                                'relative_to': 'start'}]})


def test_humanoidverse_remembers_its_clock():
    rng, period, names = random(), 0.9, ('a', 'b')
    past = {'lag': 1, 'history': {'steps': 4, 'order': 'newest_first', 'start': 'zeros'}}
    clock = {'term': 'gait_clock', 'frequency_hz': 1 / period}
    phase = {'term': 'episode_step', 'scale': 0.02 / 3.0}
    example = manifest(rate_hz=50, inputs={'actor_obs': [
        {**clock, 'form': 'cos'}, {'term': 'joint_position', 'joints': names},
        {'term': 'previous_action', 'output': 'u', 'size': 2, **past},
        {'term': 'angular_velocity', 'scale': 0.25, **past}, {**clock, 'form': 'cos', **past},
        {'term': 'joint_position', 'joints': names, **past}, {**phase, **past},
        {**clock, 'form': 'sin', **past}, phase, {**clock, 'form': 'sin'}]},
        outputs={'u': {'kind': 'joint_position', 'joints': names}}, timing={'deadline_s': 0.02})
    assembler, last = Assembler(example), np.zeros(2)
    history = {key: np.zeros((4, size)) for key, size in (
        ('actions', 2), ('base_ang_vel', 3), ('cos', 1), ('dof_pos', 2), ('phase', 1),
        ('sin', 1))}
    for k in range(9):
        now, position, gyro = S + k * STEP, rng.normal(size=2), rng.normal(size=3)
        assembler.feed('joint_states', JointState(now, names, position))
        assembler.feed('imu', Imu(now, 'pelvis', np.array([1.0, 0, 0, 0]), gyro, np.zeros(3)))
        angle = 2 * np.pi * (k * 0.02 % period / period)
        new = {'actions': last, 'base_ang_vel': gyro * 0.25, 'cos': [np.cos(angle)],
               'dof_pos': position, 'phase': [k * 0.02 / 3.0], 'sin': [np.sin(angle)]}
        np.testing.assert_allclose(assembler.assemble(now).inputs['actor_obs'][0], np.concatenate([
            new['cos'], position, *(history[key].reshape(-1) for key in sorted(history)),
            new['phase'], new['sin']]), atol=1e-6)
        for key, value in new.items():
            history[key] = np.vstack([value, history[key][:-1]])
        answer = rng.normal(size=(1, 2)).astype(np.float32)
        assembler.remember({'u': answer}, now)
        last = answer[0].astype(float)


def asked(row):
    """Return the pose (6,) that the solver is asked for."""
    moves = []

    def solver(output, wanted, reference):
        moves.append(wanted)
        return reference[np.newaxis]

    content = manifest(outputs={'u': {'kind': 'frame_pose', 'frame': 'tool', 'joints': ['a'],
                                      'rotation': 'rotation_matrix'}}, timing={'deadline_s': 0.05})
    Decoder(content, solver).decode({'u': np.float32([row])}, 0, {'outputs.u': np.zeros(1)})
    return moves[0][0]


def test_a_matrix_that_a_model_answers_need_not_be_exact():
    vector = np.array([0.3, -1.1, 0.7])
    angle = np.linalg.norm(vector)
    rotation = matrix([np.cos(angle / 2), *np.sin(angle / 2) * vector / angle])
    stretch = np.diag([1.3, 0.8, 1.1])          # symmetric: the nearest rotation stays the same
    for answer in (rotation, rotation @ stretch):
        np.testing.assert_allclose(asked([0.1, 0.2, 0.3, *answer.reshape(-1)]),
                                   [0.1, 0.2, 0.3, *vector], atol=1e-6)


@pytest.mark.parametrize('rotation', [np.zeros((3, 3)), np.diag([1.0, 0, 0]),
                                      np.diag([-1.0, -1, -1])])
def test_a_matrix_that_is_near_no_rotation(rotation):
    with pytest.raises(BundleError, match='the pose of frame tool'):
        asked([0, 0, 0, *rotation.reshape(-1)])


@pytest.mark.parametrize('number, position', [(-1, 0.0), (-0.01, 0.0), (0.01, 0.04), (3, 0.04)])
def test_both_fingers_of_isaac_labs_binary_action(number, position):
    content = manifest(outputs={'actions': {'kind': 'split', 'parts': [
        {'kind': 'joint_position', 'joints': ['a'], 'offset': 0.5},
        {'kind': 'gripper', 'joints': ['left', 'right'], 'closed': 0.0, 'open': 0.04,
         'together': True, 'fractions': [-1e-6, 1e-6]}]}}, timing={'deadline_s': 0.05})
    chunk, = Decoder(content).decode({'actions': np.float32([[0.25, number]])}, S)
    assert chunk.names == ('a', 'left', 'right')
    np.testing.assert_allclose(chunk.positions[0], [0.75, position, position])


def test_both_fingers_in_the_prefix_of_real_time_chunking():
    content = manifest(inputs={'x': [{'term': 'joint_position', 'joints': ['a']}]}, outputs={
        'u': {'kind': 'gripper', 'joints': ['left', 'right'], 'closed': 0.0, 'open': 0.04,
              'together': True, 'chunk': 3}}, rtc={'output': 'u', 'prefix': 'p'})
    assembler = Assembler(content)
    assembler.feed('joint_states', JointState(S, ('a',), np.zeros(1)))
    prefix = assembler.assemble(S, prefix=[[0.01, 0.01], [0.03, 0.03]]).inputs['p']
    np.testing.assert_allclose(prefix, [[[0.25], [0.75], [0.0]]])
    assembler.remember({'u': np.float32([[[0.5], [0.25], [1.0]]])}, S)
    after = assembler.assemble(S + content.dt_ns).inputs['p']
    np.testing.assert_allclose(after, [[[0.25], [1.0], [0.0]]])


def test_one_finger_needs_no_company():
    with pytest.raises(InvalidBundleError, match='together is True; expected several joints'):
        manifest(outputs={'u': {'kind': 'gripper', 'joints': ['left'], 'closed': 0.0, 'open': 0.04,
                                'together': True}}, timing={'deadline_s': 0.05})
