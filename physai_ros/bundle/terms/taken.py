"""Some of the numbers that a term has."""
from functools import cached_property
from operator import getitem
from typing import Annotated, Optional

import numpy as np
from physai_ros.bundle.scaling import Scaling
from physai_ros.bundle.schema import Listed, mismatch
from pydantic import Field, model_validator

Place = Annotated[int, Field(ge=0, le=255)]


class Taken(Scaling):
    """A vector term whose ``count`` numbers have no names: a model may see a part of them."""

    take: Optional[Annotated[Listed[Place], Field(min_length=1)]] = Field(
        default=None, description='the places, from 0, of the numbers that the model sees, in '
        'its order; by default all. offset, scale, normalise and clip are for these')

    @property
    def count(self) -> int:
        """Return how many numbers ``values`` has."""
        raise NotImplementedError

    @property
    def width(self):
        return self.count if self.take is None else len(self.take)

    @cached_property
    def forward(self):
        if self.take is None:
            return super().forward
        return ((getitem, (..., np.array(self.take))), *super().forward)

    @model_validator(mode='after')
    def _places(self):
        if self.take is None:
            return self
        if max(self.take) >= self.count:
            raise mismatch('take', f'places from 0 to {self.count - 1}, as {self.term} has '
                           f'{self.count} numbers here', 'count from 0')
        if len(set(self.take)) < len(self.take):
            raise mismatch('take', 'each place once', 'remove the repeated one')
        return self
