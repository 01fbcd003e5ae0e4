"""A plan that nobody hears is given up; joints that are late, or sag, are no reason to."""
from collections import deque

from guard_bench import Bench, limits, MS
import numpy as np
from physai_ros.core.types import JointState
from physai_ros.guard.states import ENGAGED, FAULTED, HOLDING
import pytest

DEAF = 'tracking: no joint of its controller moves'


def swing(bench, speed, at_ns=None):
    """Send the next half second of a motion to and fro at up to ``speed``."""
    t = ((bench.now if at_ns is None else at_ns) - 1_000_000_000) / 1e9 + 0.05 * np.arange(10)
    path = 0.4 * (1 - np.cos(speed / 0.4 * t))
    bench.chunk(np.tile(path[:, None], (1, len(bench.joints.names))))


def until_faulted(bench, speed, ticks=300):
    for _ in range(ticks):
        swing(bench, speed)
        outcome = bench.tick()
        if outcome.state == FAULTED:
            break
    return outcome


@pytest.mark.parametrize('speed', [0.1, 1.0])
def test_a_controller_that_is_not_active_is_noticed_before_the_plan_is_far_away(speed):
    bench = Bench(limits(2)).engage()
    bench.move = lambda: None
    outcome = until_faulted(bench, speed)
    assert outcome.state == FAULTED and outcome.trajectory is None
    assert outcome.reason.startswith(f'{DEAF}; j0: distance from the plan')
    ahead = np.abs(bench.trajectory.positions[0]).max()
    assert 0.05 < ahead < 0.05 + 0.16 * speed + 0.01     # 0.1 s to respond, looked at each 50 ms
    assert bench.tick(50).trajectory is None


def test_a_link_cut_in_motion_is_noticed_and_mended_without_a_jump():
    bench = Bench(limits(2)).engage()
    for _ in range(30):
        swing(bench, 1.0)
        bench.tick()
    heard, follow = bench.trajectory, bench.move

    def deaf():
        now, bench.trajectory = bench.trajectory, heard
        follow()
        bench.trajectory = now
    bench.move = deaf
    assert until_faulted(bench, 1.0).trajectory is None
    assert not bench.velocity.any()                      # it came to rest by what it heard last
    bench.move = follow
    bench.guard.reset_fault(bench.now)
    bench.observer.forget()
    assert np.array_equal(bench.engage().tick().trajectory.positions[0], heard.positions[-1])


@pytest.mark.parametrize('late', [0, 4, 9])
@pytest.mark.parametrize('sag', [0.0, 0.08])
def test_joints_that_follow_late_or_sag_do_not_count_as_deaf(late, sag):
    bench = Bench(limits(2)).engage()
    swing(bench, 1.2)
    bench.tick()
    follow, waiting = bench.move, deque([(np.zeros(2), np.zeros(2))] * late)

    def lazy():
        follow()
        waiting.append((bench.position, bench.velocity))
        position, bench.velocity = waiting.popleft()
        bench.position = position - sag * min((bench.now - 1_000_000_000) / 5e8, 1.0)
    bench.move = lazy
    for _ in range(600):
        swing(bench, 1.2, min(bench.now, 6_000_000_000))     # then it stands
        assert bench.tick().state == ENGAGED


def test_a_gripper_alone_does_not_tell_that_nobody_hears():
    bench = Bench(limits(2, prismatic=[True, False])).engage()
    bench.move = lambda: None
    assert until_faulted(bench, 0.5).reason.startswith(f'{DEAF}; j1')


def held(bench):
    """Let the guard follow, hold, and stand for a second."""
    for _ in range(30):
        swing(bench, 0.5)
        bench.tick()
    bench.tick(150)
    assert bench.guard.state == HOLDING and not bench.velocity.any()
    return bench


@pytest.mark.parametrize('gripper', [False, True])
def test_a_joint_that_is_moved_while_it_holds_is_not_pulled_back(gripper):
    bench = held(Bench(limits(2, prismatic=[gripper, False])).engage())
    bench.move = lambda: None                            # the controller was deactivated
    for _ in range(20):
        bench.position = bench.position + [0.002 * gripper, 0.002 * (not gripper)]
        outcome = bench.tick()
    assert outcome.state == (FAULTED if gripper else HOLDING)      # 0.04 m, or rad
    for _ in range(20):
        bench.position = bench.position + [0.0, 0.002]
        outcome = bench.tick()
    assert outcome.state == FAULTED and outcome.trajectory is None
    assert outcome.reason.startswith(f'tracking: j{1 - gripper}: moved away from a plan that')
    assert bench.tick(50).trajectory is None


