"""The end of a node's process."""
import subprocess
import sys

import pytest

NODE = """
import ctypes
from physai_ros.adapters.run import run
from physai_ros.adapters.shared_memory import NO_PICTURES

class Node:
    MIDDLEWARE_PROFILE = NO_PICTURES

    def __init__(self):
        self.loop = self

    def spin(self):
        pass

    def stop(self):
        print('at rest')

    def destroy_node(self):
        ctypes.PyDLL(None).sleep({0})    # a call that keeps all other threads of Python waiting

run(Node, [])
"""


@pytest.mark.parametrize('waits_s', [0, 60])
def test_a_middleware_that_waits_for_others_does_not_keep_a_process(waits_s):
    done = subprocess.run([sys.executable, '-c', NODE.format(waits_s)], stdout=subprocess.PIPE,
                          text=True, timeout=30.0)
    assert (done.returncode, done.stdout) == (0, 'at rest\n')
