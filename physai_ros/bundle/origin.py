"""Where the moments of a term are seen from: from the term itself at another time."""
from typing import List, Sequence

import numpy as np
from physai_ros.bundle.terms import Context, Term


class Origin:
    """
    Relates the moments of a term to its present, or to the first one of the episode.

    :param term: it stays as it is where it has no ``relative_to``
    """

    def __init__(self, term: Term):
        self._term, self._relative_to = term, getattr(term, 'relative_to', None)
        self.reset()

    def reset(self):
        """Begin a new episode."""
        self._start_ns, self._start = None, None

    def related(self, moments: List[np.ndarray], contexts: Sequence[Context]):
        """
        Return the slices of all moments.

        :param moments: what the term built of each
        :param contexts: of each; the newest one is the present
        """
        if self._relative_to is None:
            return moments
        newest = max(range(len(contexts)), key=lambda n: contexts[n].t_obs_ns)
        if self._relative_to == 'now':
            return self._term.related(moments, moments[newest])
        if self._start_ns != contexts[newest].t_start_ns:
            self._start_ns, self._start = contexts[newest].t_start_ns, moments[newest]
        return self._term.related(moments, self._start)
