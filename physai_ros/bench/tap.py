"""Messages of one topic with the time at which they were published."""
from typing import List, Tuple

from rclpy.callback_groups import CallbackGroup


class _Apart(CallbackGroup):
    """Keeps a topic out of executors."""

    def can_execute(self, entity):
        return False

    beginning_execution = can_execute

    def ending_execution(self, entity):
        """Do nothing."""


class Tap:
    """
    A subscription that is read by hand; ``handle`` is for a Doorbell.

    :param node: an rclpy node
    :param raw: messages are bytes
    """

    def __init__(self, node, message_type, topic: str, qos, raw=False):
        self._subscription = node.create_subscription(
            message_type, topic, lambda message: None, qos, callback_group=_Apart())
        self._type, self._raw = message_type, raw

    @property
    def handle(self):
        """Return what a wait set waits for."""
        return self._subscription.handle

    def take(self) -> List[Tuple[object, int]]:
        """Return (message, time of publication in ns) of all that wait."""
        found = []
        with self.handle:
            while (taken := self.handle.take_message(self._type, self._raw)) is not None:
                found.append((taken[0], taken[1]['source_timestamp']))
        return found
