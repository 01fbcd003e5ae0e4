"""``physai verify``: who signed a bundle, and whether it is still what was signed."""
from physai_ros.bundle.signing import Trust
from physai_ros.cli.bundles import add_bundle, load


def add_arguments(parser):
    """Add the arguments."""
    add_bundle(parser)
    parser.add_argument('--key', action='append', required=True, metavar='PEM',
                        help='public key, or certificate of an authority; may be repeated')


def run(arguments) -> int:
    """
    Verify a signature as a robot does.

    :return: 0
    :raises PhysaiError: when there is none, or it is not of these keys, or the bundle is invalid
    """
    bundle = load(arguments.bundle, trust=Trust(tuple(arguments.key), True))
    print(f'{bundle.name} {bundle.version}, model sha256 {bundle.sha256}\n'
          f'signed by {bundle.signer}; every file is as it was signed')
    return 0
