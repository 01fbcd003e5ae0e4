"""
From a picture's stamp to the command that it causes, through the real nodes and DDS.

A picture turns from dark to bright or back; the model drives as fast as it is bright. The first
``cmd_vel`` that leaves the steady speed is the answer, and its DDS source time is when it was
published. The floor is measured between those pictures: the same picture to a process that does
nothing but answer with a small message, and back, plus half a control period.
"""
from pathlib import Path
import tempfile
import time
from typing import Iterator

import numpy as np
from physai_ros.bench import models
from physai_ros.bench.figure import Figure, summary
from physai_ros.bench.graph import Graph
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import Image
from physai_ros.inference.onnx import OnnxModel
from physai_ros.robots import load_profile

PROFILE, SIZE, SPEED = 'sony_style', (96, 128), 0.05
FRAME_S, ODOM_S, CONTROL_S, TURN = 1 / 30, 0.02, 0.01, 10
STEADY = 1e-7
MANIFEST = {
    'format': 'physai/1', 'name': 'brightness', 'version': '1.0.0', 'robot': PROFILE,
    'rate_hz': 20.0,
    'inputs': {'image': [{'term': 'image', 'topic': 'head_camera/image_raw', 'size': list(SIZE),
                          'encoding': 'rgb8', 'range': [0, 1]}]},
    'outputs': {'action': {'kind': 'base_twist', 'chunk': 20}},
    'timing': {'max_age_s': {'image': 0.2}, 'deadline_s': 0.15}}


def measure(quick: bool) -> Iterator[Figure]:
    """Measure with pictures of the camera of the profile at 30 Hz."""
    model = models.brightness(*SIZE, 20, SPEED)
    with tempfile.TemporaryDirectory() as folder, Graph() as graph:
        bundle = Path(folder) / 'brightness'
        write_bundle(bundle, MANIFEST, model, '# brightness')
        graph.start('nodes.policy_node', profile=PROFILE, bundle=bundle, inference_rate_hz=60.0)
        graph.start('nodes.command_node', profile=PROFILE)
        graph.start('bench.echo')
        robot = _Robot(graph)
        for name in ('policy', 'command'):
            graph.activate(name)
        robot.engage()
        robot.run(30 if quick else 300)
    run_s = _bare(model)
    added = (np.array(robot.latencies) - run_s) * 1e3
    floor = (np.array(robot.floors) + CONTROL_S / 2) * 1e3
    yield summary('sense_to_command', 'ms', added, floor, {'ratio_p50': 1.3, 'ratio_p99': 2.0},
                  session_run_p50=run_s * 1e3, hops_p50=float(np.median(robot.floors)) * 1e3,
                  picture=robot.size, unanswered=robot.unanswered,
                  look_policy_command_p50=np.median(
                      robot.parts, axis=0).tolist() if robot.parts else None)


def _bare(model) -> float:
    bare, times = OnnxModel(model), []
    picture = {'image': np.zeros((1, 3, *SIZE), np.float32)}
    for _ in range(300):
        start_s = time.perf_counter()
        bare.run(picture)
        times.append(time.perf_counter() - start_s)
    return float(np.median(times))


