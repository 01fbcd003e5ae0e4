"""Signatures: exactly the signed bytes are loaded, and every other case is told clearly."""
import json
import os
import subprocess
import sys

from bundle_examples import identity_onnx, MANIFEST, write_files
from keys import write_certificate, write_pair
from physai_ros.bundle import files as bundle_files
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.folder import read_all
from physai_ros.bundle.signing import needs_password, sign, SIGNATURE, Trust
from physai_ros.core.errors import BundleError, ConfigError
import pytest

pytest.importorskip('model_signing')
MODEL = identity_onnx(3)


@pytest.fixture(scope='module')
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp('keys')
    pairs = {name: write_pair(folder, name) for name in ('ours', 'theirs')}
    _, _, authority_key = write_pair(folder, 'authority')
    authority = write_certificate(folder, 'authority', authority_key)
    pairs['authority'] = authority[0]
    pairs['leaf'] = write_certificate(folder, 'leaf', pairs['ours'][2], authority[1],
                                      authority_key)[0]
    return pairs


@pytest.fixture
def folder(tmp_path, keys):
    folder = write_files(tmp_path / 'example', MANIFEST, MODEL)
    (folder / 'README.md').write_text('# card')
    (folder / 'notes').mkdir()
    (folder / 'notes' / 'a.txt').write_text('a')
    return signed(folder, keys['ours'][0])


def signed(folder, key, **options):
    (folder / SIGNATURE).write_bytes(sign(folder.name, read_all(folder, 1 << 20), key, **options))
    return folder


def refusal(folder, *keys, required=True):
    with pytest.raises((BundleError, ConfigError)) as error:
        load_bundle(folder, trust=Trust(keys, required))
    return str(error.value)


def test_a_signed_bundle_says_who_signed_it(folder, keys):
    for trusted in ([keys['ours'][1]], [keys['theirs'][1], keys['ours'][1]]):
        bundle = load_bundle(folder, trust=Trust(tuple(trusted), True))
        assert bundle.signer == keys['ours'][1]
        assert bundle.model_bytes == MODEL
    assert load_bundle(folder).signer == ''


def test_certificates(folder, keys):
    signed(folder, keys['ours'][0], certificate=keys['leaf'])
    assert load_bundle(folder, trust=Trust((keys['authority'],), True)).signer == keys['authority']
    assert 'not of this authority' in refusal(folder, other_authority(folder, keys))
    assert 'is of none of the trusted keys' in refusal(folder, keys['ours'][1])


def other_authority(folder, keys):
    place = folder.parent / 'other'
    place.mkdir()
    return write_certificate(place, 'other', keys['theirs'][2])[0]


def test_another_key(folder, keys):
    assert 'it was signed with another key' in refusal(folder, keys['theirs'][1])
    assert 'signed in another way' in refusal(folder, keys['authority'])


