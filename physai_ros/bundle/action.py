"""Decode what a model answers into chunks of actions."""
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional

import numpy as np
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.outputs.base import require_finite, Solver
from physai_ros.bundle.wanted import in_force, Wanted
from physai_ros.core.chunks import Chunk
from physai_ros.core.errors import BundleError
from physai_ros.core.types import JointChunk, NS_PER_S


@dataclass(frozen=True, eq=False)
class Decision:
    """What one answer means: ``chunks``, and by the place of each output what it wanted."""

    chunks: List[Chunk]
    wanted: Dict[str, Wanted]


class Decoder:
    """
    Turns outputs into chunks; one that is not finite is an error and never becomes a chunk.

    ``decode`` is ``decide`` and ``settle``. A decision may be worked out in another thread, and
    only one that is followed is settled.

    :param manifest: of the bundle
    :param solver: turns motion of a frame into joints (inference.differential_ik), for the
        bundles that ask for such motion
    """

    def __init__(self, manifest: Manifest, solver: Optional[Solver] = None):
        self._outputs, self._dt_ns = manifest.outputs, manifest.dt_ns
        self._wanted, self._solver = manifest.output_specs, solver
        self._states = (*(state.output for state in manifest.recurrent.values()), *manifest.told)
        self._last: Dict[str, Wanted] = {}

    def reset(self):
        """Forget what was wanted: the robot was moved, or the clock set."""
        self._last = {}

    def decode(self, outputs, t_obs_ns: int, references: Mapping[str, np.ndarray] = {}):
        """Return the chunks of an answer, and settle it; arguments and errors as ``decide``."""
        decision = self.decide(outputs, t_obs_ns, references)
        self.settle(decision)
        return decision.chunks

    def settle(self, decision: Decision):
        """Take note of what was wanted, for outputs that are relative to that."""
        self._last = decision.wanted

    def decide(self, outputs, t_obs_ns: int,
               references: Mapping[str, np.ndarray] = {}) -> Decision:
        """
        Return what an answer means: at most one chunk for the joints and one for the base.

        :param outputs: arrays by output name
        :param t_obs_ns: stamp of the observation that was answered
        :param references: of that observation (``Observation.references``)
        :raises BundleError: for a missing output, another shape, a number that is not finite
        """
        missing = [name for name in (*self._wanted, *self._states) if name not in outputs]
        if missing:
            raise BundleError('the outputs of the model', sorted(outputs),
                              f'also {", ".join(missing)}', 'correct outputs in policy.yaml')
        for name in self._states:
            require_finite(f'output {name}', np.asarray(outputs[name]).reshape(1, -1))
        chunks, wanted = [], {}
        for name, output in self._outputs.items():
            for suffix, part, rows in output.split(output.rows(name, outputs[name])):
                if part.moves is None:
                    continue
                place = f'outputs.{name}{suffix}'
                reference = self._reference(place, part, t_obs_ns, references)
                actions = part.actions(rows, self._dt_ns / NS_PER_S, reference, self._solver)
                require_finite(f'the action of {place.replace("s.", " ", 1)}', actions)
                wanted[place] = Wanted(t_obs_ns, self._dt_ns, getattr(part, 'joints', ()),
                                       reference, actions, part.begins_at_reference)
                chunks.append(part.to_chunk(actions, t_obs_ns, self._dt_ns))
        joints = [chunk for chunk in chunks if isinstance(chunk, JointChunk)]
        others = [chunk for chunk in chunks if not isinstance(chunk, JointChunk)]
        return Decision([_held(chunk) for chunk in (
            [_side_by_side(joints)] if joints else []) + others], wanted)

    def _reference(self, place, part, t_obs_ns, references):
        if part.reference is None:
            return None
        last = self._last.get(place) if part.follows_itself else None
        reference = None if last is None else last.start(t_obs_ns)
        reference = references.get(place) if reference is None else reference
        if reference is None:
            raise BundleError(f'the reference of {place}', None, 'the measured joints',
                              'pass the references of the observation on')
        return reference


def _held(chunk):
    """Return a chunk whose only action, if it has but one, is held until the next, or HOLD_NS."""
    field = 'positions' if isinstance(chunk, JointChunk) else 'twists'
    rows = getattr(chunk, field)
    if len(rows) > 1:
        return chunk
    return replace(chunk, **{field: np.repeat(rows, in_force(1, chunk.dt_ns), axis=0)})


def _side_by_side(chunks):
    """Return one chunk of all joints; a shorter one stays at its last row."""
    if len(chunks) == 1:
        return chunks[0]
    steps = max(len(chunk.positions) for chunk in chunks)
    rows = [np.concatenate([chunk.positions, np.repeat(
        chunk.positions[-1:], steps - len(chunk.positions), axis=0)]) for chunk in chunks]
    return JointChunk(chunks[0].stamp_ns, chunks[0].dt_ns,
                      tuple(name for chunk in chunks for name in chunk.names), np.hstack(rows))
