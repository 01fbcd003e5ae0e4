"""The start and the end of a node's process."""
import signal
import subprocess
import sys

import pytest

NODE = """
import ctypes
import time
from physai_ros.adapters import run as module
from physai_ros.adapters.run import run
from physai_ros.adapters.shared_memory import NO_PICTURES

module.START_S = 1
wait = ctypes.PyDLL(None).sleep     # a call that keeps all other threads of Python waiting

class Node:
    MIDDLEWARE_PROFILE = NO_PICTURES

    def __init__(self):
        self.loop = self
        wait({start_s})

    def spin(self):
        time.sleep({work_s})

    def stop(self):
        print('at rest')

    def destroy_node(self):
        wait({end_s})

run(Node, [])
"""


def started(start_s=0, work_s=0, end_s=0):
    """Run a node that takes so long to start, to work and to end."""
    return subprocess.run(
        [sys.executable, '-c', NODE.format(start_s=start_s, work_s=work_s, end_s=end_s)],
        stdout=subprocess.PIPE, text=True, timeout=30.0)


@pytest.mark.parametrize('waits_s', [0, 60])
def test_a_middleware_that_waits_for_others_does_not_keep_a_process(waits_s):
    done = started(end_s=waits_s)
    assert (done.returncode, done.stdout) == (0, 'at rest\n')


def test_a_middleware_that_waits_for_ever_at_the_start_is_ended_for_another_start():
    done = started(start_s=60)
    assert (done.returncode, done.stdout) == (-signal.SIGALRM, '')


def test_a_node_that_has_started_works_for_longer_than_a_start_may_take():
    done = started(work_s=2)
    assert (done.returncode, done.stdout) == (0, 'at rest\n')
