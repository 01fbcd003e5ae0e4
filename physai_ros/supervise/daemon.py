"""A supervisord of our own: it starts the processes, restarts what dies, and ends with us."""
from contextlib import suppress
import ctypes
from dataclasses import dataclass
import os
from pathlib import Path
import shlex
import signal
import subprocess
import time
from typing import Callable, Dict, Mapping, Optional, Sequence
from xmlrpc.client import Fault, ServerProxy

from physai_ros.core.errors import ConfigError
from physai_ros.supervise import prefork
from physai_ros.supervise.prefork import Order
from physai_ros.supervise.processes import kill_session
from supervisor.xmlrpc import SupervisorTransport, UnixStreamHTTPConnection

GROUP = 'physai'
START_TIMEOUT_S = 10.0
RPC_TIMEOUT_S = 2.0
POLL_S = 0.02
STOP_WAIT_S = 2
PR_SET_PDEATHSIG = 1

_DAEMON = """\
[unix_http_server]
file = {private}/socket
chmod = 0700

[supervisord]
nodaemon = true
silent = true
logfile = supervisord.log
pidfile = {private}/pid
childlogdir = .
identifier = physai
umask = 022

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[group:{group}]
programs = {names}
"""
_PROGRAM = """
[program:{name}]
command = {command}
autostart = true
autorestart = {autorestart}
startsecs = 2
startretries = 1000
stopsignal = TERM
stopwaitsecs = {stop_wait}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = {name}.log
directory = {directory}
stdout_logfile_maxbytes = 4MB
stdout_logfile_backups = 1
"""


@dataclass(frozen=True)
class Program:
    """A process to keep running; ``name`` has no space and no colon."""

    name: str
    command: Sequence[str]
    respawn: bool = True


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says: ``state`` (RUNNING, BACKOFF …), ``pid`` or 0, last exit code."""

    state: str
    pid: int
    exit_code: int
    note: str


class Seed:
    """
    A supervisord that loads what nodes need while we still find out what there is to start.

    It gets SIGTERM from the kernel should this process die, and ends all of its programs; it lives
    in a session of its own, so that a terminal's Ctrl-C reaches this process only.

    :param environ: of the process
    """

    def __init__(self, environ: Mapping[str, str]):
        self._process = subprocess.Popen(
            prefork.command(), stdin=subprocess.PIPE, env=dict(environ),
            start_new_session=True, preexec_fn=_die_with(os.getpid()))

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def begin(self, order: Order) -> subprocess.Popen:
        """Let it start its programs; return its process."""
        with suppress(BrokenPipeError), self._process.stdin as line:
            line.write(order.to_line().encode())
        return self._process

    def discard(self):
        """End it, if it has not begun."""
        if not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.kill()
            self._process.wait()


class Daemon:
    """
    Run programs under supervisord.

    :param programs: what to run
    :param private: folder for the socket and the pid file, its path short
    :param logs: folder for the configuration and the logs
    """

    def __init__(self, programs: Sequence[Program], private: Path, logs: Path):
        self._programs = programs
        self._private, self._logs = private, logs
        self._socket = private / 'socket'
        self._process = None
        self._proxy = None

    def start(self, environ: Mapping[str, str], seed: Optional[Seed] = None):
        """
        Start all programs.

        :param environ: their environment
        :param seed: to begin with, started earlier with the same environment, as far as that was
            known
        """
        config, output = self._logs / 'supervisord.conf', self._logs / 'supervisord.out'
        config.write_text(configuration(self._programs, self._private))
        output.touch()
        self._process = (seed or Seed(environ)).begin(
            Order(str(config), str(self._logs), str(output), dict(environ)))

    @property
    def started(self) -> bool:
        """Return whether supervisord was started."""
        return self._process is not None

    @property
    def running(self) -> bool:
        """Return whether supervisord lives."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(self):
        """
        Wait until supervisord answers.

        :raises ConfigError: when it does not start, with what it said
        """
        end = time.monotonic() + START_TIMEOUT_S
        while self.running and time.monotonic() < end:
            if self.states():
                return
            time.sleep(POLL_S)
        said = (self._logs / 'supervisord.out').read_text(errors='replace').strip()
        raise ConfigError('process supervisor', None, f'an answer within {START_TIMEOUT_S:g} s',
                          said.splitlines()[-1] if said else f'see {self._logs}')

    def states(self) -> Dict[str, ProcessState]:
        """Return every program's state by name, nothing while supervisord does not answer."""
        try:
            if self._proxy is None:
                self._proxy = self._connect()
            rows = self._proxy.supervisor.getAllProcessInfo()
        except OSError:
            self._proxy = None
            return {}
        return {row['name']: ProcessState(row['statename'], row['pid'], row['exitstatus'],
                                          row['spawnerr'] or row['description']) for row in rows}

    def kill(self, name: str):
        """Send SIGKILL to a program, which is then started again; nothing if it does not run."""
        with suppress(OSError, Fault):
            self._connect().supervisor.signalProcess(f'{GROUP}:{name}', 'KILL')

    def stop(self, timeout_s: float, impatient: Callable[[], bool] = lambda: False) -> bool:
        """
        End all programs, gently, then by force.

        :param timeout_s: for the gentle part
        :param impatient: ends the gentle part at once when it returns True
        :return: whether nothing had to be killed
        """
        if self._process is None:
            return True
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        end = time.monotonic() + timeout_s
        while self.running and time.monotonic() < end and not impatient():
            time.sleep(POLL_S)
        killed = kill_session(self._process.pid)
        self._process.wait()
        return not killed

    def _connect(self) -> ServerProxy:
        transport = SupervisorTransport(None, None, f'unix://{self._socket}')
        transport._get_connection = self._connection
        return ServerProxy('http://127.0.0.1', transport)

    def _connection(self) -> UnixStreamHTTPConnection:
        connection = UnixStreamHTTPConnection('localhost')
        connection.socketfile = str(self._socket)
        connection.connect()
        connection.sock.settimeout(RPC_TIMEOUT_S)
        return connection


def configuration(programs: Sequence[Program], private: Path) -> str:
    """Return the text of a supervisord configuration; log files go to its working directory."""
    rows = [_DAEMON.format(group=GROUP, names=','.join(p.name for p in programs),
                           private=_escape(str(private)))]
    for program in programs:
        rows.append(_PROGRAM.format(
            name=program.name, command=_escape(shlex.join(program.command)),
            autorestart=str(program.respawn).lower(), stop_wait=STOP_WAIT_S,
            directory=_escape(os.getcwd())))
    return ''.join(rows)


def _escape(text: str) -> str:
    return text.replace('%', '%%')


def _die_with(parent: int):
    """Return what the child does before exec: ask the kernel for SIGTERM when we die."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare():
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
