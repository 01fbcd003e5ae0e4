"""Assemble observations: the newest sample of every term, if it is young enough, never else."""
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import numpy as np
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.terms import ACTION, Action, Context, Source, Term
from physai_ros.core.errors import PhysaiError, SampleError, StaleError
from physai_ros.core.types import NS_PER_S

FUTURE_NS = 50_000_000  # what clocks of one robot may be apart


@dataclass(frozen=True, eq=False)
class Observation:
    """What a model sees at the tick ``t_obs_ns``: float32 arrays by input, batch dimension 1."""

    t_obs_ns: int
    inputs: Dict[str, np.ndarray]


class Assembler:
    """
    Keeps the newest usable sample of each term and makes observations of them.

    :param manifest: of the bundle
    :param frame_prefix: what TF puts before the robot's frames (``honda1/``)
    """

    def __init__(self, manifest: Manifest, frame_prefix=''):
        self._manifest, self._prefix = manifest, frame_prefix
        self._slots = {place: _Slot(place, term, manifest.max_age_ns(term))
                       for place, term in manifest.terms()}
        self._inputs = {name: [self._slots[f'inputs.{name}[{n}]'] for n in range(len(terms))]
                        for name, terms in manifest.inputs.items()}
        self._by_source: Dict[Source, List[_Slot]] = {}
        for slot in self._slots.values():
            self._by_source.setdefault(slot.term.source, []).append(slot)
        self._by_topic = {source.topic: slots for source, slots in self._by_source.items()
                          if source.kind != ACTION}

    @property
    def sources(self) -> Tuple[Source, ...]:
        """Return the topics to subscribe to, each once."""
        return tuple(source for source in self._by_source if source.kind != ACTION)

    def feed(self, topic: str, sample):
        """
        Take a sample of a topic; an older one than the newest is ignored.

        :param sample: the type of core.types that the source's kind says
        :raises SampleError: when a term cannot use it; the term then keeps what it had, which ages
        """
        if topic not in self._by_topic:
            raise SampleError('a sample of topic', topic, f'one of {", ".join(self._by_topic)}',
                              'feed what `sources` names')
        self._offer(self._by_topic[topic], sample)

    def remember(self, outputs, t_obs_ns: int):
        """
        Take the model's answer, for the terms on the previous action.

        :param outputs: the arrays that the Decoder accepted, by output name
        :param t_obs_ns: stamp of the observation that was answered
        """
        for source, slots in self._by_source.items():
            if source.kind == ACTION:
                output = self._manifest.outputs[source.topic]
                rows = output.rows(source.topic, outputs[source.topic])
                self._offer(slots, Action(t_obs_ns, rows))

    def reset(self):
        """Forget everything: the robot was moved, or the clock set."""
        for slot in self._slots.values():
            slot.sample, slot.reason = None, ''

    def ages(self, now_ns: int) -> Dict[str, Optional[float]]:
        """Return the age of each term's sample in seconds, None where there is no sample."""
        return {place: None if slot.sample is None else
                (now_ns - slot.sample.stamp_ns) / NS_PER_S for place, slot in self._slots.items()}

    def assemble(self, now_ns: int) -> Observation:
        """
        Return the observation of this tick.

        :raises StaleError: when a term has no sample or too old a one, naming term and age
        :raises SampleError: when a number of it is not finite in float32
        """
        stale = [error for error in (slot.staleness(now_ns) for slot in self._slots.values())
                 if error]
        if stale:
            raise _all(stale)
        context = Context(now_ns, self._manifest.dt_ns, self._prefix)
        return Observation(now_ns, {name: _join([slot.build(context) for slot in slots])
                                    for name, slots in self._inputs.items()})

    def _offer(self, slots, sample):
        refused = None
        for slot in slots:
            try:
                slot.offer(sample, self._prefix)
            except PhysaiError as error:
                slot.reason = str(error)
                refused = refused or error
        if refused:
            raise refused


class _Slot:
    """The newest usable sample of one term, and why a newer one was not usable."""

    def __init__(self, place: str, term: Term, max_age_ns: int):
        self.term, self.max_age_ns = term, max_age_ns
        self.title = f'{place} ({term.term} from {term.source.topic})'
        self.sample, self.reason = None, ''

    def offer(self, sample, prefix):
        if not isinstance(sample, self.term.sample_type):
            raise SampleError(self.title, type(sample).__name__, self.term.sample_type.__name__,
                              'correct the topic in the manifest, or the publisher')
        absence = self.term.absence(sample)
        if absence:
            self.reason = f'the newest message cannot be used: {absence}'
            return
        self.term.check(sample, prefix)
        self.reason = ''
        if self.sample is None or sample.stamp_ns >= self.sample.stamp_ns:
            self.sample = sample

    def staleness(self, now_ns) -> Optional[StaleError]:
        """Return what keeps the term from being used; forget a sample from the future."""
        error = self._staleness(now_ns)
        if error is None or self.term.initial() is None:
            return error
        self.sample = None
        return None

    def _staleness(self, now_ns):
        if self.sample is None:
            return StaleError(f'{self.title} has no sample', None, '',
                              self.reason or f'see whether {self.term.source.topic} is published')
        age = now_ns - self.sample.stamp_ns
        if age < -FUTURE_NS:
            self.sample = None
            return StaleError(f'the age of {self.title}', _seconds(age),
                              'a stamp that is not in the future',
                              'synchronise the clocks of the computers')
        if age > self.max_age_ns:
            return StaleError(f'the age of {self.title}', _seconds(age),
                              f'at most {_seconds(self.max_age_ns)}',
                              self.reason or f'see whether {self.term.source.topic} is still '
                              'published, and with its time as stamp')
        return None

    def build(self, context) -> np.ndarray:
        if self.sample is None:
            return self.term.initial()
        part = self.term.build(self.sample, context)
        if part.ndim == 1 and not np.isfinite(part).all():
            raise SampleError(f'{self.title} has a number that is not finite in float32', None,
                              '', 'correct its offset and scale in the manifest')
        return part


class _Seconds(float):
    __slots__ = ()

    def __repr__(self):
        return f'{float(self):.3f} s'


def _seconds(duration_ns):
    return _Seconds(duration_ns / NS_PER_S)


def _join(parts):
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return joined[np.newaxis]


def _all(errors):
    """Return one error for all: the first one, which also says how many more there are."""
    first = errors[0]
    if len(errors) == 1:
        return first
    more = '; '.join(error.thing for error in errors[1:])
    return StaleError(first.thing, first.value, first.expected,
                      f'{first.remedy}. Also too old or missing: {more}')
