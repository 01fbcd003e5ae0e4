"""
Messages as DDS has them: plain CDR, little endian.

rclpy makes Python objects of every point and a copy of every picture, which takes up to
milliseconds. Where that counts, the bytes are read and written here. Layout: OMG DDS-XTypes 1.3,
7.4.1 (XCDR1): each number is aligned to its size, counted from the end of four bytes of header.
"""
from functools import lru_cache
import struct
from typing import Callable, Tuple

import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.core.types import NS_PER_S
from rclpy.serialization import deserialize_message, serialize_message

HEAD, HEAD_SIZE = b'\0\1\0\0', 4
MOST_NAMES = 1000


def from_bytes(convert: Callable) -> Callable:
    """Mark a function from a message to something else: it takes the message's bytes."""
    convert.takes_bytes = True
    return convert


def takes_bytes(convert: Callable) -> bool:
    """Return whether a function is one of :func:`from_bytes`."""
    return getattr(convert, 'takes_bytes', False)


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
        sec, nanosec = struct.unpack_from('<iI', self.data, self.skip(8, 4))
        return sec * NS_PER_S + nanosec, self.text()

    def texts(self, field: str) -> Tuple[str, ...]:
        """
        Return a sequence of strings, which is remembered: names hardly ever change.

        :raises MessageError: for more than ``MOST_NAMES``; ``field`` is told
        """
        count = self.number()
        if count > MOST_NAMES:
            raise MessageError(field, count, f'at most {MOST_NAMES}')
        begin = at = self.at
        for _ in range(count):
            at += -(at - HEAD_SIZE) % 4
            at += 4 + struct.unpack_from('<I', self.data, at)[0]
        self.skip(at - begin)
        return _texts(count, self.data[begin:at])

    def doubles(self) -> np.ndarray:
        """Return a sequence of doubles."""
        count = self.number()
        begin = self.skip(8 * count, 8) if count else 0
        return np.frombuffer(self.data, '<f8', count, begin).astype(float)

    def row(self, count: int) -> Tuple[float, ...]:
        """Return so many doubles."""
        return struct.unpack_from(f'<{count}d', self.data, self.skip(8 * count, 8))


class Writer:
    """Puts into a message one after another what a :class:`Reader` takes out."""

    def __init__(self):
        self._parts, self._size = [HEAD], 0

    def number(self, value: int):
        """Append an unsigned number of four bytes."""
        self._align(4)
        self._add(struct.pack('<I', value))

    def header(self, stamp_ns: int, frame_id: str):
        """Append a std_msgs/Header."""
        self._align(4)
        self._add(header(stamp_ns, frame_id)[HEAD_SIZE:])

    def text(self, value: str):
        """Append a string."""
        self._align(4)
        self._add(text(value))

    def texts(self, values: Tuple[str, ...]):
        """Append a sequence of strings."""
        self._align(4)
        self._add(texts(values))

    def doubles(self, values, counted: bool = False):
        """Append doubles; ``counted``: as a sequence."""
        data = np.asarray(values, dtype='<f8').tobytes()
        if counted:
            self.number(len(data) // 8)
        if data:
            self._align(8)
            self._add(data)

    def data(self) -> bytes:
        """Return the message."""
        return b''.join(self._parts)

    def _align(self, size):
        self._add(bytes(-self._size % size))

    def _add(self, part):
        self._parts.append(part)
        self._size += len(part)


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


@lru_cache(maxsize=64)
def texts(values: Tuple[str, ...]) -> bytes:
    """Return a sequence of strings; what follows is aligned to four."""
    return struct.pack('<I', len(values)) + b''.join(map(text, values))


@lru_cache(maxsize=64)
def _texts(count, block) -> Tuple[str, ...]:
    reader = Reader(HEAD + block)
    return tuple(reader.text() for _ in range(count))
