"""Serialised messages of the last seconds, cheap to add to."""
from collections import deque
from dataclasses import dataclass
from typing import List, Tuple

Record = Tuple[int, int, bytes]


@dataclass(frozen=True)
class Channel:
    """A topic: its name, its type (``std_msgs/msg/String``), and its definition (ros2msg)."""

    topic: str
    type: str  # noqa: A003
    definition: str


class Ring:
    """
    Records ``(channel, time ns, CDR bytes)``, oldest first.

    :param span_ns: time that is kept
    :param max_bytes: size that is kept at most
    """

    def __init__(self, span_ns: int, max_bytes: int):
        self._span_ns, self._max_bytes, self._bytes = span_ns, max_bytes, 0
        self._records = deque()
        self.channels: List[Channel] = []

    def channel(self, topic: str, kind: str, definition: str) -> int:
        """Add a topic; return its number."""
        self.channels.append(Channel(topic, kind, definition))
        return len(self.channels) - 1

    def add(self, channel: int, time_ns: int, data: bytes):
        """Add a record, and drop what is too old or too much."""
        records = self._records
        records.append((channel, time_ns, data))
        self._bytes += len(data)
        while self._bytes > self._max_bytes or time_ns - records[0][1] > self._span_ns:
            self._bytes -= len(records.popleft()[2])
            if not records:
                return

    def records(self) -> List[Record]:
        """Return what is kept; quick, the messages themselves are not copied."""
        return list(self._records)
