"""Whether security that was asked for can be had. SROS2 fails closed; this says why beforehand."""
from importlib import metadata
from pathlib import Path
from typing import Iterable, Mapping

from physai_ros.core.errors import ConfigError

ENABLE, STRATEGY, KEYSTORE = (
    'ROS_SECURITY_ENABLE', 'ROS_SECURITY_STRATEGY', 'ROS_SECURITY_KEYSTORE')
ENFORCE = 'Enforce'
NEEDED = ('cert.pem', 'governance.p7s', 'identity_ca.cert.pem', 'key.pem', 'permissions.p7s',
          'permissions_ca.cert.pem')
HOW = 'see docs/security.md'
WHEEL = 'ros-rmw-fastrtps-cpp'     # of PyPI, which is built without security


def requested(environ: Mapping[str, str]) -> bool:
    """Return whether the middleware is asked for security, as rcl reads it."""
    return environ.get(ENABLE) == 'true'


def require_keys(environ: Mapping[str, str], enclaves: Iterable[str]) -> str:
    """
    Check that every process will find its keys, when security is asked for.

    :param enclaves: of the processes
    :return: what to warn of: without ``Enforce`` a process that finds no keys runs unprotected
    :raises ConfigError: when keys are missing and security is enforced
    """
    problem = _problem(environ, enclaves) if requested(environ) else None
    if problem is None:
        return ''
    if environ.get(STRATEGY) == ENFORCE:
        raise problem
    return f'warning: not protected, though {ENABLE} is true: {problem}'


def _how() -> str:
    try:
        metadata.version(WHEEL)
    except metadata.PackageNotFoundError:
        return HOW
    return f'the middleware here is a wheel from PyPI and has no security at all; {HOW}'


def _problem(environ, enclaves):
    store = environ.get(KEYSTORE, '')
    folder = Path(store) / 'enclaves'
    if not store or not folder.is_dir():
        return ConfigError(KEYSTORE, store or 'missing', 'a keystore with the folder enclaves',
                           _how())
    lacking = [name for name in enclaves
               if not all((folder / name.lstrip('/') / file).is_file() for file in NEEDED)]
    return ConfigError(f'the keystore {folder}', None, f'keys for {", ".join(lacking)}',
                       _how()) if lacking else None


def explain(error: Exception):
    """
    Say in our words what the middleware says about security; do nothing about other errors.

    :raises ConfigError: when the middleware has no security
    """
    if 'security libraries' in str(error):
        raise ConfigError(
            ENABLE, 'true', 'a middleware that was built with security', 'the wheels from PyPI '
            f'have none: use a ROS distribution, or unset {ENABLE}; {HOW}') from error
