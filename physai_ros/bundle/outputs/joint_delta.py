"""Joint targets relative to a pose."""
from typing import Literal

import numpy as np
from physai_ros.bundle.outputs.joints import RelativeJointOutput
from pydantic import Field


class JointDeltaOutput(RelativeJointOutput):
    """How far the joints are to be from a pose, rad or m."""

    kind: Literal['joint_delta'] = 'joint_delta'
    steps: Literal['from_reference', 'from_step_before'] = Field(
        default='from_reference', description='from_reference: each step of a chunk counts from '
        'the same pose; from_step_before: each counts from the step before it')

    def actions(self, rows, dt_s, reference=None, solver=None):
        deltas = self.from_model(rows)
        if self.steps == 'from_step_before':
            return self.added_up(reference, deltas)
        return self.bounded(reference + deltas)

    def to_rows(self, actions, reference=None):
        deltas = actions - reference
        if self.steps == 'from_step_before':
            deltas = np.diff(deltas, axis=0, prepend=0.0)
        return self.back_to_model(deltas)
