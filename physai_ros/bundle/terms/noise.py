"""What flow matching and diffusion begin with."""
from math import prod
from typing import Literal

import numpy as np
from physai_ros.bundle.schema import mismatch
from physai_ros.bundle.terms.base import Term
from physai_ros.bundle.terms.constant import Dimensions, MOST
from pydantic import Field, FiniteFloat, model_validator


class Noise(Term):
    """
    Normally distributed numbers, new for each observation, for models that leave them to others.

    The same moment has the same numbers, so that a recording gives the same answers again.
    """

    term: Literal['noise'] = 'noise'
    dimensions: Dimensions = Field(description='the shape behind the batch: [chunk, width]')
    std: FiniteFloat = Field(default=1.0, ge=0, description='their standard deviation')

    @property
    def shape(self):
        return self.dimensions

    def build(self, sample, context):
        random = np.random.default_rng(max(context.t_obs_ns, 0))
        return (self.std * random.standard_normal(self.shape, np.float32)).astype(self.dtype)

    @model_validator(mode='after')
    def _sound(self):
        if prod(self.shape) > MOST:
            raise mismatch('dimensions', f'at most {MOST} numbers', 'make it smaller')
        if not self.dtype.startswith('float'):
            raise mismatch('dtype', 'a floating-point type', 'leave it out for float32')
        return self
