"""The proxy of the fault-injection suite, in the way of one topic."""
import time

import numpy as np
from physai_ros.adapters.qos import EVENTS, STATE_OUT
from physai_ros.faults.nodes.proxy_node import UNDISTURBED
import pytest
from sensor_msgs.msg import JointState

TOPIC = '/two1/joint_states'


class Way:
    """A publisher before the proxy and a reader behind it."""

    def __init__(self, graph):
        self.graph, self.arrived, self.sent = graph, [], 0
        graph.start('proxy', '/', package='physai_ros.faults',
                    topics=[f'{TOPIC} sensor_msgs/msg/JointState STATE_OUT'])
        self._out = graph.node.create_publisher(JointState, TOPIC + UNDISTURBED, STATE_OUT)
        graph.node.create_subscription(JointState, TOPIC, self.arrived.append, EVENTS)
        graph.wait(lambda: self.arrived, 'the first message', each=self.send)

    def send(self):
        """Publish the next message: it says its number."""
        self.sent += 1
        message = JointState(name=['a'], position=[float(self.sent)])
        message.header.stamp.sec = 100 + self.sent
        self._out.publish(message)

    def disturb(self, setting):
        """Return what arrives of ten messages."""
        self.graph.set_parameters('/proxy', faults=[f'{TOPIC}={setting}'])
        self.graph.spin(0.1)
        self.arrived.clear()
        end = self.sent + 10
        self.graph.spin(0.3, lambda: self.sent < end and self.send())
        return [message.position[0] - end + 10 for message in self.arrived]


@pytest.fixture
def way(graph):
    return Way(graph)


def test_the_proxy_does_what_it_is_told(way):
    assert way.disturb('pass') == list(range(1, 11))
    assert way.disturb('silence') == []
    assert way.disturb('double')[:4] == [1, 1, 2, 2]
    assert way.disturb('reorder')[:4] == [2, 1, 4, 3]
    assert np.isnan(way.disturb('nan')).all() and len(way.arrived) == 10
    assert set(way.disturb('freeze')) == {0}
    way.disturb('shift:-50')
    assert way.arrived[-1].header.stamp.sec == 100 + way.sent - 50
    assert way.disturb('truncate:0.5') == []  # the reader's middleware refuses such messages
    assert way.disturb('pass') == list(range(1, 11))


def test_the_proxy_begins_when_it_is_told_to(way):
    begin_ns, sent = time.monotonic_ns() + 300_000_000, {}
    way.graph.set_parameters('/proxy', begin_ns=begin_ns, faults=[f'{TOPIC}=silence'])
    assert time.monotonic_ns() < begin_ns, 'too slow to tell'
    way.arrived.clear()

    def send():
        sent[way.sent + 1] = time.monotonic_ns() - begin_ns
        way.send()
    way.graph.spin(0.6, send)
    arrived_ns = [sent[message.position[0]] for message in way.arrived
                  if message.position[0] in sent]
    assert len(arrived_ns) > 1 and max(arrived_ns) < 50_000_000 < max(sent.values())
