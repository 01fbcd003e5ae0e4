"""Chunks and trajectories: trajectory_msgs (as bytes) <-> core types."""
import numpy as np
from physai_ros.adapters import points as bytewise
from physai_ros.adapters.cdr import from_bytes
from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import BaseChunk, JointChunk, JointTrajectory
from trajectory_msgs.msg import JointTrajectory as JointTrajectoryMessage, MultiDOFJointTrajectory

SPACING_TOLERANCE_NS = 1000
MOST_POINTS = 10_000
JOINT_FIELDS = ('positions', 'velocities', 'accelerations', 'effort')
BASE_FIELDS = ('transforms', 'velocities', 'accelerations')
PLANAR, OUT_OF_PLANE = [0, 1, 5], [2, 3, 4]     # of linear x, y, z and angular x, y, z


def joint_chunk(chunk: JointChunk) -> bytes:
    """Return joint targets as a message: header stamp = t_obs, point k at k dt, at least two."""
    rows = _at_least_two(chunk.positions)
    none = np.zeros((len(rows), 0))
    return bytewise.write(JointTrajectoryMessage, bytewise.Points(
        chunk.stamp_ns, '', tuple(chunk.names), np.arange(len(rows)) * chunk.dt_ns,
        (rows, none, none, none)))


@from_bytes
def read_joint_chunk(data: bytes, most: int = MOST_POINTS) -> JointChunk:
    """
    Return joint targets.

    :param data: a JointTrajectory as DDS has it
    :param most: points that it may have
    :raises MessageError: for more or too few points, uneven spacing or rows of another length
    """
    points = bytewise.read(JointTrajectoryMessage, data, most)
    if len(set(points.names)) != len(points.names) or not points.names:
        raise MessageError('joint_names', list(points.names), 'at least one joint, each once')
    return JointChunk(points.stamp_ns, _spacing(points.times_ns), points.names,
                      _rows('positions', points.sequences[0], len(points.names)),
                      _spoiled(points, JOINT_FIELDS[1:]))


def base_chunk(chunk: BaseChunk, frame_id: str) -> bytes:
    """Return base twists as a message: header stamp = t_obs, point k at k dt, at least two."""
    rows = _at_least_two(chunk.twists)
    twists, none = np.zeros((len(rows), 6)), np.zeros((len(rows), 0))
    twists[:, PLANAR] = rows
    return bytewise.write(MultiDOFJointTrajectory, bytewise.Points(
        chunk.stamp_ns, frame_id, (frame_id,), np.arange(len(rows)) * chunk.dt_ns,
        (none, twists, none)))


@from_bytes
def read_base_chunk(data: bytes, most: int = MOST_POINTS) -> BaseChunk:
    """
    Return base twists.

    :param data: a MultiDOFJointTrajectory as DDS has it
    :param most: points that it may have
    :raises MessageError: for more or too few points, uneven spacing, not exactly one velocity in
        each, or another frame than ``base_link``
    """
    points = bytewise.read(MultiDOFJointTrajectory, data, most)
    if points.frame_id.rpartition('/')[2] not in ('', 'base_link'):
        raise MessageError('frame_id of a base chunk', points.frame_id,
                           'base_link, with or without the prefix of the robot')
    dt_ns = _spacing(points.times_ns)
    twists = points.sequences[1]
    if twists.shape[1] != 6:
        raise MessageError('velocities of a point', twists.shape[1] // 6, '1')
    spoiled = _spoiled(points, BASE_FIELDS)
    lifted = twists[:, OUT_OF_PLANE].any(axis=1)
    if lifted.any() and not spoiled:
        raise not_planar(*twists[np.argmax(lifted), OUT_OF_PLANE].tolist())
    return BaseChunk(points.stamp_ns, dt_ns, twists[:, PLANAR], spoiled)


def trajectory_message(trajectory: JointTrajectory) -> bytes:
    """Return a trajectory as a JointTrajectory."""
    return bytewise.write(JointTrajectoryMessage, bytewise.Points(
        trajectory.stamp_ns, '', trajectory.names, trajectory.times_ns,
        (trajectory.positions, trajectory.velocities, trajectory.accelerations,
         trajectory.positions[:, :0])))


@from_bytes
def read_trajectory(data: bytes) -> JointTrajectory:
    """
    Return a trajectory; missing velocities or accelerations are (K, 0).

    :param data: a JointTrajectory as DDS has it
    :raises MessageError: for no points, times that do not increase or rows of another length
    """
    points = bytewise.read(JointTrajectoryMessage, data)
    count, times = len(points.names), points.times_ns
    if not times.size or (np.diff(times) <= 0).any():
        raise MessageError('time_from_start', times.tolist(), 'strictly increasing times')
    position, velocity, acceleration, _ = points.sequences
    return JointTrajectory(
        points.stamp_ns, points.names, times, _rows('positions', position, count),
        _rows('velocities', velocity, count, optional=True),
        _rows('accelerations', acceleration, count, optional=True))


def _at_least_two(rows) -> np.ndarray:
    return rows if len(rows) > 1 else np.repeat(rows, 2, axis=0)


def not_planar(*values) -> MessageError:
    """Return the error for motion out of the plane: linear z, angular x and y."""
    return MessageError('twist', values, 'zero linear z, angular x and angular y')


def _spoiled(points, fields) -> str:
    """Return the first of the last sequences of points with a number that is not finite, or ''."""
    for field, rows in zip(fields, points.sequences[-len(fields):]):
        bad = ~np.isfinite(rows)
        if bad.any():
            step, column = np.argwhere(bad)[0]
            return f'{field} at step {step} is {rows[step, column]}'
    return ''


def _spacing(times) -> int:
    if len(times) < 2:
        raise MessageError('points of a chunk', len(times), 'at least 2')
    dt_ns = int(times[1] - times[0])
    uneven = np.abs(times - np.arange(len(times)) * dt_ns) > SPACING_TOLERANCE_NS
    if dt_ns <= 0 or uneven.any():
        raise MessageError('time_from_start of a chunk', times[:5].tolist(), '0, dt, 2 dt, ...')
    return dt_ns


def _rows(field, rows, count, optional=False) -> np.ndarray:
    if rows.shape[1] != count and not (optional and not rows.shape[1]):
        raise MessageError(f'length of {field}', rows.shape[1], f'{count}, one per joint')
    return rows
