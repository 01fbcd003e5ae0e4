"""The arm's life: engage, follow, fall silent, resume, fault; each case by its cause."""
from guard_bench import Bench, limits, MS, TICK
import numpy as np
from physai_ros.core.errors import ConfigError, GuardError
from physai_ros.core.types import JointState
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
import pytest


def ramp(bench, speed=0.8, steps=20, start=None):
    """Send a straight motion from where the joints are."""
    start = bench.position if start is None else np.asarray(start)
    path = start + speed * 0.05 * np.arange(steps)[:, None]
    return bench.chunk(np.broadcast_to(path, (steps, len(bench.joints.names))))


def put_at_rest(bench):
    """Let the guard follow for a while and hold."""
    ramp(bench, speed=0.02, steps=4)
    bench.tick(100)
    assert bench.guard.state == HOLDING
    return bench


def test_a_dry_run_publishes_nothing_and_objects_to_nothing():
    bench = Bench(limits(2))
    bench.states()
    for _ in range(30):
        ramp(bench)
        outcome = bench.tick()
        assert (outcome.state, outcome.trajectory) == (DISENGAGED, None)
    assert bench.guard.objection(bench.now) is None
    bench.engage()
    ramp(bench)
    assert bench.tick().state == ENGAGED


def test_engaging_refuses_without_a_fresh_state_of_every_joint():
    bench = Bench(limits(2))
    with pytest.raises(GuardError, match='no fresh state of j0'):
        bench.guard.engage(bench.now)
    bench.states()
    with pytest.raises(GuardError, match='no fresh state of j0'):
        bench.guard.engage(bench.now + 101 * MS)
    bench.now += 200 * MS
    bench.states()
    bench.guard.engage(bench.now + 99 * MS)
    assert bench.guard.state == ENGAGED


def test_a_clock_set_back_right_after_engaging_is_noticed():
    bench = Bench(limits(1)).engage()
    bench.now -= 700 * MS
    assert bench.tick().trajectory is None         # whose state is older than the clock now says
    assert bench.tick().trajectory.stamp_ns <= bench.now


def test_engaging_refuses_far_outside_the_position_limits():
    bench = Bench(limits(1, 1.0), start=[1.2])
    with pytest.raises(GuardError, match='j0: measured position is 1.2'):
        bench.engage()
    assert bench.guard.state == DISENGAGED


def test_a_joint_a_little_outside_starts_from_its_limit():
    bench = Bench(limits(1, 1.0), start=[1.008]).engage()
    assert bench.tick().trajectory.positions.max() <= 1.0


def test_first_chunk_far_from_the_measured_pose_is_a_jump():      # lerobot #3954
    bench = Bench(limits(2), start=[0.1, 0.0]).engage()
    bench.hold_chunk([0.1, 0.5])
    outcome = bench.tick()
    assert outcome.state == FAULTED and outcome.trajectory is None
    assert 'jump: j1: first reference is 0.5; expected at most 0.35' in outcome.reason


def test_a_near_first_chunk_is_approached_smoothly():
    bench = Bench(limits(2), start=[0.1, 0.0]).engage()
    for _ in range(100):
        bench.hold_chunk([0.3, -0.3])
        bench.tick()
    assert bench.position == pytest.approx([0.3, -0.3], abs=1e-6)


def test_a_straight_motion_is_met_without_lag():
    bench = Bench(limits(1)).engage()
    start = bench.now
    for _ in range(120):
        now = (bench.now - start) / 1e9
        bench.chunk(0.5 * (now + 0.05 * np.arange(20))[:, None])
        bench.tick()
    assert bench.position[0] == pytest.approx(0.5 * (bench.now - start) / 1e9, abs=2e-3)
    assert bench.velocity[0] == pytest.approx(0.5, abs=1e-2)


def test_it_sets_off_when_the_promised_time_is_over():
    bench = Bench(limits(1)).engage()
    bench.tick()
    bench.hold_chunk([0.2], steps=20)
    first = bench.tick()
    assert first.state == ENGAGED and not first.trajectory.velocities.any()
    second = bench.tick().trajectory
    moving = second.times_ns[second.velocities[:, 0] != 0.0]
    assert second.stamp_ns + moving[0] == bench.now + bench.config.ns('commit_s')


