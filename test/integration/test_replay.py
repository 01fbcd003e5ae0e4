"""What a black box recorded, the same guard decides again. No process is started."""
from io import BytesIO
import json
from pathlib import Path

import numpy as np
from physai_ros.adapters.cdr import takes_bytes
from physai_ros.adapters.commands import joint_chunk
from physai_ros.adapters.guard_port import GuardPort
from physai_ros.adapters.recorder import definition, Recorder
from physai_ros.adapters.replay import replay
from physai_ros.adapters.sensors import write_joint_state
from physai_ros.blackbox import read
from physai_ros.blackbox.dump import HEAD, write
from physai_ros.core.types import JointChunk, JointState
from physai_ros.guard.build import parts
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.guard import Guard
from physai_ros.robots import load_profile, parse
import pytest
from rclpy.serialization import serialize_message
from robots import JOINTS, URDF, write_profile
from std_msgs.msg import Bool, String
from trajectory_msgs.msg import JointTrajectory

MS, LONG_S = 1_000_000, 100.0


class Topic:
    """Stands in for an inbox and for a publisher."""

    def __init__(self, convert=None, tap=None):
        self._convert, self._tap, self._waiting = convert, tap, []
        self.rejected = 0

    def put(self, message):
        self._waiting.append(message)

    publish = put

    def get_subscription_count(self):
        return 1

    def take(self):
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._tap(message if takes_bytes(self._convert) else serialize_message(message))
        return [self._convert(message) for message in waiting]


class Node:
    """Stands in for the command node: parameters and topics."""

    robot, prefix = 'two1', ''

    def __init__(self, folder):
        self.topics = {}
        self._values = {
            'blackbox.enabled': True, 'blackbox.folder': str(folder), 'blackbox.span_s': 30.0,
            'blackbox.memory_mb': 64.0, 'blackbox.files': 5, 'blackbox.disk_mb': 100.0,
            'required_nodes': [], 'heartbeat_timeout_s': 0.2, 'policy_timeout_s': 0.1,
            'deadman': 'off', 'deadman_timeout_s': 0.2, 'deadman_button': 0,
            'estop_timeout_s': 0.0}

    def value(self, name):
        return self._values[name]

    def inbox(self, kind, topic, profile, convert=lambda message: message,
              tap=lambda data: None):
        self.topics.setdefault(topic, Topic(convert, tap))
        return self.topics[topic]

    def advertise(self, kind, topic, profile):
        return Topic()


class Robot:
    """An arm that does what it is told, a policy that waves it, and the recorded guard."""

    def __init__(self, tmp_path, span_s=30.0, **changes):
        profile = load_profile(write_profile(tmp_path, **changes))
        config = GuardConfig()
        self.guard = Guard(**parts(parse(URDF), profile), config=config)
        self.node = Node(tmp_path / 'box')
        self.node._values['blackbox.span_s'] = span_s
        self.recorder = Recorder(self.node, {
            'robot': 'two1', 'profile': profile.model_dump_json(), 'robot_description': URDF,
            'config': json.dumps(config.__dict__), 'collaborative': 'false'})
        self.port = GuardPort(self.node, profile, self.guard, self.recorder,
                              lambda topic, sample: None)
        self.now, self.position, self.velocity = 5_000 * MS, np.zeros(2), np.zeros(2)

    def tick(self, count, spoil=None):
        for _ in range(count):
            self.now += 10 * MS
            topics = self.node.topics
            topics['joint_states'].put(write_joint_state(JointState(
                self.now - MS, JOINTS, self.position, self.velocity)))
            if self.now % (100 * MS) == 0:
                t = self.now / 1e9 + 0.05 * np.arange(12)[:, None]
                rows = 0.3 * np.sin(t * [1.0, 1.3]) + (0 if spoil is None else spoil)
                topics['policy/joint_chunk'].put(joint_chunk(JointChunk(
                    self.now - 40 * MS, 50 * MS, JOINTS, rows)))
            self.port.read(self.now)
            tick = self.port.tick(self.now)
            if tick.trajectory is not None:
                self.position = tick.trajectory.positions[0]
                self.velocity = tick.trajectory.velocities[0]
        return tick

    def save(self, name):
        self.recorder.save(name)
        self.recorder.wait(LONG_S)
        values = self.recorder.report()
        assert values['blackbox_problem'] == ''
        return values['blackbox']


@pytest.fixture
def robot(tmp_path):
    return Robot(tmp_path)


def start(robot):
    robot.tick(20)
    position = 0.3 * np.sin(robot.now / 1e9 * np.array([1.0, 1.3]))
    robot.position, robot.velocity = position, np.zeros(2)
    robot.tick(2)
    robot.port.call('engage', robot.now)
    assert robot.tick(150).state == 'engaged'


