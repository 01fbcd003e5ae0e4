"""Trials through the real nodes: a bring-up of one robot, reset again and again."""
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time

from diagnostic_msgs.msg import DiagnosticStatus
from nav_msgs.msg import Odometry
from physai_ros.adapters.qos import EVENTS, LATCHED, SENSOR
from physai_ros.adapters.task import read_task
from physai_ros.core.errors import PhysaiError
from physai_ros.core.types import NS_PER_S
from physai_ros.evaluation.trials import Episode
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
import rclpy
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger
import yaml

READY_S, CALL_S, STOP_S = 60.0, 5.0, 8.0
AT_REST = 0.05     # rad/s, m/s


def run(trial, seeds, fleet):
    """
    Yield an Episode a seed, in real time.

    :param trial: evaluation.simulated.Trial
    :param fleet: the fleet file that the robot is from
    :raises PhysaiError: when the bring-up does not come up, or a service does not answer
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'fleet.yaml'
        file.write_text(yaml.safe_dump(_alone(trial, fleet)))
        log = open(Path(folder) / 'up.log', 'w+')
        up = subprocess.Popen(
            [sys.executable, '-m', 'physai_ros.cli.main', 'up', '--plain', '--fleet', str(file)],
            stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_ready(up, log)
            with Bench(trial.robot) as bench:
                for seed in seeds:
                    yield bench.episode(seed, trial.limit_s)
        finally:
            up.send_signal(signal.SIGINT)
            try:
                up.wait(STOP_S)
            except subprocess.TimeoutExpired:
                up.kill()


def _alone(trial, fleet):
    robot = yaml.safe_load(Path(fleet).read_text())['robots'][trial.robot]
    bundle = str(Path(trial.bundle).absolute()) if '/' in trial.bundle else trial.bundle
    return {'robots': {trial.robot: {**robot, 'bundle': bundle}}}


def _wait_ready(up, log):
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        log.seek(0)
        text = log.read()
        if 'ready:' in text:
            return
        if up.poll() is not None:
            raise PhysaiError('the bring-up', f'exit code {up.returncode}', 'a running one', text)
        time.sleep(0.2)
    raise PhysaiError('the bring-up', None, f'to be ready within {READY_S:g} s', text[-2000:])


class Bench:
    """A node that resets the simulator, engages the robot and reads how its task stands."""

    def __init__(self, robot: str):
        rclpy.init(args=['--ros-args', '--disable-external-lib-logs'])
        self._node = node = rclpy.create_node('physai_eval')
        self._robot, self._task, self._state = robot, None, ''
        node.create_subscription(DiagnosticStatus, f'/sim/ground_truth/{robot}/task',
                                 self._on_task, EVENTS)
        node.create_subscription(String, f'/{robot}/command/state', self._on_state, LATCHED)
        self._set = node.create_client(SetParameters, '/sim/set_parameters')
        self._reset = node.create_client(Trigger, '/sim/reset')
        self._engage = node.create_client(SetBool, f'/{robot}/command/engage')
        self._clear = node.create_client(Trigger, f'/{robot}/command/reset_fault')

    def __enter__(self):
        """Return the bench."""
        return self

    def __exit__(self, *_):
        """Leave the domain."""
        self._node.destroy_node()
        rclpy.try_shutdown()

    def episode(self, seed: int, limit_s: float) -> Episode:
        """Run one episode; its time is the simulator's."""
        self._call(self._engage, SetBool.Request(data=False))
        self._wait_for_rest()
        self._call(self._set, SetParameters.Request(parameters=[
            _parameter('continuous', ParameterType.PARAMETER_BOOL, bool_value=False),
            _parameter('seed', ParameterType.PARAMETER_INTEGER, integer_value=seed)]))
        self._call(self._reset, Trigger.Request())
        self._call(self._clear, Trigger.Request())
        self._engage_when_possible()
        self._task, start_ns = None, None
        while True:
            rclpy.spin_once(self._node, timeout_sec=CALL_S)
            if self._task is None:
                continue
            task = self._task
            start_ns = start_ns or task['world_ns']
            time_s = (task['world_ns'] - start_ns) / NS_PER_S
            reason = task['failed'] or (
                f'fault: {self._state}' if self._state.startswith('faulted') else None)
            if reason is None and time_s >= limit_s and not task['success']:
                reason = f'not done after {limit_s:g} s: {task["text"]}'
            if task['success'] or reason:
                return Episode(seed, task['success'] and not reason, time_s, task['collisions'],
                               task['violations'], reason)

    def _wait_for_rest(self):
        """Wait until the robot stands: in the middle of its braking a reset would be a jump."""
        speeds, end = {}, time.monotonic() + CALL_S

        def joints(message):
            speeds['joints'] = max(map(abs, message.velocity), default=0.0)

        def base(message):
            twist = message.twist.twist
            speeds['base'] = max(abs(v) for v in (twist.linear.x, twist.linear.y, twist.angular.z))
        heard = [self._node.create_subscription(kind, f'/{self._robot}/{topic}', take, SENSOR)
                 for kind, topic, take in ((JointState, 'joint_states', joints),
                                           (Odometry, 'odom', base))]
        while not speeds or max(speeds.values()) > AT_REST:
            rclpy.spin_once(self._node, timeout_sec=CALL_S)
            if time.monotonic() > end:
                raise PhysaiError(f'speed of {self._robot}', speeds, f'less than {AT_REST}, when '
                                  'it is disengaged')
        for subscription in heard:
            self._node.destroy_subscription(subscription)

    def _engage_when_possible(self):
        end = time.monotonic() + CALL_S
        while True:
            answer = self._call(self._engage, SetBool.Request(data=True))
            if answer.success:
                return
            if time.monotonic() > end:
                raise PhysaiError('command/engage', answer.message, 'to be engaged')

    def _call(self, client, request):
        client.wait_for_service(CALL_S)
        future = client.call_async(request)
        rclpy.spin_until_future_complete(self._node, future, timeout_sec=CALL_S)
        if not future.done():
            raise PhysaiError(f'service {client.srv_name}', None,
                              f'an answer within {CALL_S:g} s', 'see the log of its node')
        return future.result()

    def _on_task(self, message):
        self._task = read_task(message)

    def _on_state(self, message):
        self._state = message.data


def _parameter(name, kind, **value):
    return Parameter(name=name, value=ParameterValue(type=kind, **value))