def test_silence_brakes_when_the_chunk_runs_out():
    bench = Bench(limits(1), reference_max_age_s=1.0).engage()
    ramp(bench, steps=20)                       # its last action is due 0.95 s from here
    end = bench.now + 950 * MS
    while bench.tick().state == ENGAGED:
        pass
    assert end - 50 * MS <= bench.now <= end
    states = bench.trajectory
    times = states.stamp_ns + states.times_ns
    braking = times[np.argmax(states.accelerations[:, 0] < -1.0)]
    assert end <= braking <= end + 3 * TICK
    bench.tick(60)
    assert bench.velocity[0] == 0.0


def test_a_chunk_that_ends_in_the_committed_time_cuts_nothing():
    bench = Bench(limits(1)).engage()
    ramp(bench, steps=20)
    bench.tick(20)
    bench.hold_chunk(bench.position, steps=2, stamp=bench.now - 20 * MS)
    assert bench.guard.counters['late_chunks'] == 1
    assert bench.tick(10).state == ENGAGED


def test_a_model_that_died_is_not_followed_past_the_age_of_its_chunk():
    bench = Bench(limits(1), reference_max_age_s=0.3).engage()
    ramp(bench, steps=20)
    assert bench.tick(24).state == ENGAGED
    assert bench.tick(4).state == HOLDING


def test_holding_publishes_the_hold_point_at_every_tick():
    bench = Bench(limits(1)).engage()
    for _ in range(20):
        outcome = bench.tick()
        assert outcome.state == HOLDING and not outcome.trajectory.velocities.any()


def test_resuming_starts_from_the_measured_pose():                # moveit2 #1885
    bench = Bench(limits(2)).engage()
    ramp(bench)
    bench.tick(200)
    assert bench.guard.state == HOLDING
    pushed = bench.position - 0.2
    bench.put(pushed)                           # somebody moves the arm by hand
    bench.states()
    bench.hold_chunk(pushed)
    bench.observer.forget()
    outcome = bench.guard.tick(bench.now + MS)
    assert outcome.state == ENGAGED
    assert outcome.trajectory.positions[0] == pytest.approx(pushed)


def test_a_jump_after_a_hold_is_a_fault():
    bench = Bench(limits(1)).engage()
    bench.tick(5)
    bench.hold_chunk([0.5])
    assert bench.tick().reason.startswith('jump')


def test_actions_meant_for_joints_that_moved_meanwhile_are_not_set_off_with():
    bench = Bench(limits(1)).engage()
    bench.tick(5)
    bench.hold_chunk([0.5], stamp=bench.now - 300 * MS)
    assert bench.tick().state == HOLDING
    bench.hold_chunk([0.1])
    assert bench.tick().state == ENGAGED


def test_what_was_wanted_before_engaging_is_forgotten():
    bench = Bench(limits(1))
    bench.states()
    bench.hold_chunk([0.5])
    bench.engage()
    assert bench.tick().state == HOLDING


def test_an_observation_from_before_engaging_does_not_count():
    bench = Bench(limits(1)).engage()
    bench.chunk(np.full((20, 1), 0.2), stamp=bench.now - 150 * MS)
    assert bench.tick(10).state == HOLDING and bench.position[0] == 0.0
    bench.chunk(np.full((20, 1), 0.2))
    assert bench.tick(10).state == ENGAGED and bench.position[0] > 0.0


def test_a_stop_under_way_is_gone_on_from():
    bench = Bench(limits(1)).engage()
    ramp(bench, steps=8)
    bench.tick(40)
    assert bench.guard.state == HOLDING and bench.velocity[0] > 0.2
    bench.hold_chunk(bench.position + 0.1, steps=20)
    assert bench.tick().state == ENGAGED        # the observer sees that the seam is exact


