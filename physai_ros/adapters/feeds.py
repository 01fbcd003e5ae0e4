"""The topics that policies look at now; others are not subscribed to."""
from typing import Callable, Iterable, Optional, Tuple

from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.sources import source_inboxes

SLOW_KINDS = ('image', 'compressed_image', 'depth', 'objects')


class Feeds:
    """
    One inbox for each source that is wanted.

    :param node: a ManagedNode
    """

    def __init__(self, node):
        self._node, self._inboxes, self._stamps = node, {}, {}

    def want(self, sources: Iterable):
        """Subscribe to sources that are new, unsubscribe from those that nobody wants."""
        sources = frozenset(sources)
        for source in self._inboxes.keys() - sources:
            inbox = self._inboxes.pop(source)
            self._stamps.pop(source, None)
            self._node.loop.unwatch(inbox)
            inbox.destroy(self._node)
        for source in sources - self._inboxes.keys():
            self._inboxes[source], = source_inboxes(self._node, [source]).values()

    def drain(self):
        """Throw away what has arrived, but for objects: one that is hidden now was seen before."""
        for source, inbox in self._inboxes.items():
            if source.kind != 'objects':
                inbox.take()

    def read(self, take: Callable):
        """Call ``take(source, sample)`` for everything that has arrived, oldest first."""
        for source, inbox in self._inboxes.items():
            for sample in inbox.take():
                self._stamps[source] = sample.stamp_ns
                take(source, sample)

    def slowest(self, sources: Iterable) -> Tuple[Optional[Inbox], Callable]:
        """
        Return what to wait for before a look: pictures, else objects, else nothing.

        :return: the inbox, or None; a function to the stamp of its newest message that was read
        """
        slow = sorted((SLOW_KINDS.index(source.kind), source.topic, source)
                      for source in sources if source.kind in SLOW_KINDS)
        if not slow:
            return None, lambda: None
        source = slow[0][2]
        return self._inboxes[source], lambda: self._stamps.get(source)
