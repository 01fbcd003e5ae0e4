"""
Sign and verify bundles with the library model-signing, https://pypi.org/project/model-signing.

A signature names every file of a bundle with its SHA-256. Both sides work on bytes in memory: what
was verified is what is loaded. No network is used.
"""
import base64
import hashlib
import json
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Mapping, NamedTuple, Optional, Sequence, Tuple

from physai_ros.core.errors import BundleError, ConfigError

SIGNATURE = 'model.sig'
MAX_SIGNATURE_BYTES = 1024 * 1024
SHOWN = 10

_PUBLIC_KEY, _CERTIFICATE = 'BEGIN PUBLIC KEY', 'BEGIN CERTIFICATE'
_SERIALIZATION = {'method': 'files', 'hash_type': 'sha256', 'allow_symlinks': False,
                  'ignore_paths': [SIGNATURE]}


class Trust(NamedTuple):
    """
    Whose bundles are accepted.

    :param keys: paths of PEM files: public keys, or certificates of authorities
    :param required: whether a bundle without a signature is refused
    """

    keys: Tuple[str, ...] = ()
    required: bool = False


NO_TRUST = Trust()


def verify(name: str, files: Mapping[str, bytes], keys: Sequence[str]) -> str:
    """
    Check that one of the keys has signed exactly these files.

    :param name: how messages call the bundle
    :param files: contents by path, the signature among them
    :param keys: see :class:`Trust`
    :return: the path of the key or certificate that it was
    :raises BundleError: when it has not, telling why
    :raises ConfigError: when a key cannot be used, or there is none
    """
    if not keys:
        raise ConfigError('the list of trusted keys', None, 'at least one public key or '
                          f'certificate, to verify {name} with', 'give trusted_keys')
    signature, content = files[SIGNATURE], _content(files)
    reasons = []
    with TemporaryDirectory() as folder:
        file = Path(folder) / SIGNATURE
        file.write_bytes(signature)
        for key in keys:
            configured = _verifier(key).set_hashing_config(_in_memory(content))
            try:
                configured.verify(name, file)
                return str(key)
            except Exception as error:  # of many libraries, with no common base class
                _raise_difference(name, error, signature, content)
                reasons.append(f'{key}: {_reason(error)}')
    raise BundleError(f'{name}/{SIGNATURE} is of none of the trusted keys', None,
                      '; '.join(reasons),
                      'get the bundle from who you trust, or add the key of who signed it')


def sign(name: str, files: Mapping[str, bytes], private_key: str,
         password: Optional[bytes] = None, certificate: Optional[str] = None,
         chain: Sequence[str] = ()) -> bytes:
    """
    Return the content of a signature.

    :param files: contents by path; an old signature among them is left out
    :param private_key: path of a PEM file, an elliptic curve key (P-256, P-384 or P-521)
    :param password: of the key, None when it has none
    :param certificate: path of the certificate of this key, to sign with a certificate
    :param chain: paths of the certificates between it and an authority
    :raises BundleError: for a file whose name is no UTF-8
    :raises ConfigError: when key or certificate cannot be used
    """
    for path in files:
        if path != path.encode('utf-8', 'ignore').decode('utf-8'):
            raise BundleError(f'the name of {name}/{path}', None, 'text in UTF-8', 'rename it')
    from model_signing import signing
    config = signing.Config().set_hashing_config(_in_memory(_content(files)))
    try:
        if certificate:
            config.use_certificate_signer(private_key=private_key, signing_certificate=certificate,
                                          certificate_chain=chain or [certificate])
        else:
            config.use_elliptic_key_signer(private_key=private_key, password=password)
    except Exception as error:  # of many libraries, with no common base class
        raise ConfigError(f'the private key {private_key}' if not certificate else
                          f'the key {private_key} with certificate {certificate}', None,
                          'PEM files of an elliptic curve key and its certificate',
                          _first_line(error)) from None
    with TemporaryDirectory() as folder:
        file = Path(folder) / SIGNATURE
        config.sign(name, file)
        return file.read_bytes()


def needs_password(private_key: str) -> bool:
    """Return whether a private key is encrypted; raise ConfigError when it cannot be read."""
    return 'ENCRYPTED' in _read_pem(private_key)


def _content(files):
    return {path: data for path, data in files.items() if path != SIGNATURE}


def _verifier(key):
    from model_signing import verifying
    text = _read_pem(key)
    try:
        if _CERTIFICATE in text:
            return verifying.Config().use_certificate_verifier(certificate_chain=[key])
        if _PUBLIC_KEY in text:
            return verifying.Config().use_elliptic_key_verifier(public_key=key)
    except Exception as error:  # of many libraries, with no common base class
        raise ConfigError(f'the trusted key {key}', None, 'an elliptic curve key (P-256, P-384 or '
                          'P-521) or a certificate', _first_line(error)) from None
    raise ConfigError(f'the trusted key {key}', text.strip().partition('\n')[0][:40],
                      f'a PEM file with {_PUBLIC_KEY} or {_CERTIFICATE}',
                      'docs/trust.md tells how to make one')


def _read_pem(key) -> str:
    try:
        return Path(key).read_text(encoding='ascii')
    except (OSError, ValueError) as error:
        raise ConfigError(f'the key {key}', None, 'a readable PEM file', str(error)) from None


def _in_memory(content):
    """Return a hashing configuration that takes digests of bytes, not of paths."""
    from model_signing import hashing, manifest
    from model_signing._hashing.hashing import Digest

    class InMemory(hashing.Config):

        def hash(self, model_path, *, files_to_hash=None):  # noqa: A003
            items = [manifest.FileManifestItem(
                path=PurePosixPath(path), digest=Digest('sha256', hashlib.sha256(data).digest()))
                for path, data in content.items()]
            return manifest.Manifest(str(model_path), items,
                                     manifest.SerializationType.from_args(_SERIALIZATION))

        def add_ignored_paths(self, *, model_path, paths):
            """Ignore nothing, whatever a signature says."""

    return InMemory()


def _raise_difference(name, error, signature, content):
    """Raise what differs, when a signature is genuine and the files are not what was signed."""
    if not str(error).startswith('Signature mismatch'):
        return
    statement = json.loads(base64.b64decode(json.loads(signature)['dsseEnvelope']['payload']))
    signed = {resource['name']: resource['digest']
              for resource in statement.get('predicate', {}).get('resources', ())}
    found = {path: hashlib.sha256(data).hexdigest() for path, data in content.items()}
    problems = [f'{path} is missing' for path in signed if path not in found]
    problems += [f'{path} was added' if path not in signed else f'{path} was changed'
                 for path, digest in sorted(found.items()) if signed.get(path) != digest]
    more = f' and {len(problems) - SHOWN} more' if len(problems) > SHOWN else ''
    raise BundleError(f'{name} is not what was signed: {", ".join(problems[:SHOWN])}{more}', None,
                      'exactly the files of the signature',
                      'get the bundle again, or sign it again if you changed it') from None


def _reason(error):
    kind = type(error).__name__
    if kind == 'InvalidSignature':
        return 'the signature is damaged or of another key'
    if str(error).startswith('Key mismatch'):
        return 'it was signed with another key'
    if kind == 'X509StoreContextError':
        return f'its certificate is not of this authority ({_first_line(error)})'
    if 'certificates' in str(error) or 'Predicate' in str(error) or kind == 'AttributeError':
        return 'it was signed in another way (key instead of certificate, or the reverse)'
    return f'no valid signature ({kind}: {_first_line(error)})'


def _first_line(error):
    return (str(error).strip().splitlines() or [repr(error)])[0][:200]
