"""A bring-up of one robot to break: the real processes, with a proxy in the topics' way."""
from contextlib import ExitStack, suppress
from dataclasses import replace
import os
from pathlib import Path
import signal
import tempfile
import time
from typing import Callable, List, Mapping, Optional, Sequence
import uuid

from physai_ros import bringup
from physai_ros.core.errors import PhysaiError
from physai_ros.core.types import NS_PER_S
from physai_ros.faults.machine import Hog
from physai_ros.faults.nodes.proxy_node import UNDISTURBED
from physai_ros.faults.observer import Observer
from physai_ros.faults.subject import Subject, Way
from physai_ros.parameter_check import require_known_parameters
from physai_ros.supervise import domain
from physai_ros.supervise.child import STARTER
from physai_ros.supervise.daemon import Daemon
from physai_ros.supervise.programs import programs
from physai_ros.supervise.runs import Run
from physai_ros.supervise.watchdog import Watchdog
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters

READY_S, STOP_S, PAUSE_S, LOOK_S = 60.0, 4.0, 0.02, 0.5
WORLD_NICE = -15    # no SCHED_FIFO: it draws pictures, in many threads and for long
PROXY, MARK = 'proxy', 'PHYSAI_FAULTS_SESSION'


class Session:
    """
    Bring one robot up, for as long as the context lasts; no process survives it.

    :param robot: the robot
    :param fleet: the fleet file that it is from
    :param ways: topics that the proxy passes on
    :param use_sim_time: all nodes follow /clock
    :param environ: more variables for the processes
    :param realtime: real-time priority for command and manager, and a high one for simulator and
        proxy, which stand for a world, and for wires, that nothing delays
    """

    def __init__(self, robot: Subject, fleet: Path, number: int, ways: Sequence[Way] = (),
                 use_sim_time: bool = False, environ: Mapping[str, str] = {},
                 realtime: bool = False):
        self.robot, self._ways = robot, {robot.topic(way.topic): way for way in ways}
        self._options = bringup.Options(Path(fleet), (robot.name,), use_sim_time=use_sim_time,
                                        realtime=realtime)
        self._number, self._environ = number, dict(environ)
        self._stack = ExitStack()
        self.observer: Optional[Observer] = None
        self.hog, self._mark = Hog(), str(uuid.uuid4())

    def __enter__(self):
        """Return the session once the robot works."""
        with ExitStack() as stack:
            stack.callback(domain.DomainLock(self._number).release)
            stack.callback(self.hog.end)
            folders = Run({**os.environ, 'ROS_LOG_DIR': tempfile.gettempdir(), **self._environ})
            stack.callback(folders.close)
            self.logs = folders.logs
            specs = [self._with_proxy(spec) for spec in bringup.graph(self._options).specs]
            require_known_parameters(specs)
            self.daemon = Daemon(programs([*specs, *self._proxy()], self.logs / 'parameters'),
                                 folders.private, self.logs)
            stack.callback(self.daemon.stop, STOP_S)
            self.daemon.start({
                **os.environ, **bringup.environment(os.environ), STARTER: str(os.getpid()),
                'ROS_DOMAIN_ID': str(self._number), 'ROS_LOG_DIR': str(self.logs),
                'ROS_HOME': str(self.logs), MARK: self._mark})
            self.daemon.wait_ready()
            alone = [spec for spec in specs if not spec.managed]
            self._alone = {s.process: s.full_name.lstrip('/') for s in alone}
            self._watchdog, self._look_s = Watchdog(self.daemon, self._alone), 0.0
            self.observer = Observer(self._number, self.robot, self._published)
            stack.callback(self.observer.close)
            self.require(self.observer.works, READY_S, 'the robot to work')
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        """End every process."""
        self._stack.close()

    def orphans(self) -> List[int]:
        """Return the processes that are left of this session: none, once it has ended."""
        wanted, found = f'{MARK}={self._mark}'.encode(), []
        for folder in Path('/proc').glob('[0-9]*'):
            with suppress(OSError):
                if wanted in (folder / 'environ').read_bytes().split(b'\0'):
                    found.append(int(folder.name))
        return found

    def pid(self, node: str) -> int:
        """Return the process id of a node, 0 while it does not run."""
        name = node if node in ('sim', PROXY) else f'{self.robot.name}.{node}'
        state = self.daemon.states().get(name)
        return state.pid if state else 0

    def signal(self, node: str, number: signal.Signals) -> int:
        """Send a signal to a node's process; return its process id."""
        pid = self.pid(node)
        if not pid:
            raise PhysaiError(f'process of {node}', None, 'a running one', f'see {self.logs}')
        os.kill(pid, number)
        return pid

    def disturb(self, settings: Mapping[str, str], lead_s: float = 0.0) -> int:
        """
        Have the proxy do this to topics (full names), and nothing to all others.

        :param lead_s: from now on until it begins with that
        :return: when that is, monotonic
        """
        begin_ns = time.monotonic_ns() + round(lead_s * NS_PER_S)
        rows = [f'{topic}={setting}' for topic, setting in settings.items()] or ['']
        answer = self.observer.call(SetParameters, f'/{PROXY}/set_parameters', (
            SetParameters.Request(parameters=[
                Parameter(name='begin_ns', value=ParameterValue(
                    type=ParameterType.PARAMETER_INTEGER, integer_value=begin_ns)),
                Parameter(name='faults', value=ParameterValue(
                    type=ParameterType.PARAMETER_STRING_ARRAY, string_array_value=rows))])))
        if answer is None or not all(result.successful for result in answer.results):
            raise PhysaiError('proxy', answer, 'to do as it is told', f'see {self.logs}')
        return begin_ns

    def wait(self, condition: Callable, timeout_s: float) -> Optional[float]:
        """Wait for a condition; return after how many seconds it held, None if it did not."""
        start_s = time.monotonic()
        while time.monotonic() < start_s + timeout_s:
            if condition():
                return time.monotonic() - start_s
            if not self.daemon.running:
                raise PhysaiError('process supervisor', 'gone', 'a running one',
                                  f'see {self.logs}/supervisord.log')
            self._watch()
            time.sleep(PAUSE_S)
        return None

    def require(self, condition: Callable, timeout_s: float, what: str):
        """
        Wait for a condition that must hold.

        :raises PhysaiError: when it did not, with what the nodes say
        """
        if self.wait(condition, timeout_s) is None:
            said = {name: status[2] for name, status in self.observer.statuses.items()}
            raise PhysaiError(f'waited {timeout_s:g} s for {what}', None, '',
                              f'the nodes say {said}; logs are in {self.logs}')

    def _watch(self):
        """Do as `physai up` does: end what hangs and has no manager."""
        if time.monotonic() < self._look_s:
            return
        self._look_s = time.monotonic() + LOOK_S
        statuses = self.observer.statuses
        self._watchdog.look({process: statuses[node][0] * 1e-9
                             for process, node in self._alone.items() if node in statuses})

    def _published(self, topic: str) -> str:
        return topic + UNDISTURBED if topic in self._ways else topic

    def _with_proxy(self, spec):
        rules = [(topic, topic + UNDISTURBED) for topic, way in self._ways.items()
                 if spec.name in way.publishers]
        more = self._first() if spec.name == 'sim' else {}
        return replace(spec, remappings=(*spec.remappings, *rules),
                       parameters={**spec.parameters, **more})

    def _first(self):
        return {'scheduling.nice': WORLD_NICE} if self._options.realtime else {}

    def _proxy(self):
        if not self._ways:
            return
        rows = [f'{topic} {way.kind} {way.qos}' for topic, way in self._ways.items()]
        yield bringup.NodeSpec(PROXY, PROXY, '/', {'topics': rows, **self._first()},
                               package='physai_ros.faults')