def test_joints_that_sag_go_on_from_where_they_are_told_to_hold():
    bench = held(Bench(limits(2)).engage())
    first, sag = bench.trajectory.positions[-1], 0.04
    follow = bench.move

    def move():
        follow()
        bench.position = bench.position - sag
    bench.move = move
    for report in (True, False):                         # also after its state was lost
        bench.report = report
        bench.tick(30)
        told = bench.trajectory.positions[-1]
        assert np.allclose(told, first, rtol=0, atol=1e-12)
        bench.report = True
        bench.hold_chunk(told)
        np.testing.assert_allclose(bench.tick().trajectory.positions[0], told, rtol=0, atol=1e-9)
        bench.tick(150)
        assert bench.guard.state == HOLDING


@pytest.mark.parametrize('by, kept', [(0.005, True), (0.03, False)])
def test_a_joint_that_was_moved_while_its_state_was_lost_is_left_where_it_is(by, kept):
    bench = held(Bench(limits(2)).engage())
    told = bench.trajectory.positions[-1]
    bench.move, bench.report = lambda: None, False
    bench.tick(30)
    bench.position, bench.report = bench.position + by, True
    bench.observer.forget()
    assert np.allclose(bench.tick().trajectory.positions, told if kept else told + by)


def test_a_joint_lost_in_motion_is_left_where_it_is_found():
    bench = Bench(limits(2)).engage()
    for _ in range(30):
        swing(bench, 0.5)
        bench.tick()
    bench.move, bench.report = lambda: None, False       # it ends up near where it was last seen
    bench.tick(80)
    bench.position, bench.velocity, bench.report = bench.position + 0.005, np.zeros(2), True
    assert np.abs(bench.trajectory.positions[-1] - bench.position).max() < 0.05
    bench.observer.forget()
    assert np.allclose(bench.tick().trajectory.positions, bench.position)


def test_joints_of_several_publishers_follow_and_resume():
    bench = Bench(limits(2)).engage()
    bench.publishers = 2
    for k in range(1, 4):
        for _ in range(60):
            bench.hold_chunk([0.1 * k, -0.1 * k], steps=4)
            assert bench.tick().state == ENGAGED
        assert bench.tick(100).state == HOLDING
        bench.report = False
        assert bench.tick(30).reason.startswith('joint_states: no fresh')
        bench.report = True
    bench.move = lambda: None
    for _ in range(60):
        bench.hold_chunk([0.5, 0.0], steps=4)
        outcome = bench.tick()
    assert outcome.reason.startswith('tracking: no joint of its controller moves')


@pytest.mark.parametrize('deaf, first', [((0, 1), 'j0'), ((2, 3), 'j2'), ((4,), 'j4')])
def test_one_of_several_controllers_that_is_not_active_is_noticed(deaf, first):
    controllers = (('j0', 'j1'), ('j2', 'j3'), ('j4',))
    bench, k = Bench(limits(5), controllers=controllers).engage(), list(deaf)
    follow = bench.move

    def half_deaf():
        held = bench.position[k].copy()
        follow()
        bench.position, bench.velocity = bench.position.copy(), bench.velocity.copy()
        bench.position[k], bench.velocity[k] = held, 0.0
    bench.move = half_deaf
    outcome = until_faulted(bench, 1.0)
    assert outcome.state == FAULTED and outcome.trajectory is None
    assert f'no joint of its controller moves; {first}: distance' in outcome.reason
    assert np.abs(bench.trajectory.positions[0] - bench.position)[k].max() < 0.23


def test_a_joint_that_is_moved_while_its_controller_stands_and_another_moves_is_noticed():
    bench = Bench(limits(2), controllers=(('j0',), ('j1',))).engage()
    follow = bench.move

    def pushed():
        follow()
        bench.position = bench.position + [0.0, 0.0]
        bench.position[1] = min((bench.now - 1_000_000_000) / 1e9, 0.2)
    bench.move = pushed
    for _ in range(100):
        t = (bench.now - 1_000_000_000) / 1e9 + 0.05 * np.arange(10)
        bench.chunk(np.column_stack([0.4 * (1 - np.cos(2 * t)), np.zeros(10)]))
        outcome = bench.tick()
        if outcome.state == FAULTED:
            break
    assert 'j1: moved away from a plan that stands' in outcome.reason


@pytest.mark.parametrize('commit_s, response_time_s', [(0.02, 0.02), (0.01, 0.03), (0.01, 0.01)])
def test_stamps_ahead_of_all_that_was_planned_are_no_error(commit_s, response_time_s):
    guard = Bench(limits(2), commit_s=commit_s, response_time_s=response_time_s).guard
    for now in range(10 ** 9, 10 ** 9 + 300 * MS, 10 * MS):
        guard.on_joint_state(JointState(now + 50 * MS, ('j0', 'j1'), np.zeros(2), np.zeros(2)))
        if now == 10 ** 9:
            guard.engage(now)
        assert guard.tick(now).state != FAULTED
