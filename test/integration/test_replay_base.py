"""What a black box recorded of a base, the same guard decides and commands again."""
import json

from builtin_interfaces.msg import Time
from nav_msgs.msg import Odometry
import numpy as np
from physai_ros.adapters.commands import base_chunk, joint_chunk
from physai_ros.adapters.guard_port import GuardPort
from physai_ros.adapters.recorder import Recorder
from physai_ros.adapters.replay import replay
from physai_ros.adapters.sensors import write_joint_state
from physai_ros.core.types import BaseChunk, JointChunk, JointState
from physai_ros.guard.build import guard_config, parts
from physai_ros.guard.guard import Guard
from physai_ros.robots import load_profile, parse
import pytest
from rclpy.serialization import serialize_message
from robots import ARM, JOINTS, URDF
from sensor_msgs.msg import LaserScan
from std_msgs.msg import Bool
from test_replay import MS, Node, Robot
import yaml

SLOW, QUICK = ({'velocity': v, 'acceleration': 1.0, 'jerk': 5.0} for v in (0.2, 0.6))
ZONES = {'half_width_m': 0.3, 'stop_m': 0.5, 'slow_m': 1.5, 'slow_velocity': 0.25}


def limits(axis):
    return {'linear_x': axis, 'angular_z': {**axis}}


class Rover(Robot):
    """A base that does what it is told, ticks that are uneven, and a policy that waves it."""

    def __init__(self, folder, arm=None, uneven_ms=2, **base):
        self.now, self.position, self.velocity = 5_000 * MS, np.zeros(2), np.zeros(2)
        self.twist, self.uneven_ns = np.zeros(3), uneven_ms * MS
        self.grid, self.random = self.now, np.random.default_rng(0)
        (folder / 'two.urdf').write_text(URDF)
        description = {'name': 'two', 'urdf': str(folder / 'two.urdf'),
                       'base': {'limits': limits(QUICK), **base}}
        if arm is not None:
            description['arm'] = arm
        (folder / 'two.yaml').write_text(yaml.safe_dump(description))
        profile = load_profile(str(folder / 'two.yaml'))
        config = guard_config(profile)
        self.guard = Guard(**parts(parse(URDF), profile), config=config)
        self.node = Node(folder / 'box')
        self.node._values['blackbox.span_s'] = 4.0
        self.recorder = Recorder(self.node, {
            'robot': 'two1', 'profile': profile.model_dump_json(), 'robot_description': URDF,
            'config': json.dumps(config.__dict__), 'collaborative': 'false'})
        self.port = GuardPort(self.node, profile, self.guard, self.recorder,
                              lambda topic, sample: None)

    def tick(self, count):
        for _ in range(count):
            self.grid += 10 * MS
            self.now = self.grid + int(self.random.integers(0, self.uneven_ns + 1))
            self.tell()
            self.port.read(self.now)
            tick = self.port.tick(self.now)
            if tick.twist is not None:
                self.twist = tick.twist.velocity
            if tick.trajectory is not None:
                self.position = tick.trajectory.positions[0]
                self.velocity = tick.trajectory.velocities[0]
        return tick

    def tell(self):
        topics, odometry = self.node.topics, Odometry()
        odometry.header.stamp = self.stamp()
        odometry.pose.pose.orientation.w = 1.0
        motion = odometry.twist.twist
        motion.linear.x, motion.linear.y, motion.angular.z = self.twist.tolist()
        topics['odom'].put(serialize_message(odometry))
        if 'joint_states' in topics:
            topics['joint_states'].put(write_joint_state(JointState(
                self.now - MS, JOINTS, self.position, self.velocity)))
        if self.grid % (100 * MS):
            return
        t = self.grid / 1e9 + 0.05 * np.arange(12)[:, None]
        topics['policy/base_chunk'].put(base_chunk(BaseChunk(
            self.now - 40 * MS, 50 * MS, np.sin(t * [2.3, 0.0, 3.1])), 'base_link'))
        if 'joint_states' in topics:
            topics['policy/joint_chunk'].put(joint_chunk(JointChunk(
                self.now - 40 * MS, 50 * MS, JOINTS, 0.3 * np.sin(t * [1.0, 1.3]))))
        if 'scan' in topics:
            scan = LaserScan(angle_min=-3.125, angle_increment=0.125, range_min=0.5,
                             range_max=9.0)
            scan.header.stamp = self.stamp()
            scan.ranges = [self.random.uniform(0.6, 2.0)] * 51
            topics['scan'].put(scan)

    def stamp(self):
        seconds, nanoseconds = divmod(self.now - MS, 10 ** 9)
        return Time(sec=seconds, nanosec=nanoseconds)


def start(robot):
    robot.tick(20)
    robot.position = 0.3 * np.sin(robot.grid / 1e9 * np.array([1.0, 1.3]))
    robot.velocity = np.zeros(2)
    robot.tick(2)
    robot.port.call('engage', robot.now)
    assert robot.tick(600).state == 'engaged'
    return robot


def same(robot, name='some'):
    steps = list(replay(robot.save(name)))
    assert len(steps) > 100
    assert all(step.same for step in steps), [s for s in steps if not s.same][:2]
    return steps


@pytest.mark.parametrize('robot', [
    {}, {'arm': ARM}, {'zones': ZONES}, {'stamped': False, 'uneven_ms': 0}],
    ids=['base', 'base and arm', 'base with a laser', 'base that takes a Twist'])
def test_a_recording_that_begins_while_the_base_drives_is_gone_on_from(tmp_path, robot):
    robot = start(Rover(tmp_path, **robot))
    robot.node.topics['estop'].put(Bool(data=True))
    assert robot.tick(150).state == 'faulted'
    steps = same(robot)
    assert {step.replayed[0] for step in steps} == {'engaged', 'faulted'}
    assert steps[0].distance is not None and steps[-1].distance is None     # at rest


@pytest.mark.parametrize('ticks', [385, 405, 420])
def test_a_recording_that_begins_while_the_base_comes_to_rest_is_gone_on_from(tmp_path, ticks):
    robot = start(Rover(tmp_path))
    robot.port.call('disengage', robot.now)
    assert robot.tick(150).state == 'disengaged'
    robot.port.call('engage', robot.now)
    assert robot.tick(ticks - 150).state == 'engaged'
    same(robot)


@pytest.mark.parametrize('arm', [None, ARM], ids=['base', 'base and arm'])
def test_a_base_that_is_commanded_differently_is_told(tmp_path, arm):
    robot = start(Rover(tmp_path, arm))
    profile = json.loads(robot.recorder._metadata['profile'])
    profile['base']['limits'].update(limits(SLOW))
    robot.recorder._metadata['profile'] = json.dumps(profile)
    steps = list(replay(robot.save('slower')))
    assert max(step.distance for step in steps[:10]) > 0.1
    assert not any(step.same for step in steps[:10])
