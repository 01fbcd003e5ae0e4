"""``python3 -m physai_ros.bootstrap``: bring the checkout's environment up to date."""
import argparse
import signal
import sys

from physai_ros.bootstrap.console import Console
from physai_ros.bootstrap.steps import set_up
from physai_ros.core.errors import PhysaiError


def _parser():
    parser = argparse.ArgumentParser(prog='python3 -m physai_ros.bootstrap', description=__doc__)
    parser.add_argument('--dev', action='store_true', help='also what the tests need')
    parser.add_argument('--train', action='store_true', help='also what the training needs')
    return parser


def main(argv=None) -> int:
    """Run the set-up and return the exit code: 0 done, 1 refused or failed, 130 interrupted."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        set_up(Console(), dev=arguments.dev, train=arguments.train)
    except PhysaiError as error:
        print(f'set-up: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('set-up: interrupted; the same command goes on from here', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