def test_the_replayed_decisions_and_commands_are_the_recorded_ones(robot):
    start(robot)
    robot.node.topics['estop'].put(Bool(data=False))
    assert robot.tick(40, spoil=np.nan).state == 'faulted'
    steps = list(replay(robot.save('non_finite')))
    assert len(steps) > 200
    assert all(step.same for step in steps), [s for s in steps if not s.same][0]
    assert {step.replayed[0] for step in steps} >= {'disengaged', 'engaged', 'faulted'}


def test_a_recording_of_several_controllers_is_replayed_as_a_whole(tmp_path):
    robot = Robot(tmp_path, span_s=4.0, controllers={'b': ['elbow'], 'a': ['shoulder']})
    start(robot)
    assert robot.tick(600).state == 'engaged'
    steps = list(replay(robot.save('in_motion')))       # begins in the middle of a motion
    assert len(steps) > 100 and all(step.same for step in steps)
    assert all(step.distance is not None for step in steps)


def test_a_recording_says_which_model_commanded(robot):
    start(robot)
    assert 'model' not in read.metadata(robot.save('early'))
    for text in ('old 1.0.0 (sha256 aa)', 'new 2.0.0 (sha256 bb)'):
        robot.node.topics['policy/model'].put(String(data=text))
    assert read.metadata(robot.save('late'))['model'] == 'new 2.0.0 (sha256 bb)'


def test_a_recording_that_begins_in_motion_is_gone_on_from(tmp_path):
    robot = Robot(tmp_path, span_s=4.0)
    start(robot)
    robot.tick(500)
    robot.node.topics['estop'].put(Bool(data=True))
    assert robot.tick(40).state == 'faulted'
    steps = list(replay(robot.save('estop')))
    assert 150 < len(steps) < 300
    assert all(step.same for step in steps), [s for s in steps if not s.same][0]
    assert steps[-1].replayed[0] == 'faulted'


@pytest.mark.parametrize('cause', ['NaN', 'e-stop'])
def test_a_fault_after_one_that_outlasts_the_recording_is_replayed(tmp_path, cause):
    robot = Robot(tmp_path, span_s=6.0)
    start(robot)
    for _ in range(70):
        if cause == 'e-stop':
            robot.node.topics['estop'].put(Bool(data=True))     # says so again and again
        robot.tick(10, spoil=np.nan if cause == 'NaN' else None)
    robot.node.topics['estop'].put(Bool(data=False))
    robot.tick(20)
    robot.port.call('reset_fault', robot.now)
    start(robot)
    assert robot.tick(40, spoil=np.nan).state == 'faulted'
    steps = list(replay(robot.save('again')))
    assert all(step.same for step in steps), [s for s in steps if not s.same][0]
    assert [steps[0].replayed[0], steps[-1].replayed[0]] == ['disengaged', 'faulted']


def test_a_recording_that_was_cut_off_is_told(robot, tmp_path, capsys):
    from physai_ros.cli.replay import run
    start(robot)
    whole = Path(robot.save('manual'))
    records = list(read.messages(whole))
    names = sorted({topic for topic, _, _ in records})
    stream = b''.join(HEAD.pack(names.index(topic), at, len(data)) + data
                      for topic, at, data in records[:-50])
    write(BytesIO(stream), {
        'path': str(tmp_path / 'cut.mcap'), 'metadata': read.metadata(whole),
        'count': len(records), 'channels': [(name, '', '') for name in names]})
    assert run(type('Arguments', (), {
        'file': tmp_path / 'cut_incomplete.mcap', 'all': False})) == 0
    assert capsys.readouterr().out.startswith(
        f'the recording is incomplete: {len(records) - 50} of {len(records)} messages')


def test_another_guard_decides_differently_and_that_is_told(robot, tmp_path, capsys):
    from physai_ros.cli.replay import run
    start(robot)
    robot.tick(20, spoil=0.9)                       # outside, but only by so much: clamped
    path = robot.save('manual')
    arguments = type('Arguments', (), {'file': path, 'all': False})
    assert run(arguments) == 0
    assert 'ticks, 0 of them decided or commanded differently' in capsys.readouterr().out
    changed = json.loads(read.metadata(path)['config'])
    changed['limit_tolerance_rad'] = 0.01
    robot.recorder._metadata['config'] = json.dumps(changed)
    arguments.file = robot.save('stricter')
    assert run(arguments) == 1
    assert 'faulted: limit' in capsys.readouterr().out


def test_definitions_are_those_of_the_message_files():
    text = definition(JointTrajectory)
    assert text.splitlines()[:3] == ['std_msgs/Header header', 'string[] joint_names',
                                     'trajectory_msgs/JointTrajectoryPoint[] points']
    assert 'MSG: trajectory_msgs/JointTrajectoryPoint\nfloat64[] positions' in text
    assert 'MSG: builtin_interfaces/Duration\nint32 sec\nuint32 nanosec' in text
