"""What writes a black box takes only time that others leave, however urgent its starter is."""
import os
from pathlib import Path
import shutil
import subprocess
import sys
import threading
import time

from physai_ros.blackbox import box
from physai_ros.blackbox.ring import Ring
import pytest

LONG_S, ALL = 60.0, os.sched_getaffinity(0)


def urgently(work):
    """Do work in a thread of real-time priority that keeps to one processor; what it returns."""
    found = []

    def run():
        try:
            os.sched_setaffinity(0, {min(ALL)})
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
        except PermissionError:
            return
        found.append(work())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(LONG_S)
    if not found:
        pytest.skip('real-time priority is not permitted here')
    return found[0]


def writers():
    """Return process ids of the writers of this process that Python runs already."""
    for file in Path('/proc/self/task').glob('*/children'):
        for pid in file.read_text().split():
            words = Path(f'/proc/{pid}/cmdline').read_text().split('\0')
            if words[0] == sys.executable and 'physai_ros.blackbox.dump' in words:
                yield int(pid)


def watch(folder):
    """Write a file; return (class, niceness, processors) of the writer, from its start on."""
    ring, seen = Ring(10 ** 12, 10 ** 9), []
    ring.channel('state', 'std_msgs/msg/String', 'string data')
    for k in range(20_000):
        ring.add(0, k, bytes(100))
    made = box.Box(ring, folder, 5, 10 ** 9)
    assert made.save('one', {})
    end_s = time.monotonic() + LONG_S
    while made.saved is None and time.monotonic() < end_s:
        try:
            seen += [(os.sched_getscheduler(pid), os.getpriority(os.PRIO_PROCESS, pid),
                      os.sched_getaffinity(pid)) for pid in writers()]
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.001)
    assert made.problem == '' and made.saved
    return seen


@pytest.mark.skipif(shutil.which('chrt') is None, reason='chrt is not installed')
def test_the_writer_is_never_urgent(tmp_path):
    seen = urgently(lambda: watch(tmp_path))
    assert {policy for policy, _, _ in seen} == {os.SCHED_OTHER}
    assert min(nice for _, nice, _ in seen) >= 10
    assert seen[-1][2] == ALL


def test_without_chrt_the_writer_steps_back_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    seen = urgently(lambda: watch(tmp_path))
    assert seen[-1][0] == os.SCHED_OTHER and seen[-1][1] >= 10 and seen[-1][2] == ALL


def test_a_writer_that_is_nicer_stays_so():
    script = ('import os\nfrom physai_ros.blackbox.dump import step_back\nos.nice(15)\n'
              'step_back()\nprint(os.getpriority(os.PRIO_PROCESS, 0))')
    said = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True,
                          check=True, timeout=LONG_S).stdout
    assert int(said) >= 15
