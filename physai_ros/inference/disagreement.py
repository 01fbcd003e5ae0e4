"""How far the chunks of two policies are apart that saw the same moment."""
from collections import deque
from typing import Dict

import numpy as np
from physai_ros.core.chunks import Chunk, columns, end_ns, rows_at
from physai_ros.core.types import JointChunk

KEPT = 16


class Disagreement:
    """
    Compares chunks of the same observation time, at the times that both cover.

    Joints are matched by name. Figures are of the time since the last :meth:`read`.
    """

    def __init__(self):
        self._chunks = deque(maxlen=KEPT), deque(maxlen=KEPT)
        self._parts: Dict[str, _Figures] = {}

    def add(self, side: int, chunk: Chunk):
        """
        Take a chunk.

        :param side: 0 or 1: which of the two policies it is from
        """
        self._chunks[side].append(chunk)
        for other in self._chunks[1 - side]:
            if other.stamp_ns == chunk.stamp_ns and type(other) is type(chunk):
                self._compare(chunk, other)

    def read(self) -> Dict[str, str]:
        """Return ``<part>_rms``, ``<part>_max`` and ``<part>_worst`` (column), and start anew."""
        values = {}
        for part, figures in self._parts.items():
            values.update(figures.values(part))
        self._parts = {}
        return values

    def _compare(self, one, two):
        names = [name for name in columns(one) if name in columns(two)]
        step_ns = min(one.dt_ns, two.dt_ns)
        times_ns = np.arange(one.stamp_ns, min(end_ns(one), end_ns(two)), step_ns)
        if not names or not len(times_ns):
            return
        apart = np.abs(_pick(one, names, times_ns) - _pick(two, names, times_ns))
        part = 'joints' if isinstance(one, JointChunk) else 'base'
        self._parts.setdefault(part, _Figures()).add(apart, names)


class _Figures:

    def __init__(self):
        self._squares, self._count, self._most, self._worst = 0.0, 0, 0.0, ''

    def add(self, apart, names):
        self._squares += float((apart ** 2).sum())
        self._count += apart.size
        column = int(apart.max(axis=0).argmax())
        if apart[:, column].max() >= self._most:
            self._most, self._worst = float(apart[:, column].max()), names[column]

    def values(self, part):
        return {f'{part}_rms': f'{(self._squares / self._count) ** 0.5:.4f}',
                f'{part}_max': f'{self._most:.4f}', f'{part}_worst': self._worst}


def _pick(chunk, names, times_ns):
    place = {name: k for k, name in enumerate(columns(chunk))}
    return rows_at(chunk, times_ns)[:, [place[name] for name in names]]
