"""What answers wanted: what the next one starts from, and what a model is shown of it."""
from bisect import bisect_right
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple

import numpy as np

HOLD_NS = 100_000_000


@dataclass(frozen=True, eq=False)
class Wanted:
    """
    What one answer wanted of one output.

    :param joints: that it moves, in the order of ``actions``; none for a base
    :param reference: (J,) where its actions start, None where they are absolute
    :param actions: (steps, …)
    :param begins_at_reference: whether the first action is for the moment of the reference
    """

    stamp_ns: int
    dt_ns: int
    joints: Tuple[str, ...]
    reference: Optional[np.ndarray]
    actions: np.ndarray
    begins_at_reference: bool

    def start(self, t_obs_ns: int) -> Optional[np.ndarray]:
        """Return what an answer to an observation starts from; None when this is not in force."""
        actions, step = self.actions, (t_obs_ns - self.stamp_ns) / self.dt_ns
        if not 0.0 <= step <= in_force(len(actions), self.dt_ns) + 1.0:
            return None
        if len(actions) == 1:
            return actions[0]   # each answer is one step on, however the tick jitters
        if not self.begins_at_reference:
            first = actions[0] if self.reference is None else self.reference
            actions = np.vstack([first, actions])
        low = min(int(step), len(actions) - 1)
        high = min(low + 1, len(actions) - 1)
        return actions[low] + (step - int(step)) * (actions[high] - actions[low])


class Targets:
    """
    The joint targets of the last answers, as far back as they are asked for.

    :param keep_ns: how far that is
    """

    def __init__(self, keep_ns: int):
        self._keep_ns = keep_ns
        self.reset()

    def reset(self):
        """Forget all: a new episode begins."""
        self._stamps: List[int] = []
        self._wanted: List[Tuple[Wanted, ...]] = []

    def remember(self, t_obs_ns: int, wanted: Mapping[str, Wanted]):
        """Take what the answer to an observation wanted, by the place of the output."""
        if self._stamps and t_obs_ns <= self._stamps[-1]:
            self.reset()
        self._stamps.append(t_obs_ns)
        self._wanted.append(tuple(one for one in wanted.values() if one.joints))
        old = bisect_right(self._stamps, t_obs_ns - self._keep_ns) - 1
        if old > 0:
            del self._stamps[:old], self._wanted[:old]

    def at(self, t_obs_ns: int, by_ns: int) -> Dict[str, float]:
        """
        Return the target of each joint that an answer to an observation starts from, rad or m.

        :param by_ns: the last answer is meant that is stamped before this
        :return: without the joints of which nothing is wanted
        """
        place = bisect_right(self._stamps, by_ns) - 1
        found: Dict[str, float] = {}
        for wanted in self._wanted[place] if place >= 0 else ():
            start = wanted.start(t_obs_ns)
            if start is not None:
                found.update(zip(wanted.joints, start.tolist()))
        return found


def in_force(steps: int, dt_ns: int) -> int:
    """Return for how many steps a chunk of so many holds."""
    return steps if steps > 1 else max(1, -(-HOLD_NS // dt_ns)) + 1