def test_stale_joint_states_hold_and_fresh_ones_resume():         # grabette #89
    bench = Bench(limits(1)).engage()
    ramp(bench, steps=30)
    bench.tick(20)
    bench.report = False
    bench.tick(10)
    assert bench.guard.state == ENGAGED
    outcome = bench.tick()
    assert (outcome.state, outcome.reason) == (HOLDING, 'joint_states: no fresh state of j0')
    bench.report = True
    bench.tick(2)
    assert bench.guard.state == HOLDING         # blind meanwhile: it comes to rest first
    bench.tick(60)
    bench.hold_chunk(bench.position)
    assert bench.tick().state == ENGAGED


def test_a_robot_that_was_moved_while_its_state_was_lost_is_not_pulled_back():
    bench = put_at_rest(Bench(limits(2)).engage())
    bench.report = False
    bench.tick(12)
    assert [bench.tick().trajectory for _ in range(30)] == [None] * 30
    bench.put([1.0, -0.5])
    bench.report = True
    bench.observer.forget()
    outcome = bench.tick()
    assert outcome.state == HOLDING
    assert np.allclose(outcome.trajectory.positions, [1.0, -0.5])


def test_a_grasp_is_kept_when_the_state_was_lost():
    bench = put_at_rest(Bench(limits(1, 0.1, 0.1, 1.0, 20.0, prismatic=[True])).engage())
    held = bench.trajectory.positions[-1, 0]
    bench.move = lambda: None
    bench.put([held + 0.01])                                             # stopped by the object
    bench.tick()
    bench.report = False
    bench.tick(20)
    bench.report = True
    bench.observer.forget()
    assert np.allclose(bench.tick().trajectory.positions, held)


@pytest.mark.parametrize('seen, found, kept', [
    (0.01, 0.004, True),     # the object was squeezed, or taken away: the gripper holds on
    (0.01, 0.011, True),     # noise of the measurement
    (0.01, 0.02, False),     # opened meanwhile
    (0.0, 0.03, False),      # closed on nothing, and open now: another world
    (0.01, -0.01, False),    # beyond where it was told to go
])
def test_a_gripper_that_was_opened_while_its_state_was_lost_is_not_closed(seen, found, kept):
    bench = put_at_rest(Bench(limits(1, 0.1, 0.1, 1.0, 20.0, prismatic=[True])).engage())
    held = bench.trajectory.positions[-1, 0]
    bench.move = lambda: None
    bench.put([held + seen])
    bench.tick()
    bench.report = False
    bench.tick(20)
    bench.put([held + found])
    bench.report = True
    bench.observer.forget()
    assert np.allclose(bench.tick().trajectory.positions, held if kept else held + found)


def test_a_frozen_joint_is_a_tracking_fault():
    bench = Bench(limits(2), reference_max_age_s=1.0).engage()
    follow = bench.move

    def move():
        follow()
        bench.position[0] = bench.velocity[0] = 0.0
    bench.move = move
    ramp(bench, speed=0.5)
    outcome = bench.tick(94)                    # 0.3 rad away after about 0.65 s
    assert outcome.state == FAULTED
    assert outcome.reason.startswith('tracking: j0: distance from the plan is 0.4')


def test_a_gripper_stopped_by_what_it_grasps_is_no_fault():
    lim = limits(1, 0.1, 0.1, 1.0, 20.0, prismatic=[True])
    bench = Bench(lim, start=[0.045]).engage()
    bench.move = lambda: None                   # the object holds the finger where it is
    for _ in range(150):
        bench.hold_chunk([0.0])
        assert bench.tick().state == ENGAGED
    bench.tick(120)                             # silence, then the chunks come back
    assert bench.guard.state == HOLDING
    bench.hold_chunk([0.0])
    outcome = bench.tick()
    assert outcome.state == ENGAGED
    assert outcome.trajectory.positions[0] == pytest.approx([0.0], abs=1e-3)


def test_the_estop_brakes_and_latches():
    bench = Bench(limits(1)).engage()
    ramp(bench)
    bench.tick(30)
    bench.guard.on_estop(True)
    assert bench.guard.state == FAULTED
    assert bench.tick().trajectory is not None
    bench.tick(60)
    assert bench.velocity[0] == 0.0 and bench.tick().trajectory is None
    with pytest.raises(GuardError, match='e-stop'):
        bench.guard.reset_fault(bench.now)
    bench.guard.on_estop(False)
    assert bench.tick().state == FAULTED
    bench.guard.reset_fault(bench.now)
    assert bench.tick().state == DISENGAGED


