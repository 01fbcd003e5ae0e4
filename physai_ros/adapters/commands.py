"""Chunks and commands: trajectory_msgs, geometry_msgs <-> core types."""
import struct
from typing import List

from geometry_msgs.msg import Twist as TwistMessage, TwistStamped
import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.sensors import doubles
from physai_ros.adapters.stamps import to_duration, to_ns, write
from physai_ros.core.types import BaseChunk, JointChunk, JointTrajectory, Twist
from trajectory_msgs.msg import (
    JointTrajectory as JointTrajectoryMessage, JointTrajectoryPoint, MultiDOFJointTrajectory,
    MultiDOFJointTrajectoryPoint)

SPACING_TOLERANCE_NS = 1000


def joint_chunk(chunk: JointChunk) -> JointTrajectoryMessage:
    """Return joint targets as a message: header stamp = t_obs, point k at k dt, at least two."""
    message = JointTrajectoryMessage(joint_names=list(chunk.names))
    write(message.header.stamp, chunk.stamp_ns)
    message.points = [
        JointTrajectoryPoint(positions=doubles(row), time_from_start=to_duration(k * chunk.dt_ns))
        for k, row in enumerate(_at_least_two(chunk.positions))]
    return message


def read_joint_chunk(message: JointTrajectoryMessage) -> JointChunk:
    """
    Return joint targets.

    :raises MessageError: for no points, uneven spacing or rows of another length
    """
    names = tuple(message.joint_names)
    if len(set(names)) != len(names) or not names:
        raise MessageError('joint_names', list(names), 'at least one joint, each once')
    return JointChunk(to_ns(message.header.stamp), _spacing(message.points), names,
                      _rows(message.points, 'positions', len(names)))


def base_chunk(chunk: BaseChunk, frame_id: str) -> MultiDOFJointTrajectory:
    """Return base twists as a message: header stamp = t_obs, point k at k dt, at least two."""
    message = MultiDOFJointTrajectory(joint_names=[frame_id])
    message.header.frame_id = frame_id
    write(message.header.stamp, chunk.stamp_ns)
    for k, row in enumerate(_at_least_two(chunk.twists)):
        velocity = TwistMessage()
        velocity.linear.x, velocity.linear.y, velocity.angular.z = (float(v) for v in row)
        message.points.append(MultiDOFJointTrajectoryPoint(
            velocities=[velocity], time_from_start=to_duration(k * chunk.dt_ns)))
    return message


def read_base_chunk(message: MultiDOFJointTrajectory) -> BaseChunk:
    """
    Return base twists.

    :raises MessageError: for no points, uneven spacing, not exactly one velocity in each, or
        another frame than ``base_link``
    """
    frame_id = message.header.frame_id
    if frame_id.rpartition('/')[2] not in ('', 'base_link'):
        raise MessageError('frame_id of a base chunk', frame_id,
                           'base_link, with or without the prefix of the robot')
    dt_ns = _spacing(message.points)
    rows = [_planar(point.velocities) for point in message.points]
    return BaseChunk(to_ns(message.header.stamp), dt_ns, np.array(rows))


def check_size(data: bytes, most: int):
    """
    Look at how many points a serialised trajectory, of joints or of a base, has; this is quick.

    :param data: CDR, as DDS has it
    :param most: points that are worth the time that it takes to deserialise them
    :raises MessageError: for more
    """
    order = '<I' if data[1] & 1 else '>I'

    def number(at):
        at += -at % 4       # data begin after 4 bytes that are aligned as well
        return at + 4, struct.unpack_from(order, data, at)[0]
    try:
        at, length = number(4 + 8)                  # stamp, then frame_id
        at, names = number(at + length)
        for _ in range(min(names, len(data))):
            at, length = number(at)
            at += length
        points = number(at)[1]
    except struct.error:
        points = 0                                  # cut off: the middleware refuses it
    if points > most:
        raise MessageError('points of a chunk', points, f'at most {most}')


