"""What all nodes of the package have in common, lifecycle node or not."""
import time
from typing import Dict, Tuple

from physai_ros.adapters import cdr, diagnostics, qos, scheduling
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Loop
from physai_ros.adapters.parameters import declare, Parameter
from physai_ros.adapters.shared_memory import NO_PICTURES
from std_msgs.msg import Header

HEARTBEAT_NS = 25_000_000
DIAGNOSTICS_NS = 1_000_000_000


class Runtime:
    """
    Mix-in for an rclpy node: parameters, loop, heartbeat, diagnostics.

    A subclass sets ``PARAMETERS`` and overrides :meth:`report`. ``MIDDLEWARE_PROFILE``
    says what the node has to do with pictures, ``NICE`` how far it steps back for others.
    """

    PARAMETERS: Tuple = ()
    MIDDLEWARE_PROFILE = NO_PICTURES
    NICE = 0

    def start_runtime(self):
        """
        Declare the parameters and begin to beat and report; call at the end of construction.

        :raises ConfigError: for refused parameters
        """
        declare(self, self.all_parameters())
        for problem in scheduling.apply(self):
            self.get_logger().warning(problem)
        self.robot = self.get_namespace().strip('/')
        self.prefix = self.value('frame_prefix') if self.has_parameter('frame_prefix') else ''
        self.fault = ''
        self.loop = Loop(self)
        self._heartbeat = self.create_publisher(
            Header, 'heartbeat', qos.EVENTS, callback_group=self.loop.gate)
        self._diagnostics = diagnostics.Diagnostics(self, self.robot, self.loop.gate)
        self.loop.every(HEARTBEAT_NS, self._publish_heartbeat, steady=True, patient=True)
        self.loop.every(DIAGNOSTICS_NS, self._publish_diagnostics, steady=True, patient=True)

    @classmethod
    def all_parameters(cls) -> Tuple[Parameter, ...]:
        """Return the node's own parameters, and those of every node."""
        return (*cls.PARAMETERS, *scheduling.parameters(cls.NICE))

    def now_ns(self) -> int:
        """Return ROS time, simulated where ``use_sim_time`` is set."""
        return self.get_clock().now().nanoseconds

    def value(self, name: str):
        """Return the value of a parameter."""
        return self.get_parameter(name).value

    def inbox(self, message_type, topic: str, profile, convert=lambda message: message,
              tap=None) -> Inbox:
        """Subscribe to a topic that is read on demand."""
        return Inbox(self, message_type, topic, profile, convert, self.loop.gate, tap)

    def advertise(self, message_type, topic: str, profile):
        """Create a publisher whose QoS warnings do not burden the loop."""
        return self.create_publisher(
            message_type, topic, profile, callback_group=self.loop.gate)

    def report(self) -> Tuple[bytes, str, Dict[str, str]]:
        """Return level, one line and values for /diagnostics; may read :class:`Meter`."""
        return diagnostics.OK, 'running', {}

    def stop(self):
        """Bring everything to rest before the process ends."""

    def alive_as(self) -> str:
        """Return what the heartbeat says: the node's name while it does its work."""
        return self.get_name()

    def _publish_heartbeat(self):
        self._heartbeat.publish(cdr.header(self.now_ns(), self.alive_as()))

    def _publish_diagnostics(self):
        self.publish_status(*self.report())

    def publish_status(self, level: bytes, text: str, values: Dict[str, str]):
        """Publish a status on /diagnostics; a fault of the node overrides level and text."""
        if self.fault:
            level, text = diagnostics.ERROR, self.fault
        self._diagnostics.publish(self.now_ns(), level, text, {**values, 'fault': self.fault})


def monotonic_ns() -> int:
    """Return the time that durations are measured with."""
    return time.monotonic_ns()
