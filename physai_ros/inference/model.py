"""What a model is to the rest of the chain."""
from dataclasses import dataclass
from typing import Dict, Mapping, Optional, Protocol, Tuple

import numpy as np


@dataclass(frozen=True)
class TensorSpec:
    """
    An input or output of a model.

    ``shape`` has None where a dimension is free; ``dtype`` is numpy's name (``float32``).
    """

    name: str
    shape: Tuple[Optional[int], ...]
    dtype: str


class Model(Protocol):
    """
    A function from named arrays to named arrays; called by one thread at a time.

    It may have ``metadata``, what its exporter wrote into its file: texts by key.
    """

    inputs: Tuple[TensorSpec, ...]
    outputs: Tuple[TensorSpec, ...]

    def run(self, inputs: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
        """Return the outputs by name; raise BundleError when the model fails."""


def warm_up(model: Model, times=3):
    """Run a model on zeros, a free dimension being 1, so that the first answer is not late."""
    zeros = {spec.name: np.zeros([size or 1 for size in spec.shape], dtype=spec.dtype)
             for spec in model.inputs}
    for _ in range(times):
        model.run(zeros)
