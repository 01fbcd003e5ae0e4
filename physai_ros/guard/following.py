"""Whether the joints' controller hears the plan at all."""
from typing import Callable, Tuple

import numpy as np
from physai_ros.guard.states import Trip

STANDING = 0.2      # share of the tolerance that a joint must move to count as moving


class Following:
    """
    Watch for a plan that leaves joints behind which all stand still.

    Such a plan is one that nobody hears (a cut link, a controller that is not active): whoever
    hears of it later would jump to it. A joint that is held back, while others move, is none.

    :param names: of the joints (J)
    :param tolerance: (J,) rad or m by which the plan may go on, infinite where exempt
    :param least: (J,) the same for all joints, of which `STANDING` tells who moves
    """

    def __init__(self, names, tolerance: np.ndarray, least: np.ndarray):
        self._names, self._tolerance, self._least = names, tolerance, STANDING * least
        self._stood = np.full(len(names), np.inf)
        self._apart = np.zeros(len(names))

    def reset(self):
        """Begin anew."""
        self._stood[:] = np.inf

    def check(self, position: np.ndarray, planned: np.ndarray,
              lately: Callable[[], Tuple[np.ndarray, np.ndarray]]):
        """
        Look at the measured positions (J,) and those planned for the same time.

        :param lately: lowest and highest planned positions (J,) of the time that joints have to
            respond
        :raises Trip: when the plan went on while no joint moved
        """
        apart = np.abs(position - planned)
        if (np.abs(position - self._stood) > self._least).any():
            self._stood, self._apart = position, apart
            return
        most = self._apart + self._tolerance
        if not (apart > most).any():
            return
        low, high = lately()
        distance = np.maximum(low - position, position - high)
        beyond = distance - most
        k = int(np.argmax(beyond))
        if beyond[k] > 0:
            raise Trip('tracking', f'no joint moves; {self._names[k]}: distance from the plan',
                       round(float(distance[k]), 4), f'at most {most[k]:g}',
                       'look whether the controller is active and hears the trajectories')
