"""
Messages of trajectory_msgs as DDS has them: plain CDR, all points at once.

rclpy makes a Python object of every point, which takes up to a millisecond for a trajectory. The
same bytes are arrays: a point is a few sequences of doubles and the time from the start. Layout:
OMG DDS-XTypes 1.3, 7.4.1 (XCDR1), doubles aligned to eight bytes after the four of the header.
"""
from dataclasses import dataclass
from functools import lru_cache
import struct
from typing import List, Sequence, Tuple

import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import NS_PER_S
from rclpy.serialization import deserialize_message, serialize_message
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory

WIDTHS = {JointTrajectory: (1, 1, 1, 1), MultiDOFJointTrajectory: (7, 6, 6)}
"""Doubles in an element of each sequence of a point, by type of message."""
HEAD, HEAD_SIZE = b'\0\1\0\0', 4      # little endian
MOST_NAMES = 1000


@dataclass(frozen=True, eq=False)
class Points:
    """
    What a message says.

    ``times_ns`` (K,) int64; ``sequences``: a float64 array (K, elements x doubles in each) for
    each sequence of a point, in the order of the message's definition
    """

    stamp_ns: int
    frame_id: str
    names: Tuple[str, ...]
    times_ns: np.ndarray
    sequences: Sequence[np.ndarray]


def write(kind, points: Points) -> bytes:
    """Return a message of a type in WIDTHS as bytes, to be published as they are."""
    widths, count = WIDTHS[kind], len(points.times_ns)
    counts = tuple(rows.shape[1] // width for rows, width in zip(points.sequences, widths))
    parts = [HEAD, struct.pack('<iI', *divmod(points.stamp_ns, NS_PER_S)),
             _texts(points.frame_id, points.names), struct.pack('<I', count)]
    at = sum(map(len, parts)) - HEAD_SIZE
    for rows in (slice(0, 1), slice(1, count)):
        layout = _layout(counts, widths, at % 8)
        block = np.zeros(rows.stop - rows.start, layout)
        for k, (number, values) in enumerate(zip(counts, points.sequences)):
            if number:
                block[f'count{k}'] = number
                block[f'values{k}'] = values[rows]
        block['sec'], block['nanosec'] = np.divmod(points.times_ns[rows], NS_PER_S)
        parts.append(block.tobytes())
        at += layout.itemsize
    return b''.join(parts)


def read(kind, data: bytes, most: int = 2 ** 32) -> Points:
    """
    Return what a message of a type in WIDTHS says.

    :param data: as DDS has it
    :param most: points that may be in it
    :raises MessageError: for more, for bytes that are no such message, and for points of which one
        has more elements than another
    """
    try:
        if data[:2] != HEAD[:2]:
            data = serialize_message(deserialize_message(data, kind))
        return _read(WIDTHS[kind], data, most)
    except MessageError:
        raise
    except Exception as error:  # of struct, numpy or the middleware: cut off, or not this type
        raise MessageError('message', f'{len(data)} bytes', f'a whole {kind.__name__}',
                           str(error)) from error


def _read(widths, data, most) -> Points:
    sec, nanosec = struct.unpack_from('<iI', data, HEAD_SIZE)
    frame_id, at = _text(data, HEAD_SIZE + 8)
    total, at = _number(data, at)
    if total > MOST_NAMES:
        raise MessageError('joint_names', total, f'at most {MOST_NAMES}')
    names = []
    for _ in range(total):
        name, at = _text(data, at)
        names.append(name)
    count, at = _number(data, at)
    if count > most:
        raise MessageError('points of a chunk', count, f'at most {most}')
    blocks = []
    if count:
        counts = _counts(widths, data, at)
        for number in (1, count - 1):
            layout = _layout(counts, widths, (at - HEAD_SIZE) % 8)
            blocks.append(np.frombuffer(data, layout, number, at) if number else
                          np.zeros(0, layout))
            at += layout.itemsize * number
        _check_even(counts, blocks[1])
    join = _joiner(blocks)
    return Points(sec * NS_PER_S + nanosec, frame_id, tuple(names),
                  join('sec', np.int64) * NS_PER_S + join('nanosec', np.int64),
                  [join(f'values{k}', float, width) for k, width in enumerate(widths)])


def _joiner(blocks):
    """Return a function to a field of all points; missing values are (K, 0)."""
    total = sum(map(len, blocks))

    def join(field, dtype, width=0):
        if not blocks or field not in blocks[0].dtype.names:
            return np.zeros((total, 0) if width else total, dtype)
        return np.concatenate([block[field] for block in blocks]).astype(dtype, copy=False)
    return join


def _check_even(counts, block):
    """Raise unless the points after the first one have as many elements as it."""
    for k, number in enumerate(counts):
        other = block[f'count{k}'][block[f'count{k}'] != number]
        if len(other):
            raise MessageError('lengths of the sequences of points', [number, int(other[0])],
                               'the same in all points')


def _counts(widths, data, at) -> Tuple[int, ...]:
    """Return how many elements each sequence of the point at a place has."""
    counts = []
    for width in widths:
        number, at = _number(data, at)
        counts.append(number)
        if number:
            at += -(at - HEAD_SIZE) % 8 + 8 * width * number
        if at > len(data):
            raise ValueError('cut off')
    return tuple(counts)


@lru_cache(maxsize=64)
def _layout(counts, widths, at) -> np.dtype:
    """Return the layout of a point that begins so many bytes after an aligned one."""
    names: List[str] = []
    formats: List[object] = []
    offsets: List[int] = []
    begin = at

    def add(name, form, size):
        nonlocal at
        names.append(name)
        formats.append(form)
        offsets.append(at - begin)
        at += size
    for k, (number, width) in enumerate(zip(counts, widths)):
        add(f'count{k}', '<u4', 4)
        if number:
            at += -at % 8
            add(f'values{k}', ('<f8', (number * width,)), 8 * number * width)
    add('sec', '<i4', 4)
    add('nanosec', '<u4', 4)
    return np.dtype({'names': names, 'formats': formats, 'offsets': offsets,
                     'itemsize': at - begin})


@lru_cache(maxsize=16)
def _texts(frame_id, names) -> bytes:
    """Return frame and names as bytes, what follows aligned to four."""
    data = bytearray()
    for text in (frame_id, None, *names):
        if text is None:
            data += struct.pack('<I', len(names))
            continue
        raw = text.encode() + b'\0'
        data += struct.pack('<I', len(raw)) + raw + bytes(-len(raw) % 4)
    return bytes(data)


def _number(data, at):
    at += -at % 4
    return struct.unpack_from('<I', data, at)[0], at + 4


def _text(data, at):
    length, at = _number(data, at)
    if at + length > len(data):
        raise ValueError('cut off')
    return data[at:at + max(length - 1, 0)].decode(), at + length
