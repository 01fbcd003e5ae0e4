"""The actions of the set-up's steps on one checkout's ``.venv``."""
import os
from pathlib import Path
import re
import shutil
import sys

from physai_ros.bootstrap.console import Console, DiskFullError, SetupError, tail
from physai_ros.bootstrap.headers import mend_headers

UV = 'uv==0.13.9'
TORCH = 'torch==2.13.0+cpu'
TORCH_INDEX = 'https://download.pytorch.org/whl/cpu'
# Another ROS installation or environment must not leak into this one.
FOREIGN = re.compile(r'(PYTHON(PATH|HOME)|(AMENT|CMAKE|COLCON)_PREFIX_PATH|LD_LIBRARY_PATH|ROS_.*'
                     r'|_ROS_WHEELS_.*|VIRTUAL_ENV|PIP_(USER|TARGET|PREFIX)|STATIC_ROSIDL_.*)$')


class Workshop:
    """
    What the actions work with.

    :param console: where to tell progress
    :param root: the checkout
    :param lock: descriptor of the set-up's lock, which every tool inherits
    """

    def __init__(self, console: Console, root: Path, lock: int):
        self.console, self.root, self.lock = console, root, lock
        self.venv = root / '.venv'
        self.python = self.venv / 'bin' / 'python'
        self.log = root / '.venv.log'
        self.env = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        self.env['VIRTUAL_ENV'] = str(self.venv)
        self.env['PATH'] = f'{self.venv / "bin"}{os.pathsep}{os.environ.get("PATH", os.defpath)}'
        self.log.write_text('')

    def run(self, title: str, *command):
        """Run a tool with this environment; see ``Console.run``."""
        self.console.run(title, command, self.log, self.env, (self.lock,))

    def install(self, title: str, *arguments):
        """
        Install packages with uv, or with pip where uv cannot (a mirror that only pip knows).

        The lock files are complete. pip must not look for dependencies itself: with hashes it
        refuses those that are named with extras.
        """
        try:
            self.run(title, self.venv / 'bin' / 'uv', '--system-certs', 'pip', 'install',
                     '--compile-bytecode', *arguments)
        except DiskFullError:
            raise
        except SetupError as error:
            self.console.say(f'  uv did not manage ({tail(self.log, 1).strip()}); trying pip')
            try:
                self.run(f'{title} with pip', self.python, '-m', 'pip', 'install', '--no-deps',
                         *arguments)
            except SetupError as last:
                raise SetupError(f'{last}\nBefore that: {error}') from None


def base_python() -> str:
    """Return the real interpreter below any virtual environment."""
    return os.path.realpath(getattr(sys, '_base_executable', sys.executable))


def remove_venv(shop: Workshop):
    """Remove a virtual environment that is of no use any more."""
    if shop.venv.exists():
        shop.console.say(f'removing the unfinished or outdated {shop.venv}')
        shutil.rmtree(shop.venv)


def make_venv(shop: Workshop):
    """Make an empty virtual environment."""
    version = '.'.join(map(str, sys.version_info[:3]))
    shop.run(f'making a virtual environment of Python {version}',
             base_python(), '-m', 'venv', shop.venv)
    shop.run('installing uv', shop.python, '-m', 'pip', 'install', '--no-deps', UV)


def install_base(shop: Workshop):
    """Install what runs the chain, and mend what the wheels say about their build machine."""
    shop.install('installing packages (requirements/base.txt)', '-r',
                 shop.root / 'requirements' / 'base.txt')
    mend_headers(shop.venv)


def build_interfaces(shop: Workshop):
    """Build the ROS interfaces that PyPI lacks."""
    shop.run('building interfaces (config/interfaces.yaml)', shop.python, '-m',
             'physai_ros.bootstrap.interfaces', shop.root / 'config' / 'interfaces.yaml')


def install_package(shop: Workshop):
    """Make the checkout itself importable, with its commands."""
    shop.install('installing this checkout', '--no-deps', '--no-build-isolation', '-e', shop.root)


def install_dev(shop: Workshop):
    """Install what the tests need."""
    shop.install('installing test packages (requirements/dev.txt)', '-r',
                 shop.root / 'requirements' / 'dev.txt')


def install_train(shop: Workshop):
    """Install what the training needs; torch in its CPU build, which PyPI does not have."""
    shop.install('installing training packages (requirements/train.txt)', '-r',
                 shop.root / 'requirements' / 'train.txt')
    torch = ('-m', 'pip', 'install', '--no-deps', TORCH)
    try:
        shop.run(f'installing {TORCH}', shop.python, *torch)
    except SetupError:
        shop.run(f'installing {TORCH} from {TORCH_INDEX}', shop.python, *torch,
                 '--index-url', TORCH_INDEX)
