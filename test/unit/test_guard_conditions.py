"""Each condition of the table: it stops the robot, latches or not, and is cleared as it says."""
from guard_bench import base_limits, Bench, limits, MS
import numpy as np
from physai_ros.core.types import JointState, Odometry
from physai_ros.guard import states
from physai_ros.guard.limits import JointLimits
from physai_ros.guard.permission import Permission, pressed
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
import pytest
from test_guard_collision import drive, pincers

S = 1_000_000_000


def strong(count=1):
    """Return limits of joints that may push with 5 Nm."""
    lim = limits(count)
    return JointLimits(lim.names, lim.lower, lim.upper, lim.velocity, lim.acceleration, lim.jerk,
                       lim.prismatic, np.full(count, 5.0))


def following(bench):
    """Bring a bench to follow a chunk."""
    bench.engage().hold_chunk(bench.position, steps=40)
    assert bench.tick(3).state == ENGAGED
    return bench


def push(bench, effort):
    """Let half a second and more pass while the joints push."""
    bench.report = False
    for _ in range(60):
        bench.now += 10 * MS
        bench.hold_chunk(bench.position, steps=40)
        bench.guard.on_joint_state(JointState(bench.now, bench.joints.names, bench.position,
                                              bench.velocity, np.full(1, effort)))
        outcome = bench.guard.tick(bench.now)
    bench.report = True
    return outcome


def drift(bench, measured):
    """Let a base measure another twist than it is told."""
    bench.states = lambda: bench.guard.on_odometry(Odometry(
        bench.now, np.zeros(3), np.array([1.0, 0, 0, 0]), np.array([measured, 0.0, 0.0]),
        np.zeros(3)))
    for _ in range(30):
        bench.twist_chunk([[0.5, 0.0, 0.0]] * 10)
        outcome = bench.tick(10)
    return outcome


def contact():
    """Let two links be measured where they touch."""
    bench = pincers([0.5, -0.5, 0.0]).engage()
    drive(bench, [0.5, -0.5, 0.0], 5)
    bench.move, bench.position = lambda: None, np.array([-0.9, 0.9, 0.0])
    bench.tick(8)
    bench.position = np.array([0.5, -0.5, 0.0])
    return bench


def blocked():
    """Let a joint stay where it is while its plan goes on."""
    bench = following(Bench(limits(1)))
    bench.move = lambda: None
    for k in range(100):
        bench.hold_chunk([0.02 * k])
        bench.tick()
    bench.chunk([[0.0], [0.0]])
    return bench


def nan():
    bench = following(Bench(limits(1)))
    bench.hold_chunk([np.nan])
    return bench


def outside():
    bench = following(Bench(limits(1)))
    bench.hold_chunk([90.0])                       # degrees for radians
    return bench


def jump():
    bench = Bench(limits(1)).engage()
    bench.hold_chunk([1.0])
    return bench


def pushing():
    bench = following(Bench(strong()))
    assert push(bench, 5.0).state == ENGAGED
    push(bench, 6.0)
    return bench


def estop():
    bench = following(Bench(limits(1)))
    bench.guard.on_estop(True)
    return bench


FAULTS = {'non_finite': nan, 'limit': outside, 'jump': jump, 'tracking': blocked,
          'effort': pushing, 'collision': contact, 'estop': estop}


@pytest.mark.parametrize('name', states.FAULTS)
def test_a_fault_latches_until_reset_and_only_reset_clears_it(name):
    bench = FAULTS[name]()
    outcome = bench.tick()
    assert (outcome.state, outcome.reason.split(':')[0]) == (FAULTED, name)
    bench.tick(60)
    with pytest.raises(states.GuardError):
        bench.guard.engage(bench.now)
    if name == 'estop':
        with pytest.raises(states.GuardError):
            bench.guard.reset_fault(bench.now)
        bench.guard.on_estop(False)
        assert bench.tick().state == FAULTED
    bench.guard.reset_fault(bench.now)
    assert bench.tick().state == DISENGAGED
    bench.observer.forget()
    bench.engage()
    assert bench.tick().state in (ENGAGED, HOLDING)


