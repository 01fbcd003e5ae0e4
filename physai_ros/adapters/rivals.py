"""Publishers that should not be there: a second policy, or others who command the robot."""
from physai_ros.core.errors import GuardError

UNKNOWN = '_NODE_NAME_UNKNOWN_'   # what the middleware calls a node that it has not yet met


class Rivals:
    """
    Looks who else publishes what a robot's command node sends, or what it takes from one node.

    A node that was started anew is the same by its name.

    :param node: the command node
    :param profile: of its robot
    """

    def __init__(self, node, profile):
        self._node, single = node, ['estop']
        arm, base = profile.arm, profile.base
        single += ['policy/joint_chunk'] if arm else []
        single += ['policy/base_chunk'] if base else []
        namespace = node.get_namespace().rstrip('/')
        ours = {f'{namespace}/{name}' for name in (node.get_name(), 'manager')}
        self._topics = {node.resolve_topic_name(topic): allowed for topics, allowed in (
            (profile.commands, ours), (single, set())) for topic in topics}
        self._states = [node.resolve_topic_name(topic) for topic, part in (
            ('joint_states', arm), ('odom', base)) if part]

    def found(self) -> str:
        """Return which topics have too many publishers, in words, '' when none has."""
        return '; '.join(filter(None, map(self._problem, self._topics)))

    def require_none(self, simulated: bool = False):
        """
        Check that nobody else commands the robot.

        :param simulated: nor does any other robot, a real one, tell its state

        :raises GuardError: naming the topics and who publishes them
        """
        commands = (topic for topic, allowed in self._topics.items() if allowed)
        found = '; '.join(filter(None, map(self._problem, commands)))
        if found:
            raise GuardError(found, None, 'this node and the manager alone',
                             'end the others, or lead their commands to another topic; one that '
                             'was killed is forgotten after some seconds')
        for topic in self._states if simulated else ():
            names = self._publishers(topic)
            if len(names) > 1:
                raise GuardError(f'publishers of {topic}', ' and '.join(sorted(names)),
                                 'the simulator alone',
                                 'end the driver of the real robot, or choose another domain')

    def _publishers(self, topic):
        return {f'{info.node_namespace.rstrip("/")}/{info.node_name}'
                for info in self._node.get_publishers_info_by_topic(topic)
                if info.node_name != UNKNOWN}

    def _problem(self, topic):
        if self._node.count_publishers(topic) < 2:
            return ''
        allowed, names = self._topics[topic], self._publishers(topic)
        others = names - allowed if allowed else names if len(names) > 1 else ()
        also = ' as well' if allowed else ', which is one too many'
        return f'{topic} is published by {" and ".join(sorted(others))}{also}' if others else ''
