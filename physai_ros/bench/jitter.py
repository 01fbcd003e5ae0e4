"""
How evenly ``command`` publishes while two inference threads saturate the processors.

The real node, with the profile of the two-armed robot, engaged and following chunks. What counts
is the DDS source time of each trajectory: how far each interval is from the control period.
"""
import os
import time
from typing import Iterator

import numpy as np
from physai_ros.bench.figure import Figure, summary
from physai_ros.bench.graph import Graph
from physai_ros.core.errors import PhysaiError
from physai_ros.core.types import JointChunk, JointState
from physai_ros.robots import load_profile

PROFILE, PERIOD_S, CHUNK_S, STEPS, STEP_NS = 'honda_style', 0.01, 0.2, 20, 50_000_000
FIFO = 50
BOUND_MS = 2.0


def measure(quick: bool) -> Iterator[Figure]:
    """Measure idle, under load, and under load with SCHED_FIFO."""
    for name, load, fifo in (('command_jitter_idle', False, 0), ('command_jitter', True, 0),
                             ('command_jitter_fifo', True, FIFO)):
        intervals = _run(load, fifo, 3.0 if quick else 30.0)
        yield summary(name, 'ms', np.abs(intervals - PERIOD_S) * 1e3,
                      at_most={'p99': BOUND_MS} if load else {},
                      longest_ms=float(intervals.max()) * 1e3,
                      published_hz=float(1.0 / intervals.mean()), load_average=os.getloadavg()[0])


def _run(load, fifo, seconds):
    with Graph() as graph:
        command = graph.start('nodes.command_node', profile=PROFILE,
                              **{'scheduling.fifo_priority': fifo})
        robot = _Robot(graph)
        graph.activate('command')
        policy = os.sched_getscheduler(command.pid)
        if fifo and policy != os.SCHED_FIFO:
            raise PhysaiError('SCHED_FIFO', 'refused', 'permission for it', 'see docs/realtime.md')
        robot.engage()
        if load:
            graph.start('bench.busy')
        robot.live(2.0)
        robot.sources.clear()
        robot.live(seconds)
        return np.diff(robot.sources) * 1e-9


class _Robot:
    """Joints at home that tell so, a policy that wants them there, and a reader of commands."""

    def __init__(self, graph: Graph):
        from physai_ros.adapters.commands import joint_chunk
        from physai_ros.adapters.qos import CHUNK, SENSOR_OUT
        from physai_ros.adapters.sensors import write_joint_state
        from physai_ros.bench.tap import Tap
        from rclpy.qos import QoSProfile
        from sensor_msgs.msg import JointState as JointStateMessage
        from trajectory_msgs.msg import JointTrajectory
        self._graph, node, arm = graph, graph.node, load_profile(PROFILE).arm
        self._names = arm.joints
        self._home = np.array([arm.home.get(name, 0.0) for name in arm.joints])
        self._states = node.create_publisher(JointStateMessage, '/bench/joint_states', SENSOR_OUT)
        self._chunks = node.create_publisher(JointTrajectory, '/bench/policy/joint_chunk', CHUNK)
        self._write, self._chunk = write_joint_state, joint_chunk
        self._commands = Tap(node, JointTrajectory, f'/bench/{next(iter(arm.trajectories))}',
                             QoSProfile(depth=200), raw=True)
        self._state_s = self._chunk_s = 0.0
        self.sources = []

    def engage(self):
        """Engage once the state is known."""
        from std_srvs.srv import SetBool

        def engaged():
            return self._graph.call(SetBool, '/bench/command/engage', SetBool.Request(data=True),
                                    self._tell).success
        self._graph.wait(engaged, 'to be engaged', self._tell)

    def live(self, seconds: float):
        """Let time pass, and note when commands were published (ns)."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self._tell()
            self.sources += [source_ns for _, source_ns in self._commands.take()]
            time.sleep(PERIOD_S / 4)

    def _tell(self):
        now_s, zero = time.monotonic(), np.zeros(len(self._names))
        if now_s >= self._state_s:
            self._state_s = now_s + PERIOD_S
            self._states.publish(self._write(JointState(
                time.time_ns(), self._names, self._home, zero)))
        if now_s >= self._chunk_s:
            self._chunk_s = now_s + CHUNK_S
            self._chunks.publish(self._chunk(JointChunk(
                time.time_ns(), STEP_NS, self._names, np.tile(self._home, (STEPS, 1)))))
