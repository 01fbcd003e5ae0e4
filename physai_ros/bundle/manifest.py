"""The manifest ``policy.yaml``: all that is needed to run a model on a robot, without code."""
from functools import cached_property
from itertools import chain
import math
from typing import Annotated, ClassVar, Dict, FrozenSet, Literal, Optional, Tuple

from physai_ros.bundle.feedback import feedback_problems, Recurrent, Rtc, tensors
from physai_ros.bundle.history import History
from physai_ros.bundle.layout import Layout
from physai_ros.bundle.outputs import AnyOutput, Output
from physai_ros.bundle.problems import parse
from physai_ros.bundle.schema import (
    Distinct, Label, Listed, ModelFile, Name, Schema, Seconds, Version)
from physai_ros.bundle.terms import (
    AnyTerm, PreviousAction, PreviousTarget, TaskText, Term, TERMS, Told)
from physai_ros.core.errors import BundleError
from physai_ros.core.types import NS_PER_S
from pydantic import Field, FiniteFloat

KINDS = tuple(sorted(term.model_fields['term'].default for term in TERMS
                     if term.default_max_age_s is not None))
CHUNKED_LOOKS_HZ = 5.0
MOST_NUMBERS = 100_000_000


class Timing(Schema):
    """How old things may get."""

    max_age_s: Dict[Literal[KINDS], Seconds] = Field(
        default_factory=dict, description='the oldest sample of each kind of term, seconds')
    deadline_s: Seconds = Field(
        description='how long an answer may take, seconds; a later one is thrown away')


