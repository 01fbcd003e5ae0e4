"""What the model answered before."""
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Label
from physai_ros.bundle.terms.base import ACTION, MeasuredVector, Source
from pydantic import Field


@dataclass(frozen=True, eq=False)
class Action:
    """An output of the model as it came: ``rows`` (K, n), row k meant for ``stamp + k dt``."""

    stamp_ns: int
    rows: np.ndarray


class PreviousAction(MeasuredVector):
    """
    The step of the model's last answer that was meant for ``lag`` + 1 periods before this tick.

    It is the raw output, before its scale and offset, as policies see it in training. Before the
    first answer, and after a pause longer than the maximum age, it is an answer of zeros: that is
    what an episode starts from, not a stand-in for a measurement.
    """

    sample_type: ClassVar[type] = Action
    default_max_age_s: ClassVar[float] = 1.0
    of_sample_alone: ClassVar[bool] = False

    term: Literal['previous_action'] = 'previous_action'
    output: Label = Field(description='the output of this bundle whose last answer is meant')
    size: int = Field(ge=1, le=256, description='how many numbers a step of it has')

    @property
    def source(self):
        return Source(self.output, ACTION)

    @property
    def width(self):
        return self.size

    def moment_ns(self, context):
        return context.t_obs_ns - context.dt_ns // 2

    def values(self, sample, context):
        step = round((context.t_obs_ns - sample.stamp_ns) / context.dt_ns) - 1
        return sample.rows[min(max(step, 0), len(sample.rows) - 1)]

    def initial(self):
        return self.finished(np.zeros(self.width))
