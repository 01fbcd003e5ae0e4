"""The steps from a bare checkout to a complete ``.venv``; each is done again when it changed."""
from dataclasses import dataclass
from pathlib import Path
import platform
from typing import Callable

from physai_ros.bootstrap import environment, system
from physai_ros.bootstrap.console import Console, SetupError
from physai_ros.bootstrap.stamps import digest, exclusive, Stamps

FRESH_GB, MORE_GB, TRAIN_GB = 3.0, 0.5, 2.0
REPEATABLE = ('interfaces', 'package')  # done again after an interruption, all else stays
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Step:
    """
    One part of the set-up.

    :param name: its name in the stamps
    :param digest: what it was made from; another value means that it is to be done again
    :param action: does it
    """

    name: str
    digest: str
    action: Callable[[environment.Workshop], None]


def steps(root: Path, dev: bool, train: bool) -> list:
    """Return the steps in order; each one's digest covers those that it rests on."""
    requirements = root / 'requirements'
    python = digest(str(root), platform.python_version(), environment.base_python())
    here = Path(__file__).parent
    base = digest(python, requirements / 'base.txt', here / 'headers.py')
    found = [
        Step('python', python, environment.make_venv),
        Step('base', base, environment.install_base),
        Step('interfaces',
             digest(base, root / 'config' / 'interfaces.yaml', here / 'interfaces.py'),
             environment.build_interfaces),
        Step('package', digest(base, root / 'setup.py', root / 'setup.cfg'),
             environment.install_package),
    ]
    if dev:
        found.append(Step('dev', digest(base, requirements / 'dev.txt'), environment.install_dev))
    if train:
        found.append(Step('train', digest(base, requirements / 'train.txt'),
                          environment.install_train))
    return found


def set_up(console: Console, dev: bool = False, train: bool = False, root: Path = ROOT):
    """
    Bring ``.venv`` of a checkout up to date; nothing is touched when it is.

    :param dev: also what the tests need
    :param train: also what the training needs
    :param root: the checkout
    :raises SetupError: something is missing, failed, or another set-up runs
    """
    system.check_platform()
    stamps = Stamps(root / '.venv' / 'stamps.json')
    wanted = steps(root, dev, train)
    if not _due(root, wanted, stamps):
        return
    try:
        with exclusive(root / '.venv.lock') as lock:
            _bring_up(console, root, wanted, stamps, lock)
    except OSError as error:
        raise SetupError('the set-up', str(error), 'no error of the system',
                         'mend that, then run the command again') from error


def _due(root, wanted, stamps):
    done, unfinished = stamps.read()
    python = root / '.venv' / 'bin' / 'python'
    if unfinished not in (None, *REPEATABLE) or not python.exists():
        done = {}  # a half-installed package looks like a whole one: begin anew
    return [step for step in wanted if done.get(step.name) != step.digest]


def _bring_up(console, root, wanted, stamps, lock):
    due = _due(root, wanted, stamps)
    names = [step.name for step in due]
    fresh = 'python' in names
    shop = environment.Workshop(console, root, lock)
    if fresh:
        environment.remove_venv(shop)
    system.check_space(root, (FRESH_GB if fresh else MORE_GB) + TRAIN_GB * ('train' in names))
    if fresh:
        console.say(f'making {shop.venv} (about two minutes; later runs take no time)')
    system.provide_packages(console, shop.log, shop.env, (lock,))
    for step in due:
        stamps.begin(step.name)
        step.action(shop)
        stamps.finish(step.name, step.digest)
    console.say(f'environment ready: {shop.python} (Python {platform.python_version()})')
