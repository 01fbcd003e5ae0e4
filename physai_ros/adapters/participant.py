"""
A number of its own for each process that uses shared memory, not used again for long.

The number of a DDS participant decides on its ports. A process that was started anew would take
those of the one that was killed; Fast DDS then makes the port's shared memory anew, and now and
then a process that runs on does not notice and writes into the old one, which nobody reads.
"""
import fcntl
import os
from pathlib import Path
import socket
from typing import Optional

FOLDER = Path('/dev/shm')
NUMBERS = range(32, 64)     # others count from 0; the profiles announce themselves up to 63
PLACE = '<rtps>'
FIRST_PORT = 7410           # RTPS 9.6.1: PB + d1, discovery of participant 0 in domain 0
_held = []                  # locks, for as long as the process lives


def numbered(profile: Path, domain: str, folder: Path = FOLDER) -> Path:
    """
    Return a copy of a profile with the participant number that was given back longest ago.

    The copy is its lock, too: locked for as long as this process lives. Where there is none to be
    had, the profile itself is returned, and the middleware chooses.

    :param profile: one of ours
    :param domain: ROS domain
    """
    copies = {number: folder / f'physai_ros_{domain}_{number}.xml' for number in NUMBERS}
    _mark_used(copies.values())
    for number in sorted(NUMBERS, key=lambda number: _used(copies[number])):
        lock = _locked(copies[number]) if _free(domain, number) else None
        if lock is not None:
            text = profile.read_text()
            os.truncate(lock, 0)
            os.write(lock, text.replace(
                PLACE, f'{PLACE}\n      <participantID>{number}</participantID>').encode())
            _held.append(lock)
            return copies[number]
    return profile


def _mark_used(copies):
    """Note of those that are locked that they are in use now."""
    for path in copies:
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.utime(file)
        os.close(file)


def _free(domain, number) -> bool:
    """Return whether nobody has the port, such as another container on the same network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(('127.0.0.1', FIRST_PORT + 250 * int(domain) + 2 * number))
        except (OSError, ValueError, OverflowError):
            return False
    return True


def _locked(path: Path) -> Optional[int]:
    """Return a file, opened and locked, None where another process or user has it."""
    try:
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_uid == os.getuid():
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
