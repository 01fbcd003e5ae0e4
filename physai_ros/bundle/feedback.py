"""Model inputs that come from the model itself: recurrent state, and what RTC asks for."""
import math
from typing import Annotated, Literal, Optional, Tuple

import numpy as np
from physai_ros.bundle.schema import Dtype, Label, Listed, mismatch, Moderate, Schema
from physai_ros.bundle.terms import Told
from physai_ros.core.errors import BundleError
from pydantic import Field, model_validator

MOST_NUMBERS = 10_000_000

Dimension = Annotated[int, Field(ge=1, le=1_000_000)]


class Recurrent(Schema):
    """An input that is given what an output answered before."""

    output: Label = Field(description='the output whose last answer enters')
    shape: Annotated[Listed[Dimension], Field(max_length=8)] = Field(
        description='the shape of both, batch dimension included')
    dtype: Dtype = Field(default='float32', description='the type of both')
    initial: Moderate = Field(default=0.0, description='what it is filled with at activation')
    restart_after: Optional[Annotated[int, Field(ge=1, le=1_000_000)]] = Field(
        default=None, description='after how many answers it is filled with initial again')

    @model_validator(mode='after')
    def _small(self):
        if math.prod(self.shape) > MOST_NUMBERS:
            raise mismatch('shape', f'at most {MOST_NUMBERS} numbers', 'correct the shape')
        return self

    def first(self) -> np.ndarray:
        """Return the state at activation."""
        return np.full(self.shape, self.initial, dtype=self.dtype)

    def restarts(self, answers: int) -> bool:
        """Return whether the state begins anew after so many answers."""
        return self.restart_after is not None and answers % self.restart_after == 0


class Rtc(Schema):
    """
    The inputs of a model for real-time chunking (https://arxiv.org/abs/2506.07339).

    Row k of the prefix is the action that is in force at t_obs + k dt, in the numbers of the
    model; rows of which nothing is known are zero.
    """

    output: Label = Field(description='the output whose actions are meant')
    prefix: Label = Field(description='the input (1, chunk, width) for the actions in force')
    delay: Optional[Label] = Field(
        default=None, description='the input (1,) for how many steps are over before the answer '
        'comes')
    delay_dtype: Literal['int64', 'int32', 'float32'] = Field(
        default='int64', description='the type of the input delay')


class Feedback:
    """
    Holds the state of a model between its answers.

    :param manifest: of the bundle
    """

    def __init__(self, manifest):
        self._recurrent, self._rtc = manifest.recurrent, manifest.rtc
        self._output = manifest.outputs[self._rtc.output] if self._rtc else None
        self._dt_ns = manifest.dt_ns
        self.reset()

    def reset(self):
        """Begin anew."""
        self._state = {name: spec.first() for name, spec in self._recurrent.items()}
        self._rows, self._references, self._stamp_ns = None, {}, 0
        self._answers = 0

    def remember(self, outputs, t_obs_ns: int, references):
        """
        Take an answer.

        :param outputs: arrays by name
        :param references: of the observation that was answered
        :raises BundleError: for a state of another shape or one that is not finite
        """
        state = {name: self._checked(spec, np.asarray(outputs[spec.output]))
                 for name, spec in self._recurrent.items()}
        self._answers += 1
        self._state = {name: spec.first() if spec.restarts(self._answers) else state[name]
                       for name, spec in self._recurrent.items()}
        if self._rtc is not None:
            self._rows = self._output.rows(self._rtc.output, outputs[self._rtc.output])
            self._references, self._stamp_ns = references, t_obs_ns

    def inputs(self, t_obs_ns: int, references, delay_steps: int, prefix=None):
        """
        Return arrays by input name.

        :param delay_steps: how many steps will be over before the answer comes
        :param prefix: the actions in force from t_obs on, (K, n) in SI units; by default the
            rest of the last answer
        """
        if self._rtc is None:
            return self._state
        rows = np.zeros((1, self._output.chunk, self._output.width), np.float32)
        known = self._rest(t_obs_ns, references) if prefix is None else \
            self._encoded(np.asarray(prefix, dtype=np.float64), references)
        known = known[:self._output.chunk]
        rows[0, :len(known)] = known
        inputs = {**self._state, self._rtc.prefix: rows}
        if self._rtc.delay is not None:
            delay = min(delay_steps, len(known))
            inputs[self._rtc.delay] = np.array([delay], dtype=self._rtc.delay_dtype)
        return inputs

    def _rest(self, t_obs_ns, references) -> np.ndarray:
        if self._rows is None:
            return np.zeros((0, self._output.width))
        step = max(0, round((t_obs_ns - self._stamp_ns) / self._dt_ns))
        return self._encoded(self._decoded()[step:], references)

    def _decoded(self):
        place, dt_s = f'outputs.{self._rtc.output}', self._dt_ns * 1e-9
        return np.hstack([part.actions(rows, dt_s, self._references.get(place + suffix))
                          for suffix, part, rows in self._output.split(self._rows)])

    def _encoded(self, actions, references):
        if not len(actions):
            return np.zeros((0, self._output.width))
        place, start, columns = f'outputs.{self._rtc.output}', 0, []
        for suffix, part, _ in self._output.split(None):
            stop = start + part.action_width
            columns.append(part.to_rows(actions[:, start:stop], references.get(place + suffix)))
            start = stop
        return self._output.join(columns)

    def _checked(self, spec, state) -> np.ndarray:
        if state.shape != spec.shape:
            raise BundleError(f'the shape of output {spec.output}', state.shape, str(spec.shape),
                              'correct recurrent in policy.yaml')
        return state


