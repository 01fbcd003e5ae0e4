"""A node that only watches: how a robot moves, what it is sent, what its nodes say."""
from collections import Counter
from contextlib import suppress
import threading
import time
from typing import Dict, List, Optional, Tuple

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from nav_msgs.msg import Odometry
import numpy as np
from physai_ros.adapters.base_command import base_command
from physai_ros.adapters.commands import read_trajectory
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Gate
from physai_ros.adapters.qos import EVENTS, EVERY, LATCHED
from physai_ros.adapters.sensors import read_joint_state, read_odometry
from physai_ros.adapters.service_executor import ServiceExecutor
from physai_ros.adapters.shared_memory import NO_PICTURES, profile
from physai_ros.adapters.task import read_task
from physai_ros.core.errors import PhysaiError
from physai_ros.faults.motion import Motion
from physai_ros.faults.published import TrajectoryCheck, TwistCheck
import rclpy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger
from trajectory_msgs.msg import JointTrajectory

PERIOD_S = 0.004
CALL_S = 5.0
ARM_LAG_NS, BASE_LAG_NS = 300_000_000, 1_000_000_000
ENGAGED = 'engaged'


class Observer:
    """
    Listens in a thread of its own.

    :param domain: ROS domain
    :param robot: a :class:`~physai_ros.faults.subject.Subject`
    :param topics: function from a topic to where its messages are as they were published
    """

    def __init__(self, domain: int, robot, topics=lambda topic: topic):
        self._context = rclpy.Context()
        with profile(NO_PICTURES):
            rclpy.init(args=['--ros-args', '--disable-external-lib-logs'], context=self._context,
                       domain_id=domain, signal_handler_options=SignalHandlerOptions.NO)
            self._node = rclpy.create_node(
                'physai_faults', context=self._context, use_global_arguments=False,
                start_parameter_services=False, enable_rosout=False)
        self.robot, self.state = robot, ''
        self.events: List[Tuple[int, str]] = []
        self.statuses: Dict[str, Tuple[int, int, str, Dict[str, str]]] = {}
        self._worlds = [Counter(), Counter()]    # of those that ended, of the present one
        arm = robot.joint_limits is not None
        self.motion = Motion(ARM_LAG_NS if arm else BASE_LAG_NS)
        self.published = (
            TrajectoryCheck(robot.joint_limits, robot.command_topics.values()) if arm
            else TwistCheck(robot.base_limits))
        # Commands before what they made the robot do, also after a pause of this process.
        self._inputs = list(self._arm(topics) if arm else self._base(topics))
        self._inputs += [
            (self._inbox(String, robot.topic('command/state'), LATCHED), self._on_state),
            (self._inbox(DiagnosticArray, '/diagnostics', EVERY), self._on_diagnostics),
            (self._inbox(DiagnosticStatus, f'/sim/ground_truth/{robot.name}/task', EVENTS,
                         read_task), self._on_task)]
        self._executor = ServiceExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._running = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def violations(self) -> Counter:
        """Return what was violated since the start, by who saw it."""
        return Counter({
            **{f'simulator {kind}': n for kind, n in (self._worlds[0] + self._worlds[1]).items()},
            **{f'published {kind}': n for kind, n in self.published.found.items()},
            'uncommanded': self.motion.uncommanded})

    def first_event_ns(self, since_ns: int, kinds: Tuple[str, ...]) -> Optional[int]:
        """Return when something of a kind was first said after a monotonic time, or None."""
        return next((at for at, text in tuple(self.events)
                     if at > since_ns and text.startswith(kinds)), None)

    def works(self) -> bool:
        """Return whether the robot is engaged and its manager says that all nodes are active."""
        manager = self.statuses.get(f'{self.robot.name}/manager')
        return self.state == ENGAGED and manager is not None and manager[1] == 0

    def heard_ns(self, node: str) -> int:
        """Return when a node reported last (monotonic), 0 when it never did."""
        name = node if node == 'sim' else f'{self.robot.name}/{node}'
        return self.statuses.get(name, (0,))[0]

    def was_faulted(self) -> bool:
        """Return whether the robot is disengaged because a fault was cleared."""
        states = [text for _, text in tuple(self.events) if text.startswith('state')]
        return states[-2:] == ['state faulted', 'state disengaged']

    def clear_and_engage(self) -> bool:
        """Do as an operator: clear the fault, then engage; return whether that was accepted."""
        topic = self.robot.topic
        self.call(Trigger, topic('command/reset_fault'), Trigger.Request())
        answer = self.call(SetBool, topic('command/engage'), SetBool.Request(data=True))
        return answer is not None and answer.success

    def call(self, kind, name, request):
        """Call a service; return its response, None when there is none in time."""
        client = self._node.create_client(kind, name)
        end = time.monotonic() + CALL_S
        try:
            while not client.service_is_ready() and time.monotonic() < end:
                time.sleep(PERIOD_S)
            future = client.call_async(request)
            while not future.done() and time.monotonic() < end:
                self._executor.spin_once(timeout_sec=PERIOD_S)
            return future.result() if future.done() else None
        finally:
            self._node.destroy_client(client)

    def close(self):
        """Leave the domain."""
        self._running = False
        self._thread.join()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def _listen(self):
        while self._running:
            for inbox, accept in self._inputs:
                for sample in inbox.take():
                    with suppress(PhysaiError):
                        accept(sample)
            time.sleep(PERIOD_S)

    def _inbox(self, kind, topic, profile, convert=lambda message: message):
        return Inbox(self._node, kind, topic, profile, convert, Gate())

    def _arm(self, topics):
        robot = self.robot
        limits = robot.joint_limits
        names = [n for n, slides in zip(limits.names, limits.prismatic) if not slides]

        def on_state(state):
            rows = [state.names.index(name) for name in names]
            self.motion.measured(state.stamp_ns, float(np.abs(state.velocity[rows]).max()))

        def on_command(trajectory):
            turning = [name in names for name in trajectory.names]
            fast = (np.abs(trajectory.velocities[:, turning]) > 1e-3).any(axis=1)
            if fast.any():
                self.motion.commanded(
                    trajectory.stamp_ns + int(trajectory.times_ns[fast.nonzero()[0][-1]]))

        for topic in robot.command_topics:
            yield self._inbox(JointTrajectory, topic, EVERY, read_trajectory), on_command
            yield self._inbox(JointTrajectory, topics(topic), EVERY, read_trajectory), \
                self.published.sample
        yield self._inbox(JointState, topics(robot.topic('joint_states')), EVERY,
                          read_joint_state), on_state

    def _base(self, topics):
        def on_odometry(sample):
            speeds = (*sample.linear[:2], sample.angular[2])
            self.motion.measured(sample.stamp_ns, float(np.abs(speeds).max()))

        def on_command(twist):
            if np.abs(twist.velocity).max() > 1e-3:
                self.motion.commanded(twist.stamp_ns or time.time_ns())

        robot = self.robot
        kind, _, read = base_command(robot.profile.base)
        for topic in robot.command_topics:
            yield self._inbox(kind, topic, EVERY, read), on_command
            yield self._inbox(kind, topics(topic), EVERY, read), self.published.sample
        yield self._inbox(Odometry, topics(robot.topic('odom')), EVERY, read_odometry), on_odometry

    def _say(self, text):
        self.events.append((time.monotonic_ns(), text))

    def _on_state(self, message):
        if message.data != self.state:
            self.state = message.data
            self._say(f'state {message.data}')

    def _on_diagnostics(self, array):
        for status in array.status:
            name, level = status.name.partition(':')[0], ord(status.level)
            before = self.statuses.get(name, (0, 0, '', {}))
            values = {item.key: item.value for item in status.values}
            self.statuses[name] = time.monotonic_ns(), level, status.message, values
            if level > before[1]:
                self._say(f'problem {name}: {status.message}')

    def _on_task(self, task):
        past, last = self._worlds
        if task['violations'] < last.total():  # the simulator was started anew
            past += last
        self._worlds = [past, Counter(task['violated'])]
