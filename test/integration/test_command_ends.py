"""The command node is told to end while a base drives: it brakes first, whatever the clock is."""
import shutil
import signal
import time

from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
import numpy as np
from physai_ros.adapters.commands import base_chunk
from physai_ros.adapters.qos import CHUNK, EVERY, LATCHED, SENSOR_OUT
from physai_ros.adapters.stamps import to_time
from physai_ros.blackbox import read
from physai_ros.core.types import BaseChunk
import pytest
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Bool, String
from std_srvs.srv import SetBool
from trajectory_msgs.msg import MultiDOFJointTrajectory

MS, NODE = 1_000_000, '/dog/command'
QUICK_S, REST = 1.2, 1e-3


class Dog:
    """A base that does as it is told, and its policy, by the wall clock or by one of their own."""

    def __init__(self, graph, simulated):
        node, self._simulated = graph.node, simulated
        self.commands = []      # when it was heard (s), speed
        self._clock = node.create_publisher(Clock, '/clock', 10)
        self._odometry = node.create_publisher(Odometry, '/dog/odom', SENSOR_OUT)
        self._chunks = node.create_publisher(
            MultiDOFJointTrajectory, '/dog/policy/base_chunk', CHUNK)
        node.create_subscription(
            TwistStamped, '/dog/cmd_vel', lambda message: self.commands.append(
                (time.monotonic(), message.twist.linear.x)), EVERY)
        self._due_s = [0.0, 0.0]

    def live(self):
        """Tell what the time is, how fast it drives, and what the policy wants."""
        now_ns = time.monotonic_ns() if self._simulated else time.time_ns()
        if self._due(0, 0.01):
            if self._simulated:
                self._clock.publish(Clock(clock=to_time(now_ns)))
            message = Odometry()
            message.header.stamp = to_time(now_ns)
            message.pose.pose.orientation.w = 1.0
            message.twist.twist.linear.x = self.speed
            self._odometry.publish(message)
        if self._due(1, 0.1):
            ahead = np.tile([0.4, 0.0, 0.0], (12, 1))
            self._chunks.publish(base_chunk(
                BaseChunk(now_ns - 20 * MS, 50 * MS, ahead), 'base_link'))

    @property
    def speed(self):
        """Return how fast it was told to drive last, m/s."""
        return self.commands[-1][1] if self.commands else 0.0

    def _due(self, what, period_s):
        due = time.monotonic() >= self._due_s[what]
        if due:
            self._due_s[what] = time.monotonic() + period_s
        return due


@pytest.mark.parametrize('simulated', [False, True], ids=['wall clock', 'simulated time'])
@pytest.mark.parametrize('how', ['deactivate', 'SIGTERM'])
def test_it_brakes_to_rest_before_it_ends(graph, simulated, how):
    process = graph.start('command', '/dog', profile='sony_style', use_sim_time=simulated)
    for transition in ('configure', 'activate'):
        assert graph.change(NODE, transition)
    dog = Dog(graph, simulated)
    engage = SetBool.Request(data=True)
    graph.wait(lambda: graph.call(SetBool, f'{NODE}/engage', engage, dog.live).success,
               'to engage', each=dog.live)
    graph.wait(lambda: dog.speed > 0.35, 'to drive', each=dog.live)
    begin_s = time.monotonic()
    if how == 'SIGTERM':
        process.send_signal(signal.SIGTERM)
        graph.wait(lambda: process.poll() is not None, 'its end', each=dog.live)
    else:
        assert graph.change(NODE, 'deactivate', dog.live)
    graph.spin(0.2, dog.live)
    assert dog.speed == 0.0
    moving = [at for at, speed in dog.commands if at > begin_s and abs(speed) > REST]
    assert moving[-1] < begin_s + QUICK_S


@pytest.mark.parametrize('how', ['deactivate', 'SIGTERM'])
def test_a_black_box_that_is_being_written_is_waited_for(graph, tmp_path, how):
    slow = tmp_path / 'bin' / 'nice'
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\nsleep 0.4\nexec {shutil.which("nice")} "$@"\n')
    slow.chmod(0o755)
    graph.search_first(slow.parent)
    process = graph.up('command', '/dog', profile='sony_style',
                       blackbox__folder=str(tmp_path / 'box'))
    dog = Dog(graph, False)
    button = graph.node.create_publisher(Bool, '/dog/estop', 10)
    graph.spin(2.0, dog.live)       # more than a pipe holds
    states = []
    graph.node.create_subscription(
        String, f'{NODE}/state', lambda message: states.append(message.data), LATCHED)
    graph.wait(lambda: states and states[-1] == 'faulted', 'the e-stop',
               each=lambda: button.publish(Bool(data=True)))
    if how == 'SIGTERM':
        process.send_signal(signal.SIGTERM)
        process.wait(5.0)
    else:
        assert graph.change(NODE, 'deactivate')
        process.kill()
        graph.forget('dog/command')
    graph.wait(lambda: list((tmp_path / 'box').glob('*.mcap')), 'the file')
    assert [read.missing(file) for file in (tmp_path / 'box').glob('*.mcap')] == ['']
