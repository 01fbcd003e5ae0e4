"""What the terms on the model's own outputs have in common."""
from typing import ClassVar

import numpy as np
from physai_ros.bundle.schema import Label, Schema
from physai_ros.bundle.terms.base import Context
from physai_ros.core.errors import BundleError
from pydantic import Field


class Told(Schema):
    """A term that shows what an output told in the last answer: one that moves nothing."""

    of_sample_alone: ClassVar[bool] = False

    output: Label = Field(description='the output that is meant, float32, which moves nothing and '
                          'is not one of outputs')
    size: int = Field(ge=1, le=4096, description='how many numbers it has, whatever its shape')

    def told(self, context: Context) -> np.ndarray:
        """
        Return the numbers of the output, float64 (size,).

        :raises BundleError: where nobody said what the model tells, or the size is another one
        """
        numbers = context.told.get(self.output)
        if numbers is None:
            raise BundleError(f'what output {self.output} told', None,
                              'the answer of the model to zeros', 'give the assembler the model')
        if numbers.size != self.size:
            raise BundleError(f'how many numbers output {self.output} has', numbers.size,
                              str(self.size), f'correct size of {self.term} in policy.yaml')
        return numbers
