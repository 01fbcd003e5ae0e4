"""Assemble observations: samples of every term that are young enough, never else."""
from dataclasses import dataclass, field, replace
from typing import Dict, List, Mapping, Optional, Tuple

import numpy as np
from physai_ros.bundle.feedback import Feedback
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.slots import Derived, lags_ns, Measurements
from physai_ros.bundle.terms import ACTION, Action, Context, PreviousTarget, Source
from physai_ros.bundle.tokens import tokenizer
from physai_ros.bundle.told import tellings
from physai_ros.bundle.wanted import Targets, Wanted
from physai_ros.core.errors import BundleError, PhysaiError, SampleError, StaleError
from physai_ros.core.finite import all_finite
from physai_ros.core.types import NS_PER_S

REMEMBERED = 8


@dataclass(frozen=True, eq=False)
class Observation:
    """
    What a model sees at the tick ``t_obs_ns``: arrays by input, batch dimension 1.

    ``references`` are the joint positions (J,) that relative outputs start from, by the place of
    the output: ``Decoder.decode`` wants them back.
    """

    t_obs_ns: int
    inputs: Dict[str, np.ndarray]
    references: Dict[str, np.ndarray] = field(default_factory=dict)


class Assembler:
    """
    Keeps the usable samples of each term and makes observations of them.

    :param manifest: of the bundle
    :param frame_prefix: what TF puts before the robot's frames (``honda1/``)
    :param transforms: has ``lookup(target, source, stamp_ns)``, see terms.Context; for the
        bundles whose manifest ``needs_transforms``
    :param tokenizer_json: the bytes of the bundle's tokenizer, for terms on the task
    :param model: inference.model.Model, for the bundles with a term on what it tells: what it
        answers to zeros is there before its first answer
    """

    def __init__(self, manifest: Manifest, frame_prefix='', transforms=None,
                 tokenizer_json: Optional[bytes] = None, model=None):
        self._manifest, self._prefix, self._transforms = manifest, frame_prefix, transforms
        self._tokenize = tokenizer(tokenizer_json) if tokenizer_json else None
        self.task = ''
        self._inputs = [_Input(manifest, name) for name in manifest.inputs]
        self._references = {place: _slot(manifest, place, term)
                            for place, term in manifest.references()}
        self._feedback = Feedback(manifest)
        self._slots = {**{place: slot for part in self._inputs
                          for place, slot in part.slots.items()}, **self._references}
        self._measured = {place: slot for place, slot in self._slots.items()
                          if isinstance(slot, Measurements)}
        shown = [slot.reach_ns for slot in self._measured.values()
                 if isinstance(slot.term, PreviousTarget)]
        self._targets = Targets(max(shown)) if shown else None
        self._told = tellings(manifest, model)
        self._by_source: Dict[Source, List[Measurements]] = {}
        for slot in self._measured.values():
            self._by_source.setdefault(slot.term.source, []).append(slot)
        self._by_topic = {source.topic: slots for source, slots in self._by_source.items()
                          if source.kind != ACTION}
        self.reset()

    @property
    def sources(self) -> Tuple[Source, ...]:
        """Return the topics to subscribe to, each once."""
        return tuple(replace(source, every=any(slot.needs_every for slot in slots))
                     for source, slots in self._by_source.items() if source.kind != ACTION)

    def feed(self, topic: str, sample):
        """
        Take a sample of a topic; one that is too old to be needed is ignored.

        :param sample: the type of core.types that the source's kind says
        :raises SampleError: when a term cannot use it; the term then keeps what it had, which ages
        """
        if topic not in self._by_topic:
            raise SampleError('a sample of topic', topic, f'one of {", ".join(self._by_topic)}',
                              'feed what `sources` names')
        self._offer(self._by_topic[topic], sample)

    def remember(self, outputs, t_obs_ns: int, wanted: Mapping[str, Wanted] = {}):
        """
        Take the model's answer, for what is fed back: previous action, state, RTC, targets.

        :param outputs: the arrays that the Decoder accepted, by output name
        :param t_obs_ns: stamp of the observation that was answered
        :param wanted: ``Decision.wanted``, for bundles with a term on the previous target
        :raises BundleError: for a recurrent state that cannot be fed back
        """
        if self._targets is not None:
            if not wanted:
                raise BundleError('what the answer wants', None, 'the targets of previous_target',
                                  "pass the Decision's wanted on")
            self._targets.remember(t_obs_ns, wanted)
        if self._told is not None:
            self._told.remember(t_obs_ns, outputs)
        self._feedback.remember(outputs, t_obs_ns, self._asked.get(t_obs_ns, {}))
        for source, slots in self._by_source.items():
            if source.kind == ACTION:
                output = self._manifest.outputs[source.topic]
                rows = output.rows(source.topic, outputs[source.topic])
                self._offer(slots, Action(t_obs_ns, rows))

    def reset(self):
        """Begin a new episode: the robot was moved, or the clock set."""
        for slot in self._slots.values():
            slot.reset()
        self._feedback.reset()
        for remembered in filter(None, (self._targets, self._told)):
            remembered.reset()
        self._start_ns: Optional[int] = None
        self._asked: Dict[int, dict] = {}

    def ages(self, now_ns: int) -> Dict[str, Optional[float]]:
        """Return the age of each term's newest sample in seconds, None where there is none."""
        return {place: None if slot.stamp_ns is None else (now_ns - slot.stamp_ns) / NS_PER_S
                for place, slot in self._measured.items()}

    def assemble(self, now_ns: int, prefix=None, delay_steps=0) -> Observation:
        """
        Return the observation of this tick.

        :param prefix: for models with RTC inputs: the actions in force from now on, row k for
            ``now + k dt``, (K, n) in SI units as the Decoder gave them; by default the rest of
            the last answer that was remembered
        :param delay_steps: for models with RTC inputs: how many steps will be over before the
            answer comes
        :raises StaleError: when a term has no sample or too old a one, naming term and age
        :raises SampleError: when a number of it is not finite in its type
        """
        stale = [error for error in (slot.problem(now_ns) for slot in self._measured.values())
                 if error]
        if stale:
            raise _all(stale)
        start_ns = now_ns if self._start_ns is None else self._start_ns
        contexts = _Contexts(now_ns, self._targets, self._told, self._manifest.dt_ns, self._prefix,
                             start_ns, self.task, self._tokenize, self._transforms)
        with np.errstate(over='ignore', invalid='ignore'):
            inputs = {part.name: part.build(contexts) for part in self._inputs}
        references = {place: slot.term.values(slot.newest, contexts.at(0))
                      for place, slot in self._references.items()}
        inputs.update(self._feedback.inputs(now_ns, references, delay_steps, prefix))
        self._start_ns = start_ns
        if references:
            self._asked[now_ns] = references
            if len(self._asked) > REMEMBERED:
                del self._asked[next(iter(self._asked))]
        return Observation(now_ns, inputs, references)

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


