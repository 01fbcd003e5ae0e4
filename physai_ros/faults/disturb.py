"""What can happen to the messages of a topic on their way. Free of ROS; time is passed in."""
from dataclasses import dataclass
import heapq
from itertools import count
import random
from typing import Callable, List, Mapping, Optional

from physai_ros.core.errors import ConfigError
from physai_ros.core.types import NS_PER_S

HEADER_BYTES = 4          # of a serialised message: its encoding, without which it is none
CORRUPT_BYTES = 8

KINDS = {
    'pass': 'nothing',
    'silence': 'no message arrives',
    'delay': 'each message arrives so many seconds later',
    'drop': 'this share of the messages is lost',
    'double': 'each message arrives twice',
    'reorder': 'every other message arrives after the next one',
    'truncate': 'this share of each message, from its beginning, arrives',
    'freeze': 'the last message comes again and again, as it was',
    'corrupt': 'a few random bytes of each message are changed',
    'nan': 'every floating-point number is NaN',
    'shift': 'time stamps are so many seconds later',
}


@dataclass(frozen=True)
class Setting:
    """A kind of :data:`KINDS` and its number, written ``kind`` or ``kind:number``."""

    kind: str
    number: float = 0.0

    @classmethod
    def read(cls, text: str) -> 'Setting':
        """
        Return a setting from text.

        :raises ConfigError: for an unknown kind or a number that is none
        """
        kind, _, number = text.partition(':')
        try:
            setting = cls(kind, float(number or 0.0))
        except ValueError:
            setting = cls('')
        if setting.kind not in KINDS:
            raise ConfigError('disturbance', text, f'kind[:number], one of {", ".join(KINDS)}')
        return setting


class Disturbance:
    """
    One topic's way: serialised messages go in, and come out changed, late, twice or not at all.

    :param edits: ``nan`` and ``shift``: functions of a message and the setting's number
    :param seed: of what is lost or corrupted
    """

    def __init__(self, edits: Mapping[str, Callable[[bytes, float], bytes]], seed: int = 0):
        self.setting = Setting('pass')
        self._edits = edits
        self._random = random.Random(seed)
        self._queue, self._order = [], count()
        self._held: Optional[bytes] = None
        self._last: Optional[bytes] = None

    def begin(self, setting: Setting):
        """Begin with another setting; what was held back is given up."""
        self.setting, self._held = setting, None

    def push(self, message: bytes, now_ns: int):
        """Take a message."""
        kind, number = self.setting.kind, self.setting.number
        if kind == 'delay':
            self._send(message, now_ns + round(number * NS_PER_S))
        elif kind == 'double':
            self._send(message, now_ns)
            self._send(message, now_ns)
        elif kind == 'reorder':
            self._reorder(message, now_ns)
        elif kind == 'freeze':
            self._send(self._last or message, now_ns)
        elif kind in self._edits:
            self._send(self._edits[kind](message, number), now_ns)
        elif kind == 'truncate':
            self._send(message[:max(HEADER_BYTES, int(len(message) * number))], now_ns)
        elif kind == 'corrupt':
            self._send(self._corrupted(message), now_ns)
        elif kind == 'pass' or (kind == 'drop' and self._random.random() >= number):
            self._send(message, now_ns)
        if kind != 'freeze':
            self._last = message

    def pop(self, now_ns: int) -> List[bytes]:
        """Return what arrives by now, in this order."""
        due = []
        while self._queue and self._queue[0][0] <= now_ns:
            due.append(heapq.heappop(self._queue)[2])
        return due

    def _send(self, message, due_ns):
        heapq.heappush(self._queue, (due_ns, next(self._order), message))

    def _reorder(self, message, now_ns):
        if self._held is None:
            self._held = message
            return
        self._send(message, now_ns)
        self._send(self._held, now_ns)
        self._held = None

    def _corrupted(self, message: bytes) -> bytes:
        changed = bytearray(message)
        for _ in range(CORRUPT_BYTES):
            place = self._random.randrange(HEADER_BYTES, len(changed))
            changed[place] ^= self._random.randrange(1, 256)
        return bytes(changed)
