"""Robot state: sensor_msgs, nav_msgs <-> core types."""
import array

from geometry_msgs.msg import Pose, PoseStamped, TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry as OdometryMessage
import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.stamps import to_ns, write
from physai_ros.core.types import (
    Imu, JointState, Joy, Motion, Odometry, Pose as PoseSample, Scan, Wrench)
from sensor_msgs.msg import (
    Imu as ImuMessage, JointState as JointStateMessage, Joy as JoyMessage, LaserScan)


def read_joint_state(message: JointStateMessage) -> JointState:
    """
    Return measured joints; empty velocities or efforts become None.

    :raises MessageError: when the lengths differ or a name occurs twice
    """
    names = tuple(message.name)
    if len(set(names)) != len(names):
        raise MessageError('joint_states name', list(names), 'each joint once')
    return JointState(to_ns(message.header.stamp), names,
                      _values(message, 'position', len(names)),
                      _optional(message, 'velocity', len(names)),
                      _optional(message, 'effort', len(names)))


def write_joint_state(message: JointStateMessage, state: JointState) -> JointStateMessage:
    """Overwrite a message with measured joints."""
    write(message.header.stamp, state.stamp_ns)
    if len(message.name) != len(state.names):
        message.name = list(state.names)
    message.position = doubles(state.position)
    message.velocity = doubles(() if state.velocity is None else state.velocity)
    message.effort = doubles(() if state.effort is None else state.effort)
    return message


def read_imu(message: ImuMessage) -> Imu:
    """Return an inertial measurement."""
    return Imu(to_ns(message.header.stamp), message.header.frame_id,
               quaternion(message.orientation), vector(message.angular_velocity),
               vector(message.linear_acceleration))


def write_imu(message: ImuMessage, imu: Imu) -> ImuMessage:
    """Overwrite a message with an inertial measurement."""
    write(message.header.stamp, imu.stamp_ns)
    message.header.frame_id = imu.frame_id
    set_quaternion(message.orientation, imu.orientation)
    set_vector(message.angular_velocity, imu.angular_velocity)
    set_vector(message.linear_acceleration, imu.linear_acceleration)
    return message


def read_odometry(message: OdometryMessage) -> Odometry:
    """Return a pose in the odom frame and a twist in the base frame."""
    pose, twist = message.pose.pose, message.twist.twist
    return Odometry(to_ns(message.header.stamp), vector(pose.position),
                    quaternion(pose.orientation), vector(twist.linear), vector(twist.angular))


def write_odometry(message: OdometryMessage, odometry: Odometry) -> OdometryMessage:
    """Overwrite a message, apart from its frames."""
    write(message.header.stamp, odometry.stamp_ns)
    set_pose(message.pose.pose, odometry.position, odometry.orientation)
    set_vector(message.twist.twist.linear, odometry.linear)
    set_vector(message.twist.twist.angular, odometry.angular)
    return message


def read_motion(message: TwistStamped) -> Motion:
    """Return a velocity."""
    return Motion(to_ns(message.header.stamp), message.header.frame_id,
                  vector(message.twist.linear), vector(message.twist.angular))


def read_pose(message: PoseStamped) -> PoseSample:
    """Return a pose."""
    return PoseSample(to_ns(message.header.stamp), message.header.frame_id,
                      vector(message.pose.position), quaternion(message.pose.orientation))


def read_wrench(message: WrenchStamped) -> Wrench:
    """Return a force and a torque."""
    return Wrench(to_ns(message.header.stamp), message.header.frame_id,
                  vector(message.wrench.force), vector(message.wrench.torque))


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


def doubles(values) -> array.array:
    """Return values as the array that a ``float64[]`` field holds."""
    result = array.array('d')
    result.frombytes(np.ascontiguousarray(values, dtype=np.float64).tobytes())
    return result


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


def _values(message, field, count) -> np.ndarray:
    values = np.array(getattr(message, field), dtype=float)
    if values.size != count:
        raise MessageError(f'length of joint_states {field}', values.size, str(count))
    return values


def _optional(message, field, count):
    return _values(message, field, count) if len(getattr(message, field)) else None
