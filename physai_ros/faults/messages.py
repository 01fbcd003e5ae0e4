"""Serialised ROS messages of any type, changed without knowing what they mean."""
import array
from typing import Callable

from builtin_interfaces.msg import Time
import numpy as np
from physai_ros.adapters.stamps import to_ns, write
from physai_ros.core.types import NS_PER_S
from rclpy.serialization import deserialize_message, serialize_message


def edits(kind) -> dict:
    """Return what :class:`~physai_ros.faults.disturb.Disturbance` needs for a message type."""
    def edit(change: Callable):
        def run(payload: bytes, number: float) -> bytes:
            message = deserialize_message(payload, kind)
            change(message, number)
            return serialize_message(message)
        return run
    return {'nan': edit(poison), 'shift': edit(shift)}


def poison(message, _number: float = 0.0):
    """Turn every floating-point number of a message into NaN."""
    for name in message.get_fields_and_field_types():
        value = getattr(message, name)
        if isinstance(value, float):
            setattr(message, name, float('nan'))
        elif isinstance(value, np.ndarray) and value.dtype.kind == 'f':
            value[:] = np.nan
        elif isinstance(value, array.array) and value.typecode in 'fd':
            value[:] = array.array(value.typecode, [float('nan')] * len(value))
        else:
            _each(value, poison, 0.0)


def shift(message, seconds: float):
    """Set every time stamp of a message later; a negative number sets it back."""
    if isinstance(message, Time):
        write(message, max(0, to_ns(message) + round(seconds * NS_PER_S)))
        return
    for name in message.get_fields_and_field_types():
        _each(getattr(message, name), shift, seconds)


def _each(value, change, number):
    for part in value if isinstance(value, (list, tuple)) else (value,):
        if hasattr(part, 'get_fields_and_field_types'):
            change(part, number)
