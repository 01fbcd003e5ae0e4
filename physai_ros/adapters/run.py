"""Run one node in this process, from its first parameter to a clean end."""
import os
import signal
import sys

from physai_ros.adapters.goodbye import end_within
from physai_ros.adapters.shared_memory import choose_profile, remove_orphans
from physai_ros.core.errors import PhysaiError
import rclpy
from rclpy.signals import SignalHandlerOptions

BAD_PARAMETERS = 2
GOODBYE_S = 0.7
START_S = 30


def run(node_class, args=None):
    """
    Run a node until SIGINT or SIGTERM, then bring it to rest and exit with code 0.

    Refused parameters are told in one line, with exit code 2. A start that takes more than
    ``START_S`` is ended by SIGALRM, so that whoever supervises begins another: Fast DDS waits for
    ever where a process was killed that had locked a port in shared memory.

    :param node_class: a class of :class:`~physai_ros.adapters.runtime.Runtime`
    :param args: command line, ``sys.argv`` by default
    """
    remove_orphans()
    choose_profile(node_class.MIDDLEWARE_PROFILE)
    node = None
    ended = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True) or (node and node.loop.stop()))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(START_S)
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
        node = node_class()
    except PhysaiError as error:
        _fail(error)
    except Exception as error:
        if type(error).__module__.split('.')[0] not in ('rclpy', '_rclpy_pybind11'):
            raise
        _fail(f'{type(error).__name__}: {error}')
    signal.alarm(0)
    if not ended:
        node.loop.spin()
    node.stop()
    _leave(node)


def _leave(node):
    """
    Say goodbye and end the process at once: taking the interpreter down would cost 0.2 s more.

    The middleware may wait for seconds for peers that end at the same time, in calls that let no
    other thread of Python run: after ``GOODBYE_S`` the process ends without.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    end_within(GOODBYE_S)
    node.destroy_node()
    rclpy.try_shutdown()
    os._exit(0)


def _fail(error):
    print(f'error: {" ".join(str(error).split())}', file=sys.stderr)
    rclpy.try_shutdown()
    sys.exit(BAD_PARAMETERS)
