"""The topics and services that one node of a graph needs, and no others."""
from dataclasses import dataclass
from typing import Callable, FrozenSet, Iterator, Set, Tuple

from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.robots import Fleet, load_profile

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


class Needs:
    """
    Collects the topics and services of one node.

    :param spec: ``bringup.NodeSpec``
    :param fleet: that its robot belongs to
    :param manifest_of: function from the name or path of a bundle to its manifest

    ``measured``: those of its topics that the robot's own sensors publish.
    """

    def __init__(self, spec, fleet: Fleet, manifest_of: Callable[[str], Manifest]):
        self.spec, self.fleet, self._manifest_of = spec, fleet, manifest_of
        self.publish: Set[str] = {*EVERY_NODE, DIAGNOSTICS}
        self.subscribe: Set[str] = set()
        self.reply: Set[str] = set()
        self.request: Set[str] = set()
        self.measured: Set[str] = set()

    def rights(self) -> Rights:
        """
        Return all of them.

        :raises PhysaiError: for a profile or a bundle that cannot be loaded
        """
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
            manifest = self._manifest_of(bundle)
            self._measure(*(
                source.topic for source in Assembler(manifest).sources if not source.internal))
            if manifest.needs_transforms:
                self._add(self.subscribe, TF, TF_STATIC)
        self._add(self.publish, 'policy/model', *self._chunks())

    def _chunks(self) -> Iterator[str]:
        moved = self._manifest_of(self.bundle).moves
        if moved - {'base'}:
            yield 'policy/joint_chunk'
        if 'base' in moved:
            yield 'policy/base_chunk'

    def _command(self):
        self._add(self.subscribe, 'estop', 'heartbeat', 'policy/model')
        self._add(self.subscribe, *switch(self.spec))
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


def switch(spec) -> Tuple[str, ...]:
    """Return the topic of a command node's deadman switch, if it has one."""
    return {'joy': ('joy',), 'topic': ('deadman',)}.get(spec.parameters.get('deadman'), ())
