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
        self._stamp: Callable[[], Optional[int]] = lambda: None
        self._seen = self._last = self._interval_ns = None
        self._armed = self._owed = False
        self._timer = node.every(pace.period_ns, self._due)

    def wait_for(self, inbox: Optional[Inbox], stamp: Callable[[], Optional[int]]):
        """
        Wait for messages of this inbox, or for none.

        :param stamp: function to the stamp of its newest message that was read, None without one
        """
        self._disarm()
        self._inbox, self._stamp, self._interval_ns = inbox, stamp, None

    def answered(self):
        """Make up for a look that found the worker busy."""
        if self._owed:
            self._now()

    def stop(self):
        """Wait for nothing any more."""
        self._disarm()
        self._owed = False

    def _due(self):
        late = self._node.now_ns() >= self.pace.latest_ns
        if self._inbox is None or self._armed and late:
            self._now()
            return
        if not self._armed:
            self._read()
            self._last = self._stamp()
            if self._enough(self._last):
                self._now()
                return
            self._armed = True
            self._loop.watch(self._inbox, self._arrived)
        self._next_at(self.pace.latest_ns)

    def _enough(self, stamp_ns) -> bool:
        """Return whether a picture is new, and the next one would come too late."""
        return self._interval_ns is not None and stamp_ns != self._seen and \
            self.pace.too_late(stamp_ns + self._interval_ns)

    def _arrived(self):
        self._read()
        stamp_ns = self._stamp()
        if stamp_ns == self._last:
            return
        if self._last is not None:
            self._interval_ns = stamp_ns - self._last
        self._now(read=False)

    def _now(self, read=True):
        self._disarm()
        if read:
            self._read()
        now_ns = self._node.now_ns()
        accepted = self._look()
        self._seen, self._owed = self._stamp(), accepted is None
        self.pace.looked(now_ns, self._latency_ns(), bool(accepted))
        self._next_at(self.pace.due_ns if self._inbox is None else self.pace.ready_ns)

    def _next_at(self, time_ns):
        wait_ns = min(time_ns - self._node.now_ns(), self.pace.period_ns)
        self._timer.period_ns = self.pace.period_ns
        self._timer.due_ns = self._timer.clock() + max(wait_ns, 0)

    def _disarm(self):
        if self._armed:
            self._loop.unwatch(self._inbox)
            self._armed = False
