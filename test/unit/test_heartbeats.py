"""Silence of nodes."""
from physai_ros.core.heartbeats import Heartbeats

MS = 1_000_000


def test_a_node_never_heard_is_silent():
    assert Heartbeats({'policy': 200 * MS}).silent(0) == 'no heartbeat of policy'


def test_a_node_is_silent_when_its_time_is_over():
    heartbeats = Heartbeats({'policy': 200 * MS, 'manager': 200 * MS})
    heartbeats.heard('policy', 0)
    heartbeats.heard('manager', 100 * MS)
    heartbeats.heard('somebody_else', 100 * MS)
    assert heartbeats.silent(200 * MS) == ''
    assert heartbeats.silent(201 * MS) == 'no heartbeat of policy'
    assert heartbeats.silent(301 * MS) == 'no heartbeat of policy, manager'


def test_nothing_is_required_of_nobody():
    assert Heartbeats({}).silent(10 ** 15) == ''
