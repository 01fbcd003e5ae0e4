"""One simulated robot on the topics of a real one."""
from dataclasses import replace
from typing import List, Tuple

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Odometry
from physai_ros.adapters.base_command import base_command
from physai_ros.adapters.base_interlock import BaseInterlock
from physai_ros.adapters.commands import read_trajectory
from physai_ros.adapters.images import camera_info, write_image
from physai_ros.adapters.qos import EVENTS, EVERY, SENSOR_OUT, STATE_OUT, TF
from physai_ros.adapters.sensors import set_pose, write_imu, write_joint_state, write_odometry
from physai_ros.adapters.stamps import write
from physai_ros.adapters.task import write_task
from physai_ros.adapters.transforms import Transform, write_transforms
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.limits import base_limits
from sensor_msgs.msg import CameraInfo, Image, Imu, JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory

GROUND_TRUTH_HZ = 10.0
CONTINUE_NS, GIVE_UP_NS = 2 * NS_PER_S, 60 * NS_PER_S
LATE_NS = NS_PER_S // 10    # a world that is later than this drops time
LONGEST_GAP_NS = 100_000_000    # between two pictures of a world that is behind its clock


class Every:
    """Tells when something with a rate is due in simulated time."""

    def __init__(self, rate_hz: float, phase_ns: int = 0):
        self._period_ns, self._due_ns = round(NS_PER_S / rate_hz), phase_ns

    def due(self, now_ns: int) -> bool:
        """Return whether it is due now; periods that were missed are dropped."""
        if self._due_ns - now_ns > self._period_ns:  # the world was reset
            self._due_ns = now_ns
        if now_ns < self._due_ns:
            return False
        self._due_ns += self._period_ns * ((now_ns - self._due_ns) // self._period_ns + 1)
        return True


def split(commands: List, now_ns: int) -> Tuple[List, List]:
    """
    Return the commands whose time has come, and those that wait for the world to get there.

    They stay in their order: none overtakes one that waits.
    """
    for k, command in enumerate(commands):
        if now_ns < command.stamp_ns < now_ns + LATE_NS:
            return commands[:k], commands[k:]
    return commands, []


class SimRobotBridge:
    """
    Publishes one robot's state and camera, and takes its commands.

    ``offset_ns`` is ROS time minus the world's time. A command with the stamp 0 is meant for now.

    :param node: a :class:`~physai_ros.adapters.runtime.Runtime`
    :param world: a ``physai_ros.sim.World``
    :param robot: the ``SimRobot``
    :param phase: 0 to 1, part of a camera period by which this camera is behind the first
    """

    def __init__(self, node, world, robot, phase: float):
        self._node, self._world, self._name = node, world, robot.name
        rates, camera = robot.profile.rates, robot.profile.camera
        self._root = f'{self._name}/{world.root(robot.name)}'
        self._inputs = list(self._commands(robot.profile))
        self._outputs = [(Every(rates.joint_states_hz), self._joint_states()),
                         (Every(rates.imu_hz), self._imu()),
                         (Every(GROUND_TRUTH_HZ), self._ground_truth())]
        if robot.profile.base:
            self._outputs.append((Every(rates.odom_hz), self._odometry()))
        self._camera_due, self._drawn_ns = None, 0
        if camera is not None:
            self._camera_due = Every(camera.rate_hz, round(phase * NS_PER_S / camera.rate_hz))
            self._picture = self._camera(camera)
        self._since = None          # whether the task has ended, and since when

    def read(self, offset_ns: int):
        """
        Hand new commands to the world, each when the world gets there.

        It is a batch behind, and more when it is late: it would else be told of its future, which
        no controller of a robot is, and would bend its way there.
        """
        now_ns = self._world.time_ns + offset_ns
        for waiting, inbox, accept in self._inputs:
            due, waiting[:] = split([*waiting, *inbox.take()], now_ns)
            for command in due:
                accept(self._name, command if not command.stamp_ns else replace(
                    command, stamp_ns=command.stamp_ns - offset_ns))

    def write(self, offset_ns: int):
        """Publish what is due, apart from pictures."""
        for every, publish in self._outputs:
            if every.due(self._world.time_ns):
                publish(offset_ns)

    def render(self, offset_ns: int, behind: bool = False) -> bool:
        """
        Publish a picture if one is due; return whether it was.

        :param behind: the world is behind its clock: a picture may wait, up to LONGEST_GAP_NS
        """
        now_ns = self._world.time_ns
        if behind and 0 <= now_ns - self._drawn_ns < LONGEST_GAP_NS:
            return False
        due = self._camera_due is not None and self._camera_due.due(now_ns)
        if due:
            self._drawn_ns = now_ns
            self._picture(offset_ns)
        return due

    def go_on(self):
        """Set the next task a while after the last one ended, well, badly or not at all."""
        status, now_ns = self._world.status(self._name), self._world.time_ns
        ended = bool(status.success or status.failed)
        if self._since is None or self._since[0] != ended or now_ns < self._since[1]:
            self._since = ended, now_ns
        elif now_ns - self._since[1] >= (CONTINUE_NS if ended else GIVE_UP_NS):
            self._world.place_next(self._name)
            self._since = None

    def _commands(self, profile):
        if profile.arm:
            for topic in profile.arm.trajectories:
                yield ([], self._node.inbox(
                    JointTrajectory, f'{self._name}/{topic}', EVERY, read_trajectory),
                    self._world.set_trajectory)
        if profile.base:
            kind, _, read = base_command(profile.base)
            yield ([], self._node.inbox(kind, f'{self._name}/cmd_vel', EVERY, read),
                   BaseInterlock(base_limits(profile).acceleration, lambda: self._world.time_ns,
                                 self._world.set_twist))

    def _out(self, message_type, topic, qos):
        return self._node.advertise(message_type, f'{self._name}/{topic}', qos)

    def _joint_states(self):
        publisher = self._out(JointState, 'joint_states', STATE_OUT)

        def publish(offset_ns):
            state = self._world.joint_state(self._name)
            publisher.publish(write_joint_state(_later(state, offset_ns)))
        return publish

    def _imu(self):
        publisher = self._out(Imu, 'imu', SENSOR_OUT)

        def publish(offset_ns):
            if not publisher.get_subscription_count():
                return
            imu = _later(self._world.imu(self._name), offset_ns)
            publisher.publish(write_imu(replace(imu, frame_id=f'{self._name}/{imu.frame_id}')))
        return publish

    def _odometry(self):
        publisher, tf = self._out(Odometry, 'odom', STATE_OUT), self._node.advertise(
            TFMessage, '/tf', TF)
        frame = f'{self._name}/odom'

        def publish(offset_ns):
            odometry = _later(self._world.odometry(self._name), offset_ns)
            publisher.publish(write_odometry(odometry, frame, self._root))
            tf.publish(write_transforms([Transform(
                odometry.stamp_ns, frame, self._root, odometry.position, odometry.orientation)]))
        return publish

    def _camera(self, camera):
        pictures = self._out(Image, f'{camera.name}/image_raw', SENSOR_OUT)
        infos = self._out(CameraInfo, f'{camera.name}/camera_info', STATE_OUT)
        message, frame = Image(), f'{self._name}/{camera.frame}'
        info = camera_info(self._world.camera(self._name), frame)

        def publish(offset_ns):
            if not pictures.get_subscription_count() and not infos.get_subscription_count():
                return
            image = _later(self._world.render(self._name), offset_ns)
            write(info.header.stamp, image.stamp_ns)
            infos.publish(info)
            pictures.publish(write_image(message, replace(image, frame_id=frame)))
        return publish

    def _ground_truth(self):
        folder, poses = f'sim/ground_truth/{self._name}', {}
        text = self._node.advertise(String, f'{folder}/status', EVENTS)
        task = self._node.advertise(DiagnosticStatus, f'{folder}/task', EVENTS)

        def publish(offset_ns):
            for key, pose in self._world.truth(self._name).items():
                if key not in poses:
                    poses[key] = PoseStamped(), self._node.advertise(
                        PoseStamped, f'{folder}/{key}', SENSOR_OUT)
                message, publisher = poses[key]
                if not publisher.get_subscription_count():
                    continue
                message.header.frame_id = self._root
                write(message.header.stamp, self._world.time_ns + offset_ns)
                set_pose(message.pose, *pose)
                publisher.publish(message)
            status = self._world.status(self._name)
            text.publish(String(data=status.text))
            task.publish(write_task(self._name, status, self._world.time_ns))
        return publish


def _later(sample, offset_ns):
    return replace(sample, stamp_ns=sample.stamp_ns + offset_ns)
