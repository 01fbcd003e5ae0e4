"""Whether the topics of a fleet's robots lead where they should, known before any is started."""
from dataclasses import replace
from difflib import get_close_matches
from typing import Iterable, List, Mapping, Sequence

from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.manifest import Manifest
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.robots import Fleet, Profile
from physai_ros.security.needs import CLOCK, EVERY_NODE, Needs

OF_ANY_ROBOT = ('joint_states', 'imu', 'odom', 'joy', 'deadman', CLOCK)


def shared_commands(commands: Mapping[str, Sequence[str]]) -> List[str]:
    """
    Return what is wrong where one topic would get the commands of two robots, or two plans of one.

    :param commands: name of each robot -> full names of the topics that move it
    """
    users = {}
    for robot, topics in commands.items():
        for topic in topics:
            users.setdefault(topic, []).append(robot)
    return [_shared(topic, robots) for topic, robots in users.items() if len(robots) > 1]


def unknown_names(specs: Iterable, fleet: Fleet, profiles: Mapping[str, Profile],
                  manifests: Mapping[str, Manifest]) -> List[str]:
    """
    Return what is wrong where ``remap`` of a robot renames what none of its nodes uses.

    :param specs: ``bringup.NodeSpec`` of the nodes, as all robots have them
    :param profiles: by the name of the robot; only these robots are looked at
    :param manifests: by the name or path of the bundle; others are loaded when they are needed
    """
    def manifest_of(bundle):
        return manifests[bundle] if bundle in manifests else load_bundle(bundle).manifest

    problems = []
    for name, profile in profiles.items():
        if fleet.robots[name].remap:
            own = [_plain(spec) for spec in specs if spec.namespace == f'/{name}']
            try:
                used = [Needs(spec, fleet, manifest_of).rights() for spec in own]
            except PhysaiError as error:
                problems.append(f'{name}: {error}')
            else:
                problems += _unknown(name, fleet.robots[name].remap, own[0], used, profile)
    return problems


def _shared(topic, robots) -> str:
    several = list(dict.fromkeys(robots))
    remedy = 'lead them apart with remap'
    if len(several) > 1:
        remedy += ', or choose one of these robots to start'
    return str(ConfigError(f'{" and ".join(several)}: topic of {len(robots)} commands', topic,
                           'one for each, or the robot jumps between the plans', remedy))


def _plain(spec):
    """Return a spec with our own names, and without parameters that no node would take."""
    return replace(spec, remappings=(), parameters={
        key: value for key, value in spec.parameters.items()
        if key not in spec.given or isinstance(value, str)})


def _unknown(robot, remap, spec, used, profile: Profile) -> List[str]:
    topics = set(map(spec.resolve, (*OF_ANY_ROBOT, *_pictures(profile))))
    topics.update(*(row.publish | row.subscribe for row in used))
    services = set().union(*(row.reply | row.request for row in used))
    shown = sorted(name.removeprefix(f'/{robot}/') for name in topics - EVERY_NODE
                   if not name.endswith('/transition_event'))
    problems = []
    for old, new in remap.items():
        if spec.resolve(old) not in topics | services:
            near = get_close_matches(old.removeprefix(f'/{robot}/'), shown, 1)
            problems.append(str(ConfigError(
                f'{robot}: remap of {old}', new, 'a topic that one of its nodes uses'
                + ('' if near else f': {", ".join(shown)}'),
                f'perhaps {near[0]} is meant' if near else 'correct the name, or leave it out')))
    return problems


def _pictures(profile: Profile):
    camera = profile.camera
    return [f'{camera.name}/{name}' for name in ('image_raw', 'camera_info')] if camera else []
