"""Measured joint positions."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import mismatch
from physai_ros.bundle.terms.joints import AngularJointTerm
from pydantic import Field, model_validator


class JointPosition(AngularJointTerm):
    """
    Positions, rad or m; with ``offset`` the default pose they are relative to it.

    With ``form`` sin or cos it is that of each angle; ``offset`` and the rest count from there.
    """

    field: ClassVar[str] = 'position'

    term: Literal['joint_position'] = 'joint_position'
    form: Literal['angle', 'sin', 'cos'] = Field(
        default='angle', description='angle, sin or cos; the latter two make no step where a '
        'wheel or a continuous joint has gone round')

    def positions(self, sample, context) -> np.ndarray:
        """Return the angles, (J,)."""
        return super().values(sample, context)

    def values(self, sample, context):
        position = self.positions(sample, context)
        if self.form == 'angle':
            return position
        with np.errstate(invalid='ignore'):
            return np.sin(position) if self.form == 'sin' else np.cos(position)

    @model_validator(mode='after')
    def _unit_of_an_angle(self):
        if self.form != 'angle' and self.unit != 'rad':
            raise mismatch('unit', f'no unit, as form is {self.form}', 'leave it out')
        return self
