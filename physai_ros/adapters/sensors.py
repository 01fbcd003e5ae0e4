"""Robot state: sensor_msgs, nav_msgs (as bytes where they come often) <-> core types."""
from geometry_msgs.msg import Pose, PoseStamped, TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry as OdometryMessage
import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.cdr import from_bytes
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.stamps import to_ns
from physai_ros.core.types import (
    Imu, JointState, Joy, Motion, Odometry, Pose as PoseSample, Scan, Wrench)
from sensor_msgs.msg import (
    Imu as ImuMessage, JointState as JointStateMessage, Joy as JoyMessage, LaserScan)


@from_bytes
def read_joint_state(data: bytes) -> JointState:
    """
    Return measured joints; empty velocities or efforts become None.

    :param data: a JointState as DDS has it
    :raises MessageError: for other bytes, when the lengths differ or a name occurs twice
    """
    return cdr.read(JointStateMessage, data, _joint_state)


def write_joint_state(state: JointState) -> bytes:
    """Return measured joints as a JointState."""
    writer = cdr.Writer()
    writer.header(state.stamp_ns, '')
    writer.texts(state.names)
    for values in (state.position, state.velocity, state.effort):
        writer.doubles(() if values is None else values, counted=True)
    return writer.data()


@from_bytes
def read_imu(data: bytes) -> Imu:
    """Return what an Imu says."""
    stamp_ns, frame_id, row = _stamped(ImuMessage, data, 4 + 9 + 3 + 9 + 3 + 9)
    return Imu(stamp_ns, frame_id, _w_first(row[:4]), np.array(row[13:16]), np.array(row[25:28]))


def write_imu(imu: Imu) -> bytes:
    """Return an inertial measurement as an Imu."""
    writer, unknown = cdr.Writer(), np.zeros(9)
    writer.header(imu.stamp_ns, imu.frame_id)
    for values in (_w_last(imu.orientation), unknown, imu.angular_velocity, unknown,
                   imu.linear_acceleration, unknown):
        writer.doubles(values)
    return writer.data()


@from_bytes
def read_odometry(data: bytes) -> Odometry:
    """Return what an Odometry says: a pose in the odom frame and a twist in the base frame."""
    def parse(reader):
        stamp_ns, _ = reader.header()
        reader.text()
        return stamp_ns, reader.row(7 + 36 + 6 + 36)
    stamp_ns, row = cdr.read(OdometryMessage, data, parse)
    return Odometry(stamp_ns, np.array(row[:3]), _w_first(row[3:7]), np.array(row[43:46]),
                    np.array(row[46:49]))


def write_odometry(odometry: Odometry, frame_id: str, child_frame_id: str) -> bytes:
    """Return a pose of a child frame in a frame, and its twist, as an Odometry."""
    writer, unknown = cdr.Writer(), np.zeros(36)
    writer.header(odometry.stamp_ns, frame_id)
    writer.text(child_frame_id)
    for values in (odometry.position, _w_last(odometry.orientation), unknown,
                   odometry.linear, odometry.angular, unknown):
        writer.doubles(values)
    return writer.data()


@from_bytes
def read_motion(data: bytes) -> Motion:
    """Return what a TwistStamped says."""
    stamp_ns, frame_id, row = _stamped(TwistStamped, data, 6)
    return Motion(stamp_ns, frame_id, np.array(row[:3]), np.array(row[3:]))


@from_bytes
def read_pose(data: bytes) -> PoseSample:
    """Return what a PoseStamped says."""
    stamp_ns, frame_id, row = _stamped(PoseStamped, data, 7)
    return PoseSample(stamp_ns, frame_id, np.array(row[:3]), _w_first(row[3:]))


@from_bytes
def read_wrench(data: bytes) -> Wrench:
    """Return what a WrenchStamped says."""
    stamp_ns, frame_id, row = _stamped(WrenchStamped, data, 6)
    return Wrench(stamp_ns, frame_id, np.array(row[:3]), np.array(row[3:]))


def read_scan(message: LaserScan) -> Scan:
    """
    Return distances.

    :raises MessageError: when the beams have no angle
    """
    if not message.angle_increment or not np.isfinite((message.angle_min,
                                                       message.angle_increment)).all():
        raise MessageError('angle_increment of a scan', message.angle_increment,
                           'an angle between two beams')
    return Scan(to_ns(message.header.stamp), message.header.frame_id, message.angle_min,
                message.angle_increment, message.range_min, message.range_max,
                np.array(message.ranges, dtype=float))


def read_joy(message: JoyMessage) -> Joy:
    """Return the state of a joystick."""
    return Joy(to_ns(message.header.stamp), np.array(message.axes, dtype=float),
               np.array(message.buttons, dtype=float))


def vector(message) -> np.ndarray:
    """Return a ``Vector3`` or ``Point`` as (3,)."""
    return np.array((message.x, message.y, message.z))


def quaternion(message) -> np.ndarray:
    """Return a ``Quaternion`` as (4,), w first."""
    return np.array((message.w, message.x, message.y, message.z))


def set_vector(message, values):
    """Overwrite a ``Vector3`` or ``Point``."""
    message.x, message.y, message.z = (float(value) for value in values)


def set_quaternion(message, values):
    """Overwrite a ``Quaternion`` with (w, x, y, z)."""
    message.w, message.x, message.y, message.z = (float(value) for value in values)


def set_pose(message: Pose, position, orientation):
    """Overwrite a ``Pose``."""
    set_vector(message.position, position)
    set_quaternion(message.orientation, orientation)


def _joint_state(reader) -> JointState:
    stamp_ns, _ = reader.header()
    names = reader.texts('names of joint_states')
    if len(set(names)) != len(names):
        raise MessageError('joint_states name', list(names), 'each joint once')
    position, velocity, effort = (reader.doubles() for _ in range(3))
    for field, values in ('position', position), ('velocity', velocity), ('effort', effort):
        if len(values) != len(names) and (len(values) or field == 'position'):
            raise MessageError(f'length of joint_states {field}', len(values), str(len(names)))
    return JointState(stamp_ns, names, position, velocity if len(velocity) else None,
                      effort if len(effort) else None)


def _stamped(kind, data, count):
    """Return stamp, frame and numbers of a message that is a header and so many doubles."""
    return cdr.read(kind, data, lambda reader: (*reader.header(), reader.row(count)))


def _w_first(quaternion):
    return np.array((quaternion[3], *quaternion[:3]))


def _w_last(quaternion):
    return (*quaternion[1:], quaternion[0])
