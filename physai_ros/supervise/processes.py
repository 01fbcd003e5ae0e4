"""Processes as /proc shows them."""
import math
import os
from pathlib import Path
import signal
import time
from typing import List, Optional

_STATE, _PARENT, _SESSION, _START = 0, 1, 3, 19


def kill_session(session: int, timeout_s: float = 1.0) -> List[int]:
    """
    SIGKILL every process of a session and wait until they are gone.

    :return: the process ids that were killed
    """
    killed = []
    end = time.monotonic() + timeout_s
    while True:
        alive = [pid for pid in _pids() if _in_session(pid, session)]
        for pid in set(alive) - set(killed):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.append(pid)
        if not alive or time.monotonic() > end:
            return killed
        time.sleep(0.01)


def sibling(node: str, namespace: str) -> Optional[int]:
    """
    Return the process of a node that has the same parent as this process: the same starter.

    :param node: as in the argument ``__node:=NAME`` that both starters pass
    :param namespace: absolute, as in ``__ns:=NAMESPACE``
    :return: None when there is none, or it is a zombie
    """
    wanted = {f'__node:={node}', f'__ns:={namespace}'}
    for pid in _pids():
        fields = _stat(pid)
        if fields is None or fields[_STATE] == 'Z' or int(fields[_PARENT]) != os.getppid():
            continue
        try:
            arguments = Path(f'/proc/{pid}/cmdline').read_text().split('\0')
        except OSError:
            continue
        if wanted <= set(arguments) and pid != os.getpid():
            return pid
    return None


def age_s(pid: int) -> float:
    """Return how long a process has run."""
    fields = _stat(pid)
    started_s = int(fields[_START]) / os.sysconf('SC_CLK_TCK') if fields else math.inf
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_s


def _pids() -> List[int]:
    return [int(entry.name) for entry in Path('/proc').iterdir() if entry.name.isdigit()]


def _in_session(pid: int, session: int) -> bool:
    fields = _stat(pid)
    return fields is not None and fields[_STATE] != 'Z' and int(fields[_SESSION]) == session


def _stat(pid: int):
    """Return the fields of /proc/PID/stat from the state on, None when there is no process."""
    try:
        text = Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return None
    return text.rpartition(')')[2].split()
