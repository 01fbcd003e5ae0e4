"""
Self-collision and workspace, looked ahead along the whole way to rest.

Distances are computed rarely: a pair of shapes that was ``d`` apart in some pose cannot touch in
another one as long as the joints' changes, each times the farthest that it moves a point of the
pair, add to less than ``d``. Only pairs for which this bound does not suffice are measured anew;
along a path by conservative advancement, so that nothing between its rows is missed either.
"""
from typing import Optional, Sequence, Tuple

import numpy as np
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.pairs import link_pairs

NOISE_M = 1e-4     # a pair that is too near may not come nearer by more than this, in all


class Clearance:
    """
    Tell whether a path of the joints keeps the robot clear of itself and inside its workspace.

    :param bodies: its shapes
    :param lower: position limits (J,), as ``upper``
    :param margin: m between links below which they count as touching; boundaries have none
    :param allowed: pairs of links that may touch
    """

    def __init__(self, bodies: Bodies, lower: np.ndarray, upper: np.ndarray, margin: float,
                 allowed: Sequence[Tuple[str, str]] = ()):
        self.pairs = link_pairs(bodies, lower, upper, margin, allowed)
        self._bodies, self._links = bodies, [pair for pair in self.pairs if not pair.reason]
        shapes = [shape for pair in self._links for shape in pair.shapes]
        bodies.watch(shapes)
        ends = np.cumsum([0, *(len(pair.shapes) for pair in self._links)]).tolist()
        self._shapes = [range(first, end) for first, end in zip(ends, ends[1:])]
        size = (len(self._links), len(bodies.joints))
        self._reach = np.array([np.max([bodies.relative_reach(*shape) for shape in pair.shapes],
                                       axis=0) for pair in self._links]).reshape(size)
        self._margin = np.array([0.0 if bodies.fixed[pair.shapes[0][1]] else margin
                                 for pair in self._links])
        self._reference = np.full(size, np.inf)                 # pose of each measured distance
        self._distance = np.zeros(size[0])
        self._floor = np.full(size[0], np.inf)                  # of the pairs that are too near
        self._touching = np.zeros(size[0], dtype=bool)          # those that touched at the start
        self._slack = self._distance - self._margin
        self._centre = np.zeros(size[1])
        self._spare = np.full(size[0], -np.inf)                 # of the slack, at the centre

    def reset(self, position: np.ndarray):
        """Begin anew at (J,): pairs that are too near there may stay so, but not come nearer."""
        self._bodies.place(position)
        for pair in range(len(self._links)):
            distance = self._distance[pair] = self._measure(pair)
            self._floor[pair] = distance if distance < self._margin[pair] else np.inf
        self._touching[:] = self._distance < 0.0
        self._reference[:] = position
        self._slack[:] = self._distance - np.minimum(self._margin, self._floor - NOISE_M)
        self._spare[:] = -np.inf

    def problem(self, path: np.ndarray, low: np.ndarray, high: np.ndarray) -> Optional[str]:
        """
        Check a path.

        :param path: (N, J) positions, a tick apart, from where the joints will be on
        :param low: least (J,) and ``high`` greatest positions on it
        :return: which pair would come too near, or None
        """
        if not self._links:
            return None
        farthest = np.maximum(high - self._centre, self._centre - low)
        if np.count_nonzero(self._reach @ farthest < self._spare) == len(self._spare):
            return None
        middle, half = (low + high) / 2, (high - low) / 2
        away = np.abs(middle - self._reference)
        self._centre, self._spare = middle, self._slack - np.einsum('pj,pj->p', self._reach, away)
        clear = self._reach @ half < self._spare
        if np.count_nonzero(clear) == len(clear):
            return None
        self._spare = np.full(len(clear), -np.inf)
        for pair in self._remeasure(np.flatnonzero(~clear).tolist(), middle, half):
            if not self._clear_along(pair, path):
                return str(self._links[pair])
        return None

    def contact(self, position: np.ndarray) -> Optional[str]:
        """
        Check a measured pose.

        :param position: (J,)
        :return: which pair touches there, or None; pairs that touched from the start are left out
        """
        if not self._links:
            return None
        away = np.abs(position - self._reference)
        clear = np.einsum('pj,pj->p', self._reach, away) < self._distance
        if clear.all():
            return None
        self._bodies.place(position)
        for pair in np.flatnonzero(~clear & ~self._touching).tolist():
            if self._measure(pair) < 0.0:
                return str(self._links[pair])
        return None

    def _measure(self, pair):
        """Return the distance of two links as placed."""
        return min(self._bodies.distance(shapes) for shapes in self._shapes[pair])

    def _remeasure(self, suspects, middle, half):
        """Measure pairs in the middle of a path; return those that this does not clear."""
        self._bodies.place(middle)
        open_pairs = []
        for pair in suspects:
            distance = self._measure(pair)
            self._reference[pair], self._distance[pair] = middle, distance
            self._slack[pair] = distance - min(self._margin[pair], self._floor[pair] - NOISE_M)
            if distance >= self._margin[pair]:
                if self._reach[pair] @ half < distance - self._margin[pair]:
                    self._floor[pair], self._slack[pair] = np.inf, distance - self._margin[pair]
                    continue
            open_pairs.append(pair)
        return open_pairs

    def _clear_along(self, pair, path):
        """Walk along a path in steps that cannot skip over a contact of one pair."""
        margin, reach, k = self._margin[pair], self._reach[pair], 0
        while True:
            self._bodies.place(path[k])
            distance = self._measure(pair)
            if k == 0:
                known = self._floor[pair]
                self._floor[pair] = np.inf if distance >= margin else (
                    distance if np.isinf(known) else max(known, distance))
            least = min(margin, self._floor[pair] - NOISE_M)
            if distance < least:
                return False
            moved = np.abs(path[k:] - path[k]) @ reach
            beyond = np.flatnonzero(moved >= distance - least)
            beyond = beyond[beyond > 0]
            if not len(beyond):
                return True
            k += int(beyond[0])
