"""Progress lines with elapsed time, and tools run with their output in a log."""
from pathlib import Path
import shlex
import shutil
import subprocess
import sys
import threading
import time

from physai_ros.core.errors import PhysaiError

HEARTBEAT_S = 10.0
TAIL_LINES = 25
FULL_MB = 100


class SetupError(PhysaiError):
    """The environment cannot be made; the message says what to do."""


class DiskFullError(SetupError):
    """A tool failed, and there is no room left."""


class Console:
    """Where the set-up tells what it does."""

    def __init__(self, stream=None):
        self._stream = sys.stdout if stream is None else stream
        self._start = time.monotonic()

    def say(self, text: str):
        """Print one line after the seconds since the start."""
        print(f'[{time.monotonic() - self._start:5.1f} s] {text}', file=self._stream, flush=True)

    def run(self, title, command, log: Path, env=None, keep=()):
        """
        Run a tool to its end, its output in ``log``; say ``title``, then a sign of life at times.

        :param title: what is being done, for the reader
        :param command: list of arguments
        :param log: file to append the output to
        :param env: the environment of the tool, or None for this one's
        :param keep: file descriptors that the tool inherits
        :raises SetupError: the tool failed; the message ends with the log's last lines
        """
        self.say(title)
        with open(log, 'a', encoding='utf-8') as output:
            print('$ ' + shlex.join(map(str, command)), file=output, flush=True)
            begun = output.tell()
            with subprocess.Popen(list(map(str, command)), env=env, stdin=subprocess.DEVNULL,
                                  stdout=output, stderr=subprocess.STDOUT,
                                  pass_fds=keep) as process:
                done = threading.Event()
                beat = threading.Thread(target=self._beat, args=(title, done, log), daemon=True)
                beat.start()
                try:
                    code = process.wait()
                except BaseException:
                    process.terminate()
                    raise
                finally:
                    done.set()
                    beat.join()
        if code:
            raise _failure(title, command, code, log, begun)

    def _beat(self, title, done, log):
        begun = time.monotonic()
        while not done.wait(HEARTBEAT_S):
            last = (tail(log, 1).strip() or '…')[:60]
            self.say(f'  … {title}: {time.monotonic() - begun:.0f} s ({last})')


def tail(log: Path, lines: int = TAIL_LINES, begin: int = 0) -> str:
    """Return the last lines of a text file, of those after the byte ``begin``."""
    text = log.read_bytes()[begin:].decode(errors='replace')
    return '\n'.join(text.splitlines()[-lines:])


def _failure(title, command, code, log, begun):
    free_mb = shutil.disk_usage(log.parent).free // 10**6
    if free_mb < FULL_MB:
        return DiskFullError(f'free disk space in {log.parent}', f'{free_mb} MB',
                             f'more, for {title}', 'free some, then run the command again')
    return SetupError(f'the exit code of {Path(command[0]).name} ({title})', code, '0',
                      f'The whole output is in {log}; its end:\n{tail(log, begin=begun)}')
