"""A machine without time, and a disk without room."""
from contextlib import suppress
import os
from pathlib import Path
import resource
import subprocess
import sys
import tempfile

from physai_ros.core.errors import ConfigError

HOGS_PER_CPU = 2
HOG_CPU_S = 30            # a hog ends by itself after so much work, whatever becomes of us
DISK_BYTES = 192 << 20
BLOCK = bytes(1 << 16)


class Hog:
    """Processes that do nothing, and that as fast as they can."""

    def __init__(self):
        self._processes = []

    def start(self):
        """Keep all processors busy."""
        for _ in range(HOGS_PER_CPU * (os.cpu_count() or 1)):
            self._processes.append(subprocess.Popen(
                [sys.executable, '-S', '-c', 'while True: pass'], start_new_session=True,
                preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_CPU, (HOG_CPU_S, HOG_CPU_S))))

    def end(self):
        """Let them go."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()


class Disk:
    """
    A small file system of its own, which needs root.

    :raises ConfigError: without the right to mount one
    """

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix='physai-disk-'))
        made = subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', f'size={DISK_BYTES}', 'tmpfs', str(self.folder)],
            capture_output=True, text=True, check=False)
        if made.returncode:
            self.folder.rmdir()
            raise ConfigError('mount', made.stderr.strip(), 'the right to mount a tmpfs',
                              'run as root, or leave the faults disk.* out')

    def fill(self):
        """Leave not one byte."""
        with open(self.folder / 'full', 'wb', buffering=0) as file, suppress(OSError):
            while True:
                file.write(BLOCK)

    def free(self):
        """Make room again."""
        (self.folder / 'full').unlink(missing_ok=True)

    def close(self):
        """Take it away, with all that is on it."""
        subprocess.run(['umount', '-l', str(self.folder)], check=False)
        self.folder.rmdir()
