"""Read what is in a folder without following links, once, within a size that is known before."""
import errno
import os
from pathlib import Path, PurePosixPath
import stat
from typing import Dict, List

from physai_ros.core.errors import BundleError

MAX_FILES = 1000


def read_inside(folder: Path, file: str, max_bytes) -> bytes:
    """
    Return the content of a regular file in a folder, following no link on the way.

    :param file: its path relative to the folder
    :raises BundleError: when it cannot be read so, or is larger than ``max_bytes``
    """
    place = f'{folder.name}/{file}'
    try:
        handle = _open_inside(folder, PurePosixPath(file).parts)
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and status.st_size <= max_bytes:
            with open(handle, 'rb') as stream:
                return stream.read(max_bytes)
        os.close(handle)
    except OSError as error:
        raise _unreadable(folder, file, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(place, 'no regular file', 'a file', 'copy the file into the folder')
    raise too_large(place, status.st_size, max_bytes)


def read_all(folder: Path, max_bytes, known=()) -> Dict[str, bytes]:
    """
    Return the content of every file below a folder, by its path relative to it.

    :param max_bytes: how large all of them may be together
    :param known: contents that have been read already, by path; they are not read again
    :raises BundleError: for a link or anything else that is no regular file, or for too much
    """
    files = dict(known)
    left = max_bytes - sum(map(len, files.values()))
    for path in _paths(folder):
        if path not in files:
            files[path] = read_inside(folder, path, max(left, 0))
            left -= len(files[path])
    return files


def replace(path: Path, data: bytes):
    """Write a file, whole or not at all."""
    fresh = path.with_name(f'.{path.name}.{os.getpid()}')
    fresh.write_bytes(data)
    os.replace(fresh, path)


def _paths(folder) -> List[str]:
    """Return the paths of all that is no folder, sorted."""
    found, waiting = [], ['']
    try:
        while waiting:
            above = waiting.pop()
            for entry in os.scandir(folder / above):
                inside = entry.is_dir(follow_symlinks=False)
                (waiting if inside else found).append(f'{above}{entry.name}{"/" * inside}')
            if len(found) + len(waiting) > MAX_FILES:
                raise BundleError(f'the number of files in {folder}', f'over {MAX_FILES}',
                                  f'at most {MAX_FILES}', 'keep only the bundle in its folder')
    except OSError as error:
        raise _unreadable(folder, above, error) from None
    return sorted(found)


def too_large(place, size, max_bytes) -> BundleError:
    """Return the error for a file over the cap."""
    return BundleError(f'the size of {place}', f'{size} bytes', f'at most {max_bytes}',
                       'check that this is the file you mean')


def _open_inside(folder, parts):
    flags = os.O_RDONLY | os.O_CLOEXEC
    handle = os.open(folder, flags | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, flags | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        return os.open(parts[-1], flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    finally:
        os.close(handle)


def _unreadable(folder, file, error):
    place = f'{folder.name}/{file}'
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return BundleError(place, 'a symbolic link, or behind one', 'a file in the folder itself',
                           'copy the file into the folder')
    if error.errno == errno.ENOENT:
        there = ', '.join(sorted(os.listdir(folder)) if folder.is_dir() else ()) or 'nothing'
        return BundleError(f'{place} is missing', None, f'that file; {folder} holds {there}',
                           'get the bundle again, or correct model.file')
    return BundleError(f'{place} cannot be read', None, 'a readable file', str(error.strerror))
