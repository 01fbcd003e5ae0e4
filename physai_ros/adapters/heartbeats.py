"""The heartbeats of a robot's nodes, as another of its nodes hears them."""
from typing import Mapping

from physai_ros.adapters import cdr
from physai_ros.adapters.qos import EVENTS
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.core.heartbeats import Heartbeats
from std_msgs.msg import Header


@cdr.from_bytes
def read_heartbeat(data: bytes) -> str:
    """Return what a heartbeat, a std_msgs/Header, says: a name, or `not_working`."""
    return cdr.read(Header, data, cdr.Reader.header)[1]


def not_working(name: str, state: str) -> str:
    """Return the heartbeat of a node that lives but does not work: no consumer counts on it."""
    return f'{name} ({state})'


def name_of(beat: str) -> str:
    """Return the name of the node, whatever its state."""
    return beat.partition(' ')[0]


class Pulse:
    """
    Tells which nodes have fallen silent, or do not work.

    :param node: that listens, a node with :class:`physai_ros.adapters.runtime.Runtime`
    :param timeouts_s: nodes of the same namespace: name -> silence after which it counts as gone
    """

    def __init__(self, node, timeouts_s: Mapping[str, float]):
        self._heartbeats = Heartbeats({name: round(s * 1e9) for name, s in timeouts_s.items()})
        self._inbox = node.inbox(Header, 'heartbeat', EVENTS, read_heartbeat)

    def forget(self):
        """Throw away the heartbeats that waited to be read."""
        self._inbox.take()

    def silent(self) -> str:
        """Return which nodes are silent now, in words, '' when none is."""
        now_ns = monotonic_ns()
        for name in self._inbox.take():
            self._heartbeats.heard(name, now_ns)
        return self._heartbeats.silent(now_ns)
