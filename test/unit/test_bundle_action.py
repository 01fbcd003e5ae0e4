"""Answers of a model become chunks, or errors, but never a chunk with a bad number."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.core.errors import BundleError
from physai_ros.core.types import BaseChunk, JointChunk
import pytest


def decoder(chunk=2, **outputs):
    return Decoder(manifest(outputs=outputs, timing={'deadline_s': 0.05 * chunk}))


def arm(chunk=2, joints=('a', 'b'), **fields):
    return {'kind': 'joint_position', 'joints': list(joints), 'chunk': chunk, **fields}


def test_joint_positions():
    action = np.float32([[[1, 2], [3, 4]]])
    chunk, = decoder(action=arm(offset=[10, 20], scale=2)).decode({'action': action}, 7)
    assert isinstance(chunk, JointChunk)
    assert (chunk.stamp_ns, chunk.dt_ns, chunk.names) == (7, 50_000_000, ('a', 'b'))
    np.testing.assert_array_equal(chunk.positions, [[12, 24], [16, 28]])
    assert chunk.positions.dtype == np.float64


def test_base_twist_of_one_step():
    twist = {'kind': 'base_twist', 'scale': [1, 2, 3]}
    for answer in (np.float32([[1, 1, 1]]), np.float32([[[1, 1, 1]]])):
        chunk, = decoder(1, twist=twist).decode({'twist': answer, 'unused': None}, 0)
        assert isinstance(chunk, BaseChunk)
        np.testing.assert_array_equal(chunk.twists, [[1, 2, 3]] * 3)


def test_outputs_for_joints_become_one_chunk():
    outputs = {'left': arm(joints=['a', 'b']), 'right': arm(joints=['c']),
               'base': {'kind': 'base_twist', 'chunk': 2}}
    answers = {'left': np.float32([[[1, 2], [3, 4]]]), 'right': np.float32([[[5], [6]]]),
               'base': np.zeros((1, 2, 3), np.float32)}
    joints, base = decoder(**outputs).decode(answers, 0)
    assert joints.names == ('a', 'b', 'c')
    np.testing.assert_array_equal(joints.positions, [[1, 2, 5], [3, 4, 6]])
    assert base.twists.shape == (2, 3)


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
def test_one_bad_number_refuses_the_answer(bad):
    action = np.float32([[[1, 2], [3, bad]]])
    with pytest.raises(BundleError, match='^output action, step 1, number 1 is -?(inf|nan); '):
        decoder(action=arm()).decode({'action': action}, 0)


def test_overflow_is_not_finite_either():
    with pytest.raises(BundleError, match='the action of output action, step 0, number 0'):
        decoder(action=arm(scale=1e300)).decode({'action': np.full((1, 2, 2), 1e30)}, 0)


@pytest.mark.parametrize('shape', [(1, 2, 3), (1, 3, 2), (2, 2), (2, 2, 2), (4,), ()])
def test_another_shape(shape):
    with pytest.raises(BundleError, match='the shape of output action is .*; expected'):
        decoder(action=arm()).decode({'action': np.zeros(shape)}, 0)


def test_a_missing_output():
    with pytest.raises(BundleError, match="is .'actions'.; expected also action"):
        decoder(action=arm()).decode({'actions': np.zeros((1, 2, 2))}, 0)


def test_the_action_of_a_fast_single_step_model_outlives_the_committed_time():
    fast = Decoder(manifest(rate_hz=50, outputs={'action': arm(1)}, timing={'deadline_s': 0.02}))
    chunk, = fast.decode({'action': np.float32([[1, 2]])}, 0)
    assert chunk.dt_ns * (len(chunk.positions) - 1) == 100_000_000
    assert (chunk.positions == [1, 2]).all()
