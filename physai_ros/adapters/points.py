"""
Trajectories of trajectory_msgs as bytes, all points at once.

A point is a few sequences of doubles and the time from the start, so that points which are alike
are an array of structures.
"""
from dataclasses import dataclass
from functools import lru_cache
import struct
from typing import List, Sequence, Tuple

import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import NS_PER_S
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory

WIDTHS = {JointTrajectory: (1, 1, 1, 1), MultiDOFJointTrajectory: (7, 6, 6)}
"""Doubles in an element of each sequence of a point, by type of message."""


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
    parts = [cdr.header(points.stamp_ns, points.frame_id), cdr.texts(points.names),
             struct.pack('<I', count)]
    at = sum(map(len, parts)) - cdr.HEAD_SIZE
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
    return cdr.read(kind, data, lambda reader: _read(WIDTHS[kind], reader, most))


def _read(widths, reader, most) -> Points:
    stamp_ns, frame_id = reader.header()
    names = reader.texts('joint_names')
    count = reader.number()
    if count > most:
        raise MessageError('points of a chunk', count, f'at most {most}')
    blocks = []
    if count:
        counts, at = _counts(widths, reader), reader.at
        for number in (1, count - 1):
            layout = _layout(counts, widths, (at - cdr.HEAD_SIZE) % 8)
            blocks.append(np.frombuffer(reader.data, layout, number, at) if number else
                          np.zeros(0, layout))
            at += layout.itemsize * number
        _check_even(counts, blocks[1])
    join = _joiner(blocks)
    return Points(stamp_ns, frame_id, names,
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


def _counts(widths, reader) -> Tuple[int, ...]:
    """Return how many elements each sequence of the point has that comes next; stay before it."""
    counts, begin = [], reader.at
    for width in widths:
        counts.append(reader.number())
        if counts[-1]:
            reader.skip(8 * width * counts[-1], 8)
    reader.at = begin
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
