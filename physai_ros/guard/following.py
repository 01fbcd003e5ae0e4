"""Whether the joints' controller hears the plan at all."""
from typing import Sequence, Tuple

import numpy as np
from physai_ros.guard.states import Trip

STANDING = 0.2      # share of the tolerance that a joint must move to count as moving
REMEDY = 'look whether the controller is active and hears the trajectories'


class Following:
    """
    Watch for a plan that nobody hears: a cut link, a controller that is not active.

    Either it goes on while no joint moves, or it stands while a joint is moved by somebody else:
    whoever hears of it later would jump to it. A joint that is held back while others of its
    controller move is none.

    :param names: of the joints (J)
    :param tolerance: (J,) rad or m by which plan and joint may part, infinite where exempt
    :param least: (J,) the same for all joints: in place of an infinite one where the plan
        stands, and `STANDING` of it tells who moves
    :param controllers: the joints of each, every joint once
    """

    def __init__(self, names, tolerance: np.ndarray, least: np.ndarray,
                 controllers: Sequence[Sequence[str]]):
        places = [[names.index(name) for name in joints] for joints in controllers]
        self._parts = [(k, _Controller([names[n] for n in k], tolerance[k], least[k]))
                       for k in places]

    def reset(self):
        """Begin anew."""
        for _, part in self._parts:
            part.reset()

    def check(self, position: np.ndarray, planned: np.ndarray,
              lately: Tuple[np.ndarray, np.ndarray]):
        """
        Look at the measured positions (J,) and those planned for the same time.

        :param lately: lowest and highest planned positions (J,) of the time that joints have to
            respond
        :raises Trip: when the plan of a controller went on while none of its joints moved, or
            the other way round
        """
        low, high = lately
        for k, part in self._parts:
            part.check(position[k], planned[k], low[k], high[k])


class _Controller:
    """The joints that hear a plan together, or do not."""

    def __init__(self, names, tolerance: np.ndarray, least: np.ndarray):
        self._names, self._tolerance, self._least = names, tolerance, STANDING * least
        self._at_rest = np.where(np.isinf(tolerance), least, tolerance)
        self.reset()

    def reset(self):
        self._stood = np.full(len(self._names), np.inf)
        self._apart = np.zeros(len(self._names))
        self._nearest = None

    def check(self, position, planned, low, high):
        apart = np.abs(position - planned)
        if np.array_equal(low, high):
            self._check_rest(position, apart)
        elif (np.abs(position - self._stood) > self._least).any():
            self._stood, self._apart, self._nearest = position, apart, None
        else:
            self._nearest = None
            self._trip('no joint of its controller moves; {}: distance from the plan',
                       np.maximum(low - position, position - high), self._apart + self._tolerance)

    def _check_rest(self, position, apart):
        nearest = apart if self._nearest is None else np.minimum(self._nearest, apart)
        self._stood, self._apart, self._nearest = position, apart, nearest
        self._trip('{}: moved away from a plan that stands, by', apart - nearest, self._at_rest)

    def _trip(self, what, distance, most):
        beyond = distance - most
        k = int(np.argmax(beyond))
        if beyond[k] > 0:
            raise Trip('tracking', what.format(self._names[k]), round(float(distance[k]), 4),
                       f'at most {most[k]:g}', REMEDY)
