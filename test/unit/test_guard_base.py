"""The base: limited twists, a stop on silence, a resume from the odometry."""
from guard_bench import base_limits, Bench, limits, MS, TICK
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.guard.base_shaper import BaseShaper
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
import pytest


def within_limits(twists, limits):
    """Assert finite velocities and limited first and second differences, by their stamps."""
    stamps, values = zip(*dict(twists).items())
    stamps, values = np.array(stamps), np.array(values)
    assert (np.diff(stamps) % TICK == 0).all() and np.isfinite(values).all()
    one = 1 + 1e-6
    assert (np.abs(values) <= limits.velocity * one + 1e-9).all()
    slopes = np.diff(values, axis=0) / (np.diff(stamps)[:, None] / 1e9)
    assert (np.abs(slopes) <= limits.acceleration * one + 1e-9).all()
    bends = np.diff(slopes, axis=0) / 0.01
    assert (np.abs(bends) <= limits.jerk * one + 1e-6).all()


def drive(bench, twist, ticks):
    """Follow a twist for some ticks."""
    for _ in range(ticks):
        bench.twist_chunk([twist] * 10)
        outcome = bench.tick()
    return outcome


def test_twists_are_shaped_and_silence_stops_the_base():
    bench = Bench(base=base_limits()).engage()
    assert drive(bench, [0.5, 0.0, 1.0], 150).state == ENGAGED
    assert bench.twist == pytest.approx([0.5, 0.0, 1.0])
    outcome = bench.tick(200)
    assert (outcome.state, outcome.reason) == (HOLDING, 'no fresh chunk')
    assert outcome.twist.velocity.tolist() == [0.0, 0.0, 0.0]
    within_limits(bench.twists, bench.base)


def test_braking_begins_when_the_chunk_runs_out():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    end = bench.now - TICK + 500 * MS           # the last chunk's last action runs out
    while bench.twist[0] >= 0.5 - 1e-9:
        bench.tick()
    assert end <= bench.now <= end + 2 * TICK


@pytest.mark.parametrize('twist, axis', [
    ([0.2, 0.0, 0.0], 'linear_x'), ([-0.2, 0.0, 0.0], 'linear_x'), ([0.3, 0.0, 0.5], 'angular_z')])
def test_a_base_that_does_not_move_at_all_is_a_fault(twist, axis):
    bench = Bench(base=base_limits()).engage()
    drive(bench, twist, 40)
    report = bench.states

    def stuck():                                # blocked, or its driver hears nothing
        bench.twist = bench.twist * (np.arange(3) != (0 if axis == 'linear_x' else 2))
        report()
    bench.states = stuck
    ticks = next(k for k in range(200) if drive(bench, twist, 1).state == FAULTED)
    assert 30 <= ticks <= 90
    assert f'base {axis}: speed that it was told, and stands' in bench.guard.reason
    bench.tick(100)
    assert not bench.guard._base.moving(bench.now)


def test_a_base_that_answers_late_is_not_stuck():
    bench = Bench(base=base_limits()).engage()
    report, late = bench.states, [np.zeros(3)] * 30

    def lagging():
        late.append(bench.twist)
        bench.twist = late.pop(0)
        report()
    bench.states = lagging
    for twist in ([0.5, 0.0, 0.0], [-0.5, 0.0, 0.0], [0.0, 0.0, 1.0]):
        assert drive(bench, twist, 200).state == ENGAGED


def test_a_base_that_is_told_to_creep_may_stand():
    bench = Bench(base=base_limits()).engage()
    report = bench.states

    def stands():
        bench.twist = np.zeros(3)
        report()
    bench.states = stands
    assert drive(bench, [0.1, 0.0, 0.0], 200).state == ENGAGED


