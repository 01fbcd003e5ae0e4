"""Fast DDS's shared memory: as much as a process needs, and none left by dead ones."""
import contextlib
import fcntl
import os
from pathlib import Path
import time

VARIABLE = 'FASTRTPS_DEFAULT_PROFILES_FILE'
PICTURES, SMALL = 'fastdds.xml', 'fastdds_small.xml'
FOLDER = Path('/dev/shm')
LOCKS = 'fastrtps_[0-9a-f]*_el'  # ports are not matched: Fast DDS takes care of these
SETTLED_S = 2.0


def take_small_segment():
    """
    Replace our profile for pictures by the one for small messages; leave the user's alone.

    Memory for shared segments is scarce in containers: 64 MiB by default, 16 of them for pictures.
    """
    file = Path(os.environ.get(VARIABLE, ''))
    small = file.parent / SMALL
    if file.name == PICTURES and small.is_file():
        os.environ[VARIABLE] = str(small)


def remove_orphans(folder: Path = FOLDER):
    """Remove the segments of processes that were killed, which nobody else removes."""
    for lock in folder.glob(LOCKS):
        with contextlib.suppress(OSError):  # gone already, or another user's
            if time.time() - lock.stat().st_mtime > SETTLED_S:
                _remove_unlocked(lock)


def _remove_unlocked(lock: Path):
    """Remove a segment and its lock file unless its owner, alive, holds the lock."""
    with open(lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.with_name(lock.name.removesuffix('_el')).unlink(missing_ok=True)
        lock.unlink()
