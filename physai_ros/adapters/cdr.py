"""
Messages as DDS has them: plain CDR, little endian.

rclpy makes Python objects of every point and a copy of every picture, which takes up to
milliseconds. Where that counts, the bytes are read and written here. Layout: OMG DDS-XTypes 1.3,
7.4.1 (XCDR1): each number is aligned to its size, counted from the end of four bytes of header.
"""
from functools import lru_cache
import struct
from typing import Callable, Tuple

from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import NS_PER_S
from rclpy.serialization import deserialize_message, serialize_message

HEAD, HEAD_SIZE = b'\0\1\0\0', 4


class Reader:
    """
    Takes what is in a message one after another; raises ValueError or struct.error at its end.

    :param data: of the message; ``at``: place of what comes next
    """

    def __init__(self, data: bytes):
        self.data, self.at = data, HEAD_SIZE

    def skip(self, size: int, alignment: int = 1) -> int:
        """Return where bytes begin that are aligned, and pass over them."""
        begin = self.at + -(self.at - HEAD_SIZE) % alignment
        if begin + size > len(self.data):
            raise ValueError('cut off')
        self.at = begin + size
        return begin

    def number(self, form: str = '<I') -> int:
        """Return a number; unsigned, of four bytes, where ``form`` (of struct) is left out."""
        size = struct.calcsize(form)
        return struct.unpack_from(form, self.data, self.skip(size, size))[0]

    def text(self) -> str:
        """Return a string."""
        length = self.number()
        begin = self.skip(length)
        return self.data[begin:begin + max(length - 1, 0)].decode()

    def header(self) -> Tuple[int, str]:
        """Return stamp (ns) and frame of a std_msgs/Header."""
        sec, nanosec = self.number('<i'), self.number()
        return sec * NS_PER_S + nanosec, self.text()


def read(kind, data: bytes, parse: Callable[[Reader], object]):
    """
    Return what ``parse`` makes of a message.

    :param kind: class of the message
    :param data: of any representation that the middleware knows
    :raises MessageError: for bytes that are no such message; and what ``parse`` raises of it
    """
    try:
        native = data[:2] == HEAD[:2]
        return parse(Reader(data if native else serialize_message(message(kind, data))))
    except MessageError:
        raise
    except Exception as error:  # of struct or numpy: cut off, or not this type
        raise _unreadable(kind, data, error) from error


def message(kind, data: bytes):
    """
    Return the message that bytes are.

    :param kind: class of the message
    :raises MessageError: for bytes that are no such message
    """
    try:
        return deserialize_message(data, kind)
    except Exception as error:  # the middleware's are no public class
        raise _unreadable(kind, data, error) from error


def _unreadable(kind, data, error) -> MessageError:
    return MessageError('message', f'{len(data)} bytes', f'a whole {kind.__name__}', str(error))


def header(stamp_ns: int, frame_id: str) -> bytes:
    """Return how a message with a std_msgs/Header begins; what follows is aligned to four."""
    return HEAD + struct.pack('<iI', *divmod(stamp_ns, NS_PER_S)) + text(frame_id)


@lru_cache(maxsize=256)
def text(value: str) -> bytes:
    """Return a string; what follows is aligned to four."""
    raw = value.encode() + b'\0'
    return struct.pack('<I', len(raw)) + raw + bytes(-len(raw) % 4)
