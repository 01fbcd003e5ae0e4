"""Temporal ensembling: what several answers say of the same moment, averaged."""
from collections import deque
from dataclasses import replace
from typing import Callable

import numpy as np
from physai_ros.core.chunks import Chunk, columns, end_ns, rows_at
from physai_ros.core.types import JointChunk

DECAY = 0.01
APART = 0.15  # rad or m
MOST = 32
AS_BUNDLE, REPLACE, ENSEMBLE = MODES = 'bundle', 'replace', 'ensemble'


def stitcher(mode: str, manifest) -> Callable[[Chunk], Chunk]:
    """
    Return what is done to each chunk before it is published.

    :param mode: one of MODES
    :param manifest: what decides for ``bundle``
    """
    mode = manifest.stitching if mode == AS_BUNDLE else mode
    return Ensemble().merge if mode == ENSEMBLE else lambda chunk: chunk


class Ensemble:
    """
    Averages each new chunk with the earlier ones that still reach its times.

    An earlier chunk that the robot does not follow says nothing about what comes: it is left out
    when a joint of it is further than ``APART`` from where the new one begins.

    The weight of the i-th chunk, from the oldest one on, is ``exp(-decay * i)``. Source, and that
    of the decay: T. Z. Zhao et al., Learning Fine-Grained Bimanual Manipulation with Low-Cost
    Hardware (ACT), 2023. It makes motion smoother and reactions slower.
    """

    def __init__(self, decay: float = DECAY):
        self._decay = decay
        self._chunks = {}

    def merge(self, chunk: Chunk) -> Chunk:
        """Return a chunk of the same times whose actions are averages; chunks come in order."""
        kept = self._chunks.setdefault(type(chunk), deque(maxlen=MOST))
        if kept and (columns(kept[-1]) != columns(chunk) or kept[-1].stamp_ns >= chunk.stamp_ns):
            kept.clear()
        followed = [earlier for earlier in kept if _followed(earlier, chunk)]
        kept.clear()
        kept.extend([*followed, chunk])
        field = 'positions' if isinstance(chunk, JointChunk) else 'twists'
        actions = getattr(chunk, field)
        times_ns = chunk.stamp_ns + np.arange(len(actions)) * chunk.dt_ns
        age = np.zeros(len(times_ns))
        total, weights = np.zeros_like(actions), np.zeros(len(times_ns))
        for earlier in kept:
            covers = times_ns < end_ns(earlier) if earlier is not chunk else times_ns >= 0
            weight = np.where(covers, np.exp(-self._decay * age), 0.0)
            total = total + weight[:, None] * rows_at(earlier, times_ns)
            weights += weight
            age += covers
        return replace(chunk, **{field: total / weights[:, None]})


def _followed(earlier, chunk) -> bool:
    if end_ns(earlier) <= chunk.stamp_ns:
        return False
    if not isinstance(chunk, JointChunk):
        return True
    now = rows_at(earlier, np.array([chunk.stamp_ns]))[0]
    return bool(np.abs(now - chunk.positions[0]).max() <= APART)
