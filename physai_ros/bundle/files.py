"""Load a bundle from its folder: the bytes that are verified are the bytes that are used."""
from dataclasses import dataclass
import errno
import hashlib
import os
from pathlib import Path, PurePosixPath
import stat
from typing import Any, Optional

from physai_ros.bundle.graph import require_self_contained
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import parse
from physai_ros.bundle.schema import ModelFile
from physai_ros.bundle.yaml12 import MAX_BYTES
from physai_ros.core.errors import BundleError
from physai_ros.paths import share

MAX_MODEL_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Bundle:
    """A validated manifest and the verified bytes of its model."""

    manifest: Any
    model_bytes: bytes
    folder: Path

    @property
    def name(self) -> str:
        """Return the name of the bundle."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Return the version of the bundle."""
        return self.manifest.version

    @property
    def sha256(self) -> str:
        """Return the hash of the model, hexadecimal."""
        return self.manifest.model.sha256


def load_bundle(which, schema=Manifest, models: Optional[Path] = None,
                max_model_bytes=MAX_MODEL_BYTES) -> Bundle:
    """
    Load and verify a bundle.

    :param which: the name of a bundle that comes with the package, or the path of a folder
    :param schema: the class of its manifest, which names the manifest's file
    :param models: the folder that names are looked up in, by default that of the package
    :raises BundleError: when it is missing, invalid, corrupt or not self-contained
    """
    folder = find_bundle(which, schema, models)
    data = read_inside(folder, schema.FILE, MAX_BYTES)
    manifest = parse(schema, data, f'{folder.name}/{schema.FILE}')
    model = read_verified(folder, manifest.model, max_model_bytes)
    require_self_contained(model, f'{folder.name}/{manifest.model.file}')
    return Bundle(manifest, model, folder)


def available_bundles(schema=Manifest, models: Optional[Path] = None):
    """Return the names of the bundles that come with the package."""
    return tuple(sorted(file.parent.name for file in _models(models).glob(f'*/{schema.FILE}')))


def find_bundle(which, schema=Manifest, models: Optional[Path] = None) -> Path:
    """
    Return the folder of a bundle.

    A manifest that a package's installation linked (``colcon build --symlink-install``) leads
    to its real folder; the links of a folder given by its path are not followed.

    :raises BundleError: when there is none, listing those that there are
    """
    try:
        named = _models(models) / str(which) / schema.FILE
        if isinstance(which, str) and which == PurePosixPath(which).name and named.is_file():
            return named.resolve().parent
        folder = Path(which).expanduser().resolve()
        there = folder.is_dir() and str(which) != ''
        if there and os.path.lexists(folder / schema.FILE):
            return folder
    except (OSError, RuntimeError, ValueError):  # what no path can be
        there = False
    known = ', '.join(available_bundles(schema, models)) or f'none is in {_models(models)}'
    if there:
        raise BundleError(f'{schema.FILE} in {folder} is missing', None, 'the folder of a bundle',
                          f'give its path, or the name of one that is available: {known}')
    raise BundleError('bundle', str(which), 'the path of a folder, or a name',
                      f'available: {known}')


def read_verified(folder: Path, model: ModelFile, max_bytes=MAX_MODEL_BYTES) -> bytes:
    """
    Return the bytes of a model whose hash is what its manifest says.

    :raises BundleError: when it is missing, a link, outside the folder, too large or changed
    """
    data = read_inside(folder, model.file, max_bytes)
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        raise BundleError(f'the SHA-256 of {folder.name}/{model.file}', found, model.sha256,
                          'the file was changed or not copied whole: get the bundle again, or '
                          'correct sha256 if you changed the model yourself')
    return data


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
    raise BundleError(f'the size of {place}', f'{status.st_size} bytes', f'at most {max_bytes}',
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


def _models(models):
    return Path(models) if models is not None else share() / 'models'
