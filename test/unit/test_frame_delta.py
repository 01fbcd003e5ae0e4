"""How far a frame is to turn, however the model tells it: what the solver is asked for."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError
import pytest

JOINTS = ['a', 'b']


def asked(rows, **fields):
    """Return the motions (K, 6) that the solver is asked for by an answer."""
    moves = []

    def solver(output, wanted, reference):
        moves.append(wanted)
        return np.repeat(reference[np.newaxis], len(wanted), axis=0)

    content = manifest(outputs={'u': {'kind': 'frame_delta', 'frame': 'tool', 'joints': JOINTS,
                                      'chunk': len(rows), **fields}}, timing={'deadline_s': 0.05})
    Decoder(content, solver).decode({'u': np.float32([rows])}, 0, {'outputs.u': np.zeros(2)})
    return moves[0]


def turn(vector):
    """Return the matrix of a rotation vector, by Rodrigues' formula."""
    angle = np.linalg.norm(vector)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def test_roll_pitch_and_yaw_are_about_fixed_axes():
    roll, pitch, yaw = 0.5, -0.4, 1.2
    move, = asked([[0.1, 0.2, 0.3, roll, pitch, yaw]], rotation='euler_rpy')
    np.testing.assert_allclose(move[:3], [0.1, 0.2, 0.3], atol=1e-6)
    expected = turn(np.array([0, 0, yaw])) @ turn(np.array([0, pitch, 0])) @ \
        turn(np.array([roll, 0, 0]))
    np.testing.assert_allclose(turn(move[3:]), expected, atol=1e-6)


def test_one_angle_is_a_rotation_vector_and_none_is_none():
    rows = [[0, 0, 0, 0.3, 0, 0], [0, 0, 0, 0, -0.3, 0], [0, 0, 0, 0, 0, 0.3], [0] * 6]
    np.testing.assert_allclose(asked(rows, rotation='euler_rpy'), rows, atol=1e-6)


def test_scale_and_unit_come_first():
    move, = asked([[2, 0, 0, 0, 0, 2]], rotation='euler_rpy', unit='deg',
                  scale=[0.05] * 3 + [10] * 3)
    np.testing.assert_allclose(move, [0.1, 0, 0, 0, 0, np.radians(20)], atol=1e-6)


def test_a_rotation_vector_by_default_or_by_its_older_name():
    rows = [[0, 0, 0, 0.5, -0.4, 1.2]]
    for fields in ({}, {'rotation': True}, {'rotation': 'rotation_vector'}):
        np.testing.assert_allclose(asked(rows, **fields), rows, atol=1e-6)
    np.testing.assert_allclose(asked([[1, 2, 3]], rotation=False), [[1, 2, 3, 0, 0, 0]])


@pytest.mark.parametrize('rotation', ['rotation_6d', 'euler_xyz', 1, 0.0, None])
def test_other_ways_to_tell_a_turn(rotation):
    with pytest.raises(InvalidBundleError, match="'rotation_vector', 'euler_rpy', True or False"):
        asked([[0] * 6], rotation=rotation)


@pytest.mark.parametrize('rotation', ['rotation_vector', 'euler_rpy'])
def test_a_turn_that_overflows_is_an_answer_thrown_away(rotation):
    with pytest.raises(BundleError, match='the motion of frame tool, step 0, number 3 is inf'):
        asked([[0, 0, 0, 1e30, 0, 0]], rotation=rotation, scale=1e300)


def test_numbers_that_the_model_does_not_tell_are_fixed():
    found = asked([[2, 3], [4, 5]], kind='frame_pose', rotation='euler_rpy', unit='deg',
                  fixed=[None, 0.5, None, 90, 0, 0], scale=[0.1, 1])
    np.testing.assert_allclose(found, [[0.2, 0.5, 3, np.pi / 2, 0, 0],
                                       [0.4, 0.5, 5, np.pi / 2, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(asked([[1]], fixed=[0, 0, None], rotation=False),
                               [[0, 0, 1, 0, 0, 0]])


@pytest.mark.parametrize('fixed', [[None, 1], [0] * 6, []])
def test_impossible_fixed_numbers(fixed):
    with pytest.raises(InvalidBundleError, match='fixed'):
        asked([[1]], fixed=fixed)
