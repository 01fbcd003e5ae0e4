"""Publishers that should not be there: a second policy, or others who command the robot."""
from typing import Mapping, Sequence

UNKNOWN = '_NODE_NAME_UNKNOWN_'   # what the middleware calls a node that it has not yet met


class Rivals:
    """
    Looks who else publishes on a node's topics.

    :param node: whose topics they are
    :param topics: relative name -> the nodes of its namespace that may publish there; none named:
        any node, but only one. A node that was started anew is the same by its name
    """

    def __init__(self, node, topics: Mapping[str, Sequence[str]]):
        self._node, namespace = node, node.get_namespace().rstrip('/')
        self._topics = {node.resolve_topic_name(topic): {f'{namespace}/{name}' for name in names}
                        for topic, names in topics.items()}

    def found(self) -> str:
        """Return which topics have too many publishers, in words, '' when none has."""
        return '; '.join(filter(None, map(self._problem, self._topics)))

    def _problem(self, topic):
        if self._node.count_publishers(topic) < 2:
            return ''
        allowed, names = self._topics[topic], {
            f'{info.node_namespace.rstrip("/")}/{info.node_name}'
            for info in self._node.get_publishers_info_by_topic(topic)
            if info.node_name != UNKNOWN}
        others = names - allowed if allowed else names if len(names) > 1 else ()
        also = ' as well' if allowed else ', which is one too many'
        return f'{topic} is published by {" and ".join(sorted(others))}{also}' if others else ''
