"""
supervisord whose nodes are forks of itself: what they import is loaded once, not by each.

Loading rclpy and the rest takes a node a second of CPU, and every one that dies takes it again. A
process that runs this module waits, loaded, for an `Order` on its standard input. What supervisord
starts as ``python -m physai_ros.nodes.…`` then runs in a fork; all else is executed as usual.
Nothing that is loaded here may have a thread that a fork would miss.
"""
from contextlib import suppress
import ctypes
from dataclasses import asdict, dataclass
import gc
from importlib import import_module
import json
import os
from pathlib import Path
import signal
import sys
import traceback
from typing import Dict

from physai_ros.supervise.child import end_with_starter
from supervisor import supervisord
from supervisor.options import ServerOptions

NODES = 'physai_ros.nodes.'
LOADED = (*(f'{NODES}{name}_node' for name in
            ('manager', 'state_publisher', 'policy', 'command', 'perception', 'sim')),
          'pinocchio', 'coal', 'mujoco')
HANDLED = ('SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGCHLD', 'SIGUSR2')
TITLE_BYTES = 4096      # of arguments that `ps` and /proc/PID/cmdline can show
ARG_START, ARG_END = 45, 46     # in /proc/PID/stat, counted from the state on


@dataclass(frozen=True)
class Order:
    """Begin: with a configuration, in a folder, with these variables, writing to a file."""

    configuration: str
    folder: str
    output: str
    environ: Dict[str, str]

    def to_line(self) -> str:
        """Return it as the line that `main` reads."""
        return json.dumps(asdict(self)) + '\n'


class Options(ServerOptions):
    """supervisord's, but for how a child becomes a node."""

    def execve(self, filename, argv, env):
        """Become a program, or run a node here; does not return."""
        if argv[0] != sys.executable or argv[1] != '-m' or not argv[2].startswith(NODES):
            os.execve(filename, argv, env)
        os.environ.clear()
        os.environ.update(env)
        for name in HANDLED:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        code = 1
        try:
            end_with_starter()
            show_as(argv)
            sys.argv = argv[2:]
            import_module(argv[2]).main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # as the interpreter would: it must not reach supervisord's loop
            traceback.print_exc()
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def command() -> list:
    """Return how to start this process, with room for the arguments of nodes in its own."""
    return [sys.executable, '-m', __name__, ' ' * TITLE_BYTES]


def main():
    """Load, wait for an order, and be supervisord."""
    for module in LOADED:
        with suppress(ImportError):     # of an extra that this installation does without
            import_module(module)
    gc.collect()
    gc.freeze()     # forks share what is loaded as long as nothing touches it
    line = sys.stdin.readline()
    if not line:
        return
    order = Order(**json.loads(line))
    output = os.open(order.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(output, number)
    os.environ.update(order.environ)
    os.chdir(order.folder)
    supervisord.ServerOptions = Options
    supervisord.main(['-n', '-c', order.configuration])


def show_as(argv):
    """Write arguments over those of this process, for those who look for it in /proc or `ps`."""
    fields = Path('/proc/self/stat').read_text().rpartition(')')[2].split()
    start, end = int(fields[ARG_START]), int(fields[ARG_END])
    text = b'\0'.join(map(os.fsencode, argv))[:end - start - 1]
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, text, len(text))


if __name__ == '__main__':
    main()
