"""Fast DDS's shared memory: as much as a process needs, and none left by dead ones."""
import contextlib
import fcntl
import os
from pathlib import Path
import time

from physai_ros.adapters.participant import FOLDER, numbered

VARIABLE, RANGE = 'FASTRTPS_DEFAULT_PROFILES_FILE', 'ROS_AUTOMATIC_DISCOVERY_RANGE'
SENDS_PICTURES, READS_PICTURES, NO_PICTURES = (
    'fastdds.xml', 'fastdds_small.xml', 'fastdds_udp.xml')
LOCKS = 'fastrtps_[0-9a-f]*_el'  # ports are not matched: Fast DDS takes care of these
SETTLED_S = 2.0


def choose_profile(name: str):
    """
    Take one of our profiles in place of that for streams of pictures; leave the user's alone.

    All of ours keep to loopback by themselves. To LOCALHOST the middleware would add transports of
    its own, with more shared memory and with sockets on all interfaces.

    :param name: SENDS_PICTURES; READS_PICTURES: less memory, for it is scarce in containers (64
        MiB by default, 16 of them for pictures); NO_PICTURES: none, and no lock that a killed
        process could keep. The first two are copies with a participant number of their own
    """
    chosen = Path(os.environ.get(VARIABLE, '')).parent / name
    if os.environ.get(RANGE) == 'LOCALHOST' and os.environ.get(VARIABLE, '').endswith(
            f'/{SENDS_PICTURES}') and chosen.is_file():
        if name != NO_PICTURES:
            chosen = numbered(chosen, os.environ.get('ROS_DOMAIN_ID') or '0')
        os.environ.update({VARIABLE: str(chosen), RANGE: 'SYSTEM_DEFAULT'})


@contextlib.contextmanager
def profile(name: str):
    """Have the nodes that are made meanwhile take a profile; those started later do not."""
    before = {key: os.environ.get(key) for key in (VARIABLE, RANGE)}
    choose_profile(name)
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key, None)
            os.environ.update({} if value is None else {key: value})


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
