"""The lints of ament: flake8 with its plug-ins, and PEP 257."""
import logging
import os
from pathlib import Path

from ament_flake8.main import main_with_errors
from ament_pep257.main import main as pep257
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [name for name in ('physai_ros', 'launch', 'test', 'training', 'urdf', 'setup.py')
           if (ROOT / name).exists()]


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def test_flake8():
    code, errors = main_with_errors(argv=SOURCES)
    assert code == 0, f'{len(errors)} style errors:\n' + '\n'.join(errors)


def test_pep257(capsys):
    code = pep257(argv=[name for name in SOURCES if os.path.isdir(name)])
    output = ''.join(capsys.readouterr()).splitlines()
    found = '\n'.join(line for line in output if not line.startswith('checking '))
    assert code == 0, f'docstrings:\n{found}'
