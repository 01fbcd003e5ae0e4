"""What of the set-up is done: one digest a step, in one small file that is replaced atomically."""
import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path

from physai_ros.bootstrap.console import SetupError


def digest(*parts) -> str:
    """
    Return a hash over texts and the contents of files.

    :param parts: ``str`` for a text, ``Path`` for a file
    """
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


class Stamps:
    """
    The digests of the finished steps, and the name of one that was begun and not finished.

    :param path: the file
    """

    def __init__(self, path: Path):
        self._path = path

    def read(self) -> tuple:
        """Return step -> digest, and the name of the unfinished step or None."""
        try:
            stamps = dict(json.loads(self._path.read_text()))
            return dict(stamps['done']), stamps['unfinished']
        except (OSError, ValueError, KeyError):
            return {}, None

    def begin(self, step: str):
        """Say that the step is being done; it counts as undone."""
        done, _ = self.read()
        done.pop(step, None)
        self._write(done, step)

    def finish(self, step: str, value: str):
        """Say that the step is done."""
        done, _ = self.read()
        self._write({**done, step: value}, None)

    def _write(self, done, unfinished):
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix('.new')
        fresh.write_text(json.dumps({'done': done, 'unfinished': unfinished}, indent=1))
        os.replace(fresh, self._path)


@contextlib.contextmanager
def exclusive(path: Path):
    """
    Hold the lock of the checkout's set-up; it lasts while any tool that inherited it lives.

    :param path: the lock file
    :returns: a context with the file descriptor, to be handed on to tools
    :raises SetupError: another set-up holds it
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode().strip() or 'unknown'
            raise SetupError(
                f'the set-up of {path.parent}', f'running already (process {holder})',
                'one at a time', 'wait until it has finished, then try again') from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f'{os.getpid()}\n'.encode())
        yield descriptor
    finally:
        os.close(descriptor)
