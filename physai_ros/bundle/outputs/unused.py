"""Numbers of a model that mean nothing to the robot."""
from typing import ClassVar, Literal, Tuple

import numpy as np
from physai_ros.bundle.outputs.base import Output
from pydantic import Field


class UnusedOutput(Output):
    """
    Numbers that move nothing, as a part of ``split``: what fills an action up, for example.

    They must be finite like all others; encoded for real-time chunking they are zero.
    """

    moves: ClassVar[None] = None
    action_width: ClassVar[int] = 0
    chunk: ClassVar[int] = 1
    offset: ClassVar[Tuple[float, ...]] = (0.0,)
    scale: ClassVar[Tuple[float, ...]] = (1.0,)
    normalise: ClassVar[None] = None
    clip: ClassVar[None] = None

    kind: Literal['unused'] = 'unused'
    size: int = Field(ge=1, le=4096, description='how many numbers')

    @property
    def width(self):
        return self.size

    def actions(self, rows, dt_s, reference=None, solver=None):
        return np.zeros((len(rows), 0))

    def to_rows(self, actions, reference=None):
        return np.zeros((len(actions), self.size))
