"""Velocities for a base."""
from typing import ClassVar, Literal

from physai_ros.bundle.outputs.base import Output
from physai_ros.core.types import BaseChunk


class BaseTwistOutput(Output):
    """Velocity of the base (vx, vy, wz) in base_link, m/s, m/s, rad/s."""

    moves: ClassVar[str] = 'base'

    kind: Literal['base_twist'] = 'base_twist'

    @property
    def width(self):
        return 3

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        return BaseChunk(t_obs_ns, dt_ns, actions)
