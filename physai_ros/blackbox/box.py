"""The black box: a ring of messages that is written to a file when something went wrong."""
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import threading
import time
from typing import Dict, List, Optional

from physai_ros.blackbox.dump import HEAD, NICE, SUFFIX
from physai_ros.blackbox.ring import Ring

BATCH, LONGEST_S = 100, 60.0


def default_folder() -> Path:
    """Return ``$ROS_HOME/physai/blackbox``, with ROS's default of ``~/.ros``."""
    home = os.environ.get('ROS_HOME') or os.path.join(os.path.expanduser('~'), '.ros')
    return Path(home) / 'physai' / 'blackbox'


def command() -> List[str]:
    """
    Return how the writer is started: with the time that others leave from its very first step.

    A thread of real-time priority starts it, and what is started inherits that. Where ``chrt`` is
    missing, the writer puts it down itself as soon as it can.
    """
    ordinary = ['chrt', '--other', '0'] if shutil.which('chrt') else []
    return [*ordinary, 'nice', '-n', str(NICE), sys.executable, '-m', 'physai_ros.blackbox.dump']


class Box:
    """
    Keeps the last messages and writes them by a process of its own.

    ``saved``: the last file; ``problem``: why the last one could not be written, '' when it was.

    :param ring: what is kept
    :param folder: where files go
    :param max_files: so many are kept, and ``max_bytes`` of them in all
    """

    def __init__(self, ring: Ring, folder: Path, max_files: int, max_bytes: int):
        self.ring, self._folder = ring, folder
        self._max_files, self._max_bytes = max_files, max_bytes
        self.saved: Optional[Path] = None
        self.problem = ''
        self._threads: List[threading.Thread] = []      # one that writes, one that waits

    def save(self, name: str, metadata: Dict[str, str]) -> bool:
        """
        Write what is kept now, after an earlier file that is being written; returns at once.

        :param name: of the file, without suffix
        :return: False while another file waits already
        """
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) > 1:
            return False
        path, records = self._folder / f'{name}{SUFFIX}', self.ring.records()
        plan = {'path': str(path), 'metadata': metadata, 'max_files': self._max_files,
                'max_bytes': self._max_bytes, 'count': len(records),
                'channels': [(c.topic, c.type, c.definition) for c in self.ring.channels]}
        self._threads.append(threading.Thread(
            target=self._write, args=(self._threads[:], path, plan, records), daemon=True))
        self._threads[-1].start()
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait for files that are being written; return whether all are."""
        end_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _write(self, earlier, path, plan, records):
        for thread in earlier:
            thread.join()
        try:
            writer = subprocess.Popen(
                command(), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True)
            try:
                writer.stdin.write(json.dumps(plan).encode() + b'\n')
                for k in range(0, len(records), BATCH):
                    writer.stdin.write(b''.join(
                        part for channel, time_ns, data in records[k:k + BATCH]
                        for part in (HEAD.pack(channel, time_ns, len(data)), data)))
            except BrokenPipeError:
                pass  # it says why on its stderr
            _, told = writer.communicate(timeout=LONGEST_S)
            problem = told.decode(errors='replace').strip().splitlines()[-1:]
        except (OSError, subprocess.TimeoutExpired) as error:
            self.problem = str(error)
            return
        if writer.returncode == 0:
            self.saved, self.problem = path, ''
        else:
            self.problem = problem[0] if problem else f'exit code {writer.returncode}'
