"""What the running graph says of itself, heard by a node in this process."""
import time
from typing import Dict, Mapping, Optional, Set

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from physai_ros.adapters import qos
from physai_ros.cli.table import Status
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

FRESH_S = 3.5


class Monitor:
    """A node that only listens; use :meth:`spin` often."""

    def __init__(self, domain: int):
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=domain,
                   signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node(
            'physai_up', context=self._context, use_global_arguments=False,
            start_parameter_services=False, enable_rosout=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._statuses: Dict[str, tuple] = {}
        self._texts: Dict[str, Dict[str, str]] = {}
        self._commanded: Set[str] = set()
        self._firsts: Dict[str, list] = {}

    def names(self) -> Set[str]:
        """Return the full names of the nodes that are known on the domain."""
        return {f'{namespace.rstrip("/")}/{name}'
                for name, namespace in self._node.get_node_names_and_namespaces()}

    def watch(self, robots: Mapping[str, Optional[str]]):
        """
        Listen to these robots.

        :param robots: name -> the controller of its arm, or None
        """
        self._node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.EVENTS)
        for robot, controller in robots.items():
            self._texts[robot] = {}
            self._hear(robot, 'command', f'/{robot}/command/state', qos.LATCHED)
            self._hear(robot, 'task', f'/sim/ground_truth/{robot}/status', qos.EVENTS)
            self._firsts[robot] = [self._first(robot, TwistStamped, f'/{robot}/cmd_vel')]
            if controller:
                self._firsts[robot].append(self._first(
                    robot, JointTrajectory, f'/{robot}/{controller}/joint_trajectory'))

    def spin(self, seconds: float):
        """Handle what arrives within this time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)
        for robot in self._commanded & set(self._firsts):
            for subscription in self._firsts.pop(robot):
                self._node.destroy_subscription(subscription)

    def status(self, node: str) -> Optional[Status]:
        """Return what a node last said on /diagnostics, None when that is long ago."""
        heard_s, status = self._statuses.get(node, (0.0, None))
        return status if time.monotonic() - heard_s < FRESH_S else None

    def doing(self, robot: str) -> str:
        """Return what a robot does, in a few words."""
        return '; '.join(filter(None, self._texts[robot].values())) or 'nothing yet'

    def commanded(self, robot: str) -> bool:
        """Return whether a command was ever sent to this robot."""
        return robot in self._commanded

    def close(self):
        """Leave the domain."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def _hear(self, robot, key, topic, profile):
        def remember(message):
            self._texts[robot][key] = message.data
        self._node.create_subscription(String, topic, remember, profile)

    def _first(self, robot, message_type, topic):
        return self._node.create_subscription(
            message_type, topic, lambda data: self._commanded.add(robot), qos.SENSOR, raw=True)

    def _on_diagnostics(self, array):
        for status in array.status:
            name = f'/{status.name.partition(":")[0]}'
            values = {item.key: item.value for item in status.values}
            self._statuses[name] = time.monotonic(), Status(
                ord(status.level), status.message, values)
