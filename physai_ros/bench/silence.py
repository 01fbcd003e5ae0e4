"""
How soon after the last valid action the real ``command`` brakes, when no chunk follows.

Each trial sends one chunk of steady motion and then nothing. Every other chunk runs out by itself;
the rest would go on for longer than ``guard.reference_max_age_s``. Braking begins with the first
command that is slower than 98 % of the steady speed and that no faster one follows; its DDS source
time counts. An arm's speed then is that of its newest trajectory at that time.
"""
from concurrent.futures import ThreadPoolExecutor
import time
from typing import Iterator

import numpy as np
from physai_ros.bench.figure import Figure, summary
from physai_ros.bench.graph import Graph
from physai_ros.core.errors import PhysaiError
from physai_ros.core.types import BaseChunk, JointChunk, JointState, NS_PER_S
from physai_ros.robots import load_profile

STEP_NS, MAX_AGE_S, STATE_S, POLL_S = 20_000_000, 0.65, 0.01, 0.002
STEPS = (31, 80)        # a chunk that runs out, and one that grows too old
STEADY, PATIENCE_S = 0.98, 5.0
BOUND_MS = 40.0


def measure(quick: bool) -> Iterator[Figure]:
    """Measure a joint of an arm, and a base, at the same time."""
    trials = 20 if quick else 1000
    robots = (_Arm, _Base)
    with ThreadPoolExecutor(len(robots)) as pool:
        delays = list(pool.map(lambda robot: _run(robot, trials), robots))
    for robot, delays_ms in zip(robots, delays):
        yield summary(f'silence.{robot.NAME}', 'ms', delays_ms, at_most={'p999': BOUND_MS},
                      longest_ms=float(np.max(delays_ms)))


def _run(robot_class, trials):
    with Graph() as graph:
        graph.start('nodes.command_node', profile=robot_class.PROFILE,
                    **{'guard.reference_max_age_s': MAX_AGE_S})
        robot = robot_class(graph)
        graph.activate('command')
        robot.engage()
        random = np.random.default_rng(0)
        return [robot.trial(STEPS[k % len(STEPS)], random.uniform(0.02, 0.04))
                for k in range(trials)]


class _Robot:
    """Does exactly what it is told, and says so; a subclass has the messages of its body."""

    def __init__(self, graph: Graph):
        self._graph, self._told_s = graph, 0.0

    def engage(self):
        """Engage once the state is known."""
        from std_srvs.srv import SetBool

        def engaged():
            return self._graph.call(SetBool, '/bench/command/engage', SetBool.Request(data=True),
                                    self._live).success
        self._graph.wait(engaged, 'to be engaged', self._live)

    def trial(self, steps: int, pause_s: float) -> float:
        """Send a chunk; return how long after its last valid action it braked, in ms."""
        self._wait(lambda rows: rows and rows[-1][1] == 0.0, 'rest')
        pause_end_s = time.monotonic() + pause_s
        self._wait(lambda rows: time.monotonic() > pause_end_s, 'a pause')
        stamp_ns = time.time_ns()
        end_ns = stamp_ns + min(self.lasts_ns(steps), round(MAX_AGE_S * NS_PER_S))
        self.send(stamp_ns, steps)
        rows = self._wait(lambda rows: time.time_ns() > end_ns and rows[-1][1] == 0.0,
                          'rest after a chunk')
        fast = [k for k, (_, speed) in enumerate(rows) if speed >= STEADY * self.SPEED]
        if not fast:
            raise PhysaiError(f'{self.NAME} in a trial', f'{max(s for _, s in rows):g}',
                              f'a speed of {self.SPEED:g}', 'see what the guard refused')
        return (rows[fast[-1] + 1][0] - end_ns) * 1e-6

    def _wait(self, condition, what):
        """Live until a condition on all (time in ns, speed) since the call holds; return them."""
        rows, end_s = [], time.monotonic() + PATIENCE_S
        while not condition(rows):
            if time.monotonic() > end_s:
                raise PhysaiError(f'{self.NAME}: {what}', None, f'it within {PATIENCE_S:g} s',
                                  'measure on a machine that is less busy')
            rows += self._live()
        return rows

    def _live(self):
        """Tell the state when that is due; return (time in ns, speed) of the newest commands."""
        rows = [(source_ns, self.follow(message, source_ns))
                for message, source_ns in self._commands.take()]
        if time.monotonic() >= self._told_s:
            self._told_s = time.monotonic() + STATE_S
            self.tell(time.time_ns())
        time.sleep(POLL_S)
        return rows


