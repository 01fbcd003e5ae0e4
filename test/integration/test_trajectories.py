"""Chunks and trajectories as bytes: what rclpy reads and writes, and what it would not."""
from geometry_msgs.msg import Twist
from hypothesis import given, settings, strategies as st
import numpy as np
from physai_ros.adapters import cdr, commands, points, stamps
from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import BaseChunk, JointChunk, JointTrajectory
from physai_ros.guard import build
from physai_ros.guard.guard import Guard
from physai_ros.robots import load_profile, parse
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from trajectory_msgs.msg import (
    JointTrajectory as JointTrajectoryMessage, JointTrajectoryPoint, MultiDOFJointTrajectory,
    MultiDOFJointTrajectoryPoint)

STAMP = 1_700_000_000_123_456_789
NAMES = st.lists(st.text('abé/_1', min_size=1, max_size=9), min_size=1, max_size=9, unique=True)
WIDE = st.floats(width=64)
CHUNK = commands.joint_chunk(JointChunk(STAMP, 10, ('shoulder', 'elbow'), np.ones((3, 2))))
BASE = commands.base_chunk(BaseChunk(STAMP, 10, np.ones((3, 3))), 'sony1/base_link')


def message_of(data, kind=JointTrajectoryMessage):
    """Return bytes as rclpy reads them."""
    return deserialize_message(data, kind)


def rows(draw, count, columns):
    """Return drawn numbers of a shape."""
    values = draw(st.lists(WIDE, min_size=count * columns, max_size=count * columns))
    return np.array(values, dtype=float).reshape(count, columns)


@settings(max_examples=200, deadline=None)
@given(st.data(), NAMES, st.integers(1, 4))
def test_rclpy_reads_what_is_written(data, names, count):
    parts = [rows(data.draw, count, len(names)) for _ in range(3)]
    plan = JointTrajectory(STAMP, tuple(names), np.arange(count) * 10_000_001, *parts)
    message = message_of(commands.trajectory_message(plan))
    assert (stamps.to_ns(message.header.stamp), message.joint_names) == (STAMP, names)
    for k, point in enumerate(message.points):
        assert stamps.to_ns(point.time_from_start) == k * 10_000_001 and not point.effort
        for part, field in zip(parts, ('positions', 'velocities', 'accelerations')):
            assert getattr(point, field).tobytes() == part[k].tobytes()


