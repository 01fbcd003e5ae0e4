"""``physai sign`` and ``physai verify``, as a person uses them."""
import shutil

from bundle_examples import identity_onnx, MANIFEST, write_files
from keys import write_pair
from physai_ros.cli import sign
from physai_ros.cli.main import main
from physai_ros.paths import share
import pytest

pytest.importorskip('model_signing')


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / 'example', MANIFEST, identity_onnx(3))


def physai(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert 'Traceback' not in told.err
    return code, told.out + told.err


def test_sign_then_verify(folder, tmp_path, capsys):
    private, public, _ = write_pair(tmp_path, 'site')
    code, text = physai(capsys, 'sign', folder, '--key', private)
    assert code == 0
    assert 'signed model.onnx, policy.yaml' in text
    code, text = physai(capsys, 'verify', folder, '--key', public)
    assert code == 0
    assert 'example 1.0.0, model sha256' in text
    assert f'signed by {public}' in text
    (folder / 'note').write_text('x')
    code, text = physai(capsys, 'verify', folder, '--key', public)
    assert code == 1
    assert 'error: example is not what was signed: note was added' in text
    assert physai(capsys, 'sign', folder, '--key', private)[0] == 0
    assert physai(capsys, 'verify', folder, '--key', public)[0] == 0


def test_a_locked_key_asks_for_its_password(folder, tmp_path, capsys, monkeypatch):
    private, public, _ = write_pair(tmp_path, 'locked', b'secret')
    monkeypatch.setattr(sign, 'getpass', lambda prompt: 'secret')
    assert physai(capsys, 'sign', folder, '--key', private)[0] == 0
    assert physai(capsys, 'verify', folder, '--key', public)[0] == 0
    monkeypatch.setattr(sign, 'getpass', lambda prompt: 'wrong')
    assert physai(capsys, 'sign', folder, '--key', private)[0] == 1


def test_what_cannot_be_signed(folder, tmp_path, capsys):
    private, public, _ = write_pair(tmp_path, 'site')
    assert 'error: the private key' in physai(capsys, 'sign', folder, '--key', public)[1]
    (folder / 'model.onnx').write_bytes(b'changed')
    code, text = physai(capsys, 'sign', folder, '--key', private)
    assert code == 1
    assert 'error: the SHA-256 of example/model.onnx' in text
    assert physai(capsys, 'verify', folder, '--key', public)[0] == 1


def test_a_detector_can_be_signed_too(tmp_path, capsys):
    private, public, _ = write_pair(tmp_path, 'site')
    folder = tmp_path / 'finder'
    shutil.copytree(share() / 'models' / 'workbench_detector', folder)
    assert physai(capsys, 'sign', folder, '--key', private)[0] == 0
    assert 'workbench_detector' in physai(capsys, 'verify', folder, '--key', public)[1]
