"""Numbers that never change."""
from typing import Annotated, Literal

import numpy as np
from physai_ros.bundle.schema import Numbers
from physai_ros.bundle.terms.base import VectorTerm
from pydantic import Field


class Constant(VectorTerm):
    """Numbers that stand in the manifest: a fixed command, a mode."""

    term: Literal['constant'] = 'constant'
    numbers: Annotated[Numbers, Field(max_length=4096)] = Field(description='the numbers')

    @property
    def width(self):
        return len(self.numbers)

    def values(self, sample, context):
        return np.array(self.numbers)
