"""``physai up``: a fleet's nodes under a supervisor, and what they do, until Ctrl-C."""
from contextlib import ExitStack
import os
import signal
import sys
import time
from typing import Collection

from physai_ros import bringup
from physai_ros.core.errors import ConfigError
from physai_ros.parameter_check import require_known_parameters
from physai_ros.security.preflight import explain, require_keys
from physai_ros.supervise import domain
from physai_ros.supervise.child import STARTER
from physai_ros.supervise.daemon import Daemon, Seed
from physai_ros.supervise.programs import programs
from physai_ros.supervise.runs import Run, shared_memory_warning

STOP_S = 3.0
DISCOVERY_S = 0.7
ONE_REQUEST_S = 0.5
ENCLAVE = '/physai_up'


def add_arguments(parser):
    """Add the options: those of the launch file, and those of this command."""
    for argument in bringup.ARGUMENTS:
        parser.add_argument(
            f'--{argument.name.replace("_", "-")}', default=argument.default,
            choices=argument.choices or None, help=argument.description + (
                ' [%(default)s]' if argument.default else ''),
            metavar=None if argument.choices else argument.name.upper())
    parser.add_argument('--domain', metavar='N', default=os.environ.get('ROS_DOMAIN_ID'),
                        help='ROS domain, 0 to 232 [ROS_DOMAIN_ID, else 0]')
    parser.add_argument('--plain', action='store_true',
                        help='plain lines instead of a live table; so too without a terminal')
    parser.add_argument('--duration', type=float, metavar='S',
                        help='stop after so many seconds; exit code 1 if not all robots worked')


def run(arguments) -> int:
    """
    Start the fleet, show it, and stop it.

    :return: 0 after Ctrl-C or SIGTERM; after ``--duration`` only if all robots worked
    :raises PhysaiError: when something is wrong, before anything is started
    """
    from physai_ros.cli.show import Show  # after the signals are in our hands
    stop = Stop()
    show = Show(sys.stdout, arguments.plain)
    options = bringup.Options.read(vars(arguments))
    number = domain.parse(arguments.domain)
    os.environ['ROS_DOMAIN_ID'] = str(number)
    environment = {**os.environ, **bringup.environment(os.environ)}
    os.environ.update(environment)
    with ExitStack() as stack:
        stack.callback(domain.DomainLock(number).release)
        seed = Seed(environment)
        stack.callback(seed.discard)
        show.say(f'checking {options.fleet}')
        from physai_ros.adapters.shared_memory import choose_profile, NO_PICTURES
        from physai_ros.cli.monitor import Monitor  # imports rclpy
        choose_profile(NO_PICTURES)
        monitor = _monitor(Monitor, number)
        stack.callback(monitor.close)
        discovered = time.monotonic() + DISCOVERY_S
        graph = bringup.graph(options)
        require_known_parameters(graph.specs)
        time.sleep(max(0.0, discovered - time.monotonic()))
        enclaves = [ENCLAVE, *(spec.full_name for spec in graph.specs)]
        if warning := require_keys(os.environ, enclaves):
            show.say(warning)
        require_alone(graph, monitor.names(), number)
        bringup.require_viewer_port(options)
        folders = Run(os.environ)
        stack.callback(folders.close)
        daemon = Daemon(programs(graph.specs, folders.logs / 'parameters'), folders.private,
                        folders.logs)
        stack.callback(_stop, daemon, stop, show)
        if stop.requested:
            return 0
        if warning := shared_memory_warning(len(graph.specs)):
            show.say(warning)
        show.say(f'starting {len(graph.specs)} processes; logs are in {folders.logs}')
        daemon.start({
            **environment, STARTER: str(os.getpid()), 'ROS_LOG_DIR': str(folders.logs)}, seed)
        daemon.wait_ready()
        if options.viewer:
            show.say(f'pictures in a web browser: {bringup.VIEWER_URL}')
        return show.run(graph, monitor, daemon, folders.logs, stop, arguments.duration)


class Stop:
    """
    SIGINT, SIGTERM and SIGHUP: the first asks to stop, a later one to do so by force.

    One Ctrl-C may arrive twice, from the terminal and from a wrapper that forwards it.
    """

    def __init__(self):
        self._first_s, self._forced = None, False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    @property
    def requested(self) -> bool:
        """Return whether to stop."""
        return self._first_s is not None

    def forced(self) -> bool:
        """Return whether to stop at once."""
        return self._forced

    def _on_signal(self, number, frame):
        now_s = time.monotonic()
        self._first_s = self._first_s or now_s
        self._forced = now_s - self._first_s > ONE_REQUEST_S


def require_alone(graph: bringup.Graph, names: Collection[str], number: int):
    """
    Check that no other bring-up has the same robots.

    :param names: full names of the nodes that are known on the domain
    :param number: of the domain
    :raises ConfigError: naming the nodes that are there already
    """
    taken = sorted(spec.full_name for spec in graph.specs if spec.full_name in names)
    if taken:
        raise ConfigError(
            f'nodes on ROS domain {number}', ', '.join(taken), 'none of this fleet',
            'stop the other bring-up or choose another domain (--domain N)')


def _monitor(monitor, number):
    require_keys(os.environ, [ENCLAVE])
    try:
        return monitor(number, ENCLAVE)
    except Exception as error:  # rclpy's have no public class
        explain(error)
        raise


def _stop(daemon, stop, show):
    if not daemon.started:
        return
    started = time.monotonic()
    try:
        show.say('stopping (Ctrl-C again: at once)')
    finally:  # whatever became of the terminal
        clean = daemon.stop(STOP_S, stop.forced)
    show.say(f'{"stopped" if clean else "stopped by force"} '
             f'({time.monotonic() - started:.1f} s)')
