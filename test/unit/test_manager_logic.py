"""The order, the patience and the retries of a robot's manager, on a clock made of numbers."""
from physai_ros.core.lifecycle import (
    ACTIVATE, ACTIVE, Conductor, CONFIGURE, FINALIZED, GET_STATE, INACTIVE, Timing, UNCONFIGURED)
import pytest

NODES = ('perception', 'policy', 'command')
MS = 1_000_000
STEP_NS = 50 * MS


class Robot:
    """Lifecycle nodes that answer at once, and a clock."""

    def __init__(self):
        self.conductor = Conductor(NODES)
        self.states = {}
        self.refuses = set()
        self.deaf = set()
        self.now_ns = 0
        self.log = []
        self.messages = []
        self.ended = []

    def start(self, *names):
        for name in names:
            self.states[name] = UNCONFIGURED

    def kill(self, name):
        del self.states[name]

    def run(self, seconds):
        end_ns = self.now_ns + round(seconds * 1e9)
        while self.now_ns < end_ns:
            self.now_ns += STEP_NS
            for name in self.states:
                self.conductor.heard(name, self.now_ns, self.states[name] == ACTIVE)
            for request in self.conductor.tick(self.now_ns):
                self.answer(request)
            self.ended += self.conductor.hung(self.now_ns)
            self.messages += [event.text for event in self.conductor.events()]

    def answer(self, request):
        name, kind = request.node, request.kind
        if name in self.deaf or name not in self.states:
            return
        if kind == GET_STATE:
            self.conductor.answered(request, self.now_ns, state=self.states[name])
            return
        self.log.append((kind, name))
        refused = name in self.refuses
        if not refused:
            self.states[name] = {CONFIGURE: INACTIVE, ACTIVATE: ACTIVE}[kind]
        self.conductor.answered(request, self.now_ns, success=not refused, reason='no bundle')


@pytest.fixture
def robot():
    return Robot()


def test_all_are_configured_before_the_first_is_activated_in_order(robot):
    robot.start('command', 'policy', 'perception')
    robot.run(1.0)
    assert [kind for kind, _ in robot.log] == [CONFIGURE] * 3 + [ACTIVATE] * 3
    assert [name for _, name in robot.log[3:]] == list(NODES)
    assert robot.messages[-1] == 'all nodes are active'
    assert robot.conductor.ready_once


def test_nothing_is_activated_while_one_node_is_missing(robot):
    robot.start('perception', 'policy')
    robot.run(3.0)
    assert robot.log == [(CONFIGURE, 'perception'), (CONFIGURE, 'policy')]
    assert not robot.conductor.ready_once


def test_active_nodes_are_left_alone(robot):
    robot.states = dict.fromkeys(NODES, ACTIVE)
    robot.run(5.0)
    assert robot.log == []
    assert robot.conductor.states() == dict.fromkeys(NODES, ACTIVE)


def test_a_killed_node_is_reported_once_and_brought_back(robot):
    robot.start(*NODES)
    robot.run(1.0)
    robot.log.clear()
    robot.messages.clear()
    robot.kill('policy')
    robot.run(3.0)
    assert robot.messages == ['policy is silent: no heartbeat for more than 0.5 s']
    assert robot.conductor.states()['policy'] == 'silent'
    robot.start('policy')
    robot.run(0.3)
    assert robot.log == [(CONFIGURE, 'policy'), (ACTIVATE, 'policy')]
    assert robot.messages[1:] == ['policy is back', 'policy was restarted', 'all nodes are active']
    once = {'perception': 0, 'policy': 1, 'command': 0}
    assert robot.conductor.losses() == robot.conductor.restarts() == once


def test_a_restart_too_quick_for_the_heartbeat_is_noticed(robot):
    robot.start(*NODES)
    robot.run(1.0)
    robot.log.clear()
    robot.states['command'] = UNCONFIGURED
    robot.run(0.2)
    assert robot.log == [(CONFIGURE, 'command'), (ACTIVATE, 'command')]
    assert robot.conductor.restarts()['command'] == 1
    assert robot.conductor.losses()['command'] == 0


