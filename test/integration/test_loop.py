"""The one-thread loop, inboxes and parameters, on a node in this process."""
import threading
import time

from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.guard_port import INPUTS
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Loop, Periodic
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import ALONE, ALWAYS, declare, Parameter, UNCONFIGURED, watch
from physai_ros.adapters.qos import EVENTS, SENSOR
from physai_ros.adapters.service_executor import ServiceExecutor
from physai_ros.adapters.sources import source_inboxes
from physai_ros.bundle.terms.base import Source
from physai_ros.core.errors import ConfigError
import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

TABLE = (Parameter('rate_hz', 10.0, 'a rate', 1.0, 100.0),
         Parameter('mode', 'slow', 'a mode', choices=('slow', 'fast'), settable=ALWAYS),
         Parameter('bundle', '', 'a bundle', settable=UNCONFIGURED),
         Parameter('model', '', 'a model', settable=ALONE))


MS, S = 1_000_000, 1_000_000_000


class Clock:
    """A clock that a test sets."""

    now_ns = 0

    def __call__(self):
        return self.now_ns


@pytest.fixture
def make_node(domain):
    """Return a function that makes a node with parameter overrides."""
    context = rclpy.Context()
    rclpy.init(args=[], context=context, domain_id=domain,
               signal_handler_options=SignalHandlerOptions.NO)
    nodes = []

    def make(**overrides):
        nodes.append(Node(
            'test', context=context, automatically_declare_parameters_from_overrides=True,
            parameter_overrides=[RosParameter(k, value=v) for k, v in overrides.items()]))
        return nodes[-1]
    yield make
    for node in nodes:
        node.destroy_node()
    rclpy.shutdown(context=context)


def test_periodic_work_keeps_its_grid_and_drops_what_it_missed():
    clock, ran = Clock(), []
    periodic = Periodic(10, lambda: ran.append(clock.now_ns), clock)
    for clock.now_ns in (0, 5, 10, 19, 20, 57, 59, 60):
        periodic.run_if_due()
    assert ran == [0, 10, 20, 57, 60]
    assert periodic.missed == 2 and periodic.wait_ns() == 10


def test_periodic_work_survives_a_clock_that_is_set_back():
    clock, ran = Clock(), []
    clock.now_ns = 1000
    periodic = Periodic(10, lambda: ran.append(clock.now_ns), clock)
    for clock.now_ns in (1000, 3, 8, 13):
        periodic.run_if_due()
    assert ran == [1000, 3, 13]


def test_the_loop_goes_on_at_once_when_simulated_time_begins_anew(make_node):
    loop, clock, ran = Loop(make_node()), Clock(), []
    clock.now_ns = 100 * S
    loop._work = [Periodic(10 * MS, lambda: ran.append(clock.now_ns), clock),
                  Periodic(500 * MS, lambda: ran.append(-clock.now_ns), clock, patient=True)]
    for clock.now_ns in (*range(100 * S, 101 * S, MS), *range(0, S, MS)):
        loop._run_due()
    ticks = [at for at in ran if at > 0]
    assert max(b - a for a, b in zip(ticks, ticks[1:])) <= 20 * MS
    assert len(ticks) == 199 and len(ran) - len(ticks) in (4, 5)


