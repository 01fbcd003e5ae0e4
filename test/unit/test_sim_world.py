"""The world as a whole: determinism, time, refusals, several robots."""
import numpy as np
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.core.types import JointTrajectory, Twist
from physai_ros.robots.urdf import parse
from physai_ros.sim import World
import pytest
from sim_worlds import HONDA, honda, run, SONY, sony, to_point


@pytest.fixture(scope='module')
def both():
    world = World([honda(), sony()], seed=1, cameras=False)
    yield world
    world.close()


def work(world, seed):
    """Return the state after commands to both robots."""
    world.reset(seed)
    state = world.joint_state(HONDA)
    goal = state.position + 0.02
    assert world.set_trajectory(HONDA, to_point(state.names, goal, 0.3)) is None
    for k in range(200):
        if k % 10 == 0:
            world.set_twist(SONY, Twist(world.time_ns, np.array([0.003 * k, 0.0, 0.2])))
        world.step()
    return np.concatenate([world.data.qpos, world.data.qvel, world.data.mocap_pos.ravel()])


def test_same_seed_and_commands_give_the_same_bits(both):
    first, other, again = work(both, 5), work(both, 6), work(both, 5)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_two_worlds_agree(both):
    twin = World([honda(), sony()], seed=9, cameras=False)
    assert np.array_equal(work(twin, 5), work(both, 5))


def test_a_robot_s_layout_does_not_depend_on_the_others(both):
    both.reset(7)
    alone = World([honda()], seed=7, cameras=False)
    for name, (position, _) in alone.truth(HONDA).items():
        assert position == pytest.approx(both.truth(HONDA)[name][0], abs=1e-9)


def test_time_goes_on_through_a_reset(both):
    before = both.time_ns
    both.step()
    both.reset(3)
    assert both.time_ns == before + 2_000_000
    assert World([sony()], cameras=False, start_ns=77).time_ns == 77


def test_joint_states_hold_every_joint_but_the_mimicking(both):
    names = both.joint_state(HONDA).names
    assert len(names) == 18 and 'left_gripper' in names and 'left_gripper_mimic' not in names
    both.reset(0)
    state = both.joint_state(SONY)
    assert len(state.names) == 14
    assert state.position[state.names.index('front_left_knee')] == pytest.approx(-1.046)
    assert len(state.velocity) == len(state.effort) == 14


def test_arms_stay_put_without_commands(both):
    both.reset(0)
    before = both.joint_state(HONDA).position
    run(both, 0.5)
    assert both.joint_state(HONDA).position == pytest.approx(before, abs=1e-4)


def test_arms_follow_a_trajectory_closely(both):
    both.reset(0)
    state = both.joint_state(HONDA)
    goal = state.position.copy()
    moved = [state.names.index(j) for j in ('left_elbow', 'right_shoulder_pitch', 'head_pan')]
    goal[moved] += (0.5, -0.4, 0.6)
    both.set_trajectory(HONDA, to_point(state.names, goal, 1.0))
    worst = 0.0
    for k in range(600):
        both.step()
        s = min(k + 1, 500) / 500           # one point at rest: a quintic from rest
        reference = state.position + (goal - state.position) * (
            10 * s ** 3 - 15 * s ** 4 + 6 * s ** 5)
        worst = max(worst, np.abs(both.joint_state(HONDA).position - reference)[moved].max())
    assert worst < 0.02
    assert both.joint_state(HONDA).position == pytest.approx(goal, abs=1e-3)
    assert both.status(HONDA).violations == 0


def test_arms_track_well_at_the_limits_of_speed_and_acceleration(both):
    both.reset(0)
    state, profile = both.joint_state(HONDA), both._unit(HONDA).robot.profile
    joints = parse(both._unit(HONDA).robot.description).joints
    times = np.arange(0.01, 2.0, 0.01)
    swing = np.zeros((3, len(times), len(state.names)))       # position, velocity, acceleration
    for name in ('left_wrist_yaw', 'right_elbow', 'head_pan'):
        speed, column = joints[name].velocity, state.names.index(name)
        rate = profile.arm.acceleration_of(name) / speed
        phase = np.minimum(rate * times, 2 * np.pi)           # one swing, then at rest
        swing[0, :, column] = speed / rate * (1 - np.cos(phase))
        swing[1, :, column] = speed * np.sin(phase)
        swing[2, :, column] = speed * rate * np.cos(phase) * (phase < 2 * np.pi)
    swing[0] += state.position
    swing[1, -1] = 0.0
    assert both.set_trajectory(HONDA, JointTrajectory(
        0, state.names, np.round(times * 1e9).astype(np.int64), *swing)) is None
    worst = 0.0
    for row in swing[0]:
        run(both, 0.01)
        worst = max(worst, np.abs(both.joint_state(HONDA).position - row).max())
    assert worst < 0.01


def test_an_unlawful_trajectory_is_followed_and_counted(both):
    both.reset(0)
    state = both.joint_state(HONDA)
    goal = state.position.copy()
    goal[state.names.index('head_pan')] += 1.0
    assert both.set_trajectory(HONDA, to_point(state.names, goal, 0.2)) is None
    run(both, 0.5)
    assert both.status(HONDA).violations > 0


def test_the_imu_measures_gravity(both):
    both.reset(0)
    run(both, 0.1)
    for name in (HONDA, SONY):
        imu = both.imu(name)
        assert imu.linear_acceleration == pytest.approx([0, 0, 9.81], abs=0.05)
        assert imu.angular_velocity == pytest.approx(np.zeros(3), abs=0.01)


def test_refusals_name_the_robot_and_the_remedy(both):
    with pytest.raises(ConfigError, match="robot is 'nobody'; expected one of"):
        both.joint_state('nobody')
    with pytest.raises(ConfigError, match='a profile with an arm'):
        both.set_trajectory(SONY, None)
    with pytest.raises(ConfigError, match='a profile with a base'):
        both.set_twist(HONDA, None)
    with pytest.raises(PhysaiError, match='cameras=True'):
        both.render(HONDA)
    with pytest.raises(ConfigError, match='each name once'):
        World([honda(), honda()], cameras=False)
    with pytest.raises(ConfigError, match='a profile with a base'):
        World([honda(task='inspection')], cameras=False)


def test_two_robots_of_one_profile_have_benches_of_their_own():
    world = World([honda('a', (0, 0, 0)), honda('b', (3.0, 1.0, np.pi / 2))], seed=4,
                  cameras=False)
    for name in 'ab':
        piece, tray = world.truth(name)['workpiece'][0], world.truth(name)['tray'][0]
        assert piece[2] == pytest.approx(0.835, abs=1e-6)
        assert tray == pytest.approx([0.47, 0.0, 0.82], abs=0.011)
    assert world.truth('a')['workpiece'][0] != pytest.approx(world.truth('b')['workpiece'][0])
    run(world, 0.2)
    assert world.status('a').collisions == world.status('b').collisions == 0
