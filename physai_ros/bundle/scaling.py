"""The arithmetic between SI values and the numbers of a model, and back; numbers by number."""
from functools import cached_property
from typing import ClassVar, Literal, Optional

import numpy as np
from physai_ros.bundle.schema import Bounds, mismatch, Numbers, Pair, Schema
from pydantic import Field, model_validator

DEGREES = 180.0 / np.pi
STOOD_STILL = 'a value that stood still in training has 0: for it write scale 0, mean 0 and std ' \
    '1 in an input (the model sees 0, as it did), std 1e-6 in an output (it stays at its mean)'


class Normalise(Schema):
    """
    Statistics of the training data: ``mean`` and ``std``, or ``min`` and ``max``.

    The first pair makes (value - mean) / std. The second leads min to max onto ``onto``; where
    they are equal the value becomes the lower number of ``onto``.
    """

    mean: Optional[Numbers] = Field(default=None, description='the mean of each value')
    std: Optional[Numbers] = Field(default=None,
                                   description='the standard deviation of each value')
    min: Optional[Numbers] = Field(  # noqa: A003
        default=None, description='the least value')
    max: Optional[Numbers] = Field(  # noqa: A003
        default=None, description='the greatest value')
    onto: Pair = Field(default=(-1.0, 1.0), description='what min and max become')

    @property
    def counts(self):
        """Return (field, how many numbers it has)."""
        fields = ('mean', 'std', 'min', 'max')
        return tuple((field, len(getattr(self, field))) for field in fields
                     if getattr(self, field) is not None)

    @cached_property
    def arrays(self):
        """Return (centre, spread, floor): (value - centre) / spread + floor is normalised."""
        if self.mean is not None:
            return np.array(self.mean), np.array(self.std), 0.0
        low, high = np.array(self.min), np.array(self.max)
        span = high - low
        with np.errstate(divide='ignore'):
            spread = np.where(span > 0.0, span / (self.onto[1] - self.onto[0]), np.inf)
        return low, spread, self.onto[0]

    @model_validator(mode='after')
    def _pairs(self):
        given = {field for field, _ in self.counts}
        if given not in ({'mean', 'std'}, {'min', 'max'}):
            raise mismatch('', 'mean and std, or min and max', 'give one of the two pairs')
        if self.std is not None and min(self.std) <= 0.0:
            raise mismatch('std', 'positive numbers',
                           STOOD_STILL if min(self.std) == 0.0 else 'copy it from the training')
        if self.min is not None and len(self.min) != len(self.max):
            raise mismatch('max', f'{len(self.min)} numbers, as min has', 'correct it')
        if self.min is not None and any(a > b for a, b in zip(self.min, self.max)):
            raise mismatch('max', 'no number below that of min', 'exchange min and max')
        if self.onto[0] >= self.onto[1]:
            raise mismatch('onto', 'the lower number first', 'write [-1, 1] or [0, 1]')
        return self


class Angular(Schema):
    """Values that are angles, or angles in a time."""

    unit: Literal['rad', 'deg'] = Field(
        default='rad', description='what the model was trained in; messages are in rad. For '
        'sliding joints leave it out')

    @property
    def per_radian(self) -> float:
        """Return how many units of the model a radian is."""
        return DEGREES if self.unit == 'deg' else 1.0


