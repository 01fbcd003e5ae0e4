"""One graph: a fleet file becomes plain node specs, which launch files and ``physai up`` start."""
from dataclasses import dataclass, field
from pathlib import Path
import socket
from typing import Any, Dict, Iterable, List, Mapping, Tuple

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.robots import Fleet, load_fleet

CHAIN = ('state_publisher', 'perception', 'policy', 'command')
PACKAGE = 'physai_ros'
LOCALHOST = 'LOCALHOST'
REALTIME = {'command': 50, 'manager': 40}    # SCHED_FIFO priorities
VIEWER_PORT = 8765
VIEWER_URL = f'http://127.0.0.1:{VIEWER_PORT}'


@dataclass(frozen=True)
class Argument:
    """What a user may choose at the start, as text, by launch argument or option."""

    name: str
    default: str
    description: str
    choices: Tuple[str, ...] = ()


YES_NO = ('true', 'false')
ARGUMENTS = (
    Argument('fleet', str(share() / 'config' / 'fleet.yaml'),
             'fleet file: which robots there are, what each runs, where it stands'),
    Argument('robots', '', 'names of the robots to start, separated by commas; empty: all'),
    Argument('use_sim', 'true', 'start the simulator and engage the robots in it; '
             'false: real robots, none is engaged', YES_NO),
    Argument('use_sim_time', 'false', 'the simulator publishes /clock and all nodes follow it; '
             'false: it keeps to the wall clock', YES_NO),
    Argument('viewer', 'false', f'pictures of cell and cameras in a web browser: {VIEWER_URL}',
             YES_NO),
    Argument('realtime', 'false', 'real-time priority and locked memory for command and manager, '
             'where that is permitted', YES_NO),
    Argument('seed', '0', 'seed of the simulated objects, lights and textures'),
)


@dataclass(frozen=True)
class Options:
    """The choices of :data:`ARGUMENTS`, typed; ``robots`` is empty for all."""

    fleet: Path
    robots: Tuple[str, ...] = ()
    use_sim: bool = True
    use_sim_time: bool = False
    viewer: bool = False
    realtime: bool = False
    seed: int = 0

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> 'Options':
        """
        Return options from text, by the names of :data:`ARGUMENTS`; missing ones have defaults.

        :raises ConfigError: for a value that is not one of the choices, or no number
        """
        values = {}
        for argument in ARGUMENTS:
            text = texts.get(argument.name, argument.default)
            if argument.choices and text not in argument.choices:
                raise ConfigError(argument.name, text, ' or '.join(argument.choices))
            values[argument.name] = text == 'true' if argument.choices else text
        if not values['seed'].isdecimal():
            raise ConfigError('seed', values['seed'], 'a number from 0 on')
        names = (name.strip() for name in values['robots'].split(','))
        return cls(**{**values, 'fleet': Path(values['fleet']).expanduser().absolute(),
                      'robots': tuple(filter(None, names)), 'seed': int(values['seed'])})


def require_spelt(given: Iterable[str]):
    """
    Refuse names that are those of :data:`ARGUMENTS` but for ``_``, ``-`` and capitals.

    Launch passes over what it does not know: ``usesim:=false`` would start a simulation.

    :raises ConfigError: for such a name
    """
    known = {_plain(argument.name): argument.name for argument in ARGUMENTS}
    for name in given:
        meant = known.get(_plain(name), name)
        if name != meant:
            raise ConfigError('launch argument', name, meant)


def _plain(name):
    return name.replace('_', '').replace('-', '').lower()


@dataclass(frozen=True)
class NodeSpec:
    """
    One process to start, free of any starter.

    :param namespace: absolute, ``/`` for what belongs to no robot
    :param managed: a lifecycle node that the robot's manager drives
    :param given: those of its parameters that the fleet file gives
    """

    executable: str
    name: str
    namespace: str
    parameters: Mapping[str, Any]
    remappings: Tuple[Tuple[str, str], ...] = ()
    respawn: bool = True
    package: str = PACKAGE
    managed: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Return the node's fully qualified name."""
        return f'{self.namespace.rstrip("/")}/{self.name}'

    @property
    def process(self) -> str:
        """Return the name of its process and log: ``honda1.policy``."""
        return self.full_name[1:].replace('/', '.')

    def resolve(self, name: str) -> str:
        """Return the full name of a topic or service, as the node's remappings have it."""
        other = {self._full(old): self._full(new) for old, new in self.remappings}
        return other.get(self._full(name), self._full(name))

    def _full(self, name):
        return name if name.startswith('/') else f'{self.namespace.rstrip("/")}/{name}'


@dataclass(frozen=True)
class Graph:
    """
    All that a starter needs.

    :param commands: name of each robot -> full names of the topics that move it, and their types
    :param states: name of each robot -> full name of the topic on which it tells its state
    """

    specs: Tuple[NodeSpec, ...]
    commands: Mapping[str, Mapping[str, str]]
    states: Mapping[str, str]
    options: Options


