"""Grippers that open and close."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.schema import JointNames, mismatch, Moderate, Pair
from physai_ros.core.types import JointChunk
from pydantic import Field, model_validator


class GripperOutput(Output):
    """How far a gripper is open, 0 (closed) to 1 (open), as joint positions."""

    moves: ClassVar[str] = 'joints'

    kind: Literal['gripper'] = 'gripper'
    joints: JointNames = Field(description='the joint of the gripper, or one for each number; '
                               'several for one number with together')
    closed: Moderate = Field(description='joint position when closed, rad or m')
    open: Moderate = Field(description='joint position when open, rad or m')  # noqa: A003
    together: bool = Field(default=False, description='whether one number moves all of joints, '
                           'which are alike: the two fingers of a hand')
    fractions: Pair = Field(default=(0.0, 1.0), description='what closed and open are after '
                            'offset and scale; the model may say less or more, which counts as '
                            'closed or open')

    @property
    def width(self):
        return 1 if self.together else len(self.joints)

    @property
    def action_width(self):
        return len(self.joints)

    def actions(self, rows, dt_s, reference=None, solver=None):
        low, high = self.fractions
        share = ((self.from_model(rows) - low) / (high - low)).clip(0.0, 1.0)
        return self.closed + np.repeat(share, len(self.joints) // self.width, axis=1) * \
            (self.open - self.closed)

    def to_rows(self, actions, reference=None):
        low, high = self.fractions
        share = (actions[:, :self.width] - self.closed) / (self.open - self.closed)
        return self.back_to_model(low + share * (high - low))

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return JointChunk(t_obs_ns, dt_ns, self.joints, actions)

    @model_validator(mode='after')
    def _spans(self):
        if self.open == self.closed:
            raise mismatch('open', 'another position than closed', 'correct one of the two')
        if self.fractions[0] == self.fractions[1]:
            raise mismatch('fractions', 'two different numbers', 'write [0, 1] or [1, 0]')
        if self.together and len(self.joints) == 1:
            raise mismatch('together', 'several joints', 'leave it out for one')
        return self
