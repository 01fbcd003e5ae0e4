"""A subscription that is read when its reader wants to, not when a message arrives."""
from typing import Callable, List, Optional

from physai_ros.adapters import cdr
from physai_ros.core.errors import PhysaiError
from rclpy.qos import QoSProfile


class Inbox:
    """
    Messages of one topic, converted; the middleware keeps the newest ``qos.depth`` of them.

    A message that cannot be converted is dropped, counted in ``rejected`` and logged when the
    reason is a new one.

    :param node: an rclpy node
    :param convert: function from a message, or from its bytes (:func:`cdr.from_bytes`), to what
        the reader wants; may raise PhysaiError
    :param gate: callback group that keeps the topic out of the executor's wait set
    :param tap: called with the bytes of each message that was converted
    """

    def __init__(self, node, message_type, topic: str, qos: QoSProfile,
                 convert: Callable = lambda message: message, gate=None, tap=None):
        self.topic, self.received, self.rejected, self.problem = topic, 0, 0, ''
        self._convert, self._tap, self._raw = convert, tap, cdr.takes_bytes(convert)
        self._logger = node.get_logger()
        self._subscription = node.create_subscription(
            message_type, topic, lambda message: None, qos, callback_group=gate)

    def take(self) -> List:
        """Return all waiting messages, oldest first."""
        return [sample for sample in map(self._read, self._messages()) if sample is not None]

    def newest(self) -> Optional[object]:
        """Return the newest waiting message, None when there is none; drop older ones."""
        message = None
        for message in self._messages():
            pass
        return None if message is None else self._read(message)

    @property
    def handle(self):
        """Return what a wait set waits for."""
        return self._subscription.handle

    def publishers(self) -> int:
        """Return how many publishers the topic has."""
        return self._subscription.get_publisher_count()

    def destroy(self, node):
        """Unsubscribe."""
        node.destroy_subscription(self._subscription)

    def _messages(self):
        subscription = self._subscription
        with subscription.handle:
            for _ in range(subscription.qos_profile.depth):
                taken = subscription.handle.take_message(
                    subscription.msg_type, self._raw or self._tap is not None)
                if taken is None:
                    return
                self.received += 1
                yield taken[0]

    def _sample(self, taken):
        if self._tap is None:
            return self._convert(taken)
        message = taken if self._raw else cdr.message(self._subscription.msg_type, taken)
        sample = self._convert(message)
        self._tap(taken)
        return sample

    def _read(self, message):
        try:
            return self._sample(message)
        except PhysaiError as error:
            self.rejected += 1
            if str(error) != self.problem:
                self._logger.warning(f'{self.topic}: message dropped: {error}')
            self.problem = str(error)
            return None
