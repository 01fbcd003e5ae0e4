"""Node processes to measure, on a ROS domain of their own."""
from contextlib import suppress
import os
import subprocess
import sys
import time
from typing import Callable

from physai_ros import bringup
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.supervise.domain import DomainLock, PORTS_SAFE

PATIENCE_S, END_S = 30.0, 5.0


class Graph:
    """
    Processes, and a node of this process beside them; a context manager that ends them all.

    ``node`` is an rclpy node that nobody spins, ``context`` its context.
    """

    def __init__(self):
        self._lock, number = _free_domain()
        os.environ.update(bringup.environment(os.environ))
        self._environment = {**os.environ, 'ROS_DOMAIN_ID': str(number)}
        import rclpy
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.signals import SignalHandlerOptions
        self.context = rclpy.Context()
        rclpy.init(args=[], context=self.context, domain_id=number,
                   signal_handler_options=SignalHandlerOptions.NO)
        self.node = rclpy.create_node('bench', context=self.context, enable_rosout=False)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._processes = []

    def __enter__(self):
        """Return the graph."""
        return self

    def __exit__(self, *_):
        """End all processes, and leave the domain."""
        import rclpy
        for process in self._processes:
            process.terminate()
        for process in tuple(self._processes):
            self.stop(process)
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)
        self._lock.release()

    def start(self, module: str, *arguments: str, **parameters) -> subprocess.Popen:
        """Start a module of the package as a process, in the namespace ``/bench``."""
        given = [part for name, value in parameters.items() for part in ('-p', f'{name}:={value}')]
        ros = ['--ros-args', '-r', '__ns:=/bench', '--log-level', 'warn', *given]
        process = subprocess.Popen(
            [sys.executable, '-m', f'physai_ros.{module}', *arguments, *ros],
            env=self._environment, stdout=subprocess.DEVNULL)
        self._processes.append(process)
        return process

    def stop(self, process: subprocess.Popen):
        """End a process."""
        self._processes.remove(process)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
        process.kill()

    def activate(self, name: str):
        """Configure and activate a lifecycle node; raise PhysaiError when it refuses."""
        from lifecycle_msgs.msg import Transition
        from lifecycle_msgs.srv import ChangeState
        for number in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            request = ChangeState.Request()
            request.transition.id = number
            if not self.call(ChangeState, f'/bench/{name}/change_state', request).success:
                raise PhysaiError(f'node {name}', 'a refused transition', '', 'see its log above')

    def call(self, service_type, name: str, request, live: Callable = lambda: None):
        """Call a service and return its response; ``live`` is called while waiting."""
        import rclpy
        client = self.node.create_client(service_type, name)
        self.wait(client.service_is_ready, f'service {name}', live)
        future = client.call_async(request)

        def answered():
            rclpy.spin_once(self.node, executor=self._executor, timeout_sec=0.0)
            return future.done()
        self.wait(answered, f'an answer of {name}', live)
        self.node.destroy_client(client)
        return future.result()

    def wait(self, condition: Callable, what: str, live: Callable = lambda: None):
        """Wait until a condition holds; raise PhysaiError when that takes too long."""
        end_s = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end_s:
                raise PhysaiError(what, None, f'it within {PATIENCE_S:g} s',
                                  'measure on a machine that is less busy')
            live()
            time.sleep(0.002)


def _free_domain():
    for number in range(PORTS_SAFE, 0, -1):
        with suppress(ConfigError):
            return DomainLock(number), number
    raise ConfigError('ROS domains', 'all in use', 'a free one', 'stop a fleet')
