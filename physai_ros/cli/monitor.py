"""What the running graph says of itself, heard by a node in this process."""
import time
from typing import Dict, Mapping, Optional, Set

from diagnostic_msgs.msg import DiagnosticArray
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Gate
from physai_ros.adapters.message_types import message_type
from physai_ros.adapters.qos import EVERY, LATCHED, SENSOR
from physai_ros.cli.table import Status
import rclpy
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import String

FRESH_S = 3.5


class Monitor:
    """A node that only listens, and only when it is asked to :meth:`look`."""

    def __init__(self, domain: int, enclave: str = '/'):
        self._context = rclpy.Context()
        rclpy.init(args=['--ros-args', '--disable-external-lib-logs', '--enclave', enclave],
                   context=self._context, domain_id=domain,
                   signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node(
            'physai_up', context=self._context, use_global_arguments=False,
            start_parameter_services=False, enable_rosout=False)
        self._diagnostics = self._inbox(DiagnosticArray, '/diagnostics', EVERY)
        self._statuses: Dict[str, tuple] = {}
        self._inboxes: Dict[str, Dict[str, Inbox]] = {}
        self._texts: Dict[str, Dict[str, str]] = {}
        self._firsts: Dict[str, list] = {}

    def names(self) -> Set[str]:
        """Return the full names of the nodes that are known on the domain."""
        return {f'{namespace.rstrip("/")}/{name}'
                for name, namespace in self._node.get_node_names_and_namespaces()}

    def watch(self, commands: Mapping[str, Mapping[str, str]], states: Mapping[str, str]):
        """
        Listen to robots, by their names; all topics are full names.

        :param commands: the topics that move each robot, and their types
        :param states: the topic on which it tells its state
        """
        for robot, topics in commands.items():
            self._texts[robot] = {}
            self._inboxes[robot] = {
                'command': self._inbox(String, states[robot], LATCHED),
                'task': self._inbox(String, f'/sim/ground_truth/{robot}/status', SENSOR)}
            self._firsts[robot] = [self._inbox(message_type(kind), topic, SENSOR)
                                   for topic, kind in topics.items()]

    def look(self):
        """Take what has arrived."""
        now_s = time.monotonic()
        for array in self._diagnostics.take():
            for status in array.status:
                values = {item.key: item.value for item in status.values}
                self._statuses[f'/{status.name.partition(":")[0]}'] = now_s, Status(
                    ord(status.level), status.message, values)
        for robot, inboxes in self._inboxes.items():
            for key, inbox in inboxes.items():
                message = inbox.newest()
                if message is not None:
                    self._texts[robot][key] = message.data
        for robot, inboxes in tuple(self._firsts.items()):
            if any(inbox.newest() for inbox in inboxes):
                for inbox in self._firsts.pop(robot):
                    inbox.destroy(self._node)

    def status(self, node: str) -> Optional[Status]:
        """Return what a node last said on /diagnostics, None when that is long ago."""
        heard_s, status = self._statuses.get(node, (0.0, None))
        return status if time.monotonic() - heard_s < FRESH_S else None

    def heard_s(self, node: str) -> float:
        """Return when a node reported last, on the monotonic clock; 0 if it never did."""
        return self._statuses.get(node, (0.0, None))[0]

    def heard_after(self, node: str, moment_s: float) -> bool:
        """Return whether a node reported after a moment of the monotonic clock."""
        return self._statuses.get(node, (0.0, None))[0] > moment_s

    def doing(self, robot: str) -> str:
        """Return what a robot does, in a few words."""
        return '; '.join(filter(None, self._texts[robot].values())) or 'starting'

    def commanded(self, robot: str) -> bool:
        """Return whether a command was ever sent to this robot."""
        return robot not in self._firsts

    def close(self):
        """Leave the domain."""
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def _inbox(self, message_type, topic, profile) -> Inbox:
        return Inbox(self._node, message_type, topic, profile, gate=Gate())
