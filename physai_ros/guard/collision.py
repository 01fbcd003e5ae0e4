"""
Self-collision and workspace, looked ahead along the whole way to rest.

Distances are computed rarely: a pair of shapes that was ``d`` apart in some pose cannot touch in
another one as long as the joints' changes, each times the farthest that it moves a point of the
pair, add to less than ``d``. Only pairs for which this bound does not suffice are measured anew;
along a path by conservative advancement, and by halving what lies between two of its rows.
"""
from typing import Optional, Sequence, Tuple

import numpy as np
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.pairs import link_pairs

NOISE_M = 1e-4     # a pair that is too near may not come nearer by more than this, in all
ROUNDING_M = 1e-6  # of a measured distance: where a pair has come to, it may stay
FINE_M = 1e-3      # motion of a pair between two poses on a way that the robot takes, and
COARSE_M = 1e-2    # on one that it may take: more than that is looked at in between


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
        self._slack = self._distance - self._margin             # before it must be measured anew
        self._centre = np.zeros(size[1])
        self._spare = np.full(size[0], -np.inf)                 # of the slack, at the centre
        self._taken = self._floor
        self._obstacle: Optional[int] = None

    def reset(self, way: np.ndarray):
        """
        Begin anew, on a way (N, J) to rest that is taken in any case.

        Pairs that get too near on it may stay so, but not come nearer. A pair that was too near
        before is held to what it was held to: else each new beginning would permit it to come a
        little nearer. Only one that something else moved is not.
        """
        self._bodies.place(way[0])
        for pair in range(len(self._links)):
            self._distance[pair] = self._measure(pair)
        self._touching[:] = self._distance < 0.0
        self._reference[:] = way[0]
        farthest = np.abs(way - way[0]).max(axis=0)
        near = self._distance - self._reach @ farthest < self._margin
        self._floor[~near] = np.inf
        for pair in np.flatnonzero(near).tolist():
            distance = self._least_distance(pair, way)
            before = min(self._floor[pair], self._margin[pair])
            crept = before - NOISE_M - ROUNDING_M <= distance < before
            self._floor[pair] = before if crept else (
                np.inf if distance >= self._margin[pair] else distance)
        self._slack[:] = self._distance - np.where(
            self._distance < self._margin, self._floor - NOISE_M, self._margin)
        self._spare[:] = -np.inf

    def problem(self, path: np.ndarray, low: np.ndarray, high: np.ndarray) -> Optional[str]:
        """
        Check a path.

        :param path: (N, J) positions from where the joints are on; straight lines join them
        :param low: least (J,) and ``high`` greatest positions on it
        :return: which pair would come too near, or None
        """
        barred = self._first_barred(self._suspects(low, high), path, FINE_M)
        return None if barred is None else str(self._links[barred])

    def in_the_way(self, here: np.ndarray, there: np.ndarray) -> Optional[str]:
        """Look along the straight way from where the joints (J,) are; return as `problem`."""
        suspects = self._suspects(np.minimum(here, there), np.maximum(here, there))
        suspects.sort(key=lambda pair: pair != self._obstacle)      # likely to be it once more
        self._obstacle = self._first_barred(suspects, np.stack([here, there]), COARSE_M)
        return None if self._obstacle is None else str(self._links[self._obstacle])

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
            if self._measure(pair) < -2 * NOISE_M:
                return str(self._links[pair])
        return None

    def _measure(self, pair):
        """Return the distance of two links as placed."""
        return min(self._bodies.distance(shapes) for shapes in self._shapes[pair])

    def _least_distance(self, pair, way):
        """Return the least distance at the rows of a way; outside the margin, any that is."""
        least, k = np.inf, 0
        while True:
            distance = self._distance_at(pair, way[k])
            least = min(least, distance)
            moved = np.abs(way[k + 1:] - way[k]) @ self._reach[pair]
            beyond = np.flatnonzero(moved >= distance - self._margin[pair])
            if not len(beyond):
                return least
            k += 1 + int(beyond[0])

    def _suspects(self, low, high):
        """Return the pairs that may come too near between two sets of positions."""
        if not self._links:
            return []
        farthest = np.maximum(high - self._centre, self._centre - low)
        if np.count_nonzero(self._reach @ farthest < self._spare) == len(self._spare):
            return []
        middle, half = (low + high) / 2, (high - low) / 2
        away = np.abs(middle - self._reference)
        self._centre, self._spare = middle, self._slack - np.einsum('pj,pj->p', self._reach, away)
        clear = self._reach @ half < self._spare
        if np.count_nonzero(clear) == len(clear):
            return []
        self._spare = np.full(len(clear), -np.inf)
        self._taken = self._floor.copy()
        return self._remeasure(np.flatnonzero(~clear).tolist(), middle, half)

    def _first_barred(self, suspects, path, fine):
        """Return the first pair that comes too near along a path, or None."""
        for pair in suspects:
            if not self._clear_along(pair, path, fine):
                self._floor = self._taken       # of the way to rest, which is gone on along
                return pair
        return None

    def _remeasure(self, suspects, middle, half):
        """Measure pairs in the middle of a path; return those that this does not clear."""
        self._bodies.place(middle)
        open_pairs = []
        for pair in suspects:
            distance, margin = self._measure(pair), self._margin[pair]
            self._reference[pair], self._distance[pair] = middle, distance
            self._slack[pair] = distance - (
                margin if distance >= margin else min(margin, self._floor[pair] - NOISE_M))
            if distance >= margin and self._reach[pair] @ half < distance - margin:
                self._floor[pair] = np.inf
                continue
            open_pairs.append(pair)
        return open_pairs

    def _clear_along(self, pair, path, fine):
        """Walk along a path in steps that cannot skip over a contact of one pair."""
        margin, reach, k = self._margin[pair], self._reach[pair], 0
        distance = self._distance_at(pair, path[0])
        known = min(self._floor[pair], margin)
        self._floor[pair] = np.inf if distance >= margin else max(known, distance)
        least = min(margin, self._floor[pair] - NOISE_M)
        spare = distance - least
        if -ROUNDING_M <= spare < 0.0:
            least, spare = distance, 0.0
        while spare >= 0.0:
            moved = np.abs(path[k:] - path[k]) @ reach
            beyond = np.flatnonzero(moved[1:] >= spare)
            if not len(beyond):
                return True
            last = int(beyond[0])
            ends = path[k + last:k + last + 2]
            before, spare = spare - moved[last], self._distance_at(pair, ends[1]) - least
            if spare >= 0.0 and not self._clear_between(
                    pair, ends, before, spare, least, fine):
                return False
            k += last + 1
        return False

    def _clear_between(self, pair, ends, first, second, least, fine):
        """Halve the way between two poses (2, J), with so much to spare, until none is missed."""
        moved = np.abs(ends[1] - ends[0]) @ self._reach[pair]
        if moved <= max(first + second, fine):
            return True
        middle = ends.mean(axis=0)
        spare = self._distance_at(pair, middle) - least
        return spare >= 0.0 and all(
            self._clear_between(pair, np.stack(half), *spares, least, fine) for half, spares in (
                ((ends[0], middle), (first, spare)), ((middle, ends[1]), (spare, second))))

    def _distance_at(self, pair, position):
        self._bodies.place(position)
        return self._measure(pair)
