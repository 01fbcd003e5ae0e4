"""The TF buffer on literal transforms."""
import math

import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.transforms import (
    read_transforms, Transform, TransformBuffer, write_transforms)
from physai_ros.core.errors import StaleError
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from tf2_msgs.msg import TFMessage

S = 1_000_000_000
QUARTER = (math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5))


@pytest.fixture
def buffer():
    """Return base_link -> head (turning about z) -> camera (fixed)."""
    buffer = TransformBuffer('r1/', tolerance_ns=S // 10)
    buffer.add([Transform(0, 'r1/head', 'r1/camera', (1.0, 0.0, 0.0))], static=True)
    for stamp_ns, xyz, quat in ((S, (0, 0, 1), (1, 0, 0, 0)), (2 * S, (0, 0, 3), QUARTER)):
        buffer.add([Transform(stamp_ns, 'r1/base_link', 'r1/head', xyz, quat)], static=False)
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
    buffer.add([Transform(3 * S, 'r1/base_link', 'r1/head', (0, 0, 3),
                          [-value for value in QUARTER])], False)
    assert np.allclose(buffer.lookup('base_link', 'head', 5 * S // 2)[1, 0], 1.0)


@pytest.mark.parametrize('stamp_ns', [S * 8 // 10, S * 22 // 10])
def test_too_old_and_too_new_stamps_are_refused(buffer, stamp_ns):
    with pytest.raises(StaleError, match='r1/base_link -> r1/head age'):
        buffer.lookup('base_link', 'camera', stamp_ns)


def test_a_little_after_the_newest_it_still_counts(buffer):
    assert np.allclose(buffer.lookup('base_link', 'head', 2 * S + S // 20)[2, 3], 3)


def test_unknown_frames_and_other_robots_are_no_chain(buffer):
    buffer.add([Transform(0, 'r2/base_link', 'r2/head')], True)
    for frame in ('nose', '../r2/head'):
        with pytest.raises(StaleError, match='to have a parent'):
            buffer.lookup('base_link', frame, S)


def test_time_that_is_set_back_starts_anew(buffer):
    buffer.add([Transform(1, 'r1/base_link', 'r1/head', (0, 0, 9))], False)
    assert buffer.lookup('base_link', 'head', 1)[2, 3] == 9


def test_frames_on_two_branches_meet_at_their_common_ancestor(buffer):
    buffer.add([Transform(0, 'r1/base_link', 'r1/hand', (0.0, 2.0, 0.0), QUARTER)], static=True)
    pose = buffer.lookup('hand', 'camera', S)
    assert np.allclose(pose[:3, 3], (-2, -1, 1))
    assert np.allclose(buffer.lookup('camera', 'hand', S), np.linalg.inv(pose))
    assert np.allclose(buffer.lookup('hand', 'hand', S), np.eye(4))


def test_transforms_are_read_and_written_as_by_rclpy():
    poses = [Transform(S + 1, 'r1/a', 'r1/bcd', (1.0, 2.0, 3.0), (0.1, 0.2, 0.3, 0.4)),
             Transform(2, '', 'ab', (-1.0, 0.0, 1e-300))]
    data = write_transforms(poses)
    first, second = deserialize_message(data, TFMessage).transforms
    assert (first.header.stamp.sec, first.header.stamp.nanosec) == (1, 1)
    assert (first.header.frame_id, first.child_frame_id) == ('r1/a', 'r1/bcd')
    assert first.transform.translation.z == 3.0
    rotation = first.transform.rotation
    assert (rotation.w, rotation.x, rotation.y, rotation.z) == (0.1, 0.2, 0.3, 0.4)
    assert (second.child_frame_id, second.transform.translation.z) == ('ab', 1e-300)
    again = read_transforms(serialize_message(TFMessage(transforms=[first, second])))
    assert [(*item[:3], tuple(item.xyz), tuple(item.quat)) for item in again] == poses
    for end in range(len(data)):
        with pytest.raises(MessageError, match='a whole TFMessage'):
            read_transforms(data[:end])