@pytest.mark.parametrize('hold', ['', 'no heartbeat of policy'])
def test_a_stop_goes_on_to_rest_before_it_follows_again(hold):
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.report = bool(hold)                   # without a reason to hold, odometry is stale
    while bench.tick(hold=hold).state == ENGAGED or bench.twist[0] > 0.4:
        bench.twist_chunk([[0.5, 0.0, 0.0]] * 10)
    bench.report, speeds = True, []             # by then of a driver that was started anew
    for _ in range(150):
        outcome = drive(bench, [0.5, 0.0, 0.0], 1)
        speeds.append(bench.twist[0])
    rest = speeds.index(0.0)
    assert (np.diff(speeds[:rest]) < 0.0).all()
    assert outcome.state == ENGAGED and bench.twist[0] == pytest.approx(0.5)
    within_limits(bench.twists, bench.base)


@pytest.mark.parametrize('pause_ms, goes_on', [(150, True), (450, True), (600, False)])
def test_after_a_pause_without_odometry_it_brakes_from_what_the_consumer_drives_with(
        pause_ms, goes_on):
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.report = False
    bench.tick(15)                              # odometry is late, not stale
    told = bench.twist[0]
    outcome = bench.tick(dt=pause_ms * MS)      # and the guard did not run
    assert outcome.reason.startswith('odom: no fresh velocity')
    assert outcome.twist.velocity[0] == (told if goes_on else 0.0)  # else it has timed out
    bench.twists.clear()
    assert not bench.tick(150).twist.velocity.any()
    within_limits(bench.twists, bench.base)


def test_an_axis_without_a_velocity_limit_does_not_move():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.0, 0.3, 0.0], 50)
    assert not bench.twist.any()


def test_a_step_to_the_limits_and_back_stays_within_them():
    bench = Bench(base=base_limits()).engage()
    for sign in (1, -1, 1):
        drive(bench, [0.6 * sign, 0.0, 1.5 * -sign], 70)
    within_limits(bench.twists, bench.base)


def test_a_moving_base_is_taken_over_at_its_speed():
    bench = Bench(base=base_limits())
    bench.twist = np.array([0.4, 0.0, 0.0])
    bench.engage()
    assert bench.tick().twist.velocity[0] == pytest.approx(0.4, abs=0.01)
    bench.tick(100)
    assert not bench.twist.any()


def test_stale_odometry_stops_the_base():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.report = False
    outcome = drive(bench, [0.5, 0.0, 0.0], 21)
    assert (outcome.state, outcome.reason) == (HOLDING, 'odom: no fresh velocity')
    drive(bench, [0.5, 0.0, 0.0], 100)
    assert not bench.twist.any()


def test_a_base_that_was_told_to_stand_sets_off_from_there_whatever_odometry_says():
    bench = Bench(base=base_limits()).engage()
    bench.tick(30)
    bench.twist = np.array([0.4, 0.0, 0.0])
    outcome = drive(bench, [0.5, 0.0, 0.0], 1)
    assert outcome.state == ENGAGED and outcome.twist.velocity[0] < 0.01
    within_limits(bench.twists, bench.base)


def test_engaging_refuses_without_odometry():
    with pytest.raises(GuardError, match='odom'):
        Bench(base=base_limits()).guard.engage(0)


def test_after_a_long_pause_the_base_starts_from_its_odometry():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.now += 2_000 * MS                     # the consumer timed out and stopped
    bench.twist = np.zeros(3)
    outcome = drive(bench, [0.5, 0.0, 0.0], 1)
    assert abs(outcome.twist.velocity[0]) < 0.02


def test_after_a_pause_inside_a_chunk_it_goes_on_from_the_measured_speed():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.now += 300 * MS                       # the chunk still says 0.5
    bench.twist = np.array([0.2, 0.0, 0.0])
    assert bench.tick().twist.velocity[0] == pytest.approx(0.2, abs=0.02)


def test_after_a_long_pause_without_odometry_it_starts_from_zero():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.report = False
    bench.now += 2_000 * MS
    assert not bench.tick().twist.velocity.any()