def read_trajectory(message: JointTrajectoryMessage) -> JointTrajectory:
    """
    Return a trajectory; missing velocities or accelerations are (K, 0).

    :raises MessageError: for no points, times that do not increase or rows of another length
    """
    count = len(message.joint_names)
    times = np.array([to_ns(point.time_from_start) for point in message.points], dtype=np.int64)
    if not times.size or (np.diff(times) <= 0).any():
        raise MessageError('time_from_start', times.tolist(), 'strictly increasing times')
    return JointTrajectory(
        to_ns(message.header.stamp), tuple(message.joint_names), times,
        _rows(message.points, 'positions', count),
        _rows(message.points, 'velocities', count, optional=True),
        _rows(message.points, 'accelerations', count, optional=True))


class TrajectoryWriter:
    """Turn trajectories into messages, reusing the points of the last one."""

    def __init__(self):
        self._message = JointTrajectoryMessage()
        self._points: List[JointTrajectoryPoint] = []
        self._views: List[List[np.ndarray]] = []

    def write(self, trajectory: JointTrajectory) -> JointTrajectoryMessage:
        """Return a message that is valid until the next call."""
        count, joints = trajectory.positions.shape
        if tuple(self._message.joint_names) != trajectory.names:
            self._message.joint_names = list(trajectory.names)
            self._points, self._views = [], []
        while len(self._points) < count:
            self._grow(joints)
        write(self._message.header.stamp, trajectory.stamp_ns)
        rows = zip(self._points, self._views, trajectory.times_ns.tolist(), trajectory.positions,
                   trajectory.velocities, trajectory.accelerations)
        for point, (position, velocity, acceleration), time_ns, p, v, a in rows:
            position[:], velocity[:], acceleration[:] = p, v, a
            write(point.time_from_start, time_ns)
        self._message.points = self._points[:count]
        return self._message

    def _grow(self, joints):
        zeros = np.zeros(joints)
        point = JointTrajectoryPoint(positions=doubles(zeros), velocities=doubles(zeros),
                                     accelerations=doubles(zeros))
        self._points.append(point)
        self._views.append([np.frombuffer(values) for values in
                            (point.positions, point.velocities, point.accelerations)])


def write_twist(message: TwistStamped, twist: Twist) -> TwistStamped:
    """Overwrite a message with a base command."""
    write(message.header.stamp, twist.stamp_ns)
    velocity = message.twist
    velocity.linear.x, velocity.linear.y, velocity.angular.z = (float(v) for v in twist.velocity)
    return message


def read_twist(message: TwistStamped) -> Twist:
    """
    Return a base command.

    :raises MessageError: for motion out of the plane
    """
    return Twist(to_ns(message.header.stamp), np.array(_planar([message.twist])))


def _at_least_two(rows) -> np.ndarray:
    return rows if len(rows) > 1 else np.repeat(rows, 2, axis=0)


def _planar(velocities):
    if len(velocities) != 1:
        raise MessageError('velocities of a point', len(velocities), '1')
    linear, angular = velocities[0].linear, velocities[0].angular
    if linear.z or angular.x or angular.y:
        raise MessageError('twist', (linear.z, angular.x, angular.y),
                           'zero linear z, angular x and angular y')
    return linear.x, linear.y, angular.z


def _spacing(points) -> int:
    times = [to_ns(point.time_from_start) for point in points]
    if len(times) < 2:
        raise MessageError('points of a chunk', len(times), 'at least 2')
    dt_ns = times[1] - times[0]
    even = all(abs(t - k * dt_ns) <= SPACING_TOLERANCE_NS for k, t in enumerate(times))
    if dt_ns <= 0 or not even:
        raise MessageError('time_from_start of a chunk', times[:5], '0, dt, 2 dt, ...')
    return dt_ns


def _rows(points, field, count, optional=False) -> np.ndarray:
    lengths = {len(getattr(point, field)) for point in points}
    if lengths == {0} and optional:
        return np.zeros((len(points), 0))
    if lengths != {count}:
        raise MessageError(f'lengths of {field}', sorted(lengths), f'{count}, one per joint')
    data = b''.join(getattr(point, field) for point in points)
    return np.frombuffer(data).reshape(len(points), count)
