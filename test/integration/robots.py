"""A small robot that obeys, for tests of the nodes that command one."""
import time

from nav_msgs.msg import Odometry
import numpy as np
from physai_ros.adapters.commands import joint_chunk, read_trajectory
from physai_ros.adapters.qos import CHUNK, COMMAND, SENSOR_OUT
from physai_ros.adapters.sensors import write_joint_state
from physai_ros.core.types import JointChunk, JointState
from sensor_msgs.msg import JointState as JointStateMessage
from trajectory_msgs.msg import JointTrajectory
import yaml

URDF = """<robot name="two"><link name="base_link"/><link name="a"/><link name="hand_tcp"/>
<joint name="shoulder" type="revolute"><parent link="base_link"/><child link="a"/>
  <axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="1" effort="1"/></joint>
<joint name="elbow" type="revolute"><parent link="a"/><child link="hand_tcp"/>
  <origin xyz="1 0 0"/><axis xyz="0 0 1"/>
  <limit lower="-1" upper="1" velocity="1" effort="1"/></joint></robot>"""
JOINTS = ('shoulder', 'elbow')
ARM = {'joints': list(JOINTS), 'acceleration': {'default': 4.0}, 'jerk': {'default': 40.0}}
PERIOD_S = 0.01


def write_profile(folder, **changes) -> str:
    """Write a profile of the two-joint arm; return its path."""
    (folder / 'two.urdf').write_text(URDF)
    profile = {'name': 'two', 'urdf': str(folder / 'two.urdf'), 'arm': {**ARM, **changes}}
    path = folder / 'two.yaml'
    path.write_text(yaml.safe_dump(profile))
    return str(path)


class Arm:
    """
    Publishes joint states at 100 Hz and is where the newest trajectories say.

    :param graph: see graph.py; pass :meth:`live` to its waits as ``each``
    :param controllers: that take them

    ``blocked``: numbers of the joints that an object keeps where they are.
    """

    def __init__(self, graph, namespace='/two1', controllers=('arm_controller',)):
        node = graph.node
        self.position, self.trajectories, self.alive = np.zeros(2), [], True
        self.blocked = []
        self._states = node.create_publisher(
            JointStateMessage, f'{namespace}/joint_states', SENSOR_OUT)
        self._chunks = node.create_publisher(
            JointTrajectory, f'{namespace}/policy/joint_chunk', CHUNK)
        for name in controllers:
            node.create_subscription(
                JointTrajectory, f'{namespace}/{name}/joint_trajectory',
                lambda data: self.trajectories.append(read_trajectory(data)), COMMAND, raw=True)
        self._due_s = time.monotonic()

    def live(self):
        """Move and tell where the joints are, when that is due."""
        if time.monotonic() < self._due_s:
            return
        self._due_s = time.monotonic() + PERIOD_S
        velocity, kept = np.zeros(2), self.position[self.blocked]
        newest = {trajectory.names: trajectory for trajectory in self.trajectories}
        for last in newest.values():
            now = (time.time_ns() - last.stamp_ns) * 1e-9
            times, places = last.times_ns * 1e-9, [JOINTS.index(name) for name in last.names]
            self.position[places] = [np.interp(now, times, p) for p in last.positions.T]
            velocity[places] = [np.interp(now, times, v) for v in last.velocities.T]
        self.position[self.blocked], velocity[self.blocked] = kept, 0.0
        if self.alive:
            self._states.publish(write_joint_state(JointState(
                time.time_ns(), JOINTS, self.position, velocity)))

    def want(self, targets, steps=20, dt_s=0.05, start=None):
        """Send a chunk from a pose, the present one by default, to targets (2,) in ``steps``."""
        share = np.linspace(0.0, 1.0, steps)[:, None]
        start = np.asarray(self.position if start is None else start)
        rows = start + share * (np.asarray(targets) - start)
        self._chunks.publish(joint_chunk(JointChunk(
            time.time_ns(), round(dt_s * 1e9), JOINTS, rows)))


def odometry(vx=0.0) -> Odometry:
    """Return an odometry message of now."""
    message = Odometry()
    now = time.time_ns()
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(now, 1_000_000_000)
    message.pose.pose.orientation.w = 1.0
    message.twist.twist.linear.x = vx
    return message
