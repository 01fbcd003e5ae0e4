"""The ROS domain: a valid number, and who holds it, or a robot on it, on this host."""
import socket
import struct

from physai_ros.core.errors import ConfigError

DDS_MAX = 232
PORTS_SAFE = 101


def parse(text) -> int:
    """
    Return a domain number.

    :param text: what the user or ``ROS_DOMAIN_ID`` says; empty or None is 0
    :raises ConfigError: when it is not 0..232
    """
    try:
        domain = int(text or 0)
    except ValueError:
        domain = -1
    if not 0 <= domain <= DDS_MAX:
        raise ConfigError('ROS domain', text, f'a number from 0 to {DDS_MAX}',
                          f'choose 0 to {PORTS_SAFE}, whose ports nothing else uses')
    return domain


class DomainLock:
    """
    Hold a domain, or one robot on it, on this host for as long as this process lives.

    The lock is an abstract Unix socket: the kernel drops it with the process, and whoever finds
    it taken can ask it for the process id of its holder.

    :param robot: '' for the whole domain, which does not hold its robots one by one
    :raises ConfigError: when another process holds it
    """

    def __init__(self, domain: int, robot: str = ''):
        address = f'\0physai_ros/domain/{domain}' + (f'/{robot}' if robot else '')
        thing = f'ROS domain {domain}'
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(address)
            self._socket.listen(1)
        except OSError as error:
            self._socket.close()
            raise ConfigError(
                f'robot {robot} on {thing}' if robot else thing, None,
                f'no other {"bring-up of it" if robot else "fleet"} of this host on it',
                f'stop {_holder(address)} or choose another domain (ROS_DOMAIN_ID, or --domain '
                'of physai up)') from error

    def release(self):
        """Give the domain free."""
        self._socket.close()


def _holder(address: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(address)
            found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        except OSError:
            return 'the other one'
    return f'process {struct.unpack("3i", found)[0]}'
