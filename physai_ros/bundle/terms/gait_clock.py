"""The rhythm of legs."""
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from physai_ros.bundle.schema import Listed, Schema
from physai_ros.bundle.terms.base import Lagged, VectorTerm
from physai_ros.core.types import NS_PER_S
from pydantic import Field, FiniteFloat

Phases = Annotated[Listed[Annotated[FiniteFloat, Field(ge=-1, le=1)]],
                   Field(min_length=1, max_length=32)]


class Rhythm(Schema):
    """A phase for each leg, and how the model is told."""

    frequency_hz: FiniteFloat = Field(gt=0, le=100, description='steps of a leg in a second')
    phases: Phases = Field(
        default=(0.0,), description='where in the rhythm each leg begins, 0 to 1')
    form: Literal['sin', 'cos', 'sin_cos', 'phase'] = Field(
        default='sin_cos', description='sin, cos, sin_cos or phase')

    @property
    def width(self):
        return len(self.phases) * (2 if self.form == 'sin_cos' else 1)

    def phase(self, context) -> np.ndarray:
        """Return the phase of each leg, 0 to 1, (legs,)."""
        elapsed = max(context.t_obs_ns - context.t_start_ns, 0) / NS_PER_S
        return np.mod(elapsed * self.frequency_hz + self.starts, 1.0)

    def told(self, phase) -> np.ndarray:
        """Return phases (legs,) in the form that the model wants, (width,)."""
        if self.form == 'phase':
            return phase
        angle = 2.0 * np.pi * phase
        if self.form == 'sin_cos':
            return np.concatenate([np.sin(angle), np.cos(angle)])
        return np.sin(angle) if self.form == 'sin' else np.cos(angle)

    @cached_property
    def starts(self):
        """Return the phases as an array."""
        return np.array(self.phases)


class GaitClock(Lagged, Rhythm, VectorTerm):
    """
    A phase for each leg that runs from 0 to 1 ``frequency_hz`` times a second.

    Phase n is (time since the first observation * frequency + phases[n]) modulo 1; sin and cos
    are of 2 pi times it. ``sin_cos``: all sines, then all cosines.
    """

    term: Literal['gait_clock'] = 'gait_clock'

    def values(self, sample, context):
        return self.told(self.phase(context))