def test_a_pause_of_the_heartbeat_is_no_restart(robot):
    robot.start(*NODES)
    robot.run(1.0)
    del robot.states['policy']
    robot.run(1.0)
    robot.states['policy'] = ACTIVE
    robot.run(1.0)
    assert robot.conductor.losses()['policy'] == 1
    assert robot.conductor.restarts()['policy'] == 0


@pytest.mark.parametrize('between', ['activating', FINALIZED])
def test_a_new_process_is_a_restart_whatever_was_seen_before_it(robot, between):
    robot.start(*NODES)
    robot.run(1.0)
    robot.states['policy'] = between
    robot.run(1.0)
    robot.states['policy'] = UNCONFIGURED
    robot.run(1.5)
    assert robot.states['policy'] == ACTIVE
    assert robot.conductor.restarts()['policy'] == 1


def test_a_late_heartbeat_from_before_the_activation_changes_nothing(robot):
    robot.start(*NODES)
    robot.run(1.0)
    robot.log.clear()
    robot.conductor.heard('policy', robot.now_ns, works=False)
    robot.run(1.0)
    assert robot.log == [] and robot.conductor.states()['policy'] == ACTIVE
    assert robot.conductor.restarts()['policy'] == 0


def test_a_failed_configure_is_retried_with_growing_pauses(robot):
    robot.refuses.add('policy')
    robot.start(*NODES)
    robot.run(3.0)
    assert robot.messages[3:] == [
        f'policy: configure failed: no bundle; trying again in {pause} s'
        for pause in ('0.5', '1', '2')]
    assert robot.conductor.problems() == {'policy': 'configure failed: no bundle'}
    robot.refuses.clear()
    robot.run(2.0)
    assert robot.states == dict.fromkeys(NODES, ACTIVE)
    assert robot.conductor.problems() == {}


def test_pauses_end_at_ten_seconds(robot):
    robot.refuses.add('policy')
    robot.start(*NODES)
    robot.run(60.0)
    assert robot.messages[-1].endswith('trying again in 10 s')


