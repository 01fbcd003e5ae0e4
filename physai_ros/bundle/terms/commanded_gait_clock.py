"""The rhythm of legs that stand while nobody wants them to walk."""
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import mismatch, Numbers
from physai_ros.bundle.terms.base import Measured
from physai_ros.bundle.terms.gait_clock import Rhythm
from physai_ros.bundle.terms.velocity_command import TwistTerm
from pydantic import Field, FiniteFloat, model_validator


class CommandedGaitClock(Rhythm, TwistTerm):
    """
    A ``gait_clock`` that shows the phases ``standing`` while the velocity command is small.

    Small: the root of the sum of the squares of its ``axes`` is below ``least``. The clock goes
    on meanwhile.
    """

    of_sample_alone: ClassVar[bool] = False

    term: Literal['commanded_gait_clock'] = 'commanded_gait_clock'
    least: FiniteFloat = Field(gt=0, le=1000, description='the smallest command to walk by')
    standing: Annotated[Numbers, Field(max_length=32)] = Field(
        default=(0.5,), description='the phase while it stands, 0 to 1: one for all legs, or one '
        'for each')

    def values(self, sample, context):
        small = np.linalg.norm(self.wanted(sample)) < self.least
        return self.told(self.still if small else self.phase(context))

    def measured(self, sample, frame_prefix):
        return self.wanted(sample)

    def blend(self, before, after, share, context):
        return Measured.blend(self, before, after, share, context)

    @cached_property
    def still(self):
        """Return the phases while it stands, (legs,)."""
        return np.broadcast_to(np.array(self.standing), self.starts.shape)

    @model_validator(mode='after')
    def _legs(self):
        if len(self.standing) not in (1, len(self.phases)):
            raise mismatch('standing', f'1 or {len(self.phases)} numbers, as phases has',
                           'give one number for all, or one for each')
        return self
