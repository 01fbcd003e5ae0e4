"""The topics and services that each node of a graph needs, and no others."""
from dataclasses import dataclass
from typing import FrozenSet, Iterator, List, Set, Tuple

from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.observation import Assembler
from physai_ros.robots import load_fleet, load_profile

DIAGNOSTICS, TF, TF_STATIC, CLOCK = '/diagnostics', '/tf', '/tf_static', '/clock'
EVERY_NODE = frozenset({'/rosout', '/parameter_events'})
PARAMETER_SERVICES = (
    'describe_parameters', 'get_parameter_types', 'get_parameters', 'get_type_description',
    'list_parameters', 'set_parameters', 'set_parameters_atomically')
LIFECYCLE_SERVICES = ('change_state', 'get_available_states', 'get_available_transitions',
                      'get_state', 'get_transition_graph')
OPERATOR_SERVICES = ('command/engage', 'command/stop', 'command/reset_fault')


@dataclass(frozen=True)
class Rights:
    """
    What one node may do; all names are full.

    :param namespace: absolute
    """

    node: str
    namespace: str
    publish: FrozenSet[str]
    subscribe: FrozenSet[str]
    reply: FrozenSet[str] = frozenset()
    request: FrozenSet[str] = frozenset()

    @property
    def enclave(self) -> str:
        """Return the name of the node's enclave: its own full name."""
        return f'{self.namespace.rstrip("/")}/{self.node}'


def rights(graph) -> List[Rights]:
    """
    Return what each node of a graph needs, then what those who look at it need.

    :param graph: ``bringup.Graph``
    """
    fleet = load_fleet(graph.options.fleet)
    nodes = [_Node(spec, fleet) for spec in graph.specs]
    found, operator = [node.rights() for node in nodes], _operator(graph)
    drivers = [] if graph.options.use_sim else _drivers(graph, nodes, operator)
    return [*found, *drivers, operator, _monitor(graph)]


class _Node:
    """Collects the rights of one spec."""

    def __init__(self, spec, fleet):
        self.spec, self.fleet = spec, fleet
        self.publish: Set[str] = {*EVERY_NODE, DIAGNOSTICS}
        self.subscribe: Set[str] = set()
        self.reply: Set[str] = set()
        self.request: Set[str] = set()
        self.measured: Set[str] = set()

    def rights(self) -> Rights:
        spec = self.spec
        self._add(self.publish, 'heartbeat')
        self._add(self.reply, *(f'{spec.full_name}/{name}' for name in PARAMETER_SERVICES))
        if spec.parameters.get('use_sim_time'):
            self._add(self.subscribe, CLOCK)
        if spec.managed:
            self._add(self.publish, f'{spec.full_name}/transition_event')
            self._add(self.reply, *(f'{spec.full_name}/{name}' for name in LIFECYCLE_SERVICES))
        if spec.namespace != '/':
            robot = self.fleet.robots[spec.namespace[1:]]
            self.profile, self.bundle = load_profile(robot.profile), robot.bundle
        getattr(self, f'_{spec.name}')()
        return Rights(spec.name, spec.namespace, *(frozenset(names) for names in (
            self.publish, self.subscribe, self.reply, self.request)))

    def _add(self, names: Set[str], *relative: str):
        names.update(map(self.spec.resolve, relative))

    def _measure(self, *relative: str):
        """Take note of what the robot's own sensors publish, or other nodes in their place."""
        self._add(self.subscribe, *relative)
        self._add(self.measured, *relative)

    def _state_publisher(self):
        self._measure('joint_states')
        self._add(self.publish, TF, TF_STATIC, 'robot_description')

    def _perception(self):
        camera = self.profile.camera.name
        self._measure(f'{camera}/image_raw', f'{camera}/camera_info')
        self._add(self.subscribe, TF, TF_STATIC)
        self._add(self.publish, 'perception/detections', 'perception/objects',
                  'perception/image_annotated')

    def _policy(self):
        self._add(self.subscribe, 'task')
        for bundle in filter(None, (self.bundle, self.spec.parameters.get('shadow_bundle'))):
            manifest = load_bundle(bundle).manifest
            self._measure(*(
                source.topic for source in Assembler(manifest).sources if not source.internal))
            if manifest.needs_transforms:
                self._add(self.subscribe, TF, TF_STATIC)
        self._add(self.publish, 'policy/model', *self._chunks())

    def _chunks(self) -> Iterator[str]:
        moved = load_bundle(self.bundle).manifest.moves
        if moved - {'base'}:
            yield 'policy/joint_chunk'
        if 'base' in moved:
            yield 'policy/base_chunk'

    def _command(self):
        self._add(self.subscribe, 'estop', 'heartbeat', 'policy/model')
        self._add(self.subscribe, *_switch(self.spec))
        self._add(self.publish, 'command/state', 'command/preview')
        self._add(self.reply, *OPERATOR_SERVICES)
        if self.profile.arm:
            self._measure('joint_states')
            self._add(self.subscribe, 'policy/joint_chunk')
            self._add(self.publish, *self.profile.arm.trajectories)
        if self.profile.base:
            zones = self.profile.base.zones
            self._measure('odom', *((zones.topic,) if zones else ()))
            self._add(self.subscribe, 'policy/base_chunk')
            self._add(self.publish, 'cmd_vel')

    def _manager(self):
        self._add(self.subscribe, 'heartbeat', DIAGNOSTICS)
        self._add(self.request, *(f'{node}/{service}' for node in self.spec.parameters['nodes']
                                  for service in ('get_state', 'change_state')))
        if self.profile.base:
            self._add(self.subscribe, 'cmd_vel')
            self._add(self.publish, 'cmd_vel')

    def _sim(self):
        parameters = self.spec.parameters
        self._add(self.reply, 'sim/reset', 'sim/pause')
        self._add(self.publish, TF_STATIC)
        if parameters.get('publish_clock'):
            self._add(self.publish, CLOCK)
        if parameters.get('viewer'):
            self._add(self.publish, 'sim/overview/image_raw')
        for name in parameters['robots']:
            self._simulated(name, load_profile(self.fleet.robots[name].profile))

    def _viewer(self):
        self._add(self.subscribe, *self.spec.parameters['topics'])

    def _simulated(self, name, profile):
        self._add(self.publish, f'{name}/joint_states', f'{name}/imu',
                  f'sim/ground_truth/{name}/*')
        if profile.camera:
            camera = f'{name}/{profile.camera.name}'
            self._add(self.publish, f'{camera}/image_raw', f'{camera}/camera_info')
        if profile.arm:
            self._add(self.subscribe, *(f'{name}/{topic}' for topic in profile.arm.trajectories))
        if profile.base:
            self._add(self.publish, f'{name}/odom', TF)
            self._add(self.subscribe, f'{name}/cmd_vel')


