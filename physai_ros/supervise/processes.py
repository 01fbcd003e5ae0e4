"""Processes as /proc shows them."""
import os
from pathlib import Path
import signal
import time
from typing import List

_STATE, _SESSION, _START = 0, 3, 19


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


def age_s() -> float:
    """Return how long this process has run, the start of its interpreter included."""
    started_s = int(_stat(os.getpid())[_START]) / os.sysconf('SC_CLK_TCK')
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
