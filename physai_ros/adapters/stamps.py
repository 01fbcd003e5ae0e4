"""Time stamps and durations: ROS messages <-> integer nanoseconds."""
from builtin_interfaces.msg import Duration, Time
from physai_ros.core.types import NS_PER_S


def to_ns(message) -> int:
    """Return a ``Time`` or ``Duration`` message in nanoseconds."""
    return message.sec * NS_PER_S + message.nanosec


def to_time(stamp_ns: int) -> Time:
    """Return nanoseconds since the epoch as a message."""
    sec, nanosec = divmod(stamp_ns, NS_PER_S)
    return Time(sec=sec, nanosec=nanosec)


def to_duration(span_ns: int) -> Duration:
    """Return nanoseconds as a message; negative spans have a negative ``sec``."""
    sec, nanosec = divmod(span_ns, NS_PER_S)
    return Duration(sec=sec, nanosec=nanosec)


def write(message, stamp_ns: int):
    """Overwrite a ``Time`` or ``Duration`` message in place with nanoseconds."""
    message.sec, message.nanosec = divmod(stamp_ns, NS_PER_S)
