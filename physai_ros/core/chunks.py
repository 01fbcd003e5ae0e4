"""What a chunk says at any time that it covers."""
from typing import Tuple, Union

import numpy as np
from physai_ros.core.types import BaseChunk, JointChunk

Chunk = Union[JointChunk, BaseChunk]


def rows(chunk: Chunk) -> np.ndarray:
    """Return the actions of a chunk, (K, n)."""
    return chunk.positions if isinstance(chunk, JointChunk) else chunk.twists


def columns(chunk: Chunk) -> Tuple[str, ...]:
    """Return what the columns of a chunk are called."""
    return chunk.names if isinstance(chunk, JointChunk) else ('vx', 'vy', 'wz')


def end_ns(chunk: Chunk) -> int:
    """Return the last time that a chunk says something about (excluded for twists)."""
    steps = len(rows(chunk))
    if isinstance(chunk, JointChunk) and steps > 1:
        steps -= 1
    return chunk.stamp_ns + steps * chunk.dt_ns


def rows_at(chunk: Chunk, times_ns: np.ndarray) -> np.ndarray:
    """
    Return the actions for given times: linear between joint positions, twists held.

    :param times_ns: (n,) int, not before the chunk's stamp; after its last action that one counts
    :return: (n, width)
    """
    actions = rows(chunk)
    step = (np.asarray(times_ns) - chunk.stamp_ns) / chunk.dt_ns
    first = np.minimum(step.astype(int), len(actions) - 1)
    if isinstance(chunk, BaseChunk):
        return actions[first]
    second = np.minimum(first + 1, len(actions) - 1)
    share = (step - first)[:, None]
    return actions[first] + share * (actions[second] - actions[first])
