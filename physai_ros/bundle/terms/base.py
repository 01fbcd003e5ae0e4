"""What every term of an observation is: one slice of a model input, taken from one source."""
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import (
    Any, Callable, ClassVar, Literal, Mapping, NamedTuple, Optional, Sequence, Tuple)

import numpy as np
from physai_ros.bundle.history import History
from physai_ros.bundle.scaling import Scaling
from physai_ros.bundle.schema import Dtype, Schema, Seconds
from physai_ros.core.errors import SampleError
from physai_ros.core.finite import all_finite
from pydantic import Field

ACTION, INTERNAL = 'action', 'internal'
SOURCE_KINDS = ('joint_state', 'image', 'compressed_image', 'depth', 'objects', 'odometry', 'imu',
                'twist', 'pose', 'wrench', 'scan', 'joy', ACTION, INTERNAL)


@dataclass(frozen=True)
class Source:
    """
    Where the samples of a term come from.

    ``topic`` is relative to the robot's namespace; ``kind`` says the type, one of SOURCE_KINDS.
    Two kinds are no topic: ACTION, where ``topic`` is the name of one of the bundle's outputs,
    and INTERNAL, for what needs no sample. ``every``: all samples count, not just the newest.
    """

    topic: str
    kind: str
    every: bool = False

    @property
    def internal(self) -> bool:
        """Return whether there is nothing to subscribe to."""
        return self.kind in (ACTION, INTERNAL)


class Context(NamedTuple):
    """
    What a term may know besides its sample.

    :param t_obs_ns: the moment that is asked for: the tick, or a step of the past before it
    :param dt_ns: the time between two steps of a chunk
    :param frame_prefix: what TF puts before the robot's frames (``honda1/``)
    :param t_start_ns: the first tick of the episode
    :param task: what to do, in words
    :param tokenize: function from text to the numbers of its tokens
    :param transforms: has ``lookup(target, source, stamp_ns)``, the pose (4, 4) of a frame in
        another; names without prefix
    :param targets: by joint, where the last answer before that moment wanted it then
    :param told: by output that moves nothing, the numbers of the last answer before that moment
    """

    t_obs_ns: int
    dt_ns: int
    frame_prefix: str = ''
    t_start_ns: int = 0
    task: str = ''
    tokenize: Optional[Callable[[str], Sequence[int]]] = None
    transforms: Any = None
    targets: Mapping[str, float] = MappingProxyType({})
    told: Mapping[str, Any] = MappingProxyType({})


class Term(Schema):
    """
    One slice of a model input.

    A subclass is one file: the discriminating literal ``term``, its fields, and the methods
    below. It is registered in ``terms/__init__.py``.
    """

    sample_type: ClassVar[Optional[type]] = None
    default_max_age_s: ClassVar[Optional[float]] = None
    silence_s: ClassVar[Optional[float]] = None     # of the topic, whatever its messages say
    of_sample_alone: ClassVar[bool] = True          # not of the moment that is asked for

    history: Optional[History] = Field(
        default=None, description='several moments of this term instead of one')
    dtype: Dtype = Field(default='float32', description='the type of the input of the model')

    @property
    def source(self) -> Source:
        """Return where the samples come from."""
        return Source('', INTERNAL)

    @property
    def shape(self) -> Tuple[int, ...]:
        """Return the shape of what ``build`` returns: (n,), or that of a picture."""
        raise NotImplementedError

    @property
    def flat_axis(self) -> int:
        """Return the axis along which a flat history is laid."""
        return 0

    @property
    def full_shape(self) -> Tuple[int, ...]:
        """Return the shape with the term's own history."""
        return self.history.shape(self.shape, self.flat_axis) if self.history else self.shape

    @property
    def needs_transforms(self) -> bool:
        """Return whether ``build`` looks frames up."""
        return False

    def build(self, sample, context: Context) -> np.ndarray:
        """
        Return the slice, ``dtype`` of ``shape``.

        :param sample: a ``sample_type``; None for a term without samples
        :raises StaleError: when it needs something else that is not there
        """
        raise NotImplementedError


