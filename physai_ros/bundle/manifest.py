"""The manifest ``policy.yaml``: all that is needed to run a model on a robot, without code."""
from itertools import chain
from typing import Annotated, ClassVar, Dict, Literal, Tuple

from physai_ros.bundle.outputs import AnyOutput, Output
from physai_ros.bundle.problems import parse
from physai_ros.bundle.schema import Label, Listed, ModelFile, Name, Schema, Seconds, Version
from physai_ros.bundle.terms import ACTION, AnyTerm, Image, PreviousAction, Term, TERMS
from physai_ros.core.errors import BundleError
from physai_ros.core.types import NS_PER_S
from pydantic import Field, FiniteFloat

KINDS = tuple(sorted(term.model_fields['term'].default for term in TERMS))


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
    model: ModelFile
    inputs: Dict[Label, Annotated[Listed[AnyTerm], Field(min_length=1)]] = Field(
        min_length=1, description='the terms that make up each input of the model, by its name')
    outputs: Dict[Label, AnyOutput] = Field(
        min_length=1, description='what each output of the model means, by its name')
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

    def terms(self) -> Tuple[Tuple[str, Term], ...]:
        """Return (place, term) of all terms; a place is like ``inputs.observation.state[1]``."""
        return tuple((f'inputs.{name}[{n}]', term) for name, terms in self.inputs.items()
                     for n, term in enumerate(terms))

    def max_age_ns(self, term: Term) -> int:
        """Return the maximum age of a term's samples."""
        age = term.max_age_s or self.timing.max_age_s.get(term.term, term.default_max_age_s)
        return round(age * NS_PER_S)

    def input_shape(self, name) -> Tuple[int, ...]:
        """Return the shape of an input, batch dimension included."""
        terms = self.inputs[name]
        if len(terms) == 1:
            return (1, *terms[0].shape)
        return (1, sum(term.shape[0] for term in terms))

    def inconsistencies(self):
        return chain(self._mixed_inputs(), self._mixed_topics(), self._unknown_actions(),
                     self._doubly_moved(), self._unequal_chunks(), self._late_deadline())

    def _mixed_inputs(self):
        for name, terms in self.inputs.items():
            for n, term in enumerate(terms):
                if isinstance(term, Image) and len(terms) > 1:
                    yield ('inputs', name, n), BundleError(
                        '', 'an image beside other terms', 'an image alone in its input',
                        'give the image an input of its own')

    def _mixed_topics(self):
        kinds = {}
        for name, terms in self.inputs.items():
            for n, term in enumerate(terms):
                if term.source.kind == ACTION:
                    continue
                kind = kinds.setdefault(term.source.topic, term.source.kind)
                if kind != term.source.kind:
                    yield ('inputs', name, n, 'topic'), BundleError(
                        '', term.source.topic, f'another topic, as this one carries {kind}',
                        f'name the topic that carries {term.source.kind}')

    def _unknown_actions(self):
        for name, terms in self.inputs.items():
            for n, term in enumerate(terms):
                if not isinstance(term, PreviousAction):
                    continue
                place, output = ('inputs', name, n), self.outputs.get(term.output)
                if output is None:
                    yield (*place, 'output'), BundleError(
                        '', term.output, f'one of {", ".join(self.outputs)}',
                        'name an output of this manifest')
                elif output.width != term.size:
                    yield (*place, 'size'), BundleError(
                        '', term.size, f'{output.width}, as output {term.output} has',
                        'correct it')

    def _doubly_moved(self):
        moved = {}
        for name, output in self.outputs.items():
            for part in _parts(output):
                other = moved.setdefault(part, name)
                if other != name:
                    yield ('outputs', name), BundleError(
                        ' moves ' + part, None, f'one output for it; {other} moves it too',
                        'leave it out of one of the two')

    def _unequal_chunks(self):
        chunks = {}
        for name, output in self.outputs.items():
            chunk = chunks.setdefault(output.moves, output.chunk)
            if chunk != output.chunk:
                yield ('outputs', name, 'chunk'), BundleError(
                    '', output.chunk, f'{chunk}, as the output before has',
                    f'all outputs that move {output.moves} have one length')

    def _late_deadline(self):
        if self.deadline_ns > self.horizon_ns:
            yield ('timing', 'deadline_s'), BundleError(
                '', self.timing.deadline_s,
                f'at most {self.horizon_ns / NS_PER_S:.3g}, what the shortest chunk covers',
                'a later answer would have no step left: shorten the deadline or lengthen chunk')


def _parts(output: Output):
    return getattr(output, 'joints', ()) or (f'the {output.moves}',)


def parse_manifest(data, name=Manifest.FILE) -> Manifest:
    """
    Read a manifest.

    :param data: the content of ``policy.yaml``, bytes or str
    :raises BundleError: listing all problems with place, value, expectation and remedy
    """
    return parse(Manifest, data, name)