def tensors(recurrent, rtc, outputs) -> Tuple[dict, dict]:
    """Return (shape, dtype) of the inputs and of the outputs that feedback is made of."""
    inputs = {name: (spec.shape, spec.dtype) for name, spec in recurrent.items()}
    answers = {spec.output: (spec.shape, spec.dtype) for spec in recurrent.values()}
    if rtc is not None and rtc.output in outputs:
        output = outputs[rtc.output]
        inputs[rtc.prefix] = ((1, output.chunk, output.width), 'float32')
        if rtc.delay is not None:
            inputs[rtc.delay] = ((1,), rtc.delay_dtype)
    return inputs, answers


def feedback_problems(manifest):
    """Yield (path, problem) for names of outputs and inputs that cannot be meant."""
    given = {}
    for name, terms in manifest.inputs.items():
        for n, term in enumerate(terms):
            if isinstance(term, Told) and term.output in manifest.outputs:
                yield ('inputs', name, n, 'output'), BundleError(
                    '', term.output, 'an output that moves nothing',
                    'previous_action shows what one of outputs answered')
    for name, spec in manifest.recurrent.items():
        other = given.setdefault(spec.output, name)
        if other != name:
            yield ('recurrent', name, 'output'), BundleError(
                '', spec.output, f'an output of its own; {other} is given this one',
                'name the one that answers this state: h and c of an LSTM have one each')
        if name in manifest.inputs:
            yield ('recurrent', name), BundleError(
                '', name, 'an input that has no terms', 'leave it out of inputs')
        if spec.output in manifest.outputs:
            yield ('recurrent', name, 'output'), BundleError(
                '', spec.output, 'an output that moves nothing', 'leave it out of outputs')
    rtc = manifest.rtc
    if rtc is None:
        return
    taken = {*manifest.inputs, *manifest.recurrent}
    for field in ('prefix', 'delay'):
        if getattr(rtc, field) in taken:
            yield ('rtc', field), BundleError(
                '', getattr(rtc, field), 'an input that nothing else is given to',
                f'it is not one of {", ".join(sorted(taken))}')
    output = manifest.outputs.get(rtc.output)
    if output is None:
        yield ('rtc', 'output'), BundleError(
            '', rtc.output, f'one of {", ".join(manifest.outputs)}',
            'name an output of this manifest')
        return
    for _, part, _ in output.split(None):
        if not part.invertible or part.follows_itself or 0.0 in part.scale:
            yield ('rtc', 'output'), BundleError(
                '', rtc.output, 'actions that can be turned back into numbers of the model',
                f'{part.kind} cannot, or not relative to a previous target, or with scale 0')
