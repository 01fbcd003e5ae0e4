"""What the outputs that move nothing told, as far back as terms show it."""
from bisect import bisect_right
from typing import Dict, List, Mapping, Optional, Tuple

import numpy as np
from physai_ros.bundle.outputs.base import require_finite
from physai_ros.bundle.slots import lags_ns
from physai_ros.bundle.terms import Told
from physai_ros.core.errors import BundleError


class Tellings:
    """
    The last answers of some outputs.

    :param names: of the outputs
    :param keep_ns: how far back they are asked for
    :param specs: (shape, dtype) of all inputs, by name
    :param model: inference.model.Model, whose answer to zeros is there before all others, or None
    :raises BundleError: when the model fails, or answers no numbers
    """

    def __init__(self, names: Tuple[str, ...], keep_ns: int, specs, model=None):
        self._names, self._keep_ns = names, keep_ns
        self._first = {} if model is None else self._rows(model.run({
            name: np.zeros(shape, dtype) for name, (shape, dtype) in specs.items()}))
        for name, row in self._first.items():
            require_finite(f'output {name}, for inputs of zeros,', row.reshape(1, -1))
        self.reset()

    def reset(self):
        """Forget all answers: a new episode begins."""
        self._stamps: List[int] = []
        self._told: List[Mapping[str, np.ndarray]] = []

    def remember(self, t_obs_ns: int, outputs):
        """
        Take an answer.

        :param outputs: arrays by name
        :raises BundleError: when one of the outputs is missing
        """
        if self._stamps and t_obs_ns <= self._stamps[-1]:
            self.reset()
        self._stamps.append(t_obs_ns)
        self._told.append(self._rows(outputs))
        old = bisect_right(self._stamps, t_obs_ns - self._keep_ns) - 1
        if old > 0:
            del self._stamps[:old], self._told[:old]

    def at(self, by_ns: int) -> Mapping[str, np.ndarray]:
        """Return what the last answer that is stamped up to a time told, float64 rows by name."""
        place = bisect_right(self._stamps, by_ns) - 1
        return self._told[place] if place >= 0 else self._first

    def _rows(self, outputs) -> Dict[str, np.ndarray]:
        missing = [name for name in self._names if name not in outputs]
        if missing:
            raise BundleError('the outputs of the model', sorted(outputs),
                              f'also {", ".join(missing)}', 'correct output of its term')
        return {name: np.asarray(outputs[name], dtype=np.float64).reshape(-1)
                for name in self._names}


def tellings(manifest, model=None) -> Optional[Tellings]:
    """
    Return what holds the outputs that a manifest has terms on, None where there are none.

    :param model: as of Tellings
    """
    reach = {}
    for name, terms in manifest.inputs.items():
        for term in terms:
            if isinstance(term, Told):
                lags = lags_ns(term, manifest.history.get(name) or term.history, manifest.dt_ns)
                reach[term.output] = max(reach.get(term.output, 0), *lags)
    if not reach:
        return None
    return Tellings(tuple(reach), max(reach.values()) + manifest.dt_ns, manifest.input_specs,
                    model)