def test_patient_work_leaves_room_for_work_that_cannot_wait(make_node):
    clock, ran, loop = Clock(), [], Loop(make_node())
    clock.now_ns = 0

    def work(name, period_ms, due_ms, patient):
        made = Periodic(period_ms * MS, lambda: ran.append((name, clock.now_ns // MS)), clock,
                        patient)
        made.due_ns = due_ms * MS
        return made
    loop._work = [work('patient', 50, 8, True), work('urgent', 10, 10, False)]
    for now_ms in range(0, 80):
        clock.now_ns = now_ms * MS
        loop._run_due()
    assert [at for name, at in ran if name == 'urgent'] == list(range(10, 80, 10))
    assert [at for name, at in ran if name == 'patient'] == [11, 61]
    loop._work = [work('late', 20, 80, True), work('urgent', 2, 80, False)]
    ran.clear()
    for now_ms in range(80, 130):
        clock.now_ns = now_ms * MS
        loop._run_due()
    assert [at for name, at in ran if name == 'late'] == [100]


def test_the_loop_runs_work_signals_and_stops(make_node):
    loop, ran = Loop(make_node()), []
    signal = loop.signal(lambda: ran.append(threading.current_thread()))
    loop.every(5_000_000, lambda: ran.append('tick'))
    worker = threading.Thread(target=signal)
    worker.start()
    loop.every(300_000_000, lambda: ran.count('tick') > 2 and loop.stop())
    loop.spin()
    worker.join()
    assert threading.main_thread() in ran and ran.count('tick') > 2


def test_cancelled_work_does_not_run_in_the_same_round(make_node):
    loop, ran = Loop(make_node()), []
    loop.every(1, lambda: loop.cancel(later) or loop.stop())
    later = loop.every(1, lambda: ran.append(1))
    loop.spin()
    assert ran == []


def test_an_inbox_keeps_the_newest_and_drops_what_it_cannot_read(make_node):
    node = make_node()

    def convert(message):
        if message.data < 0:
            raise MessageError('data', message.data, 'a positive number')
        return message.data
    gate = Loop(node).gate
    all_of, newest = (Inbox(node, Int32, 'number', qos, convert, gate) for qos in (EVENTS, SENSOR))
    publisher = node.create_publisher(Int32, 'number', 10)
    end_s = time.monotonic() + 10.0
    while publisher.get_subscription_count() < 2:
        assert time.monotonic() < end_s
    for value in (1, -2, 3):
        publisher.publish(Int32(data=value))
    seen = []
    while len(seen) < 2:
        assert time.monotonic() < end_s
        seen += all_of.take()
    assert seen == [1, 3] and all_of.rejected == 1 and all_of.problem.startswith('data is -2')
    assert newest.newest() == 3 and newest.newest() is None


def test_requests_are_noticed_before_they_are_served(make_node):
    server, caller = make_node(), make_node()
    executor = ServiceExecutor(context=server.context)
    executor.add_node(server)
    server.create_service(Trigger, 'work', lambda request, response: response)
    client = caller.create_client(Trigger, 'work')
    assert client.wait_for_service(timeout_sec=10.0)
    end_s = time.monotonic() + 10.0
    while executor.spin_once(0):
        assert time.monotonic() < end_s
    assert not executor.requested()
    client.call_async(Trigger.Request())
    while not executor.requested():
        assert time.monotonic() < end_s
    assert executor.requested()             # it took nothing
    while executor.requested():
        assert executor.spin_once(0) and time.monotonic() < end_s
    executor.shutdown()


def test_joint_states_of_two_drivers_are_both_read(make_node):
    node, found = make_node(), []
    node.inbox = lambda *about: Inbox(node, *about)
    of_policy, = source_inboxes(node, [Source('joint_states', 'joint_state')]).values()
    kind, qos, read = INPUTS['joint_states']
    inboxes = (of_policy, Inbox(node, kind, 'joint_states', qos, read))
    arm, gripper = (node.create_publisher(kind, 'joint_states', 10) for _ in range(2))
    end_s = time.monotonic() + 10.0
    while min(arm.get_subscription_count(), gripper.get_subscription_count()) < 2:
        assert time.monotonic() < end_s
    arm.publish(kind(name=['elbow'], position=[0.5]))
    gripper.publish(kind(name=['finger'], position=[0.01]))
    while len(found) < 4:
        assert time.monotonic() < end_s
        found += [(inbox, state.names) for inbox in inboxes for state in inbox.take()]
    assert set(found) == {(inbox, (name,)) for inbox in inboxes for name in ('elbow', 'finger')}


def test_parameters_are_declared_with_ranges(make_node):
    node = make_node(rate_hz=20, mode='fast')
    declare(node, TABLE)
    assert node.get_parameter('rate_hz').value == 20.0
    bounds = node.describe_parameter('rate_hz').floating_point_range[0]
    assert (bounds.from_value, bounds.to_value) == (1.0, 100.0)


@pytest.mark.parametrize('overrides, text', [
    ({'rate_hz': 0.0}, 'rate_hz of test is 0.0; expected 1 to 100'),
    ({'rate_hz': float('nan')}, 'rate_hz of test is nan'),
    ({'rate_hz': '10'}, "is '10'; expected a number"),
    ({'rate_hz': True}, 'is True; expected a number'),
    ({'mode': 'quick'}, "is 'quick'; expected one of slow, fast"),
    ({'rates_hz': 1.0}, 'rates_hz of test is 1.0; expected one of bundle, mode, model, rate_hz'),
])
def test_wrong_overrides_are_refused(make_node, overrides, text):
    with pytest.raises(ConfigError, match=text):
        declare(make_node(**overrides), TABLE)


def test_changes_are_refused_at_the_wrong_time(make_node):
    node, state, changes = make_node(), ['unconfigured'], []
    declare(node, TABLE)
    watch(node, TABLE, lambda: state[0] == 'unconfigured',
          lambda name, value: changes.append((name, value)))

    def change(name, value):
        return node.set_parameters([RosParameter(name, value=value)])[0].successful
    assert change('bundle', 'a') and change('mode', 'fast')
    assert not change('mode', 'quick') and not change('rate_hz', 20.0)
    state[0] = 'active'
    assert not change('bundle', 'b') and change('mode', 'slow')
    assert changes == [('bundle', 'a'), ('mode', 'fast'), ('mode', 'slow')]
    both = [RosParameter('model', value='m'), RosParameter('mode', value='fast')]
    refused = node.set_parameters_atomically(both)
    assert 'model is set by itself' in refused.reason and len(changes) == 3
    assert change('model', 'm') and changes[-1] == ('model', 'm')


def test_a_meter_tells_rate_and_durations_since_it_was_read():
    meter = Meter('tick')
    meter.read(0)
    for duration_ns in (1_000_000, 3_000_000):
        meter.add(duration_ns)
    assert meter.read(500_000_000) == {'tick_hz': '4.0', 'tick_ms': '2.00', 'tick_max_ms': '3.00'}
    assert meter.read(1_000_000_000) == {'tick_hz': '0.0'}
