"""Points of a plan that are so near in time that straight lines join them."""
from math import ceil

import numpy as np

APART_S = 0.01     # between two points; at 10 m/s^2 a curve is 0.1 mm off the line then


def path(state: np.ndarray, ramp: np.ndarray, period_s: float) -> np.ndarray:
    """
    Return the positions (M, J) from a state (3, J) on through those of a ramp (3, N, J).

    ``period_s``: between two of its states, and from ``state`` to the first.
    """
    parts = ceil(period_s / APART_S - 1e-6)
    if parts == 1:
        return np.concatenate([state[:1], ramp[0]])
    rows = np.concatenate([state[:, None], ramp], axis=1)
    begin, change = rows[:, :-1, None], (rows[2, 1:] - rows[2, :-1])[:, None]
    t = (np.arange(parts) * (period_s / parts))[:, None]
    inner = begin[0] + t * begin[1] + t ** 2 / 2 * begin[2] + t ** 3 / (6 * period_s) * change
    return np.concatenate([inner.reshape(-1, rows.shape[2]), rows[0, -1:]])
