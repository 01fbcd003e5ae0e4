"""How the terms of an input lie in its array: one after the other, or along an axis."""
from collections import Counter
from typing import NamedTuple, Optional, Sequence, Tuple

import numpy as np
from physai_ros.bundle.history import History
from physai_ros.bundle.terms import Term
from physai_ros.core.errors import BundleError

OWN_INPUT = 'give it an input of its own'
OR_STACKED = 'or name this input in stacked, if the model has its terms along an axis'


class Layout(NamedTuple):
    """
    The terms of an input.

    :param stacked: whether they lie along an axis of their own, all of one shape
    :param history: of all terms together, None where there is none
    """

    terms: Tuple[Term, ...]
    stacked: bool
    history: Optional[History]

    @property
    def shape(self) -> Tuple[int, ...]:
        """Return the shape of the input, batch dimension included."""
        inner = self.terms[0].full_shape
        if self.stacked:
            inner = (len(self.terms), *inner)
        elif len(self.terms) > 1:
            inner = (sum(sum(term.full_shape[:1]) for term in self.terms),)
        return (1, *(self.history.shape(inner, self._flat_axis) if self.history else inner))

    def join(self, slices: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        """
        Return the array of the input, ``shape``.

        :param slices: for each term those of its moments, in the order of the history
        """
        parts = [[term.history.join(moments, term.flat_axis)] if term.history else moments
                 for term, moments in zip(self.terms, slices)]
        joined = [self._beside(moment) for moment in zip(*parts)]
        whole = self.history.join(joined, self._flat_axis) if self.history else joined[0]
        return whole[np.newaxis]

    def problems(self):
        """Yield (path from the input on, problem) for terms that cannot lie in one input."""
        shape, pattern = self._common_shape()
        for n, term in enumerate(self.terms):
            if self.stacked and term.full_shape != shape:
                yield (n,), BundleError('', term.full_shape, f'{shape}, as entry {pattern} has',
                                        'bring all of a stacked input to one size, layout, width '
                                        'and history')
            elif not self.stacked and len(term.full_shape) != 1 and len(self.terms) > 1:
                what = _kind_of_shape(term)
                yield (n,), BundleError('', f'{what} beside other terms',
                                        f'{what} alone in its input', f'{OWN_INPUT}, {OR_STACKED}')
            elif term.dtype != self.terms[0].dtype:
                yield (n, 'dtype'), BundleError(
                    '', term.dtype, f'{self.terms[0].dtype}, as the first term of the input has',
                    'give all terms of an input one type')
            if term.history is not None and self.history is not None:
                yield (n, 'history'), BundleError(
                    '', term.history.steps, 'no history here, as the whole input has one',
                    'keep one of the two')
            history = term.history or self.history
            if history is not None and history.start == 'zeros' and getattr(
                    term, 'relative_to', None):
                yield (n, 'relative_to'), BundleError(
                    '', term.relative_to, 'no relation to poses that are zeros',
                    'leave relative_to out, or start: zeros')
            if history is not None and history.stack == 'flat' and not term.shape:
                yield (n, 'dimensions'), BundleError(
                    '', list(term.shape), 'a dimension along which the history is laid',
                    'give dimensions: [1], or stack: axis in the history')

    @property
    def _flat_axis(self):
        return self.terms[0].flat_axis + self.stacked

    def _beside(self, parts):
        if self.stacked:
            return np.stack(parts)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _common_shape(self):
        """Return the shape that most terms have, and the place of the first that has it."""
        shapes = [term.full_shape for term in self.terms]
        (shape, _), = Counter(shapes).most_common(1)
        return shape, shapes.index(shape)


def _kind_of_shape(term):
    if getattr(term, 'dimensions', None) is not None:
        return f'a {term.term} with dimensions'
    return 'an image' if len(term.shape) > 1 else 'a history along an axis of its own'