class Manifest(Schema):
    """A policy for a robot (docs/bundle.md)."""

    FILE: ClassVar[str] = 'policy.yaml'

    format: Literal['physai/1'] = Field(description='this format: physai/1')  # noqa: A003
    name: Name = Field(description='the name of the bundle: letters, digits, _ - .')
    version: Version = Field(description='MAJOR.MINOR.PATCH (https://semver.org)')
    robot: Name = Field(description='the profile that the model was made for')
    rate_hz: FiniteFloat = Field(ge=0.1, le=1000,
                                 description='how many steps of a chunk make a second')
    inference_rate_hz: Optional[Annotated[FiniteFloat, Field(ge=0.1, le=1000)]] = Field(
        default=None, description='how often the policy looks, Hz; by default rate_hz when an '
        'answer is one step, else 5')
    model: ModelFile
    tokenizer: Optional[ModelFile] = Field(
        default=None, description='the tokenizer.json that the model was trained with, for '
        'task_text')
    inputs: Dict[Label, Annotated[Listed[AnyTerm], Field(min_length=1)]] = Field(
        min_length=1, description='the terms that make up each input of the model, by its name')
    outputs: Dict[Label, AnyOutput] = Field(
        min_length=1, description='what each output of the model means, by its name')
    history: Dict[Label, History] = Field(
        default_factory=dict, description='inputs that are made of several moments, all terms of '
        'one moment together, by name')
    stacked: Annotated[Listed[Label], Distinct] = Field(
        default=(), description='inputs whose terms, all of one shape, lie along an axis of their '
        'own, in their order: several cameras in one input')
    recurrent: Dict[Label, Recurrent] = Field(
        default_factory=dict, description='inputs that are given what an output answered before, '
        'by name')
    rtc: Optional[Rtc] = Field(default=None, description='inputs for real-time chunking')
    stitching: Literal['replace', 'ensemble'] = Field(
        default='replace', description='what a chunk does to the ones before: replace them, or '
        'be averaged with them where they say something of the same moment (docs/runtime.md)')
    timing: Timing

    @property
    def dt_ns(self) -> int:
        """Return the time between two steps of a chunk."""
        return round(NS_PER_S / self.rate_hz)

    @property
    def deadline_ns(self) -> int:
        """Return how long an answer may take."""
        return round(self.timing.deadline_s * NS_PER_S)

    @property
    def horizon_ns(self) -> int:
        """Return the time that the shortest chunk covers."""
        return min(output.chunk for output in self.outputs.values()) * self.dt_ns

    @property
    def looks_hz(self) -> float:
        """Return how often the policy looks."""
        chunked = self.horizon_ns > self.dt_ns
        return self.inference_rate_hz or (CHUNKED_LOOKS_HZ if chunked else self.rate_hz)

    @property
    def needs_transforms(self) -> bool:
        """Return whether a term needs TF."""
        return any(term.needs_transforms for _, term in self.terms())

    @property
    def needs_answers(self) -> bool:
        """Return whether an observation depends on what the model answered before."""
        return bool(self.recurrent) or self.rtc is not None or any(
            isinstance(term, (PreviousAction, PreviousTarget, Told)) for _, term in self.terms())

    @property
    def told(self) -> Dict[str, int]:
        """Return how many numbers each output has that moves nothing and that terms show."""
        return {term.output: term.size for _, term in self.terms() if isinstance(term, Told)}

    def terms(self) -> Tuple[Tuple[str, Term], ...]:
        """Return (place, term) of all terms; a place is like ``inputs.observation.state[1]``."""
        return tuple((f'inputs.{name}[{n}]', term) for name, terms in self.inputs.items()
                     for n, term in enumerate(terms))

    def parts(self) -> Tuple[Tuple[str, Output], ...]:
        """Return (place, output) of all outputs, the parts of split ones in their stead."""
        return tuple((f'outputs.{name}{suffix}', part) for name, output in self.outputs.items()
                     for suffix, part, _ in output.split(None))

    @property
    def moves(self) -> FrozenSet[str]:
        """Return what the outputs move: ``joints``, ``base``."""
        return frozenset(part.moves for _, part in self.parts() if part.moves is not None)

    def references(self) -> Tuple[Tuple[str, Term], ...]:
        """Return (place of the output, term) of what actions are relative to."""
        return tuple((place, part.reference) for place, part in self.parts()
                     if part.reference is not None)

    def max_age_ns(self, term: Term) -> Optional[int]:
        """Return the maximum age of a term's samples, None for a term that has none."""
        if term.default_max_age_s is None:
            return None
        age = term.max_age_s or self.timing.max_age_s.get(term.term, term.default_max_age_s)
        return round(age * NS_PER_S)

    def layout(self, name) -> Layout:
        """Return how the terms of an input lie in it."""
        return Layout(self.inputs[name], name in self.stacked, self.history.get(name))

    def input_shape(self, name) -> Tuple[int, ...]:
        """Return the shape of an input that terms make up, batch dimension included."""
        return self.layout(name).shape

    @cached_property
    def input_specs(self) -> Dict[str, tuple]:
        """Return (shape, dtype) of all inputs that the model must have, by name."""
        specs = {name: (self.input_shape(name), terms[0].dtype)
                 for name, terms in self.inputs.items()}
        return {**specs, **tensors(self.recurrent, self.rtc, self.outputs)[0]}

    @cached_property
    def output_specs(self) -> Dict[str, tuple]:
        """Return (shapes, dtype) of all outputs that the model must have, by name."""
        specs = {name: (output.tensor_shapes, 'float32') for name, output in self.outputs.items()}
        states = tensors(self.recurrent, self.rtc, self.outputs)[1]
        return {**specs, **{name: ((shape,), dtype) for name, (shape, dtype) in states.items()}}

    def inconsistencies(self):
        return chain(self._mixed_inputs(), self._seen_from_themselves(), self._mixed_topics(),
                     self._unknown_actions(), self._unmoved_targets(), self._doubly_moved(),
                     self._unequal_chunks(), self._late_deadline(), self._points_beyond(),
                     feedback_problems(self), self._unknown_inputs(), self._no_tokenizer(),
                     self._too_large())

    def _each_term(self):
        for name, terms in self.inputs.items():
            for n, term in enumerate(terms):
                yield ('inputs', name, n), term

    def _mixed_inputs(self):
        for name in self.inputs:
            for path, problem in self.layout(name).problems():
                yield ('inputs', name, *path), problem

    def _seen_from_themselves(self):
        for place, term in self._each_term():
            alone = term.history is None and place[1] not in self.history
            if getattr(term, 'relative_to', None) == 'now' and alone:
                yield (*place, 'relative_to'), BundleError(
                    '', term.relative_to,
                    'a history, as one moment seen from itself is always the same',
                    'give it one, of 1 step where that is what the training saw')

    def _mixed_topics(self):
        kinds = {}
        for place, term in self._each_term():
            if term.source.internal:
                continue
            kind, first, (_, name, n) = kinds.setdefault(
                term.source.topic, (term.source.kind, term.term, place))
            if kind != term.source.kind:
                yield (*place, 'topic'), BundleError(
                    '', term.source.topic, f'another topic, as {first} in inputs.{name}[{n}] '
                    f'takes {kind} from this one', f'{term.term} needs one that carries '
                    f'{term.source.kind}: correct the topic of one of the two')

    def _unknown_inputs(self):
        named = [('history', name, name) for name in self.history]
        named += [('stacked', n, name) for n, name in enumerate(self.stacked)]
        for key, place, name in named:
            if name not in self.inputs:
                yield (key, place), BundleError(
                    '', name, f'one of {", ".join(self.inputs)}', 'name an input of this manifest')

    def _too_large(self):
        for name in self.inputs:
            shape = self.input_shape(name)
            if math.prod(shape) > MOST_NUMBERS:
                yield ('inputs', name), BundleError(
                    '', shape, f'at most {MOST_NUMBERS} numbers in an input',
                    'make size or history smaller')

    def _no_tokenizer(self):
        for place, term in self._each_term():
            if isinstance(term, TaskText) and self.tokenizer is None:
                yield place, BundleError('', term.term, 'tokenizer beside model',
                                         'name the tokenizer.json of the model and its SHA-256')

    def _unknown_actions(self):
        for place, term in self._each_term():
            if not isinstance(term, PreviousAction):
                continue
            output = self.outputs.get(term.output)
            if output is None:
                yield (*place, 'output'), BundleError(
                    '', term.output, f'one of {", ".join(self.outputs)}',
                    'name an output of this manifest')
            elif output.width != term.size:
                yield (*place, 'size'), BundleError(
                    '', term.size, f'{output.width}, as output {term.output} has', 'correct it')

    def _unmoved_targets(self):
        moved = [joint for _, part in self.parts() for joint in getattr(part, 'joints', ())]
        for place, term in self._each_term():
            for n, joint in enumerate(term.joints if isinstance(term, PreviousTarget) else ()):
                if joint not in moved:
                    yield (*place, 'joints', n), BundleError(
                        '', joint, f'a joint that an output moves: {", ".join(moved) or "none"}',
                        'take joint_position for the others')

    def _doubly_moved(self):
        moved = {}
        for name, output in self.outputs.items():
            for suffix, part, _ in output.split(None):
                for thing in _moved(part):
                    other = moved.setdefault(thing, name + suffix)
                    if other != name + suffix:
                        yield ('outputs', name), BundleError(
                            f' moves {thing}', None, f'one output for it; {other} moves it too',
                            'leave it out of one of the two')

    def _unequal_chunks(self):
        chunks = {}
        for name, output in self.outputs.items():
            for moves in sorted({part.moves for _, part, _ in output.split(None) if part.moves}):
                chunk = chunks.setdefault(moves, output.chunk)
                if chunk != output.chunk:
                    yield ('outputs', name, 'chunk'), BundleError(
                        '', output.chunk, f'{chunk}, as the output before has',
                        f'all outputs that move {moves} have one length')

    def _points_beyond(self):
        for name, output in self.outputs.items():
            for suffix, part, _ in output.split(None):
                follow = getattr(part, 'follow', None)
                if follow is not None and follow >= output.chunk:
                    yield ('outputs', name, 'chunk'), BundleError(
                        '', output.chunk, f'more than {follow}, the point that {name}{suffix} '
                        'follows', 'points are counted from 0')

    def _late_deadline(self):
        if self.deadline_ns > self.horizon_ns:
            yield ('timing', 'deadline_s'), BundleError(
                '', self.timing.deadline_s,
                f'at most {self.horizon_ns / NS_PER_S:.3g}, what the shortest chunk covers',
                'a later answer would have no step left: shorten the deadline or lengthen chunk')


def _moved(output: Output):
    if output.moves is None:
        return ()
    return getattr(output, 'joints', ()) or (f'the {output.moves}',)


def parse_manifest(data, name=Manifest.FILE) -> Manifest:
    """
    Read a manifest.

    :param data: the content of ``policy.yaml``, bytes or str
    :raises BundleError: listing all problems with place, value, expectation and remedy
    """
    return parse(Manifest, data, name)