class _Base(_Robot):
    """A base that drives ahead."""

    NAME, PROFILE, SPEED = 'base', 'sony_style', 0.1

    def __init__(self, graph):
        from geometry_msgs.msg import TwistStamped
        from nav_msgs.msg import Odometry
        from physai_ros.adapters.qos import CHUNK, COMMAND, SENSOR_OUT
        from physai_ros.bench.tap import Tap
        from trajectory_msgs.msg import MultiDOFJointTrajectory
        super().__init__(graph)
        self._state = Odometry()
        self._state.pose.pose.orientation.w = 1.0
        self._states = graph.node.create_publisher(Odometry, '/bench/odom', SENSOR_OUT)
        self._chunks = graph.node.create_publisher(
            MultiDOFJointTrajectory, '/bench/policy/base_chunk', CHUNK)
        self._commands = Tap(graph.node, TwistStamped, '/bench/cmd_vel', COMMAND)

    def lasts_ns(self, steps):
        """Return for how long the actions of a chunk are in force."""
        return steps * STEP_NS

    def send(self, stamp_ns, steps):
        """Publish a chunk of steady motion."""
        from physai_ros.adapters.commands import base_chunk
        twists = np.tile((self.SPEED, 0.0, 0.0), (steps, 1))
        self._chunks.publish(base_chunk(BaseChunk(stamp_ns, STEP_NS, twists), 'base_link'))

    def follow(self, message, source_ns):
        """Do as a command says; return its speed."""
        self._state.twist.twist.linear.x = speed = message.twist.linear.x
        return speed

    def tell(self, now_ns):
        """Publish the odometry."""
        from physai_ros.adapters.stamps import write
        write(self._state.header.stamp, now_ns)
        self._states.publish(self._state)


class _Arm(_Robot):
    """An arm of which one joint turns to and fro."""

    NAME, PROFILE, SPEED, JOINT = 'arm', 'honda_style', 0.2, 'head_pan'

    def __init__(self, graph):
        from physai_ros.adapters.qos import CHUNK, COMMAND, SENSOR_OUT
        from physai_ros.bench.tap import Tap
        from sensor_msgs.msg import JointState as JointStateMessage
        from trajectory_msgs.msg import JointTrajectory
        super().__init__(graph)
        arm = load_profile(self.PROFILE).arm
        self._names, self._column = arm.joints, arm.joints.index(self.JOINT)
        self._pose = np.array([arm.home.get(name, 0.0) for name in arm.joints])
        self._way = self.SPEED
        self._states = graph.node.create_publisher(
            JointStateMessage, '/bench/joint_states', SENSOR_OUT)
        self._chunks = graph.node.create_publisher(
            JointTrajectory, '/bench/policy/joint_chunk', CHUNK)
        self._commands = Tap(graph.node, JointTrajectory,
                             f'/bench/{next(iter(arm.trajectories))}', COMMAND, raw=True)

    def lasts_ns(self, steps):
        """Return for how long the actions of a chunk are in force."""
        return (steps - 1) * STEP_NS

    def send(self, stamp_ns, steps):
        """Publish a chunk of steady motion, the other way than the last."""
        from physai_ros.adapters.commands import joint_chunk
        self._way = -self._way
        rows = np.tile(self._pose, (steps, 1))
        rows[:, self._column] += self._way * np.arange(steps) * STEP_NS / NS_PER_S
        self._chunks.publish(joint_chunk(JointChunk(stamp_ns, STEP_NS, self._names, rows)))

    def follow(self, message, source_ns):
        """Be where a trajectory is at its publication; return the joint's speed there."""
        from physai_ros.adapters.commands import read_trajectory
        plan = read_trajectory(message)
        at_ns = source_ns - plan.stamp_ns
        k = min(max(int(np.searchsorted(plan.times_ns, at_ns)) - 1, 0), len(plan.times_ns) - 1)
        self._pose = plan.positions[k]
        return abs(float(np.interp(at_ns, plan.times_ns, plan.velocities[:, self._column])))

    def tell(self, now_ns):
        """Publish the joint states."""
        from physai_ros.adapters.sensors import write_joint_state
        self._states.publish(write_joint_state(JointState(
            now_ns, self._names, self._pose, np.zeros(len(self._names)))))
