"""The TF buffer on literal transforms."""
import math

import numpy as np
from physai_ros.adapters.transforms import transform, TransformBuffer
from physai_ros.core.errors import StaleError
import pytest
from tf2_msgs.msg import TFMessage

S = 1_000_000_000
QUARTER = (math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5))


@pytest.fixture
def buffer():
    """Return base_link -> head (turning about z) -> camera (fixed)."""
    buffer = TransformBuffer('r1/', tolerance_ns=S // 10)
    buffer.add(TFMessage(transforms=[
        transform('r1/head', 'r1/camera', (1.0, 0.0, 0.0))]), static=True)
    for stamp_ns, xyz, quat in ((S, (0, 0, 1), (1, 0, 0, 0)), (2 * S, (0, 0, 3), QUARTER)):
        buffer.add(TFMessage(transforms=[
            transform('r1/base_link', 'r1/head', xyz, quat, stamp_ns)]), static=False)
    return buffer


def test_a_chain_is_multiplied_at_the_stamp(buffer):
    assert np.allclose(buffer.lookup('base_link', 'camera', S)[:3, 3], (1, 0, 1))
    pose = buffer.lookup('base_link', 'camera', 2 * S)
    assert np.allclose(pose[:3, 3], (0, 1, 3))
    assert np.allclose(pose[:3, :3], [[0, -1, 0], [1, 0, 0], [0, 0, 1]])


def test_between_two_messages_it_interpolates(buffer):
    pose = buffer.lookup('base_link', 'head', 3 * S // 2)
    assert np.allclose(pose[:3, 3], (0, 0, 2))
    assert np.allclose(pose[0, 0], math.cos(math.pi / 4))


def test_the_sign_of_a_quaternion_does_not_matter(buffer):
    buffer.add(TFMessage(transforms=[transform(
        'r1/base_link', 'r1/head', (0, 0, 3), [-value for value in QUARTER], 3 * S)]), False)
    assert np.allclose(buffer.lookup('base_link', 'head', 5 * S // 2)[1, 0], 1.0)


@pytest.mark.parametrize('stamp_ns', [S * 8 // 10, S * 22 // 10])
def test_too_old_and_too_new_stamps_are_refused(buffer, stamp_ns):
    with pytest.raises(StaleError, match='r1/base_link -> r1/head age'):
        buffer.lookup('base_link', 'camera', stamp_ns)


def test_a_little_after_the_newest_it_still_counts(buffer):
    assert np.allclose(buffer.lookup('base_link', 'head', 2 * S + S // 20)[2, 3], 3)


def test_unknown_frames_and_other_robots_are_no_chain(buffer):
    buffer.add(TFMessage(transforms=[transform('r2/base_link', 'r2/head')]), True)
    for frame in ('nose', '../r2/head'):
        with pytest.raises(StaleError, match='to have a parent'):
            buffer.lookup('base_link', frame, S)


def test_time_that_is_set_back_starts_anew(buffer):
    buffer.add(TFMessage(transforms=[
        transform('r1/base_link', 'r1/head', (0, 0, 9), stamp_ns=1)]), False)
    assert buffer.lookup('base_link', 'head', 1)[2, 3] == 9


def test_frames_on_two_branches_meet_at_their_common_ancestor(buffer):
    buffer.add(TFMessage(transforms=[
        transform('r1/base_link', 'r1/hand', (0.0, 2.0, 0.0), QUARTER)]), static=True)
    pose = buffer.lookup('hand', 'camera', S)
    assert np.allclose(pose[:3, 3], (-2, -1, 1))
    assert np.allclose(buffer.lookup('camera', 'hand', S), np.linalg.inv(pose))
    assert np.allclose(buffer.lookup('hand', 'hand', S), np.eye(4))