@pytest.mark.parametrize('silent_s, state', [(10.0, 'unconfigured'), (16.0, 'silent')])
def test_a_long_configure_may_block_the_heartbeat(silent_s, state):
    conductor = Conductor(['policy'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    configure, = conductor.tick(0)
    assert configure.kind == CONFIGURE
    assert not any(conductor.tick(now_ns) for now_ns in range(0, round(silent_s * 1e9), STEP_NS))
    assert conductor.states() == {'policy': state}


def test_an_answer_that_overtakes_the_first_heartbeat_after_it_is_no_silence():
    conductor = Conductor(['policy'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    configure, = conductor.tick(0)
    for now_ns in range(0, 2000 * MS, STEP_NS):
        conductor.tick(now_ns)
    conductor.answered(configure, 2000 * MS, success=True)
    conductor.tick(2001 * MS)
    assert conductor.losses() == {'policy': 0}
    assert conductor.states() == {'policy': INACTIVE}


def test_a_node_that_died_while_configuring_is_asked_again():
    conductor = Conductor(['policy'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    lost, = conductor.tick(0)
    conductor.heard('policy', 3000 * MS)
    again, = conductor.tick(3000 * MS)
    assert again.kind == GET_STATE
    conductor.answered(lost, 3001 * MS, success=True)
    assert conductor.states() == {'policy': 'configuring'}


def test_a_node_that_beats_while_it_configures_for_long_is_waited_for():
    conductor = Conductor(['policy'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    requests = conductor.tick(0)
    for now_ms in range(0, 60_000, 25):
        conductor.heard('policy', now_ms * MS)
        requests += conductor.tick(now_ms * MS)
        assert not conductor.hung(now_ms * MS)
    assert [request.kind for request in requests[:2]] == [CONFIGURE, GET_STATE]
    assert {request.kind for request in requests[1:]} == {GET_STATE}
    assert conductor.losses() == {'policy': 0}
    assert conductor.states() == {'policy': 'configuring'}
    for now_ms in range(60_000, 70_000, 25):    # and while something in it takes all its time
        conductor.tick(now_ms * MS)
        assert not conductor.hung(now_ms * MS)
    assert conductor.losses() == {'policy': 0}
    conductor.heard('policy', 70_000 * MS)
    again, = conductor.tick(70_000 * MS)
    conductor.answered(again, 70_000 * MS, state=INACTIVE)
    following, = conductor.tick(70_000 * MS)
    assert following.kind == ACTIVATE


def test_a_refusal_that_takes_long_is_told_and_waited_after():
    conductor = Conductor(['policy'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    configure, = conductor.tick(0)
    for now_ms in range(0, 5000, 25):
        conductor.heard('policy', now_ms * MS)
        assert conductor.tick(now_ms * MS) == []
    conductor.answered(configure, 5000 * MS, success=False, reason='the bundle is bad')
    assert conductor.problems() == {'policy': 'configure failed: the bundle is bad'}
    assert conductor.tick(5001 * MS) == []


def test_a_node_that_dies_while_it_configures_is_silent_after_its_patience():
    conductor, timing = Conductor(['policy']), Timing()
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    end_ms = 3000 + timing.transition_ns // MS
    for now_ms in range(0, end_ms + 100, 25):
        if now_ms <= 3000:
            conductor.heard('policy', now_ms * MS)
        conductor.tick(now_ms * MS)
        assert conductor.losses() == {'policy': int(now_ms >= end_ms)}, now_ms


def test_a_finalized_node_is_reported_once_and_left_alone(robot):
    robot.start(*NODES)
    robot.states['policy'] = FINALIZED
    robot.run(5.0)
    assert robot.messages.count(
        'policy is finalized: only a new process can bring it back') == 1
    assert (CONFIGURE, 'policy') not in robot.log


def test_only_a_node_that_was_heard_can_be_gone():
    conductor = Conductor(['command'])
    assert not conductor.gone('command', 10_000 * MS)
    conductor.heard('command', 10_000 * MS)
    assert not conductor.gone('command', 10_500 * MS)
    assert conductor.gone('command', 10_501 * MS)


def test_a_hung_process_is_to_be_ended_again_and_again_until_it_is_heard(robot):
    robot.start(*NODES)
    robot.run(1.0)
    robot.kill('policy')
    robot.run(7.0)
    assert robot.ended == ['policy', 'policy']
    robot.start('policy')
    robot.run(5.0)
    assert robot.ended == ['policy', 'policy']
    assert robot.states == dict.fromkeys(NODES, ACTIVE)


def test_when_nobody_is_heard_the_manager_blames_itself(robot):
    robot.start(*NODES)
    robot.run(1.0)
    for name in NODES:
        robot.kill(name)
    robot.run(10.0)
    assert robot.ended == []


def test_a_paused_manager_does_not_blame_the_others(robot):
    robot.start(*NODES)
    robot.run(1.0)
    robot.messages.clear()
    robot.now_ns += 60_000 * MS
    assert not robot.conductor.hung(robot.now_ns)
    robot.conductor.tick(robot.now_ns)
    assert not robot.conductor.gone('command', robot.now_ns)
    robot.run(1.0)
    assert robot.ended == [] and robot.messages == []


def test_a_node_that_loads_for_long_does_not_hang():
    conductor = Conductor(['policy', 'command'])
    conductor.heard('policy', 0)
    first, = conductor.tick(0)
    conductor.answered(first, 0, state=UNCONFIGURED)
    for now_ns in range(0, 14_000 * MS, STEP_NS):
        conductor.heard('command', now_ns)
        conductor.tick(now_ns)
        assert conductor.hung(now_ns) == {}


def test_foreign_heartbeats_are_ignored():
    conductor = Conductor(['command'])
    conductor.heard('someone_else', 0)
    assert conductor.tick(0) == []
