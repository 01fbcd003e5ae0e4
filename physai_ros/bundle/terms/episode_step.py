"""How far the episode is."""
from typing import Literal

import numpy as np
from physai_ros.bundle.terms.base import Lagged, VectorTerm


class EpisodeStep(Lagged, VectorTerm):
    """How many periods 1 / rate_hz have passed since the first observation."""

    term: Literal['episode_step'] = 'episode_step'

    @property
    def width(self):
        return 1

    def values(self, sample, context):
        steps = (context.t_obs_ns - context.t_start_ns + context.dt_ns // 2) // context.dt_ns
        return np.array([float(max(steps, 0))])
