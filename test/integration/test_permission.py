"""The switches in a human's hand are heard, whatever the quality of service of who publishes."""
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Gate
from physai_ros.adapters.permission import Listener, PARAMETERS
from physai_ros.guard.build import parts
from physai_ros.guard.guard import Guard
from physai_ros.guard.states import FAULTED
from physai_ros.robots import load_profile, parse
import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Joy
from std_msgs.msg import Bool

PROFILES = [QoSProfile(depth=1, reliability=reliability, durability=durability)
            for reliability in (ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT)
            for durability in (DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL)]
every_publisher = pytest.mark.parametrize(
    'qos', PROFILES, ids=lambda qos: f'{qos.reliability.name} {qos.durability.name}'.lower())


class Ears:
    """What a listener needs of a node."""

    def __init__(self, node, **values):
        self._node, self._values = node, values

    def value(self, name):
        """Return a parameter."""
        return self._values.get(name, next(
            row.default for row in PARAMETERS if row.name == name))

    def inbox(self, kind, topic, qos, convert=lambda message: message, tap=None):
        """Subscribe."""
        return Inbox(self._node, kind, topic, qos, convert, Gate(), tap)


@every_publisher
def test_an_estop_of_any_publisher_is_a_fault(graph, qos):
    profile = load_profile('honda_style')
    guard = Guard(**parts(parse(profile.description()), profile))
    listener = Listener(Ears(graph.node), guard.on_estop)
    button = graph.node.create_publisher(Bool, 'estop', qos)

    def press():
        button.publish(Bool(data=True))
        listener.missing()
    graph.wait(lambda: guard.state == FAULTED, 'the fault', 5.0, press)
    assert guard.faults['estop'] == 1


def test_an_estop_that_was_latched_before_is_a_fault(graph):
    pressed = []
    button = graph.node.create_publisher(Bool, 'estop', PROFILES[1])
    button.publish(Bool(data=True))
    listener = Listener(Ears(graph.node), pressed.append)
    graph.wait(lambda: pressed, 'the e-stop', 5.0, listener.missing)


@every_publisher
@pytest.mark.parametrize('mode, held', [('joy', Joy(buttons=[0, 0, 0, 0, 1])),
                                        ('topic', Bool(data=True))])
def test_a_deadman_switch_of_any_publisher_permits(graph, mode, held, qos):
    listener = Listener(Ears(graph.node, deadman=mode), lambda pressed: None)
    switch = graph.node.create_publisher(
        type(held), 'joy' if mode == 'joy' else 'deadman', qos)
    assert listener.missing() == 'deadman switch: not held'
    graph.wait(lambda: not listener.missing(), 'permission', 5.0, lambda: switch.publish(held))
