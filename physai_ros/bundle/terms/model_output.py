"""Numbers that the model tells, and sees in its next observation."""
from typing import Literal

from physai_ros.bundle.terms.base import VectorTerm
from physai_ros.bundle.terms.taken import Taken
from physai_ros.bundle.terms.told import Told


class ModelOutput(Told, Taken, VectorTerm):
    """
    What an output that moves nothing told in the last answer, such as the motion to be followed.

    The numbers are laid in one row. Before the first answer they are what the model answers to
    zeros in all its inputs.
    """

    term: Literal['model_output'] = 'model_output'

    @property
    def count(self):
        return self.size

    def values(self, sample, context):
        return self.told(context)
