"""Where a run keeps its things: logs that stay a while, and a private folder that does not."""
import fcntl
import os
from pathlib import Path
import shutil
import tempfile
import time
from typing import Mapping

from physai_ros.core.errors import ConfigError

KEEP = 10
NEEDED_BYTES = 100 * 1024 * 1024
LOCK = 'run.lock'
SHARED_MEMORY = Path('/dev/shm')
SENDER_BYTES = 18 << 20        # config/fastdds.xml, with what Fast DDS adds
READER_BYTES = 3 << 19         # config/fastdds_small.xml, the same; half of the nodes have it


class Run:
    """
    Folders of one run: ``logs``, kept for the last ten runs, and ``private`` (mode 0700).

    :param environ: ``ROS_LOG_DIR`` and ``ROS_HOME`` are respected as ROS does
    :raises ConfigError: when there is no place to write, or too little
    """

    def __init__(self, environ: Mapping[str, str]):
        root = log_root(environ)
        self.logs = root / f'{time.strftime("%Y%m%d-%H%M%S")}-{os.getpid()}'
        try:
            self.logs.mkdir(parents=True)
            self._lock = _locked(self.logs)
            prune(root, KEEP)
        except OSError as error:
            raise ConfigError(f'log folder {self.logs}', None, 'a folder that can be written',
                              f'{error.strerror}; set ROS_LOG_DIR to another place') from error
        try:
            self.private = Path(tempfile.mkdtemp(prefix='physai-'))
        except OSError as error:
            raise ConfigError('temporary folder', None, 'a folder that can be written',
                              f'{error.strerror or error}; set TMPDIR to another place') from error
        for folder in (self.logs, self.private):
            self._check_space(folder)

    def close(self):
        """Remove the private folder; the logs stay."""
        shutil.rmtree(self.private, ignore_errors=True)
        os.close(self._lock)

    def _check_space(self, folder: Path):
        free = shutil.disk_usage(folder).free
        if free < NEEDED_BYTES:
            self.close()
            raise ConfigError(f'free space for {folder}', f'{free // 1024 ** 2} MiB',
                              f'at least {NEEDED_BYTES // 1024 ** 2} MiB',
                              'make room, or set ROS_LOG_DIR and TMPDIR to another disk')


def log_root(environ: Mapping[str, str]) -> Path:
    """Return the folder of all runs' logs: ``ROS_LOG_DIR``, ``ROS_HOME/log`` or ~/.ros/log."""
    home = environ.get('ROS_HOME') or '~/.ros'
    return Path(environ.get('ROS_LOG_DIR') or f'{home}/log').expanduser() / 'physai'


def shared_memory_warning(processes: int) -> str:
    """Return what to tell when not every process finds shared memory for pictures, or ''."""
    free = shutil.disk_usage(SHARED_MEMORY).free
    needed = SENDER_BYTES + processes // 2 * READER_BYTES
    if free >= needed:
        return ''
    return (f'warning: {SHARED_MEMORY} has {free >> 20} MiB free, {needed >> 20} MiB are needed; '
            'pictures go over UDP and some may be lost (docker run --shm-size=1g)')


def prune(root: Path, keep: int):
    """Remove the oldest runs' logs but for ``keep``, and but for those of runs that go on."""
    runs = sorted(path for path in root.iterdir() if (path / LOCK).is_file())
    for run in runs[:-keep]:
        try:
            os.close(_locked(run))
        except BlockingIOError:
            continue
        shutil.rmtree(run, ignore_errors=True)


def _locked(folder: Path) -> int:
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
