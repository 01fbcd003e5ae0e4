"""``physai up`` as a user runs it: it comes up, mends itself, and leaves nothing behind."""
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import threading
import time
import uuid

from physai_ros.core.errors import ConfigError
from physai_ros.supervise.domain import DomainLock
import pytest

ROBOT = 'sony1'
READY_S, RECOVERY_S, STOP_S = 90.0, 10.0, 5.0
MARK = 'PHYSAI_TEST_RUN'
PAUSE = threading.Event()


class Up:
    """A ``physai up`` of one robot of the default fleet, on a domain of its own."""

    def __init__(self, logs: Path, *options):
        self.mark, self.domain, self.lines = str(uuid.uuid4()), free_domain(), []
        self.logs = logs
        self.process = self.start(*options)
        self._reader = threading.Thread(
            target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self._reader.start()

    def start(self, *options) -> subprocess.Popen:
        command = [sys.executable, '-m', 'physai_ros.cli.main', 'up', '--plain', '--robots', ROBOT,
                   '--domain', str(self.domain), *options]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
            env={**os.environ, MARK: self.mark, 'ROS_LOG_DIR': str(self.logs),
                 'PYTHONUNBUFFERED': '1'})

    def wait_line(self, pattern: str, timeout_s: float) -> re.Match:
        return wait(lambda: re.search(pattern, ''.join(tuple(self.lines))) or
                    self.process.poll() is not None, timeout_s,
                    lambda: f'{pattern!r} in {self.lines}')

    def processes(self) -> dict:
        """Return process id -> command line of everything that this run started."""
        found = {}
        for folder in Path('/proc').iterdir():
            try:
                if f'{MARK}={self.mark}'.encode() in (folder / 'environ').read_bytes():
                    found[int(folder.name)] = (folder / 'cmdline').read_text().replace('\0', ' ')
            except (OSError, ValueError):
                continue
        return found

    def node(self, executable: str):
        """Return the process id of a node, None when it does not run."""
        return next((pid for pid, text in self.processes().items()
                     if f'nodes.{executable}_node' in text), None)

    def end(self, number=signal.SIGINT) -> float:
        """Send a signal; return after how many seconds the process was gone."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(STOP_S + 10.0)
        return time.monotonic() - started


def free_domain() -> int:
    for number in range(60, 101):
        try:
            DomainLock(number).release()
        except ConfigError:
            continue
        return number
    pytest.fail('all ROS domains of this host are in use')


def wait(condition, timeout_s, what):
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'not within {timeout_s:g} s: {what()}'
        PAUSE.wait(0.05)


@pytest.fixture(scope='module')
def up(tmp_path_factory):
    """Return a run that works, for the tests that leave it working."""
    run = Up(tmp_path_factory.mktemp('logs'))
    run.wait_line(r'ready: ', READY_S)
    yield run
    run.process.kill()
    run.process.wait()


@pytest.fixture(scope='module')
def monitor(up):
    from physai_ros import bringup
    os.environ.update(bringup.environment(os.environ))
    from physai_ros.cli.monitor import Monitor
    monitor = Monitor(up.domain)
    monitor.watch({ROBOT: {f'/{ROBOT}/cmd_vel': 'geometry_msgs/msg/TwistStamped'}},
                  {ROBOT: f'/{ROBOT}/command/state'})
    yield monitor
    monitor.close()


def test_it_tells_when_the_robot_works(up):
    assert up.wait_line(rf'ready: {ROBOT} is working \(\d+\.\d s\)', 0.0)
    assert {path.name for path in next((up.logs / 'physai').iterdir()).glob('*.log')} >= {
        'sim.log', f'{ROBOT}.policy.log', f'{ROBOT}.command.log', f'{ROBOT}.manager.log'}


def test_every_node_uses_what_its_policy_allows_and_nothing_else(up, monitor):
    from physai_ros import bringup
    from physai_ros.security.rights import rights
    graph, node = bringup.graph(bringup.Options.read({'robots': ROBOT})), monitor._node
    rows = rights(graph)[:len(graph.specs)]
    wait(lambda: {row.enclave for row in rows} <= monitor.names(), 5.0, monitor.names)
    ask = {'publish': node.get_publisher_names_and_types_by_node,
           'subscribe': node.get_subscriber_names_and_types_by_node,
           'reply': node.get_service_names_and_types_by_node,
           'request': node.get_client_names_and_types_by_node}

    def differences():
        found = {(row.enclave, kind): difference(getattr(row, kind), ask[kind](
            row.node, row.namespace)) for row in rows for kind in ask}
        return {place: names for place, names in found.items() if names}
    wait(lambda: not differences(), 10.0, differences)


def difference(allowed, used) -> set:
    """Return names that are allowed or used, but not both; those under a wildcard are both."""
    exact = {name for name in allowed if not name.endswith('*')}
    free = tuple(name[:-1] for name in allowed - exact)
    return exact ^ {name for name, _ in used if not (free and name.startswith(free))}


def test_a_second_run_on_the_domain_is_refused(up):
    second = up.start()
    said, _ = second.communicate(timeout=READY_S)
    assert second.returncode == 1
    assert f'stop process {up.process.pid}' in said.lower()
    assert 'starting' not in said


@pytest.mark.parametrize('executable', [
    'policy', 'command', 'perception', 'state_publisher', 'manager', 'sim'])
def test_a_killed_node_is_back_and_the_robot_works_on(up, monitor, executable):
    name = '/sim' if executable == 'sim' else f'/{ROBOT}/{executable}'
    monitor.look()
    restarts, killed = restarted(monitor, executable), up.node(executable)
    os.kill(killed, signal.SIGKILL)
    PAUSE.wait(0.1)
    monitor.look()
    killed_s = time.monotonic()

    def works():
        monitor.look()
        command, manager = (monitor.status(f'/{ROBOT}/{node}') for node in ('command', 'manager'))
        return (up.node(executable) not in (None, killed) and monitor.heard_after(name, killed_s)
                and command and command.values.get('state') == 'engaged'
                and manager and manager.message == 'all nodes are active'
                and (executable in ('sim', 'manager')
                     or restarted(monitor, executable) == restarts + 1))

    wait(works, RECOVERY_S, lambda: (restarts, [
        monitor.status(f'/{ROBOT}/{node}') for node in ('manager', 'command')]))


def restarted(monitor, executable):
    manager = monitor.status(f'/{ROBOT}/manager')
    return int(manager.values.get(f'{executable}_restarts', 0)) if manager else 0


def test_ctrl_c_stops_everything_in_time(up):
    assert up.end() < STOP_S
    assert up.process.returncode == 0
    assert up.processes() == {}


@pytest.mark.parametrize('after', ['checking', 'starting'])
def test_ctrl_c_during_the_start(tmp_path, after):
    run = Up(tmp_path)
    run.wait_line(after, READY_S)
    assert run.end() < STOP_S
    assert run.process.returncode == 0
    assert run.processes() == {}


def test_nothing_survives_when_it_is_killed(tmp_path):
    run = Up(tmp_path)
    wait(lambda: run.node('command'), READY_S, lambda: run.lines)
    run.end(signal.SIGKILL)
    wait(lambda: not run.processes(), STOP_S, run.processes)


@pytest.mark.parametrize('options, message', [
    (['--domain', '233'], "ROS domain is '233'; expected a number from 0 to 232"),
    (['--fleet', '/nowhere.yaml'], 'file /nowhere.yaml'),
    (['--robots', 'rex'], "robots is 'rex'"),
])
def test_what_cannot_be_started_is_told(tmp_path, options, message):
    run = Up(tmp_path, *options)
    assert run.wait_line(re.escape(message), READY_S)
    run.process.wait(STOP_S)
    assert run.process.returncode == 1
    assert 'starting' not in ''.join(run.lines)
    assert list(tmp_path.iterdir()) == []


def test_logs_that_cannot_be_written_are_told(tmp_path):
    (tmp_path / 'file').touch()
    run = Up(tmp_path / 'file')
    assert run.wait_line('set ROS_LOG_DIR', READY_S)
    run.process.wait(STOP_S)
    assert run.process.returncode == 1
