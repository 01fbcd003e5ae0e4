"""Whether joints can have got to where a message has them."""
from typing import Optional

import numpy as np
from physai_ros.core.types import NS_PER_S

FASTER = 1.5            # than its limit a joint may be: pushed, or falling
LONGEST_NS = 100_000_000


class Leaps:
    """
    Doubt a message with a joint where it cannot be by now, until the next one has it there, too.

    A message with flipped bits is not followed by another like it; a driver that was started anew
    goes on from where it is. ``count``: of the messages that were doubted.

    :param velocity: (J,) limits, rad/s or m/s
    :param slack: (J,) rad or m that a joint may be from one measurement to the next by its noise
    """

    def __init__(self, velocity: np.ndarray, slack: np.ndarray):
        self._speed, self._slack = FASTER * velocity / NS_PER_S, slack
        self._taken, self._doubted = np.full((2, len(velocity)), np.nan)
        self.count = 0

    def doubt(self, position: np.ndarray, since_ns: np.ndarray, target: np.ndarray) -> bool:
        """
        Return whether a message is not to be taken yet.

        :param position: (K,) as measured
        :param since_ns: (K,) time since the message that was taken last
        :param target: (K,) which joints these are
        """
        reach = self._slack[target] + self._speed[target] * np.clip(since_ns, 0, LONGEST_NS)
        leapt = np.abs(position - self._taken[target]) > reach
        if leapt.any() and not (np.abs(position - self._doubted[target])[leapt]
                                <= reach[leapt]).all():
            self._doubted[target] = np.where(leapt, position, np.nan)
            self.count += 1
            return True
        self._taken[target] = position
        self._doubted[target] = np.nan
        return False

    def doubted(self) -> Optional[int]:
        """Return a joint whose newest message is doubted, or None."""
        doubted = np.isfinite(self._doubted)
        return int(np.argmax(doubted)) if doubted.any() else None
