"""Start nodes as their own processes, talk to them, and wait with a deadline."""
import os
import signal
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from physai_ros.adapters.qos import EVENTS
from physai_ros.paths import share
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
import yaml

PATIENCE_S = 20.0
END_S = 8.0
TRANSITIONS = {'configure': Transition.TRANSITION_CONFIGURE,
               'activate': Transition.TRANSITION_ACTIVATE,
               'deactivate': Transition.TRANSITION_DEACTIVATE,
               'cleanup': Transition.TRANSITION_CLEANUP}


class Graph:
    """
    A test's node, and the processes of the nodes under test.

    ``node`` is an rclpy node in the root namespace; it is spun by the methods that wait.
    """

    def __init__(self, domain: int):
        os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
        os.environ['FASTRTPS_DEFAULT_PROFILES_FILE'] = str(share() / 'config' / 'fastdds.xml')
        self._environment = {**os.environ, 'ROS_DOMAIN_ID': str(domain), 'OMP_NUM_THREADS': '1',
                             'PYTHONPATH': os.pathsep.join(sys.path)}
        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context, domain_id=domain,
                   signal_handler_options=SignalHandlerOptions.NO)
        self.node = rclpy.create_node('test', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._processes = {}
        self.statuses = {}
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, EVENTS)

    def start(self, executable: str, namespace: str = '/', **parameters) -> subprocess.Popen:
        """
        Start a node of the package and wait until it reports.

        :param parameters: with ``__`` for each dot of a name
        """
        process = self.launch(executable, namespace, **parameters)
        name = f'{namespace.strip("/")}/{executable}'.lstrip('/')
        self.statuses.pop(name, None)
        self.wait(lambda: name in self.statuses or process.poll() is not None,
                  f'{name} to report on /diagnostics')
        assert process.poll() is None, f'{name} ended with {process.returncode}'
        self._processes[name] = process
        return process

    def launch(self, executable, namespace='/', stderr=None, package='physai_ros',
               **parameters) -> subprocess.Popen:
        """Start a node of the package, without a wait."""
        arguments = ['--ros-args', '-r', f'__node:={executable}', '-r', f'__ns:={namespace}']
        for name, value in parameters.items():
            text = yaml.safe_dump(value, default_flow_style=True, width=1 << 20)
            arguments += ['-p', f'{name.replace("__", ".")}:={text.splitlines()[0]}']
        return subprocess.Popen([sys.executable, '-m', f'{package}.nodes.{executable}_node',
                                 *arguments], env=self._environment, stderr=stderr, text=True)

    def up(self, executable: str, namespace: str = '/', **parameters) -> subprocess.Popen:
        """Start, configure and activate a lifecycle node."""
        process = self.start(executable, namespace, **parameters)
        for transition in ('configure', 'activate'):
            assert self.change(f'{namespace}/{executable}', transition), self.fault(
                f'{namespace}/{executable}')
        return process

    def change(self, node: str, transition: str, each=None) -> bool:
        """Ask a lifecycle node for a transition; return its answer; ``each`` as in `wait`."""
        request = ChangeState.Request()
        request.transition.id = TRANSITIONS[transition]
        return self.call(ChangeState, f'{node}/change_state', request, each).success

    def call(self, service_type, name: str, request, each=None):
        """Call a service and return its response; ``each`` as in :meth:`wait`."""
        client = self.node.create_client(service_type, name)
        self.wait(client.service_is_ready, f'service {name}', each=each)
        future = client.call_async(request)
        self.wait(future.done, f'an answer of {name}', each=each)
        self.node.destroy_client(client)
        return future.result()

    def set_parameters(self, node: str, **parameters):
        """Set parameters of a node, which must accept them."""
        request = SetParameters.Request(parameters=[
            Parameter(name, value=value).to_parameter_msg() for name, value in parameters.items()])
        for result in self.call(SetParameters, f'{node}/set_parameters', request).results:
            assert result.successful, result.reason

    def fault(self, node: str) -> str:
        """Return the fault that a node reports from now on."""
        name = node.lstrip('/')
        self.statuses.pop(name, None)
        self.wait(lambda: name in self.statuses, f'{name} to report on /diagnostics')
        return self.statuses[name]['fault']

    def value(self, node: str, key: str) -> str:
        """Return a value of a node's newest diagnostics, empty when there is none."""
        return self.statuses.get(node.lstrip('/'), {}).get(key, '')

    def wait(self, condition, what: str, timeout_s: float = PATIENCE_S, each=None):
        """
        Spin until a condition holds.

        :param each: called before each look at the condition, about every 10 ms
        """
        end_s = time.monotonic() + timeout_s
        while True:
            if each is not None:
                each()
            if condition():
                return
            if time.monotonic() > end_s:
                raise AssertionError(f'waited {timeout_s:g} s in vain for {what}; '
                                     f'diagnostics: {self.statuses}')
            self._executor.spin_once(timeout_sec=0.01)

    def spin(self, seconds: float, each=None):
        """Spin for a time."""
        end_s = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end_s, 'time to pass', 2.0 * seconds + 1.0, each)

    def end(self, name: str, number: int = signal.SIGTERM) -> int:
        """Send a signal to a node's process; return its exit code."""
        process = self._processes.pop(name)
        process.send_signal(number)
        code = process.wait(END_S)
        self.spin(0.1)      # its last words are not to be taken for those of a successor
        return code

    def search_first(self, folder):
        """Have nodes that are started from now on find programs in a folder first."""
        self._environment['PATH'] = os.pathsep.join((str(folder), self._environment['PATH']))

    def forget(self, name: str):
        """Leave a node's process that ends badly to the test."""
        self._processes.pop(name).wait(END_S)

    def stop(self, name: str) -> subprocess.Popen:
        """Have a node's process hang, and leave it to somebody else."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGSTOP)
        return process

    def close(self):
        """End everything; a process that does not end well is an error."""
        codes = {}
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self._processes.items():
            try:
                codes[name] = process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = f'killed after {END_S:g} s'
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)
        assert not any(codes.values()), f'exit codes: {codes}'

    def _on_diagnostics(self, array):
        for status in array.status:
            values = {item.key: item.value for item in status.values}
            self.statuses[status.name.partition(':')[0]] = {
                **values, 'level': ord(status.level), 'message': status.message}
