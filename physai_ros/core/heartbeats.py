"""Which processes have fallen silent."""
from typing import Dict, Iterable


class Heartbeats:
    """
    When each of some nodes was last heard.

    Time is steady: a process is alive in real time, whatever the simulated time does.

    :param names: the nodes that must be heard
    :param timeout_ns: silence after which a node counts as gone
    """

    def __init__(self, names: Iterable[str], timeout_ns: int):
        self._timeout_ns = timeout_ns
        self._heard: Dict[str, int] = dict.fromkeys(names, -timeout_ns - 1)

    def heard(self, name: str, now_ns: int):
        """Take note of a heartbeat; names of other nodes are ignored."""
        if name in self._heard:
            self._heard[name] = now_ns

    def silent(self, now_ns: int) -> str:
        """Return which nodes are silent, in words, '' when none is; unheard ones are."""
        names = [name for name, heard_ns in self._heard.items()
                 if now_ns - heard_ns > self._timeout_ns]
        return f'no heartbeat of {", ".join(names)}' if names else ''
