"""How many steps of the past a model sees, and in which order."""
from typing import Literal, Tuple

import numpy as np
from physai_ros.bundle.schema import Schema
from pydantic import Field


class History(Schema):
    """Values at t, t - stride dt, t - 2 stride dt …; dt is 1 / rate_hz."""

    steps: int = Field(ge=1, le=1000, description='how many moments, the present one included')
    stride: int = Field(default=1, ge=1, le=1000,
                        description='how many periods 1 / rate_hz lie between two of them')
    order: Literal['oldest_first', 'newest_first'] = Field(
        default='oldest_first', description='which moment comes first')
    stack: Literal['flat', 'axis'] = Field(
        default='flat', description='flat: one after the other; axis: along an axis of their own '
        'behind the batch')
    start: Literal['repeat', 'wait', 'zeros'] = Field(
        default='repeat', description='for moments before the first sample: repeat the first '
        'sample, or wait until there are enough; zeros: for those before the first observation '
        'the model sees zeros, whatever the term')

    def lags_ns(self, dt_ns: int) -> Tuple[int, ...]:
        """Return how long ago each moment is, in the order in which they are given."""
        lags = tuple(n * self.stride * dt_ns for n in range(self.steps))
        return lags if self.order == 'newest_first' else lags[::-1]

    def shape(self, inner: Tuple[int, ...], axis=0) -> Tuple[int, ...]:
        """
        Return the shape of all moments.

        :param inner: shape of one
        :param axis: along which ``flat`` puts one after the other
        """
        if self.stack == 'axis':
            return (self.steps, *inner)
        return tuple(size * self.steps if n == axis else size for n, size in enumerate(inner))

    def join(self, moments, axis=0) -> np.ndarray:
        """Return the arrays of all moments as one."""
        if self.stack == 'axis':
            return np.stack(moments)
        return np.concatenate(moments, axis=axis)


NOW = History(steps=1)
