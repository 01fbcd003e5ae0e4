"""Load a bundle from its folder: the bytes that are verified are the bytes that are used."""
from dataclasses import dataclass, field, replace
import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from physai_ros.bundle.folder import read_all, read_inside, too_large
from physai_ros.bundle.graph import require_self_contained
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import parse
from physai_ros.bundle.schema import ModelFile
from physai_ros.bundle.signing import MAX_SIGNATURE_BYTES, NO_TRUST, SIGNATURE, Trust, verify
from physai_ros.bundle.yaml12 import MAX_BYTES, read_yaml
from physai_ros.core.errors import BundleError
from physai_ros.paths import share
from pydantic import BaseModel

MAX_MODEL_BYTES = 512 * 1024 * 1024
MAX_OTHER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Bundle:
    """
    A validated manifest and the verified bytes of its files.

    :param files: content of each file that the manifest names, by path, its own included
    :param signer: the trusted key that signed it, empty when no signature was verified
    :param lines: the line of each place in the manifest, for messages
    """

    manifest: Any
    folder: Path
    files: Mapping[str, bytes]
    signer: str = ''
    lines: Mapping[Tuple, int] = field(default_factory=dict)

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

    @property
    def model_bytes(self) -> bytes:
        """Return the content of the model's file."""
        return self.files[self.manifest.model.file]

    def without_model(self) -> 'Bundle':
        """Return the same without the content of the model's file, which may be large."""
        return replace(self, files={file: content for file, content in self.files.items()
                                    if file != self.manifest.model.file})

    @property
    def tokenizer_json(self) -> Optional[bytes]:
        """Return the content of the tokenizer's file, None where the manifest names none."""
        named = getattr(self.manifest, 'tokenizer', None)
        return self.files[named.file] if named else None


def load_bundle(which, schema=Manifest, models: Optional[Path] = None,
                max_model_bytes=MAX_MODEL_BYTES, trust: Trust = NO_TRUST) -> Bundle:
    """
    Load and verify a bundle.

    :param which: the name of a bundle that comes with the package, or the path of a folder
    :param schema: the class of its manifest, which names the manifest's file
    :param models: the folder that names are looked up in, by default that of the package
    :param trust: whose signature is accepted, and whether there must be one
    :raises BundleError: when it is missing, invalid, corrupt, not self-contained or not trusted
    """
    folder = find_bundle(which, schema, models)
    read, signer = None, ''
    if trust.keys or trust.required:
        read, signer = _read_signed(folder, max_model_bytes, trust)
    data = _content(folder, schema.FILE, MAX_BYTES, read)
    place = f'{folder.name}/{schema.FILE}'
    document = read_yaml(data, place)
    manifest = parse(schema, document, place)
    files = {schema.FILE: data}
    for named in named_files(manifest):
        limit = max_model_bytes if named is manifest.model else MAX_OTHER_BYTES
        files[named.file] = read_verified(folder, named, limit, read)
    require_self_contained(files[manifest.model.file], f'{folder.name}/{manifest.model.file}')
    return Bundle(manifest, folder, files, signer, document.lines)


def named_files(part) -> Iterator[ModelFile]:
    """Yield every file that a manifest names, wherever in it."""
    if isinstance(part, ModelFile):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from named_files(getattr(part, name))
    elif isinstance(part, (tuple, dict)):
        for item in part.values() if isinstance(part, dict) else part:
            yield from named_files(item)


def _read_signed(folder, max_model_bytes, trust):
    """Return all files of a signed folder and who signed them, (None, '') of an unsigned one."""
    if not os.path.lexists(folder / SIGNATURE):
        if not trust.required:
            return None, ''
        raise BundleError(f'bundle {folder.name} has no signature', None,
                          f'a file {SIGNATURE} of a trusted key',
                          'sign it with `physai sign`; in simulation require_signature may be '
                          'false (docs/trust.md)')
    signature = {SIGNATURE: read_inside(folder, SIGNATURE, MAX_SIGNATURE_BYTES)}
    files = read_all(folder, max_model_bytes + MAX_OTHER_BYTES, signature)
    return files, verify(folder.name, files, trust.keys)


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


def read_verified(folder: Path, named: ModelFile, max_bytes=MAX_MODEL_BYTES,
                  read: Optional[Dict[str, bytes]] = None) -> bytes:
    """
    Return the bytes of a file whose hash is what its manifest says.

    :param read: the files that were read and verified, by path; no disk is looked at then
    :raises BundleError: when it is missing, a link, outside the folder, too large or changed
    """
    data = _content(folder, named.file, max_bytes, read)
    found = hashlib.sha256(data).hexdigest()
    if found != named.sha256:
        raise BundleError(f'the SHA-256 of {folder.name}/{named.file}', found, named.sha256,
                          'the file was changed or not copied whole: get the bundle again, or '
                          'correct sha256 if you changed the model yourself')
    return data


def _content(folder, file, max_bytes, read):
    if read is None:
        return read_inside(folder, file, max_bytes)
    path, place = str(PurePosixPath(file)), f'{folder.name}/{file}'
    if path not in read:
        raise BundleError(f'{place} is missing', None, f'that file among {", ".join(read)}',
                          'get the bundle again')
    if len(read[path]) > max_bytes:
        raise too_large(place, len(read[path]), max_bytes)
    return read[path]


def _models(models):
    return Path(models) if models is not None else share() / 'models'