def test_disengaging_brakes_to_zero_and_falls_silent():
    bench = Bench(base=base_limits()).engage()
    drive(bench, [0.5, 0.0, 0.0], 100)
    bench.guard.disengage(bench.now)
    outcome = bench.tick()
    assert outcome.state == DISENGAGED and outcome.twist is not None
    bench.tick(100)
    assert not bench.twists[-1][1].any() and bench.tick().twist is None
    within_limits(bench.twists, bench.base)


def test_arm_and_base_under_one_guard():
    bench = Bench(limits(2), base_limits()).engage()
    bench.hold_chunk([0.2, 0.2], steps=20)
    outcome = drive(bench, [0.3, 0.0, 0.0], 40)
    assert outcome.trajectory is not None and outcome.twist.velocity[0] > 0.2
    bench.now += MS
    bench.hold_chunk([np.nan, 0.0])             # the arm's fault stops the base as well
    assert bench.tick().state == FAULTED
    bench.tick(100)
    assert not bench.twist.any()


@pytest.mark.parametrize('speed', [1e-9, 1.5e-35, 5e-324, -1e-12])
def test_a_base_that_all_but_stands_comes_to_rest(speed):
    shaper = BaseShaper(base_limits(), TICK)
    shaper.start(0, np.array([0.0, 0.0, speed]))
    for _ in range(20):
        shaper.step(np.zeros(3))
    assert shaper.at_rest


def test_a_ruckig_that_fails_means_braking(monkeypatch):
    shaper = BaseShaper(base_limits(), TICK)
    shaper.start(0, np.array([0.5, 0.0, 1.0]))
    monkeypatch.setattr(shaper, '_motion', type('Liar', (), {
        'at_time': lambda *_: ([0] * 3, [9.0] * 3, [0] * 3)})())
    monkeypatch.setattr(shaper, '_ruckig', type('Ruckig', (), {'calculate': lambda *_: None})())
    twists = []
    for _ in range(100):
        shaper.step(np.ones(3))
        twists.append((shaper.time_ns, shaper.velocity))
    assert shaper.at_rest and shaper.failed == 100
    within_limits(twists, base_limits())


def test_a_twist_that_comes_just_before_a_tick_counts_in_that_tick():
    bench = Bench(base=base_limits()).engage()
    bench.tick(3)
    bench.tick(dt=9 * MS)  # from now on the ticks come 9 ms after the guard's own grid
    bench.tick(3)
    bench.now += 6 * MS
    bench.states()
    bench.twist_chunk([[0.2, 0.0, 0.0]] * 10, stamp=bench.now - MS)
    assert bench.tick(dt=4 * MS).twist.velocity[0] > 0.0


def stop(bench):
    bench.guard.stop(bench.now)


def fault(bench):
    bench.guard.on_estop(True)
    bench.tick()
    bench.guard.on_estop(False)
    bench.guard.reset_fault(bench.now)


@pytest.mark.parametrize('end', [stop, fault])
def test_what_was_wanted_before_engaging_is_forgotten(end):
    bench = Bench(None, base_limits()).engage()
    bench.twist_chunk([[0.5, 0, 0]] * 12)
    assert bench.tick(10).state == ENGAGED
    end(bench)
    bench.engage()
    assert bench.tick(60).state == HOLDING and not bench.twist.any()
    bench.twist_chunk([[0.5, 0, 0]] * 12)
    assert bench.tick(10).state == ENGAGED and bench.twist[0] > 0.0


def test_at_rest_it_does_not_set_off_on_old_actions():
    bench = Bench(None, base_limits()).engage()
    bench.twist_chunk([[0.5, 0, 0]] * 20)
    bench.tick(10)
    assert bench.tick(30, hold='wait').state == HOLDING and not bench.twist.any()
    assert bench.tick(2).state == HOLDING and not bench.twist.any()
    bench.twist_chunk([[0.5, 0, 0]] * 20)
    assert bench.tick(10).state == ENGAGED and bench.twist[0] > 0.0
