"""End processes that run but say nothing any more; whoever supervises them starts them again."""
import time
from typing import Dict, Iterable, List, Mapping, Tuple

SILENCE_S = 4.0
BLIND_S = 1.0


class Watchdog:
    """
    Watches the processes that no manager watches: the managers, and what belongs to no robot.

    :param daemon: has ``states()`` and ``kill(name)``, as ``supervise.daemon.Daemon``
    :param names: of the processes
    """

    def __init__(self, daemon, names: Iterable[str], clock=time.monotonic):
        self._daemon, self._names, self._clock = daemon, tuple(names), clock
        self._born: Dict[str, Tuple[int, float]] = {}
        self._looked_s = self._sighted_s = clock()

    def look(self, heard: Mapping[str, float]) -> List[str]:
        """
        End what is silent for too long, and return its names; call it every half second or so.

        A process counts from its first report on. While nobody looked, nobody is to blame.

        :param heard: name -> when it reported last, s of the clock
        """
        now_s, states, ended = self._clock(), self._daemon.states(), []
        if now_s - self._looked_s > BLIND_S:
            self._sighted_s = now_s
        self._looked_s = now_s
        for name in self._names:
            pid = states[name].pid if name in states else 0
            if pid != self._born.get(name, (0, 0.0))[0]:
                self._born[name] = pid, now_s
            heard_s = heard.get(name, 0.0)
            spoke = pid and heard_s > self._born[name][1]
            if spoke and now_s - max(heard_s, self._sighted_s) > SILENCE_S:
                self._daemon.kill(name)
                ended.append(name)
        return ended
