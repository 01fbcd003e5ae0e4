"""What a guard hears while it holds: nothing that stops a robot may wait."""
from collections import deque
from types import SimpleNamespace

import numpy as np
from physai_ros.adapters import heartbeats, permission
from physai_ros.adapters.guard_port import GuardPort
from physai_ros.core.types import JointChunk, JointState
from physai_ros.guard.build import parts
from physai_ros.guard.guard import Guard
from physai_ros.guard.states import ENGAGED, FAULTED, HOLDING
from physai_ros.robots import load_profile, parse
import pytest
from std_msgs.msg import Bool

MS = 1_000_000
JUMPED = 'the clock jumped by +0.5 s'


class Box:
    """A queue that keeps as many messages as its quality of service says."""

    def __init__(self, topic, depth, convert):
        self.topic, self.rejected, self._convert = topic, 0, convert
        self.waiting = deque(maxlen=depth)

    def take(self):
        """Return and forget what waits."""
        taken = [self._convert(message) for message in self.waiting]
        self.waiting.clear()
        return taken


class Cell:
    """A guard of ``honda_style`` behind its port, with a clock that is moved by hand."""

    def __init__(self, monkeypatch, **values):
        self.now, self._values, self._boxes = 10 ** 12, values, []
        for module in (permission, heartbeats):
            monkeypatch.setattr(module, 'monotonic_ns', lambda: self.now)
        profile, self.prefix = load_profile('honda_style'), ''
        made = parts(parse(profile.description()), profile)
        self.names = made['joints'].names
        self._pose = np.array([profile.arm.home[name] for name in self.names])
        self.guard = Guard(**made)
        recorder = SimpleNamespace(tap=lambda *_: lambda data: None, text=lambda *_, **__: None)
        self.port = GuardPort(self, profile, self.guard, recorder, lambda *_: None)
        self._state()

    def value(self, name):
        """Return a parameter."""
        return self._values.get(name, next(
            row.default for row in permission.PARAMETERS if row.name == name))

    def inbox(self, kind, topic, qos, convert=lambda message: message, tap=None):
        """Return a queue."""
        self._boxes.append(Box(topic, qos.depth, convert))
        return self._boxes[-1]

    def advertise(self, *_):
        """Return a publisher to nobody."""
        return SimpleNamespace(publish=lambda data: None, get_subscription_count=lambda: 1)

    def send(self, topic, message):
        """Let a message wait."""
        for box in self._boxes:
            if box.topic == topic:
                box.waiting.append(message)

    def tick(self, count, topic, value, hold=''):
        """Let time pass, each time with a message, or without one; return the states."""
        states = []
        for k in range(count):
            self.now += 10 * MS
            self._state()
            if value is not None:
                self.send(topic, Bool(data=value))
            self.guard.on_chunk(JointChunk(self.now, 50 * MS, self.names,
                                           np.tile(self._pose, (10, 1))), self.now)
            self.port.hold = hold
            states.append(self.port.tick(self.now).state)
        return states

    def _state(self):
        self.guard.on_joint_state(JointState(
            self.now, self.names, self._pose, np.zeros(len(self._pose))))


def test_an_estop_pressed_while_the_clock_has_jumped_is_not_lost(monkeypatch):
    cell = Cell(monkeypatch)
    cell.guard.engage(cell.now)
    assert cell.tick(20, 'estop', False)[-1] == ENGAGED
    assert cell.tick(20, 'estop', False, JUMPED)[-1] == HOLDING
    assert cell.tick(1, 'estop', True, JUMPED) == [FAULTED]
    cell.tick(50, 'estop', False, JUMPED)
    assert cell.tick(20, 'estop', False)[-1] == FAULTED and cell.guard.faults['estop'] == 1


@pytest.mark.parametrize('hold', [JUMPED, ''])
def test_a_deadman_switch_that_fell_silent_during_a_hold_permits_nothing(monkeypatch, hold):
    cell = Cell(monkeypatch, deadman='topic')
    cell.guard.engage(cell.now)
    assert cell.tick(20, 'deadman', True)[-1] == ENGAGED
    cell.tick(10, 'deadman', True, JUMPED)
    cell.tick(30, 'deadman', None, hold)
    assert ENGAGED not in cell.tick(40, 'deadman', None)


def test_heartbeats_are_heard_while_the_deadman_switch_is_let_go(monkeypatch):
    cell = Cell(monkeypatch, deadman='topic', required_nodes=['policy'])
    beats = next(box for box in cell._boxes if box.topic == 'heartbeat')
    beats._convert = lambda message: message
    cell.guard.engage(cell.now)
    for _ in range(20):
        cell.send('heartbeat', 'policy')
        state = cell.tick(1, 'deadman', True)[-1]
    assert state == ENGAGED
    cell.send('heartbeat', 'policy')
    cell.tick(60, 'deadman', False)
    assert ENGAGED not in cell.tick(30, 'deadman', True)


@pytest.mark.parametrize('pressed, state', [(False, HOLDING), (True, FAULTED)])
def test_what_waited_before_the_first_tick_permits_nothing(monkeypatch, pressed, state):
    cell = Cell(monkeypatch, deadman='topic')
    cell.guard.engage(cell.now)
    for _ in range(5):
        cell.send('deadman', Bool(data=True))
    cell.send('estop', Bool(data=pressed))
    cell.port.begin()
    assert cell.tick(1, 'deadman', None) == [state]
