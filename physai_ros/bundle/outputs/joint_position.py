"""Targets for joints."""
from functools import cached_property
from typing import Literal

import numpy as np
from physai_ros.bundle.outputs.joints import JointOutput
from physai_ros.bundle.schema import mismatch
from pydantic import Field, model_validator


class JointPositionOutput(JointOutput):
    """Joint positions to be at, rad or m."""

    kind: Literal['joint_position'] = 'joint_position'
    moving_average: float = Field(
        default=1.0, gt=0.0, le=1.0, description='the share of what the model answers in each '
        'target, the rest being the target of one period before, at first the measured pose')

    @cached_property
    def reference(self):
        return self.measured_pose if self.follows_itself else None

    @property
    def follows_itself(self):
        return self.moving_average != 1.0

    def actions(self, rows, dt_s, reference=None, solver=None):
        targets = self.from_model(rows)
        if not self.follows_itself:
            return self.bounded(targets)
        averages = np.empty_like(targets)
        for k, target in enumerate(targets):
            reference = averages[k] = self.bounded(
                reference + self.moving_average * (target - reference))
        return averages

    @model_validator(mode='after')
    def _topic_is_used(self):
        unused = type(self).model_fields['topic'].default
        if not self.follows_itself and self.topic != unused:
            raise mismatch('topic', 'nothing, where nothing is measured', 'leave it out, or give '
                           'moving_average')
        return self