class _Robot:
    """A camera and a base that is as fast as it is told to be; it notes what is published when."""

    def __init__(self, graph: Graph):
        from geometry_msgs.msg import TwistStamped
        from nav_msgs.msg import Odometry
        from physai_ros.adapters.doorbell import Doorbell
        from physai_ros.adapters.qos import CHUNK, COMMAND, EVENTS, SENSOR_OUT
        from physai_ros.bench.tap import Tap
        from sensor_msgs.msg import Image as ImageMessage
        from std_msgs.msg import Header
        from trajectory_msgs.msg import MultiDOFJointTrajectory
        self._graph, node = graph, graph.node
        self._message, self._odometry = ImageMessage(), Odometry()
        self._odometry.pose.pose.orientation.w = 1.0
        self._camera, self._floor = (node.create_publisher(ImageMessage, f'/bench/{topic}',
                                                           SENSOR_OUT)
                                     for topic in ('head_camera/image_raw', 'floor/image'))
        self._odom = node.create_publisher(Odometry, '/bench/odom', SENSOR_OUT)
        self._commands = Tap(node, TwistStamped, '/bench/cmd_vel', COMMAND)
        self._answers = Tap(node, Header, '/bench/floor/answer', EVENTS)
        self._chunks = Tap(node, MultiDOFJointTrajectory, '/bench/policy/base_chunk', CHUNK)
        self._bell = Doorbell(graph.context)
        camera = load_profile(PROFILE).camera
        self.size = (camera.height, camera.width)
        self._pixels = np.zeros((*self.size, 3), np.uint8)
        self.latencies, self.floors, self.parts = [], [], []
        self._speeds, self._asked_ns, self._odom_s, self.unanswered = [], None, 0.0, 0

    def engage(self):
        """Engage, once chunks flow."""
        from std_srvs.srv import SetBool
        due_s = [0.0]

        def live():
            if time.monotonic() >= due_s[0]:
                due_s[0] = time.monotonic() + FRAME_S
                self._show(self._camera)
            self._pass(0.0)

        def engaged():
            return self._graph.call(SetBool, '/bench/command/engage', SetBool.Request(data=True),
                                    live).success
        self._graph.wait(engaged, 'to be engaged', live)
        self._graph.wait(lambda: len(self._speeds) > 50, 'commands', live)

    def run(self, turns: int):
        """Show pictures and note what follows."""
        random, start_s, frame = np.random.default_rng(0), time.monotonic(), 0
        while frame < turns * TURN:
            frame += 1
            at_s = start_s + frame * FRAME_S + random.uniform(0.0, CONTROL_S)
            self._wait_until(at_s)
            if frame % TURN == 0:
                self._turn()
            self._show(self._camera)
            self._wait_until(at_s + FRAME_S / 2)
            self._show(self._floor)

    def _turn(self):
        """Change the brightness, unless the last change is still being followed."""
        self.unanswered += self._asked_ns is not None
        self._asked_ns = None
        last = self._speeds[-10:]
        if len(last) == 10 and max(last) - min(last) < STEADY:
            self._pixels[:] = 255 - self._pixels[0, 0, 0]
            self._asked_ns = time.time_ns()

    def _show(self, publisher):
        from physai_ros.adapters.images import write_image
        picture = write_image(self._message, Image(time.time_ns(), 'camera', self._pixels))
        publisher.publish(picture)

    def _wait_until(self, time_s):
        while (left_s := time_s - time.monotonic()) > 0.0:
            self._pass(left_s)

    def _pass(self, seconds):
        """Let time pass, at most so much: measure, and note what arrives."""
        if time.monotonic() >= self._odom_s:
            self._odom_s = time.monotonic() + ODOM_S
            self._measure()
        self._bell.wait([self._commands, self._answers],
                        max(0.0, min(seconds, self._odom_s - time.monotonic())))
        now_ns = time.time_ns()
        for header, _ in self._answers.take():
            self.floors.append((now_ns - _ns(header.stamp)) * 1e-9)
        for command, source_ns in self._commands.take():
            self._note(command.twist.linear.x, source_ns)

    def _note(self, speed, source_ns):
        if self._asked_ns is not None and self._speeds and source_ns > self._asked_ns \
                and abs(speed - self._speeds[-1]) > STEADY:
            self.latencies.append((source_ns - self._asked_ns) * 1e-9)
            self._split(source_ns)
            self._asked_ns = None
        self._speeds.append(speed)

    def _split(self, source_ns):
        """Note how long it took to the look, from there to the chunk, and on to the command."""
        chunks = [(_ns(chunk.header.stamp), chunk_ns) for chunk, chunk_ns in self._chunks.take()]
        for look_ns, chunk_ns in chunks:
            if look_ns > self._asked_ns:
                self.parts.append(np.diff([self._asked_ns, look_ns, chunk_ns, source_ns]) * 1e-6)
                return

    def _measure(self):
        stamp = self._odometry.header.stamp
        stamp.sec, stamp.nanosec = divmod(time.time_ns(), 1_000_000_000)
        self._odometry.twist.twist.linear.x = self._speeds[-1] if self._speeds else 0.0
        self._odom.publish(self._odometry)


def _ns(stamp) -> int:
    return stamp.sec * 1_000_000_000 + stamp.nanosec