class _Contexts:
    """
    The contexts of a tick, one for each moment of the past.

    The answer to a moment of the past is none before it.
    """

    def __init__(self, now_ns, targets, told, dt_ns, *rest):
        self._now_ns, self._targets, self._told, self._dt_ns = now_ns, targets, told, dt_ns
        self._rest, self._made = rest, {}

    def at(self, lag_ns) -> Context:
        if lag_ns not in self._made:
            context = Context(self._now_ns - lag_ns, self._dt_ns, *self._rest)
            by_ns = context.t_obs_ns - (self._dt_ns // 2 if lag_ns else 0)
            if self._targets is not None:
                context = context._replace(targets=self._targets.at(context.t_obs_ns, by_ns))
            if self._told is not None:
                context = context._replace(told=self._told.at(by_ns))
            self._made[lag_ns] = context
        return self._made[lag_ns]


class _Input:
    """One input of the model: its terms, their histories, or one history of them all."""

    def __init__(self, manifest, name):
        self.name, self._layout = name, manifest.layout(name)
        terms, whole = self._layout.terms, self._layout.history
        self.slots = {f'inputs.{name}[{n}]': _slot(
            manifest, f'inputs.{name}[{n}]', term, whole or term.history)
            for n, term in enumerate(terms)}
        self._pictures = any(len(term.shape) > 2 for term in terms)
        self._parts = [(slot, lags_ns(term, whole or term.history, manifest.dt_ns))
                       for slot, term in zip(self.slots.values(), terms)]

    def build(self, contexts) -> np.ndarray:
        slices = [slot.build([contexts.at(lag) for lag in lags]) for slot, lags in self._parts]
        array = self._layout.join(slices)
        if array.dtype.kind == 'f' and not self._pictures and not all_finite(array):
            raise self._not_finite(slices)
        return array

    def _not_finite(self, slices):
        bad = next(slot for slot, moments in zip(self.slots.values(), slices)
                   if not all(map(all_finite, moments)))
        return SampleError(f'{bad.title} has a number that is not finite in {bad.term.dtype}',
                           None, '', 'correct its offset and scale in the manifest')


def _slot(manifest, place, term, history=None):
    max_age_ns = manifest.max_age_ns(term)
    if max_age_ns is None:
        return Derived(place, term, history)
    return Measurements(place, term, max_age_ns, history, manifest.dt_ns)


def _all(errors):
    """Return one error for all: the first one, which also says how many more there are."""
    first = errors[0]
    if len(errors) == 1:
        return first
    more = '; '.join(error.thing for error in errors[1:])
    return StaleError(first.thing, first.value, first.expected,
                      f'{first.remedy}. Also too old or missing: {more}')
