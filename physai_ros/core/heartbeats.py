"""Which processes have fallen silent."""
from typing import Dict, Mapping


class Heartbeats:
    """
    When each of some nodes was last heard.

    Time is steady: a process is alive in real time, whatever the simulated time does.

    :param timeouts_ns: the nodes that must be heard: name -> silence after which it counts as gone
    """

    def __init__(self, timeouts_ns: Mapping[str, int]):
        self._timeouts_ns = dict(timeouts_ns)
        self._heard: Dict[str, int] = {name: -ns - 1 for name, ns in timeouts_ns.items()}

    def heard(self, name: str, now_ns: int):
        """Take note of a heartbeat; names of other nodes are ignored."""
        if name in self._heard:
            self._heard[name] = now_ns

    def silent(self, now_ns: int) -> str:
        """Return which nodes are silent, in words, '' when none is; unheard ones are."""
        names = [name for name, heard_ns in self._heard.items()
                 if now_ns - heard_ns > self._timeouts_ns[name]]
        return f'no heartbeat of {", ".join(names)}' if names else ''