def test_a_fault_that_is_back_before_the_next_tick_is_told_again():
    bench = estop()
    assert bench.tick().changed and not bench.tick().changed
    bench.guard.on_estop(False)
    bench.guard.reset_fault(bench.now)
    bench.guard.on_estop(True)
    outcome = bench.tick()
    assert outcome.state == FAULTED and outcome.changed and not bench.tick().changed


def test_a_robot_whose_state_was_lost_for_long_is_engaged_by_somebody():
    bench = following(Bench(limits(1), resume_within_s=2.0))
    bench.report = False
    assert bench.tick(190).state == HOLDING
    bench.report = True
    bench.hold_chunk(bench.position)
    assert bench.tick(3).state == ENGAGED
    bench.report = False
    outcome = bench.tick(230)
    assert outcome.state == DISENGAGED
    assert 'for over 2 s: it has to be engaged again' in outcome.reason
    bench.report = True
    bench.hold_chunk(bench.position)
    assert bench.tick(50).state == DISENGAGED
    bench.engage()
    bench.hold_chunk(bench.position)
    assert bench.tick(3).state == ENGAGED


def test_every_condition_of_the_table_has_a_test():
    holds = {'no_chunk', 'stale', 'unheard', 'collision_ahead', 'silent_node', 'silent_estop',
             'deadman'}
    assert {*FAULTS, *holds} == set(states.CONDITIONS)
    assert {n for n in states.CONDITIONS if not states.CONDITIONS[n].latches} == holds


@pytest.mark.parametrize('hold', ['no heartbeat of policy', 'deadman switch: not held',
                                  'e-stop: its line is silent', 'nobody listens to /r/cmd_vel'])
def test_a_hold_ends_by_itself(hold):
    bench = following(Bench(limits(1)))
    outcome = bench.tick(hold=hold)
    assert (outcome.state, outcome.reason) == (HOLDING, hold)
    bench.hold_chunk(bench.position)
    assert bench.tick(2).state == ENGAGED


def test_a_deadman_switch_holds_unless_it_is_held_right_now():
    permission = Permission(deadman_ns=S // 5)
    assert permission.missing(0) == 'deadman switch: not held'
    permission.on_deadman(True, S)
    assert permission.missing(S + S // 5) == ''
    assert permission.missing(S + S // 5 + 1) == 'deadman switch: not held'
    permission.on_deadman(True, 2 * S)
    permission.on_deadman(False, 2 * S + 1)
    assert permission.missing(2 * S + 2) == 'deadman switch: not held'


def test_a_cut_line_of_the_estop_holds():
    permission = Permission(estop_ns=S)
    assert permission.missing(0) == 'e-stop: its line is silent'
    permission.on_estop_line(S)
    assert permission.missing(2 * S) == ''
    assert permission.missing(2 * S + 1) == 'e-stop: its line is silent'


def test_without_either_nothing_is_missing():
    assert Permission().missing(0) == ''


def test_a_button_that_a_joystick_lacks_is_not_pressed():
    assert pressed([0, 1], 1)
    assert not pressed([0, 1], 0) and not pressed([0, 1], 7)


@pytest.mark.parametrize('measured, state', [(0.5, ENGAGED), (0.3, ENGAGED), (0.0, FAULTED)])
def test_a_base_that_does_not_follow_is_a_tracking_fault(measured, state):
    bench = Bench(None, base_limits())
    bench.engage()
    outcome = drift(bench, measured)
    assert outcome.state == state
    assert state == ENGAGED or outcome.reason.startswith('tracking: base linear_x')


def test_efforts_count_whoever_reports_them():
    bench = following(Bench(strong(2)))
    bench.report = False
    for _ in range(60):
        bench.now += 10 * MS
        bench.hold_chunk(bench.position, steps=40)
        for name, effort in (('j0', None), ('j1', np.array([9.0]))):
            bench.guard.on_joint_state(JointState(
                bench.now, (name,), np.zeros(1), np.zeros(1), effort))
        outcome = bench.guard.tick(bench.now)
    assert outcome.state == FAULTED and 'effort: j1' in outcome.reason