def test_an_estop_pressed_while_faulted_still_refuses_the_reset():
    bench = Bench(limits(1))
    bench.hold_chunk([np.nan])
    bench.guard.on_estop(True)
    with pytest.raises(GuardError, match='e-stop'):
        bench.guard.reset_fault(bench.now)
    assert bench.guard.faults == {'non_finite': 1, 'estop': 1}


@pytest.mark.parametrize('action', ['disengage', 'stop'])
def test_disengaging_in_motion_publishes_the_stop_to_its_end(action):
    bench = Bench(limits(1)).engage()
    ramp(bench)
    bench.tick(30)
    getattr(bench.guard, action)(bench.now)
    outcome = bench.tick()
    assert outcome.state == DISENGAGED and outcome.trajectory is not None
    bench.tick(50)
    assert bench.velocity[0] == 0.0
    assert bench.tick().trajectory is None


def test_joints_that_a_chunk_does_not_name_hold():
    bench = Bench(limits(2), start=[0.3, 0.4]).engage()
    for _ in range(80):
        bench.hold_chunk([0.5], names=('j1',))
        bench.tick()
    assert bench.position == pytest.approx([0.3, 0.5], abs=1e-6)


def test_a_late_tick_goes_on_from_what_the_controller_did_meanwhile():
    bench = Bench(limits(1)).engage()
    ramp(bench, steps=40)
    bench.tick(40)
    speed = bench.velocity[0]
    bench.tick(1, dt=120 * MS)                  # SIGSTOP: the controller is on its way to rest
    assert bench.velocity[0] < 0.7 * speed
    bench.tick(1, dt=3_000 * MS)
    assert bench.velocity[0] == 0.0


def test_a_clock_set_back_brakes_and_resumes():
    bench = Bench(limits(1)).engage()
    ramp(bench, steps=40)
    bench.tick(30)
    bench.now -= 500 * MS
    bench.trajectory, bench.report = None, False
    bench.observer.forget()
    outcome = bench.tick()
    assert outcome.state == HOLDING and bench.guard.counters['clock_set_back'] == 1
    bench.report = True
    bench.tick(60)
    bench.hold_chunk(bench.position)
    assert bench.tick().state == ENGAGED


def test_a_clock_that_leaps_ahead_leaves_the_arm_at_rest():
    bench = Bench(limits(1)).engage()
    ramp(bench)
    bench.tick(20)
    bench.tick(1, dt=3_600_000 * MS)
    assert bench.guard.state == HOLDING
    assert bench.tick().trajectory.velocities.any() == 0


def test_the_joint_limit_is_never_passed_whatever_is_asked():
    bench = Bench(limits(1, 1.0), start=[0.0]).engage()
    for k in range(60):
        bench.chunk(np.full((20, 1), min(0.3 + 0.02 * k, 1.15)) + 0.02 * (-1) ** k)
        bench.tick(3)
    assert 0.9 < bench.position[0] < 1.0


def test_a_ruckig_that_fails_or_lies_means_braking(monkeypatch):
    class Liar:
        """A motion that is nowhere."""

        def at_time(self, _):
            return [np.nan], [np.nan], [np.nan]

    bench = Bench(limits(1)).engage()
    ramp(bench)
    bench.tick(20)
    shaper = bench.guard._arm.shaper
    monkeypatch.setattr(shaper, '_ruckig', type('Ruckig', (), {'calculate': lambda *_: None})())
    monkeypatch.setattr(shaper, '_motion', Liar())
    bench.tick(60)
    assert bench.velocity[0] == 0.0
    assert bench.guard.counters['shaper_failed'] >= 20


@pytest.mark.parametrize('offset, side', [(-500 * MS, 'behind'), (500 * MS, 'ahead of')])
def test_stamps_of_another_clock_are_told_as_such(offset, side):
    bench = Bench(limits(1))

    def states():
        bench.guard.on_joint_state(JointState(bench.now + offset, ('j0',), bench.position,
                                              bench.velocity))
    bench.states = states
    for _ in range(10):
        bench.tick()
        with pytest.raises(GuardError, match=f'fresh state of j0, as their stamps are {side}'):
            bench.engage()


