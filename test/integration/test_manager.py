"""The manager as a process, with real nodes that are killed."""
import signal

from geometry_msgs.msg import Twist, TwistStamped
import numpy as np
from physai_ros.adapters.qos import COMMAND
import pytest
from robots import write_profile
import yaml

ROBOT = '/two1'


def write_base(folder, acceleration=2.0, **more) -> str:
    """Write a profile of a base; return its path."""
    axis = {'velocity': 1.0, 'acceleration': acceleration, 'jerk': 20.0}
    path = folder / 'base.yaml'
    path.write_text(yaml.safe_dump({
        'name': 'base', 'urdf': str(folder / 'two.urdf'),
        'base': {'limits': {'linear_x': axis, 'angular_z': {**axis}}, **more}}))
    return str(path)


class Managed:
    """A manager with its nodes, and what it sends to the base."""

    def __init__(self, graph, tmp_path, kind=TwistStamped, **base):
        self.graph, self.twists, self.profile = graph, [], write_profile(tmp_path)
        graph.node.create_subscription(kind, f'{ROBOT}/cmd_vel', self.twists.append, COMMAND)
        graph.start('manager', ROBOT, nodes=['state_publisher', 'command'],
                    profile=write_base(tmp_path, **base), frame_prefix='two1/')

    def start(self, *names):
        for name in names:
            self.graph.start(name, ROBOT, profile=self.profile)

    def wait_active(self):
        self.graph.wait(lambda: self.says('message') == 'all nodes are active', 'active nodes')

    def says(self, key):
        return self.graph.value(f'{ROBOT}/manager', key)


def velocity(message) -> Twist:
    """Return the twist of a base command."""
    return message.twist if isinstance(message, TwistStamped) else message


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
    assert managed.says('command_losses') == managed.says('command_restarts') == '1'


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


@pytest.mark.parametrize('kind', [TwistStamped, Twist])
def test_a_moving_base_is_braked_within_its_limits_when_command_dies(graph, tmp_path, kind):
    managed = Managed(graph, tmp_path, kind, stamped=kind is TwistStamped)
    managed.start('state_publisher', 'command')
    managed.wait_active()
    publisher, drive = graph.node.create_publisher(kind, f'{ROBOT}/cmd_vel', COMMAND), kind()
    velocity(drive).linear.x = 0.5

    def go():
        if kind is TwistStamped:
            drive.header.stamp = graph.node.get_clock().now().to_msg()
        publisher.publish(drive)
    graph.spin(0.3, go)
    graph.end('two1/command', signal.SIGKILL)
    managed.twists.clear()
    graph.wait(lambda: len(managed.twists) > 40, 'the stop', 3.0)
    speeds = [velocity(message).linear.x for message in managed.twists]
    steps = -np.diff(speeds)
    assert 0.4 < speeds[0] <= 0.5 and speeds[-1] == 0.0
    assert -1e-6 < steps.min() and steps.max() <= 2.0 * 0.02 * 5  # ticks may be late


def test_a_stop_is_not_broken_off_when_a_new_command_is_there(graph, tmp_path):
    managed = Managed(graph, tmp_path, acceleration=0.2)    # the stop takes two seconds and a half
    managed.start('state_publisher', 'command')
    managed.wait_active()
    publisher = graph.node.create_publisher(TwistStamped, f'{ROBOT}/cmd_vel', COMMAND)
    drive = TwistStamped()
    drive.twist.linear.x = 0.5

    def go():
        drive.header.stamp = graph.node.get_clock().now().to_msg()
        publisher.publish(drive)
    graph.spin(0.3, go)
    graph.end('two1/command', signal.SIGKILL)
    managed.twists.clear()
    managed.start('command')
    speed = []
    graph.wait(lambda: managed.says('command') == 'active' or speed.append(
        managed.twists[-1].twist.linear.x if managed.twists else None), 'command to be back')
    assert min(filter(None, speed)) < 0.4 and managed.twists[-1].twist.linear.x == 0.0


def test_a_hung_process_is_ended(managed):
    graph = managed.graph
    managed.start('state_publisher', 'command')
    managed.wait_active()
    process = graph.stop('two1/command')
    graph.wait(lambda: process.poll() is not None, 'the manager to end it')
    assert process.returncode == -signal.SIGKILL


def test_a_restarted_manager_leaves_active_nodes_alone(managed):
    graph = managed.graph
    managed.start('state_publisher', 'command')
    managed.wait_active()
    states = []
    graph.end('two1/manager', signal.SIGKILL)
    graph.start('manager', ROBOT, nodes=['state_publisher', 'command'])
    graph.wait(lambda: states.append(graph.value(f'{ROBOT}/command', 'lifecycle'))
               or managed.says('message') == 'all nodes are active', 'active nodes')
    assert set(states) == {'active'}


def test_why_a_node_cannot_be_configured_is_told(managed):
    graph = managed.graph
    graph.start('command', ROBOT, profile='nowhere')
    reason = "command: configure failed: profile is 'nowhere'"
    graph.wait(lambda: reason in managed.says('message'), 'the reason')
    assert managed.says('level') == 2
