"""What a bad connection does to chunks: delay, jitter, loss, doubling, reordering."""
from dataclasses import dataclass
from typing import List

import numpy as np
from physai_ros.core.types import NS_PER_S


@dataclass(frozen=True)
class Transit:
    """
    A way on which each message takes its own time, so that later ones may overtake.

    :param delay_s: mean time on the way
    :param jitter: share of it: times are uniform between ``delay_s (1 - jitter)`` and
        ``delay_s (1 + jitter)``
    :param loss: share of messages that never arrive
    :param doubling: share of messages that arrive twice
    """

    delay_s: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    doubling: float = 0.0

    def arrivals(self, sent_ns: int, random: np.random.Generator) -> List[int]:
        """Return when a message arrives: never, once or twice."""
        lost, doubled = random.random(2) < (self.loss, self.doubling)
        count = 0 if lost else 1 + doubled
        share = 1.0 + self.jitter * random.uniform(-1.0, 1.0, count)
        return [sent_ns + round(self.delay_s * each * NS_PER_S) for each in share]