def _operator(graph) -> Rights:
    """Return the rights of a person or a fleet system that engages robots and stops them."""
    publish, subscribe, request = set(EVERY_NODE), {DIAGNOSTICS, *graph.states.values()}, set()
    for spec in _commanders(graph):
        publish.update(map(spec.resolve, ('estop', 'task', *_switch(spec))))
        request.update(map(spec.resolve, OPERATOR_SERVICES))
    return Rights('operator', '/', frozenset(publish), frozenset(subscribe),
                  _services('/operator'), frozenset(request))


def _drivers(graph, nodes, operator) -> Iterator[Rights]:
    """Yield the rights of each real robot's drivers: to measure for its nodes, and to obey."""
    published = operator.publish.union(*(node.publish for node in nodes))
    for spec in _commanders(graph):
        name = spec.namespace[1:]
        robot = [node for node in nodes if node.spec.namespace == spec.namespace]
        measured = set().union(*(node.measured for node in robot)) - published
        yield Rights('drivers', spec.namespace,
                     EVERY_NODE | {DIAGNOSTICS, TF, TF_STATIC} | measured,
                     frozenset(graph.commands[name]), _services(f'{spec.namespace}/drivers'))


def _monitor(graph) -> Rights:
    """Return the rights of ``physai up``, which only listens."""
    commands = {topic for topics in graph.commands.values() for topic in topics}
    truth = {f'/sim/ground_truth/{name}/status' for name in graph.commands}
    return Rights('physai_up', '/', frozenset({'/parameter_events'}),
                  frozenset({DIAGNOSTICS, *commands, *truth, *graph.states.values()}))


def _commanders(graph) -> list:
    return [spec for spec in graph.specs if spec.name == 'command']


def _switch(spec) -> Tuple[str, ...]:
    """Return the topic of a command node's deadman switch, if it has one."""
    return {'joy': ('joy',), 'topic': ('deadman',)}.get(spec.parameters.get('deadman'), ())


def _services(node) -> FrozenSet[str]:
    return frozenset(f'{node}/{name}' for name in PARAMETER_SERVICES)
