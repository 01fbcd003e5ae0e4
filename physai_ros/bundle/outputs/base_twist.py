"""Velocities for a base."""
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.schema import Distinct, Listed
from physai_ros.core.types import BaseChunk
from pydantic import Field

AXES = ('vx', 'vy', 'wz')
Axes = Annotated[Listed[Literal[AXES]], Distinct, Field(min_length=1)]


class BaseOutput(Output):
    """What becomes the velocity of the base (vx, vy, wz) in base_link, m/s, m/s, rad/s."""

    moves: ClassVar[str] = 'base'

    @property
    def action_width(self):
        return len(AXES)

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return BaseChunk(t_obs_ns, dt_ns, actions)


class BaseTwistOutput(BaseOutput):
    """Velocity of the base (vx, vy, wz) in base_link, m/s, m/s, rad/s."""

    kind: Literal['base_twist'] = 'base_twist'
    axes: Axes = Field(
        default=AXES, description='what the numbers are, of vx, vy, wz; the others are zero')

    @property
    def width(self):
        return len(self.axes)

    def actions(self, rows, dt_s, reference=None, solver=None):
        twists = np.zeros((len(rows), len(AXES)))
        twists[:, [AXES.index(axis) for axis in self.axes]] = self.from_model(rows)
        return twists

    def to_rows(self, actions, reference=None):
        return self.back_to_model(actions[:, [AXES.index(axis) for axis in self.axes]])