class Scaling(Schema):
    """The operations on the numbers of a term or an output, of which there are ``width``."""

    per_radian: ClassVar[float] = 1.0

    offset: Numbers = Field(
        default=(0.0,), description='(value - offset) * scale enters the model, offset + answer * '
        'scale leaves it: a number, or one for each value')
    scale: Numbers = Field(
        default=(1.0,), description='(value - offset) * scale enters the model, offset + answer * '
        'scale leaves it: a number, or one for each value')
    normalise: Optional[Normalise] = Field(
        default=None, description='statistics of the training data: mean and std, or min and max')
    clip: Optional[Bounds] = Field(
        default=None, description='[the least, the greatest] number that the model is given, or '
        'may give; for each value its own: [[the least ones], [the greatest ones]]')

    @property
    def width(self) -> int:
        """Return how many numbers there are."""
        raise NotImplementedError

    def to_model(self, values: np.ndarray) -> np.ndarray:
        """
        Return unit, offset, scale, normalise and clip applied in this order.

        :param values: (..., width) float64 in SI units
        """
        for operation, operand in self.forward:
            values = operation(values, operand)
        return values

    def from_model(self, numbers: np.ndarray) -> np.ndarray:
        """
        Return normalise, scale, offset and unit undone in this order; clip is for ``rows``.

        :param numbers: (..., width) float64 as the model answered
        """
        if not self.backward:
            return numbers
        with np.errstate(over='ignore', invalid='ignore'):
            for operation, operand in self.backward:
                numbers = operation(numbers, operand)
        return numbers

    @cached_property
    def forward(self):
        """Return the operations of ``to_model``, those that change nothing left out."""
        steps = [(np.multiply, self.per_radian)] if self.per_radian != 1.0 else []
        steps += self._when(np.subtract, self.offset, 0.0) + \
            self._when(np.multiply, self.scale, 1.0)
        if self.normalise is not None:
            centre, spread, floor = self.normalise.arrays
            steps += [(np.subtract, centre), (np.divide, spread), (np.add, floor)]
        return (*steps, *self.clipping)

    @cached_property
    def clipping(self):
        """Return the operations of ``clip``."""
        return () if self.clip is None else \
            ((np.maximum, np.array(self.clip[0])), (np.minimum, np.array(self.clip[1])))

    @cached_property
    def backward(self):
        """Return the operations of ``from_model``, those that change nothing left out."""
        steps = []
        if self.normalise is not None:
            centre, spread, floor = self.normalise.arrays
            finite = np.where(np.isfinite(spread), spread, 0.0)
            steps += [(np.subtract, floor), (np.multiply, finite), (np.add, centre)]
        steps += self._when(np.multiply, self.scale, 1.0) + self._when(np.add, self.offset, 0.0)
        if self.per_radian != 1.0:
            steps.append((np.divide, self.per_radian))
        return tuple(steps)

    def back_to_model(self, values: np.ndarray) -> np.ndarray:
        """Undo ``from_model``."""
        with np.errstate(over='ignore', invalid='ignore', divide='ignore'):
            values = (values * self.per_radian - np.array(self.offset)) / np.array(self.scale)
            if self.normalise is not None:
                centre, spread, floor = self.normalise.arrays
                values = (values - centre) / spread + floor
        return values

    @staticmethod
    def _when(operation, numbers, neutral):
        return [(operation, np.array(numbers))] if set(numbers) != {neutral} else []

    @model_validator(mode='after')
    def _lengths(self):
        counts = [('offset', len(self.offset)), ('scale', len(self.scale))]
        for field, count in counts:
            if count not in (1, self.width):
                raise mismatch(field, f'1 or {self.width} numbers, as there are values',
                               'give one number for all, or one for each')
        for field, count in self.normalise.counts if self.normalise else ():
            if count not in (1, self.width):
                raise mismatch('normalise', f'1 or {self.width} numbers in {field}',
                               'give one number for all, or one for each')
        require_bounds('clip', self.clip, self.width)
        return self


def require_bounds(field, bounds, width):
    """
    Refuse bounds of another length than 1 or ``width``, or in the wrong order.

    :param bounds: (numbers, numbers), or None
    """
    if bounds is None:
        return
    if any(len(bound) not in (1, width) for bound in bounds):
        raise mismatch(field, f'1 or {width} numbers in each of its two parts',
                       'give [least, greatest] for all, or [[least, …], [greatest, …]]')
    if not np.less(*map(np.array, bounds)).all():
        one = max(map(len, bounds)) == 1
        raise mismatch(field, 'the lower number first', 'exchange the two' if one else
                       'give [[the least ones], [the greatest ones]], not pairs')