@pytest.mark.parametrize('stamp, why', [
    (lambda now: now - 1500 * MS, 'are behind the clock of this computer: synchronise'),
    (lambda now: 0, 'are zero: the driver has to stamp them')])
def test_stamps_that_go_wrong_while_the_robot_works_are_told_too(stamp, why):
    bench = Bench(limits(1)).engage()
    bench.tick(50)
    bench.states = lambda: bench.guard.on_joint_state(
        JointState(stamp(bench.now), ('j0',), bench.position, bench.velocity))
    bench.tick(20)
    assert bench.tick().reason == f'joint_states: no fresh state of j0, as their stamps {why}' + (
        ' the clocks' if 'synchronise' in why else '')


def test_a_silence_is_not_taken_for_another_clock():
    bench = Bench(limits(1)).engage()
    bench.tick(5)
    bench.report = False
    assert {bench.tick().reason for _ in range(60)} <= {
        'no fresh chunk', 'joint_states: no fresh state of j0'}


def test_a_state_from_the_future_is_not_fresh():
    bench = Bench(limits(1))
    bench.guard.on_joint_state(JointState(bench.now + 60 * MS, ('j0',), np.zeros(1)))
    with pytest.raises(GuardError, match='no fresh state'):
        bench.guard.engage(bench.now)


def test_a_gripper_that_was_moved_far_by_hand_is_not_pulled_back():
    bench = Bench(limits(2, 0.5, prismatic=[False, True])).engage()
    bench.hold_chunk([0.0, 0.0], steps=4)
    bench.tick(5)
    bench.report = False
    bench.tick(40)
    bench.trajectory, bench.report = None, True
    bench.position = np.array([0.0, 0.2])
    bench.observer.forget()
    assert bench.tick().trajectory.positions[:, 1] == pytest.approx(0.2)


@pytest.mark.parametrize('period_s, commit_s', [(0.01, 0.5), (0.002, 0.1)])
def test_the_plan_is_remembered_as_long_as_it_is_needed(period_s, commit_s):
    bench = Bench(limits(1, velocity=1.0, jerk=1000.0), control_period_s=period_s,
                  commit_s=commit_s, reference_max_age_s=2.0).engage()
    tick = round(period_s * 1e9)
    for k in range(1300):                       # more than fit into its buffer
        if k % 5 == 0:
            bench.hold_chunk([0.0], steps=40)
        bench.tick(dt=tick)                     # the observer looks when the plan begins
        if k * tick > 1000 * MS:
            assert bench.guard._arm.shaper.at(bench.now - 90 * MS) is not None


def test_more_than_a_second_is_not_promised():
    with pytest.raises(ConfigError, match='commit_s'):
        Bench(limits(1), commit_s=5.0)


def test_it_sets_off_from_rest_only_when_the_measured_state_is_of_a_robot_at_rest():
    bench = Bench(limits(1)).engage()
    past, late = [], 6

    def states():
        past.append(JointState(bench.now, bench.joints.names, bench.position.copy(),
                               bench.velocity.copy()))
        bench.guard.on_joint_state(past[max(len(past) - 1 - late, 0)])
    bench.states = states
    goal = 0.15
    for _ in range(6):
        for _ in range(20):
            bench.hold_chunk([goal])
            bench.tick()
        while bench.velocity.any() or bench.guard._arm.moving(bench.now):
            bench.hold_chunk([goal])
            bench.tick(hold='wait')
        goal = -goal
        bench.hold_chunk([bench.position[0]])
        bench.tick()                            # the observer sees a plan that begins elsewhere
    assert bench.observer.checked > 100


def test_the_tick_of_a_fault_brakes_already():
    bench = Bench(limits(1), tracking_tolerance_rad=0.02, tracking_time_s=0.02).engage()
    bench.move = lambda: None                   # it is blocked
    outcome = bench.tick()
    while outcome.state != FAULTED:
        bench.chunk(0.3 * np.sin((bench.now / 1e9 - 1.0) + 0.05 * np.arange(20)[:, None]))
        outcome = bench.tick()
    assert outcome.reason.startswith('tracking') and outcome.trajectory is not None