def graph(options: Options, state_publisher: str = PACKAGE) -> Graph:
    """
    Check the whole fleet and return the nodes to start.

    :param state_publisher: package that publishes the robots' TF, ``physai_ros`` or
        ``robot_state_publisher``
    :raises ConfigError: one error with every problem that was found
    """
    from physai_ros.robot_check import check  # takes a second, when starters have better to do
    from physai_ros.topic_check import shared_commands, unknown_names
    fleet = load_fleet(options.fleet)
    names = _chosen(fleet, options)
    checks = check(fleet, names, options.use_sim)
    _require_none(options, [problem for checked in checks for problem in checked.problems])
    specs = [_sim(names, options)] if options.use_sim else []
    for checked in checks:
        specs += _robot(checked, options, state_publisher)
    if options.viewer:
        specs.append(_viewer(checks, options))
    profiles = {checked.name: checked.profile for checked in checks}
    movers = {spec.namespace[1:]: spec for spec in specs if spec.name == 'command'}
    commands = {name: [(spec.resolve(topic), kind)
                       for topic, kind in profiles[name].commands.items()]
                for name, spec in movers.items()}
    manifests = {checked.robot.bundle: checked.manifest for checked in checks}
    _require_none(options, [*unknown_names(specs, fleet, profiles, manifests), *shared_commands({
        name: [topic for topic, _ in rows] for name, rows in commands.items()})])
    states = {name: spec.resolve('command/state') for name, spec in movers.items()}
    return Graph(tuple(specs), {name: dict(rows) for name, rows in commands.items()}, states,
                 options)


def environment(current: Mapping[str, str]) -> Dict[str, str]:
    """
    Return the variables that every node needs and that ``current`` does not set already.

    :param current: the environment of the starter
    """
    wanted = {'ROS_AUTOMATIC_DISCOVERY_RANGE': LOCALHOST, 'MUJOCO_GL': 'egl',
              'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'PYTHONUNBUFFERED': '1',
              'LP_NUM_THREADS': '0'}  # Mesa draws in the simulator's own thread: less CPU
    if current.get('ROS_AUTOMATIC_DISCOVERY_RANGE', LOCALHOST) == LOCALHOST:
        wanted['FASTRTPS_DEFAULT_PROFILES_FILE'] = str(share() / 'config' / 'fastdds.xml')
    return {key: value for key, value in wanted.items() if key not in current}


def require_viewer_port(options: Options):
    """
    Check that the viewer's page can be served.

    :raises ConfigError: when another program has its port
    """
    if not options.viewer:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind(('127.0.0.1', VIEWER_PORT))
        except OSError:
            raise ConfigError('port of the viewer', VIEWER_PORT, 'a free port of 127.0.0.1',
                              'end what has it, such as the viewer of another bring-up, or '
                              'start without viewer') from None


def _require_none(options: Options, problems: List[str]):
    if problems:
        raise ConfigError('\n  - '.join([f'{options.fleet} cannot be started:', *problems]))


def _chosen(fleet: Fleet, options: Options) -> Tuple[str, ...]:
    unknown = [name for name in options.robots if name not in fleet.robots]
    if unknown:
        raise ConfigError('robots', ', '.join(unknown),
                          f'robots of {options.fleet}: {", ".join(fleet.robots)}')
    return tuple(name for name in fleet.robots if not options.robots or name in options.robots)


def _sim(names, options: Options) -> NodeSpec:
    parameters = {'fleet': str(options.fleet), 'robots': list(names),
                  'seed': options.seed, 'viewer': options.viewer,
                  'publish_clock': options.use_sim_time}
    return NodeSpec('sim', 'sim', '/', parameters)


def _viewer(checks, options: Options) -> NodeSpec:
    topics = ['sim/overview/image_raw'] if options.use_sim else []
    for checked in checks:
        profile = checked.profile
        if profile.camera is not None:
            topics.append(f'{checked.name}/' + ('perception/image_annotated' if profile.perception
                                                else f'{profile.camera.name}/image_raw'))
    return NodeSpec('viewer', 'viewer', '/', {'topics': topics, 'port': VIEWER_PORT})


def _robot(checked, options: Options, state_publisher: str) -> List[NodeSpec]:
    robot, profile, ours = checked.robot, checked.profile, state_publisher == PACKAGE
    skipped = {name for name, there in (('state_publisher', ours),
                                        ('perception', profile.perception)) if not there}
    chain = [name for name in CHAIN if name not in skipped]
    frames = {'frame_prefix': f'{checked.name}/'}
    trust = {'require_signature': checked.trust.required,
             **({'trusted_keys': list(checked.trust.keys)} if checked.trust.keys else {})}
    parameters = {
        'state_publisher': {'robot_description': checked.urdf, **frames},
        'perception': {'profile': robot.profile, **trust, **frames},
        'policy': {'profile': robot.profile, 'bundle': robot.bundle, **trust, **frames},
        'command': {'profile': robot.profile, 'engage_on_activate': options.use_sim,
                    'required_nodes': [*(n for n in chain if n != 'command'), 'manager'],
                    **frames},
        'manager': {'nodes': chain, 'profile': robot.profile, **frames},
    }

    def spec(name, **more):
        given, urgent = robot.parameters.get(name, {}), options.realtime and name in REALTIME
        realtime = {'scheduling.fifo_priority': REALTIME[name],
                    'scheduling.lock_memory': True} if urgent else {}
        return NodeSpec(**{
            'executable': name, 'name': name, 'namespace': f'/{checked.name}',
            'parameters': {**realtime, **given, **parameters[name],
                           'use_sim_time': options.use_sim_time}, 'given': given,
            'remappings': () if options.use_sim else tuple(robot.remap.items()),
            'managed': name in chain, **more})

    publisher = [] if ours else [
        spec('state_publisher', package=state_publisher, executable=state_publisher)]
    return [*publisher, *(spec(name) for name in (*chain, 'manager'))]
