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
        watched = [(shapes, pair) for pair in self.pairs if not pair.reason
                   for shapes in pair.shapes]
        self._bodies, self._links = bodies, [pair for _, pair in watched]
        bodies.watch([shapes for shapes, _ in watched])
        self._reach = np.array([bodies.relative_reach(*shapes) for shapes, _ in watched]).reshape(
            len(watched), len(bodies.joints))
        self._margin = np.where([bodies.fixed[second] for (_, second), _ in watched], 0.0, margin)
        self._reference = np.full(self._reach.shape, np.inf)    # pose of each measured distance
        self._distance = np.zeros(len(watched))
        self._floor = np.full(len(watched), np.inf)             # of the pairs that are too near
        self.measured = 0

    def reset(self, position: np.ndarray):
        """Begin anew at (J,): pairs that are too near there may stay so, but not come nearer."""
        self._bodies.place(position)
        self._distance[:], self._reference[:] = self._bodies.distances(), position
        self._floor[:] = np.where(self._distance < self._margin, self._distance, np.inf)

    def problem(self, path: np.ndarray) -> Optional[str]:
        """
        Check a path.

        :param path: (N, J) positions, a tick apart, from where the joints will be on
        :return: which pair would come too near, or None
        """
        if not self._links:
            return None
        low, high = path.min(axis=0), path.max(axis=0)
        away = np.maximum(high - self._reference, self._reference - low)
        needed = np.einsum('pj,pj->p', self._reach, away)
        suspects = np.flatnonzero(~(needed < self._distance - self._least())).tolist()
        if not suspects:
            return None
        suspects = self._remeasure(suspects, (low + high) / 2, (high - low) / 2)
        for pair in suspects:
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
        suspects = np.flatnonzero(
            ~(np.einsum('pj,pj->p', self._reach, away) < self._distance)).tolist()
        if suspects:
            self._bodies.place(position)
        for pair in suspects:
            if np.isinf(self._floor[pair]) and self._bodies.distance(pair) < 0.0:
                return str(self._links[pair])
        return None

    def _least(self):
        """Return the distance (P,) that each pair has to keep."""
        return np.minimum(self._margin, self._floor - NOISE_M)

    def _remeasure(self, suspects, middle, half):
        """Measure pairs in the middle of a path; return those that this does not clear."""
        self._bodies.place(middle)
        open_pairs = []
        for pair in suspects:
            distance = self._bodies.distance(pair)
            self.measured += 1
            self._reference[pair], self._distance[pair] = middle, distance
            if distance >= self._margin[pair]:
                if self._reach[pair] @ half < distance - self._margin[pair]:
                    self._floor[pair] = np.inf
                    continue
            open_pairs.append(pair)
        return open_pairs

    def _clear_along(self, pair, path):
        """Walk along a path in steps that cannot skip over a contact of one pair."""
        margin, reach, k = self._margin[pair], self._reach[pair], 0
        while True:
            self._bodies.place(path[k])
            distance = self._bodies.distance(pair)
            self.measured += 1
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