@pytest.mark.parametrize('name', ['policy.yaml', 'model.onnx', 'README.md', 'notes/a.txt'])
def test_any_changed_byte(folder, keys, name):
    data = bytearray((folder / name).read_bytes())
    for place in range(0, len(data), max(1, len(data) // 20)):
        changed = data.copy()
        changed[place] ^= 1
        (folder / name).write_bytes(changed)
        assert f'example is not what was signed: {name} was changed' in refusal(
            folder, keys['ours'][1])


def test_every_byte_of_the_signature_matters_or_changes_nothing(folder, keys):
    text = (folder / SIGNATURE).read_bytes()
    for place in range(0, len(text), 37):
        (folder / SIGNATURE).write_bytes(text[:place] + bytes([text[place] ^ 2]) +
                                         text[place + 1:])
        try:
            assert load_bundle(folder, trust=Trust((keys['ours'][1],))).model_bytes == MODEL
        except BundleError as error:
            assert 'is of none of the trusted keys' in str(error)


def test_files_that_were_not_signed(folder, keys):
    (folder / 'notes' / 'b.txt').write_text('b')
    (folder / 'README.md').unlink()
    assert 'README.md is missing, notes/b.txt was added' in refusal(folder, keys['ours'][1])


def test_links(folder, keys):
    (folder / 'extra').symlink_to('/etc/passwd')
    assert "extra is 'a symbolic link" in refusal(folder, keys['ours'][1])
    (folder / 'extra').unlink()
    (folder / 'extra').symlink_to('/etc', target_is_directory=True)
    assert "extra is 'a symbolic link" in refusal(folder, keys['ours'][1])
    (folder / 'extra').unlink()
    os.mkfifo(folder / 'extra')
    assert 'no regular file' in refusal(folder, keys['ours'][1])


def test_no_signature(folder, keys):
    (folder / SIGNATURE).unlink()
    assert 'bundle example has no signature; expected a file model.sig' in refusal(
        folder, keys['ours'][1])
    assert load_bundle(folder, trust=Trust((keys['ours'][1],), False)).signer == ''


def test_a_wrong_signature_is_refused_even_where_none_is_required(folder, keys):
    assert 'of none of the trusted keys' in refusal(folder, keys['theirs'][1], required=False)


@pytest.mark.parametrize('content', [b'', b'{}', b'[1]', b'\xff', b'[' * 100_000, b'{"a": NaN}'])
def test_what_is_no_signature(folder, keys, content):
    (folder / SIGNATURE).write_bytes(content)
    assert 'is of none of the trusted keys' in refusal(folder, keys['ours'][1])


def test_keys_that_cannot_be_used(folder, keys, tmp_path):
    assert 'the list of trusted keys' in refusal(folder)
    assert 'expected a readable PEM file' in refusal(folder, str(tmp_path / 'none.pub'))
    assert 'expected a PEM file with BEGIN PUBLIC KEY' in refusal(folder, keys['ours'][0])
    broken = tmp_path / 'broken.pub'
    broken.write_text('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n')
    assert 'an elliptic curve key' in refusal(folder, str(broken))


def test_the_verified_bytes_are_the_loaded_bytes(folder, keys, monkeypatch):
    """Whatever is swapped on disk after the one reading changes nothing."""
    def then_swap(*arguments):
        found = read_all(*arguments)
        (folder / 'model.onnx').write_bytes(b'evil')
        (folder / 'policy.yaml').write_text('evil')
        return found

    monkeypatch.setattr(bundle_files, 'read_all', then_swap)
    assert load_bundle(folder, trust=Trust((keys['ours'][1],), True)).model_bytes == MODEL


def test_a_model_that_appears_after_the_reading_is_not_taken(folder, keys, monkeypatch):
    (folder / 'model.onnx').unlink()
    signed(folder, keys['ours'][0])

    def then_add(*arguments):
        found = read_all(*arguments)
        (folder / 'model.onnx').write_bytes(MODEL)
        return found

    monkeypatch.setattr(bundle_files, 'read_all', then_add)
    assert 'example/model.onnx is missing' in refusal(folder, keys['ours'][1])


def test_size_caps_hold_for_signed_bundles(folder, keys):
    with pytest.raises(BundleError, match='the size of example/model.onnx'):
        load_bundle(folder, max_model_bytes=10, trust=Trust((keys['ours'][1],), True))


def test_a_name_that_is_no_text_is_not_signed(folder, keys):
    (folder / os.fsdecode(b'n\xff')).write_text('x')
    with pytest.raises(BundleError, match='UTF-8'):
        signed(folder, keys['ours'][0])


def test_an_encrypted_key(folder, tmp_path):
    private, public, _ = write_pair(tmp_path, 'locked', b'secret')
    assert needs_password(private)
    signed(folder, private, password=b'secret')
    assert load_bundle(folder, trust=Trust((public,), True)).signer == public
    with pytest.raises(ConfigError, match='the private key'):
        signed(folder, private, password=b'wrong')


def test_the_library_s_own_command_verifies_it(folder, keys):
    done = subprocess.run(
        [sys.executable, '-m', 'model_signing', 'verify', 'key', str(folder), '--signature',
         str(folder / SIGNATURE), '--public_key', keys['ours'][1]],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_library_s_own_signature_is_accepted(folder, keys):
    (folder / SIGNATURE).unlink()
    done = subprocess.run(
        [sys.executable, '-m', 'model_signing', 'sign', 'key', str(folder), '--signature',
         str(folder / SIGNATURE), '--private_key', keys['ours'][0]],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((folder / SIGNATURE).read_text())
    assert load_bundle(folder, trust=Trust((keys['ours'][1],), True)).signer == keys['ours'][1]
