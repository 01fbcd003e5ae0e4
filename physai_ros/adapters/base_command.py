"""The message that tells a base its velocity: TwistStamped, or Twist as some drivers take it."""
from typing import Callable, NamedTuple

from geometry_msgs.msg import Twist as TwistMessage, TwistStamped
import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.cdr import from_bytes
from physai_ros.adapters.commands import not_planar
from physai_ros.adapters.sensors import read_motion
from physai_ros.core.types import Twist
from physai_ros.robots.profile import Base


class BaseCommand(NamedTuple):
    """
    How a base is commanded on ``cmd_vel``.

    :param kind: class of the message
    :param write: function (Twist, frame) -> bytes
    :param read: function of bytes; the stamp is 0 where the message has none, which means now
    """

    kind: type
    write: Callable
    read: Callable


def base_command(base: Base) -> BaseCommand:
    """Return how this base is commanded."""
    if base.stamped:
        return BaseCommand(TwistStamped, write_stamped, read_stamped)
    return BaseCommand(TwistMessage, write_plain, read_plain)


def write_stamped(twist: Twist, frame_id: str) -> bytes:
    """Return a base command as a TwistStamped."""
    writer = cdr.Writer()
    writer.header(twist.stamp_ns, frame_id)
    writer.doubles(_row(twist))
    return writer.data()


def write_plain(twist: Twist, frame_id: str) -> bytes:
    """Return a base command as a Twist."""
    writer = cdr.Writer()
    writer.doubles(_row(twist))
    return writer.data()


@from_bytes
def read_stamped(data: bytes) -> Twist:
    """
    Return a base command.

    :param data: a TwistStamped as DDS has it
    :raises MessageError: for motion out of the plane
    """
    motion = read_motion(data)
    return _planar(motion.stamp_ns, (*motion.linear.tolist(), *motion.angular.tolist()))


@from_bytes
def read_plain(data: bytes) -> Twist:
    """
    Return a base command.

    :param data: a Twist as DDS has it
    :raises MessageError: for motion out of the plane
    """
    return _planar(0, cdr.read(TwistMessage, data, lambda reader: reader.row(6)))


def _row(twist):
    x, y, yaw = twist.velocity.tolist()
    return x, y, 0.0, 0.0, 0.0, yaw


def _planar(stamp_ns, row) -> Twist:
    x, y, z, roll, pitch, yaw = row
    if z or roll or pitch:
        raise not_planar(z, roll, pitch)
    return Twist(stamp_ns, np.array((x, y, yaw)))