class Lagged(Schema):
    """A term that may be about the past."""

    lag: int = Field(
        default=0, ge=0, le=1000, description='how many periods 1 / rate_hz before the moment '
        'that is asked for: 1 is the step before; with a history, for one of the past alone')


class Measured(Lagged, Term):
    """A term whose samples arrive on a topic and age."""

    max_age_s: Optional[Seconds] = Field(
        default=None, description='the oldest sample this term may use, seconds; the default is '
        'timing.max_age_s of its kind')
    align: Literal['latest', 'nearest', 'interpolate'] = Field(
        default='latest', description='which sample stands for a moment: the latest up to then, '
        'the nearest, or the two around it, interpolated')

    def absence(self, sample) -> Optional[str]:
        """
        Return why a sample does not say what this term needs, None when it does.

        Such a sample is no error; the last one that had it stays, and ages.
        """
        return None

    def check(self, sample, frame_prefix):
        """Raise SampleError when a sample says it, but unusably (not finite, other frame)."""

    def initial(self) -> Optional[np.ndarray]:
        """Return what stands for a sample that cannot exist yet, None when it must exist."""
        return None

    def moment_ns(self, context: Context) -> int:
        """Return by when a sample of the past must be stamped to stand for the context's time."""
        return context.t_obs_ns

    def blend(self, before, after, share: float, context: Context) -> np.ndarray:
        """
        Return the slice between two samples.

        :param share: 0 is the time of ``before``, 1 that of ``after``
        """
        return self.build(before if share < 0.5 else after, context)


class VectorTerm(Scaling, Term):
    """A term of ``width`` numbers: ``(values - offset) * scale``."""

    def values(self, sample, context: Context) -> np.ndarray:
        """Return the untransformed numbers, float64 (width,)."""
        raise NotImplementedError

    def measured(self, sample, frame_prefix) -> np.ndarray:
        """Return the numbers of a sample that must be finite, (n,)."""
        return self.values(sample, Context(sample.stamp_ns, 1, frame_prefix))

    def settle(self, values) -> np.ndarray:
        """Return interpolated numbers as valid ones (of unit length, for example)."""
        return values

    @property
    def shape(self):
        return (self.width,)

    def check(self, sample, frame_prefix):
        values = self.measured(sample, frame_prefix)
        if not all_finite(values):
            bad = np.flatnonzero(~np.isfinite(values))[0]
            raise SampleError(f'{self.term}[{bad}] on {self.source.topic}', values[bad],
                              'a finite number', 'look for the fault in the node that sends it')

    def build(self, sample, context):
        return self.finished(self.values(sample, context))

    def blend(self, before, after, share, context):
        first, second = self.values(before, context), self.values(after, context)
        return self.finished(self.settle(first + share * (second - first)))

    def finished(self, values) -> np.ndarray:
        """Return values as the model is given them."""
        numbers = self.to_model(values)
        if not self.dtype.startswith('float'):
            numbers = np.rint(numbers)
        return numbers.astype(self.dtype)


class MeasuredVector(VectorTerm, Measured):
    """Numbers that arrive on a topic."""


@lru_cache(maxsize=256)
def places_of(wanted, names):
    """
    Return where each wanted name stands among the names, (J,) intp; None when one is missing.

    :param wanted: tuple of str
    :param names: tuple of str, in any order
    :raises SampleError: when a name stands twice
    """
    if len(set(names)) != len(names):
        raise SampleError('the joint names of a joint state', names, 'each name once',
                          'look for two drivers that name their joints alike')
    try:
        return np.array([names.index(name) for name in wanted], dtype=np.intp)
    except ValueError:
        return None


def pick(values, wanted, names) -> np.ndarray:
    """Return the values (J,) of the wanted names, float64, in their order."""
    return np.asarray(values, dtype=np.float64)[places_of(wanted, names)]
