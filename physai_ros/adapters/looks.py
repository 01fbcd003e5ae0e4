"""Let a policy look in time, and at the moment when a picture arrives."""
from typing import Callable, Optional

from physai_ros.adapters.inbox import Inbox
from physai_ros.inference.pace import Pace


class Looks:
    """
    Calls ``look`` as a Pace says, at the next message of an inbox where there is one to wait for.

    :param node: a ManagedNode; looks end with its activity
    :param look: function to whether there was an observation that is being answered
    :param read: function that takes what waits in all inboxes
    :param latency_ns: function to the latency to be prepared for
    """

    def __init__(self, node, pace: Pace, look: Callable[[], bool], read: Callable[[], None],
                 latency_ns: Callable[[], int]):
        self.pace, self._node, self._loop = pace, node, node.loop
        self._look, self._read, self._latency_ns = look, read, latency_ns
        self._inbox: Optional[Inbox] = None
        self._armed = self._owed = False
        self._timer = node.every(pace.period_ns, self._due)

    def wait_for(self, inbox: Optional[Inbox]):
        """Wait for messages of this inbox, or for none."""
        self._disarm()
        self._inbox = inbox

    def answered(self):
        """Make up for a look that found the worker busy."""
        if self._owed:
            self._now()

    def stop(self):
        """Wait for nothing any more."""
        self._disarm()
        self._owed = False

    def _due(self):
        if self._inbox is None or self._armed:
            self._now()
            return
        self._read()
        self._armed = True
        self._loop.watch(self._inbox, self._now)
        self._next_at(max(self.pace.latest_ns, self._node.now_ns()))

    def _now(self):
        self._disarm()
        now_ns = self._node.now_ns()
        accepted = self._look()
        self._owed = accepted is None
        self.pace.looked(now_ns, self._latency_ns(), bool(accepted))
        self._next_at(self.pace.due_ns if self._inbox is None else self.pace.ready_ns)

    def _next_at(self, time_ns):
        wait_ns = min(time_ns - self._node.now_ns(), self.pace.period_ns)
        self._timer.due_ns = self._timer.clock() + max(wait_ns, 0)

    def _disarm(self):
        if self._armed:
            self._loop.unwatch(self._inbox)
            self._armed = False