@settings(max_examples=200, deadline=None)
@given(st.data(), NAMES, st.text('abc/', max_size=9), st.integers(1, 4),
       st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_what_rclpy_writes_is_read(data, names, frame_id, count, present):
    parts = [rows(data.draw, count, len(names) if there else 0) for there in (True, *present)]
    message = JointTrajectoryMessage(joint_names=names, points=[
        JointTrajectoryPoint(**{field: part[k].tolist() for field, part in zip(
            ('positions', 'velocities', 'accelerations', 'effort'), parts)},
            time_from_start=stamps.to_duration(k - 1)) for k in range(count)])
    message.header.frame_id = frame_id
    said = points.read(JointTrajectoryMessage, serialize_message(message))
    assert (said.frame_id, said.names) == (frame_id, tuple(names))
    assert said.times_ns.tolist() == list(range(-1, count - 1))
    for part, found in zip(parts, said.sequences):
        assert found.shape == part.shape and found.tobytes() == part.tobytes()


@settings(max_examples=100, deadline=None)
@given(st.data(), st.text('abc/', max_size=9), st.integers(2, 4))
def test_base_chunks_are_read_and_written_as_by_rclpy(data, frame_id, count):
    chunk = BaseChunk(STAMP, 20_000_000, rows(data.draw, count, 3))
    message = message_of(commands.base_chunk(chunk, f'{frame_id}/base_link'),
                         MultiDOFJointTrajectory)
    assert message.joint_names == [message.header.frame_id] == [f'{frame_id}/base_link']
    again = commands.read_base_chunk(serialize_message(message))
    assert (again.stamp_ns, again.dt_ns) == (STAMP, 20_000_000)
    assert again.twists.tobytes() == chunk.twists.tobytes()


@pytest.mark.parametrize('kind, data', [(JointTrajectoryMessage, CHUNK),
                                        (MultiDOFJointTrajectory, BASE)])
def test_a_message_that_is_cut_off_is_refused(kind, data):
    for end in range(len(data)):
        with pytest.raises(MessageError, match=f'{end} bytes.*whole {kind.__name__}'):
            points.read(kind, data[:end])


@settings(max_examples=500, deadline=None)
@given(st.sampled_from((CHUNK, BASE)), st.lists(
    st.tuples(st.integers(2, 200), st.integers(0, 255)), min_size=1, max_size=4))
def test_spoilt_bytes_are_read_or_refused(data, changes):
    spoilt = bytearray(data)
    for at, value in changes:
        spoilt[at % len(spoilt)] = value
    for read in (commands.read_joint_chunk, commands.read_base_chunk, commands.read_trajectory):
        try:
            read(bytes(spoilt))
        except MessageError:
            pass


def test_big_endian_is_read_by_the_middleware(monkeypatch):
    asked = []
    monkeypatch.setattr(cdr, 'deserialize_message', lambda data, kind: asked.append(data) or
                        message_of(CHUNK))
    assert commands.read_joint_chunk(b'\0\0' + CHUNK[2:]).positions.tolist() == [[1, 1]] * 3
    assert len(asked) == 1


def test_too_many_points_or_names_are_refused_at_a_glance():
    commands.read_joint_chunk(CHUNK, 3)
    commands.read_base_chunk(BASE, 3)
    for read, data in (commands.read_joint_chunk, CHUNK), (commands.read_base_chunk, BASE):
        with pytest.raises(MessageError, match='points of a chunk is 3; expected at most 2'):
            read(data, 2)
    many = JointTrajectoryMessage(joint_names=[str(k) for k in range(2000)])
    with pytest.raises(MessageError, match='joint_names is 2000'):
        commands.read_joint_chunk(serialize_message(many))


def test_joint_chunk_there_and_back():
    chunk = JointChunk(STAMP, 50_000_000, ('a', 'b'), np.array([[1.0, 2], [3, 4], [5, 6]]))
    again = commands.read_joint_chunk(commands.joint_chunk(chunk))
    assert (again.stamp_ns, again.dt_ns, again.names) == (STAMP, 50_000_000, ('a', 'b'))
    assert np.array_equal(again.positions, chunk.positions)


def test_a_base_chunk_is_in_the_frame_of_the_base():
    zero = BaseChunk(STAMP, 10, np.zeros((2, 3)))
    for frame_id in ('', 'base_link', 'sony1/base_link'):
        commands.read_base_chunk(commands.base_chunk(zero, frame_id))
    with pytest.raises(MessageError, match="'odom'; expected base_link"):
        commands.read_base_chunk(commands.base_chunk(zero, 'odom'))


def test_a_single_action_is_held_for_its_period():
    chunk = JointChunk(STAMP, 20_000_000, ('a',), np.array([[1.0]]))
    again = commands.read_joint_chunk(commands.joint_chunk(chunk))
    assert (again.dt_ns, again.positions.tolist()) == (20_000_000, [[1.0], [1.0]])


def test_impossible_chunks_are_refused():
    message = message_of(CHUNK)
    message.points[2].time_from_start = stamps.to_duration(10_000_000)
    with pytest.raises(MessageError, match='0, dt, 2 dt'):
        commands.read_joint_chunk(serialize_message(message))
    message.points = message.points[:1]
    with pytest.raises(MessageError, match='at least 2'):
        commands.read_joint_chunk(serialize_message(message))
    message.joint_names = ['elbow', 'elbow']
    with pytest.raises(MessageError, match='each once'):
        commands.read_joint_chunk(serialize_message(message))
    message.joint_names = ['elbow']
    message.points *= 2
    message.points[1] = JointTrajectoryPoint(positions=[1.0, 2.0],
                                             time_from_start=stamps.to_duration(10))
    with pytest.raises(MessageError, match='length of positions is 2; expected 1'):
        commands.read_joint_chunk(serialize_message(message))
    message.points[1].positions = [1.0, 2.0, 3.0]
    with pytest.raises(MessageError, match=r'\[2, 3\]; expected the same in all points'):
        commands.read_joint_chunk(serialize_message(message))


def test_a_base_moves_in_its_plane():
    message = message_of(BASE, MultiDOFJointTrajectory)
    message.points[1].velocities[0].linear.z = 1e-9
    with pytest.raises(MessageError, match='zero linear z'):
        commands.read_base_chunk(serialize_message(message))
    for point in message.points:
        point.velocities = []
    with pytest.raises(MessageError, match='velocities of a point is 0; expected 1'):
        commands.read_base_chunk(serialize_message(message))
    message.points = [MultiDOFJointTrajectoryPoint()]
    with pytest.raises(MessageError, match='at least 2'):
        commands.read_base_chunk(serialize_message(message))


BAD = pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])


