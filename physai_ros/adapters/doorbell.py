"""Wait for a message of chosen topics, or for another thread to ring, at most for a time."""
from contextlib import ExitStack
from typing import Collection, FrozenSet

from physai_ros.adapters.inbox import Inbox
from rclpy.guard_condition import GuardCondition
from rclpy.impl.implementation_singleton import rclpy_implementation


class Doorbell:
    """
    A wait set of a few topics only: 0.05 ms of CPU a wait, against 1.4 ms of an executor's.

    :param context: of rclpy
    """

    def __init__(self, context):
        self._context = context
        self._bell = GuardCondition(None, None, context)

    def ring(self):
        """End a wait, the present one or the next; safe in any thread."""
        self._bell.trigger()

    def wait(self, inboxes: Collection[Inbox], timeout_s: float) -> FrozenSet[Inbox]:
        """
        Wait until a message is in one of the inboxes, the bell rings, or time is over.

        :return: those with messages; it does not wait again before these are taken
        """
        with ExitStack() as held:
            held.enter_context(self._context.handle)
            waits = rclpy_implementation.WaitSet(
                len(inboxes), 1, 0, 0, 0, 0, self._context.handle)
            held.enter_context(waits)
            waits.clear_entities()
            for handle in (self._bell.handle, *(inbox.handle for inbox in inboxes)):
                held.enter_context(handle)  # whose __enter__ returns nothing
            waits.add_guard_condition(self._bell.handle)
            for inbox in inboxes:
                waits.add_subscription(inbox.handle)
            waits.wait(max(0, round(timeout_s * 1e9)))
            ready = waits.get_ready_entities('subscription')
            return frozenset(inbox for inbox in inboxes if inbox.handle.pointer in ready)

    def close(self):
        """Free it."""
        self._bell.destroy()
