"""``physai sign``: sign every file of a bundle."""
from getpass import getpass

from physai_ros.cli.bundles import add_bundle, load
from physai_ros.core.errors import ConfigError


def add_arguments(parser):
    """Add the arguments."""
    add_bundle(parser)
    parser.add_argument('--key', required=True, metavar='PEM', help='private key, P-256 to P-521')
    parser.add_argument('--certificate', metavar='PEM',
                        help='certificate of the key, to sign with a certificate')
    parser.add_argument('--chain', action='append', default=[], metavar='PEM',
                        help='certificate between it and an authority; may be repeated')


def run(arguments) -> int:
    """
    Write the signature into the folder of the bundle.

    :return: 0
    :raises PhysaiError: when the bundle is invalid or the key cannot be used
    """
    from physai_ros.bundle.files import MAX_MODEL_BYTES, MAX_OTHER_BYTES
    from physai_ros.bundle.folder import read_all, replace
    from physai_ros.bundle.signing import needs_password, sign, SIGNATURE
    bundle = load(arguments.bundle)
    password = None
    if needs_password(arguments.key):
        if arguments.certificate:
            raise ConfigError('--key', arguments.key, 'a key without a password, with '
                              '--certificate', 'decrypt it with `openssl ec`')
        password = getpass(f'password of {arguments.key}: ').encode()
    files = read_all(bundle.folder, MAX_MODEL_BYTES + MAX_OTHER_BYTES, bundle.files)
    signature = sign(bundle.name, files, arguments.key, password, arguments.certificate,
                     arguments.chain)
    replace(bundle.folder / SIGNATURE, signature)
    signed = sorted(path for path in files if path != SIGNATURE)
    print(f'{bundle.folder / SIGNATURE}: signed {", ".join(signed)}')
    return 0