def fault_of(robot, chunk):
    """Return how often and why a guard that is given a chunk says that a number is not finite."""
    profile = load_profile(robot)
    guard = Guard(**build.parts(parse(profile.description()), profile))
    refusal = guard.on_chunk(chunk, STAMP)
    return guard.faults['non_finite'], str(refusal)


@BAD
@pytest.mark.parametrize('field', ['velocities', 'accelerations', 'effort'])
def test_a_number_that_is_not_finite_anywhere_in_a_joint_chunk_is_a_fault(field, bad):
    profile = load_profile('honda_style')
    home = np.array([list(profile.arm.home.values())] * 3)
    sound = commands.joint_chunk(JointChunk(STAMP, 10, tuple(profile.arm.home), home))
    message = message_of(sound)
    for point in message.points:
        setattr(point, field, [0.0] * home.shape[1])
    assert fault_of('honda_style', commands.read_joint_chunk(serialize_message(message)))[0] == 0
    getattr(message.points[1], field)[1] = bad
    count, text = fault_of('honda_style', commands.read_joint_chunk(serialize_message(message)))
    assert count == 1 and f'joint chunk: {field} at step 1 is {bad}; expected finite' in text


@BAD
@pytest.mark.parametrize('part', ['linear', 'angular'])
@pytest.mark.parametrize('axis', ['x', 'y', 'z'])
@pytest.mark.parametrize('field', ['velocities', 'accelerations'])
def test_a_number_that_is_not_finite_anywhere_in_a_base_chunk_is_a_fault(field, part, axis, bad):
    message = message_of(commands.base_chunk(
        BaseChunk(STAMP, 10, np.zeros((3, 3))), 'base_link'), MultiDOFJointTrajectory)
    for point in message.points:
        point.accelerations = [Twist()]
    assert fault_of('sony_style', commands.read_base_chunk(serialize_message(message)))[0] == 0
    setattr(getattr(getattr(message.points[1], field)[0], part), axis, bad)
    count, text = fault_of('sony_style', commands.read_base_chunk(serialize_message(message)))
    assert count == 1 and 'at step 1 is' in text and 'expected finite numbers' in text


def test_trajectories_of_other_tools_may_leave_out_derivatives():
    message = JointTrajectoryMessage(joint_names=['a'], points=[JointTrajectoryPoint(
        positions=[0.5], time_from_start=stamps.to_duration(1_000_000_000))])
    again = commands.read_trajectory(serialize_message(message))
    assert again.velocities.shape == (1, 0) and again.positions.tolist() == [[0.5]]
    message.points.append(message.points[0])
    with pytest.raises(MessageError, match='strictly increasing'):
        commands.read_trajectory(serialize_message(message))
