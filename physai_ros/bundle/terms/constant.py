"""Numbers that never change."""
from functools import cached_property
from math import prod
from typing import Annotated, Literal, Optional

import numpy as np
from physai_ros.bundle.schema import Listed, mismatch, Numbers
from physai_ros.bundle.terms.base import VectorTerm
from physai_ros.core.finite import all_finite
from pydantic import Field, model_validator

MOST = 10_000_000
Dimensions = Annotated[Listed[Annotated[int, Field(ge=1, le=MOST)]], Field(max_length=8)]


class Constant(VectorTerm):
    """Numbers that stand in the manifest: a fixed command, a mode, a camera that is not there."""

    term: Literal['constant'] = 'constant'
    numbers: Annotated[Numbers, Field(max_length=4096)] = Field(description='the numbers')
    dimensions: Optional[Dimensions] = Field(
        default=None, description='the shape behind the batch, row by row, for an input of its '
        'own; one number fills it. [] where the input has the batch alone, shape (1,). By '
        'default one dimension, of numbers')

    @property
    def width(self):
        return len(self.numbers)

    @property
    def shape(self):
        return (self.width,) if self.dimensions is None else self.dimensions

    def build(self, sample, context):
        return self.whole

    @cached_property
    def whole(self) -> np.ndarray:
        """Return the numbers as the model is given them, made once and not to be written to."""
        numbers = self.finished(np.array(self.numbers))
        whole = np.full(self.shape, numbers[0]) if self.width == 1 else \
            numbers.reshape(self.shape)
        whole.flags.writeable = False
        return whole

    @model_validator(mode='after')
    def _fills(self):
        count = prod(self.shape)
        if count > MOST:
            raise mismatch('dimensions', f'at most {MOST} numbers', 'make it smaller')
        if self.width not in (1, count):
            raise mismatch('numbers', f'1 or {count} numbers, as dimensions says',
                           'give one number for all, or one for each place')
        with np.errstate(over='ignore', invalid='ignore'):
            if not all_finite(self.finished(np.array(self.numbers))):
                raise mismatch('numbers', f'numbers that are finite in {self.dtype}',
                               'correct them, or offset and scale')
        return self
