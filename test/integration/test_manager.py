"""The manager as a process, with real nodes that are killed."""
import signal

from geometry_msgs.msg import TwistStamped
from physai_ros.adapters.qos import COMMAND
import pytest
from robots import write_profile

ROBOT = '/two1'


class Managed:
    """A manager with its nodes, and what it sends to the base."""

    def __init__(self, graph, tmp_path):
        self.graph, self.twists, self.profile = graph, [], write_profile(tmp_path)
        graph.node.create_subscription(
            TwistStamped, f'{ROBOT}/cmd_vel', self.twists.append, COMMAND)
        graph.start('manager', ROBOT, nodes=['state_publisher', 'command'], base=True,
                    frame_prefix='two1/')

    def start(self, *names):
        for name in names:
            self.graph.start(name, ROBOT, profile=self.profile)

    def wait_active(self):
        self.graph.wait(lambda: self.says('message') == 'all nodes are active', 'active nodes')

    def says(self, key):
        return self.graph.value(f'{ROBOT}/manager', key)


@pytest.fixture
def managed(graph, tmp_path):
    return Managed(graph, tmp_path)


def test_nodes_are_brought_up_and_back(managed):
    graph = managed.graph
    managed.start('command')
    graph.wait(lambda: managed.says('command') == 'inactive', 'command to wait')
    assert managed.says('state_publisher') == 'missing'
    managed.start('state_publisher')
    managed.wait_active()
    graph.end('two1/command', signal.SIGKILL)
    graph.wait(lambda: managed.says('command') == 'silent', 'the manager to notice')
    managed.start('command')
    managed.wait_active()
    assert managed.says('command_losses') == '1'


def test_the_base_is_stopped_while_command_is_gone(managed):
    graph = managed.graph
    graph.spin(0.7)
    assert managed.twists == []
    managed.start('state_publisher', 'command')
    managed.wait_active()
    managed.twists.clear()
    graph.end('two1/command', signal.SIGKILL)
    graph.wait(lambda: len(managed.twists) >= 10, 'ten stops', 2.0)
    assert all(t.twist.linear.x == 0.0 and t.twist.angular.z == 0.0 for t in managed.twists)
    assert managed.twists[0].header.frame_id == 'two1/base_link'
    managed.start('command')
    graph.wait(lambda: managed.says('command') == 'active', 'command to be back')
    managed.twists.clear()
    graph.spin(0.5)
    assert managed.twists == []


def test_a_restarted_manager_leaves_active_nodes_alone(managed):
    graph = managed.graph
    managed.start('state_publisher', 'command')
    managed.wait_active()
    states = []
    graph.end('two1/manager', signal.SIGKILL)
    graph.start('manager', ROBOT, nodes=['state_publisher', 'command'], base=True)
    graph.wait(lambda: states.append(graph.value(f'{ROBOT}/command', 'lifecycle'))
               or managed.says('message') == 'all nodes are active', 'active nodes')
    assert set(states) == {'active'}


def test_why_a_node_cannot_be_configured_is_told(managed):
    graph = managed.graph
    graph.start('command', ROBOT, profile='nowhere')
    reason = "command: configure failed: profile is 'nowhere'"
    graph.wait(lambda: reason in managed.says('message'), 'the reason')
    assert managed.says('level') == 2
