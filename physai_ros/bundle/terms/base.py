"""What every term of an observation is: one slice of a model input, taken from one source."""
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Optional, Tuple

import numpy as np
from physai_ros.bundle.schema import mismatch, Numbers, Schema, Seconds
from physai_ros.core.errors import SampleError
from pydantic import Field, model_validator

ACTION = 'action'
SOURCE_KINDS = ('joint_state', 'image', 'objects', 'odometry', 'imu', 'text', ACTION)


@dataclass(frozen=True)
class Source:
    """
    Where the samples of a term come from.

    ``topic`` is relative to the robot's namespace; ``kind`` says the type, one of SOURCE_KINDS.
    The kind ACTION is no topic: ``topic`` is then the name of one of the bundle's outputs.
    """

    topic: str
    kind: str


@dataclass(frozen=True)
class Context:
    """
    What a term may know besides its sample.

    :param t_obs_ns: the tick for which the observation is assembled
    :param dt_ns: the time between two steps of a chunk
    :param frame_prefix: what TF puts before the robot's frames (``honda1/``)
    """

    t_obs_ns: int
    dt_ns: int
    frame_prefix: str = ''


class Term(Schema):
    """
    One slice of a model input.

    A subclass is one file: the discriminating literal ``term``, its fields, and the methods
    below. It is registered in ``terms/__init__.py``.
    """

    sample_type: ClassVar[type]
    default_max_age_s: ClassVar[float]

    max_age_s: Optional[Seconds] = Field(
        default=None, description='the oldest sample this term may use, seconds; the default is '
        'timing.max_age_s of its kind')

    @property
    def source(self) -> Source:
        """Return where the samples come from."""
        raise NotImplementedError

    @property
    def shape(self) -> Tuple[int, ...]:
        """Return the shape of what ``build`` returns: (n,), or that of a picture."""
        raise NotImplementedError

    def absence(self, sample) -> Optional[str]:
        """
        Return why a sample does not say what this term needs, None when it does.

        Such a sample is no error; the last one that had it stays, and ages.
        """
        return None

    def check(self, sample, frame_prefix):
        """Raise SampleError when a sample says it, but unusably (not finite, other frame)."""

    def build(self, sample, context: Context) -> np.ndarray:
        """Return the slice, float32 of ``shape``."""
        raise NotImplementedError

    def initial(self) -> Optional[np.ndarray]:
        """Return what stands for a sample that cannot exist yet, None when it must exist."""
        return None


Scale = Annotated[Numbers, Field(
    description='(value - offset) * scale enters the model: a number, or one for each value')]
Offset = Annotated[Numbers, Field(
    description='(value - offset) * scale enters the model: a number, or one for each value')]


class VectorTerm(Term):
    """A term of ``width`` numbers: ``(values - offset) * scale``."""

    offset: Offset = (0.0,)
    scale: Scale = (1.0,)

    @property
    def width(self) -> int:
        """Return how many numbers the term has."""
        raise NotImplementedError

    def values(self, sample, context: Context) -> np.ndarray:
        """Return the untransformed numbers, float64 (width,)."""
        raise NotImplementedError

    @property
    def shape(self):
        return (self.width,)

    def check(self, sample, frame_prefix):
        values = self.values(sample, Context(sample.stamp_ns, 1, frame_prefix))
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise SampleError(f'{self.term}[{bad[0]}] on {self.source.topic}', values[bad[0]],
                              'a finite number', 'look for the fault in the node that sends it')

    def build(self, sample, context):
        with np.errstate(over='ignore'):
            return ((self.values(sample, context) - self.offset) * self.scale).astype(np.float32)

    @model_validator(mode='after')
    def _lengths(self):
        for field in ('offset', 'scale'):
            if len(getattr(self, field)) not in (1, self.width):
                raise mismatch(field, f'1 or {self.width} numbers, as the term has',
                               'give one number for all, or one for each')
        return self


@lru_cache(maxsize=256)
def places_of(wanted, names):
    """
    Return where each wanted name stands among the names, None when one is missing.

    :param wanted: tuple of str
    :param names: tuple of str, in any order
    :raises SampleError: when a name stands twice
    """
    if len(set(names)) != len(names):
        raise SampleError('the joint names of a joint state', names, 'each name once',
                          'look for two drivers that name their joints alike')
    try:
        return tuple(names.index(name) for name in wanted)
    except ValueError:
        return None
