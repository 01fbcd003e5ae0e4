"""Whether numbers are finite, at little cost."""
from math import isfinite

import numpy as np


def all_finite(values: np.ndarray) -> bool:
    """Return whether all numbers of an array are finite: so is their sum, but where it is huge."""
    return isfinite(np.add.reduce(values, axis=None)) or bool(np.isfinite(values).all())
