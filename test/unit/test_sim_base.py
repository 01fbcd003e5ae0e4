"""The base: velocity tracking, diff_drive's time-out, odometry, collisions, the trot."""
import numpy as np
from physai_ros.core.types import Twist
from physai_ros.robots.urdf import parse
from physai_ros.sim import World
from physai_ros.sim.gait import Gait
import pytest
from sim_worlds import run, SONY, sony

MS = 1_000_000


@pytest.fixture(scope='module')
def world():
    return World([sony(task=None)], cameras=False)


def drive(world, velocity, seconds, period_ms=20):
    """Command a velocity every ``period_ms``, at 500 steps a second."""
    for k in range(round(seconds * 500)):
        if k * 2 % period_ms == 0:
            assert world.set_twist(SONY, Twist(world.time_ns, np.array(velocity))) is None
        world.step()


def test_follows_the_command_within_the_base_frame(world):
    world.reset(0)
    drive(world, (0.3, 0.1, 0.5), 1.5)
    odometry = world.odometry(SONY)
    assert odometry.linear == pytest.approx([0.3, 0.1, 0.0], abs=0.01)
    assert odometry.angular == pytest.approx([0.0, 0.0, 0.5], abs=0.01)


def test_acceleration_is_bounded(world):
    world.reset(0)
    drive(world, (0.6, 0.0, 0.0), 0.1)
    assert world.odometry(SONY).linear[0] < 4.0 * 0.1 + 0.02       # twice the profile's 2 m/s^2


def test_odometry_starts_at_the_spawn_pose_on_the_floor(world):
    world.reset(0)
    start = world.odometry(SONY)
    assert start.position == pytest.approx([0, 0, 0.42], abs=0.01)
    drive(world, (0.4, 0.0, 0.0), 1.0)
    assert world.odometry(SONY).position[:2] == pytest.approx([0.36, 0.0], abs=0.03)


@pytest.mark.parametrize('silence_s, moving', [(0.48, True), (0.52, False)])
def test_stops_after_half_a_second_of_silence(world, silence_s, moving):
    world.reset(0)
    drive(world, (0.2, 0.0, 0.0), 1.0)
    stamp = world.time_ns
    world.set_twist(SONY, Twist(stamp, np.array([0.2, 0.0, 0.0])))
    run(world, silence_s)
    assert (world.odometry(SONY).linear[0] > 0.19) == moving
    run(world, 0.4)
    assert abs(world.odometry(SONY).linear[0]) < 0.005


def test_time_that_the_world_lost_counts_as_silence(world):
    world.reset(0)
    drive(world, (0.2, 0.0, 0.0), 1.0)
    world.lost_time(500 * MS)
    run(world, 0.4)
    assert abs(world.odometry(SONY).linear[0]) < 0.005


@pytest.mark.parametrize('age_ms, velocity, reason', [
    (501, (0.1, 0.0, 0.0), 'old'),
    (0, (np.nan, 0.0, 0.0), 'finite'),
    (0, (0.1, 0.0), 'finite'),
])
def test_ignores_stale_and_broken_commands(world, age_ms, velocity, reason):
    world.reset(0)
    run(world, 1.0)
    answer = world.set_twist(SONY, Twist(world.time_ns - age_ms * MS, np.array(velocity)))
    assert reason in answer
    run(world, 0.2)
    assert abs(world.odometry(SONY).linear[0]) < 1e-3


def test_stamp_zero_means_now(world):
    world.reset(0)
    run(world, 0.1)
    assert world.set_twist(SONY, Twist(0, np.array([0.1, 0.0, 0.0]))) is None
    run(world, 0.3)
    assert world.odometry(SONY).linear[0] == pytest.approx(0.1, abs=0.01)


def test_legs_trot_with_the_speed_and_rest_without(world):
    world.reset(0)
    knee = world.joint_state(SONY).names.index('front_left_knee')
    drive(world, (0.4, 0.0, 0.0), 1.0)
    knees = []
    for _ in range(25):
        drive(world, (0.4, 0.0, 0.0), 0.02)
        knees.append(world.joint_state(SONY).position[knee])
    assert max(knees) - min(knees) > 0.15
    run(world, 2.5)
    assert world.joint_state(SONY).position[knee] == pytest.approx(-1.046, abs=0.02)


def test_a_standing_gait_is_the_stance_and_feet_stay_on_the_floor():
    robot = sony()
    gait = Gait.of(parse(robot.description), robot.profile.base.stance)
    rest = [robot.profile.base.stance[name] for name in gait.names]
    assert gait.step((0.0, 0.0, 0.0), 0.01) == pytest.approx(rest, abs=1e-9)
    heights = []
    for _ in range(100):
        angles = gait.step((0.3, 0.0, 0.4), 0.01).reshape(4, 3)
        pitch, knee = angles[:, 1], angles[:, 2]
        heights.append(0.23 * np.cos(pitch) + 0.23 * np.cos(pitch + knee))
    stance = 2 * 0.23 * np.cos(0.523)
    assert np.max(heights) < stance + 1e-3       # no foot goes through the floor
    assert np.min(heights) < stance - 0.03       # and each one lifts


def test_odometry_starts_where_its_frame_is_in_the_world():
    world = World([sony(pose=(4.5, 1.0, 0.5))], seed=3, cameras=False)
    x, y, yaw = world.odom_frame(SONY)
    root = world.model.body(f'{SONY}/base_link').id
    drive(world, (0.3, 0.0, 0.2), 1.0)
    at = world.odometry(SONY).position
    world.truth(SONY)                            # brings poses up to date
    assert (x, y) == (4.5, 1.0)
    assert world.data.xpos[root] == pytest.approx(
        [x + np.cos(yaw) * at[0] - np.sin(yaw) * at[1],
         y + np.sin(yaw) * at[0] + np.cos(yaw) * at[1], at[2]], abs=1e-9)


def test_gait_is_left_out_for_other_legs():
    robot = sony()
    assert Gait.of(parse(robot.description.replace('front_left', 'fl')), {}) is None


def test_the_body_is_stopped_by_what_stands_in_the_way():
    world = World([sony()], seed=2, cameras=False)
    scene, motion = world._unit(SONY).scene, world._unit(SONY).base.motion(world.data)
    index = min(scene.crates, key=lambda i: np.hypot(*scene.crates[i]))
    for _ in range(2500):
        motion = world._unit(SONY).base.motion(world.data)
        way = scene.crates[index] - (motion.x, motion.y)
        bearing = (np.arctan2(way[1], way[0]) - motion.yaw + np.pi) % (2 * np.pi) - np.pi
        speed = 0.4 if abs(bearing) < 0.2 else 0.0
        world.set_twist(SONY, Twist(0, np.array([speed, 0.0, np.clip(2 * bearing, -1, 1)])))
        world.step()
    status = world.status(SONY)
    assert status.collisions >= 1 and 'collision' in status.failed
    assert not status.success
    assert np.hypot(*way) > 0.3                  # it has not gone through
