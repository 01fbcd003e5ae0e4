"""Read a URDF into the few facts that the chain needs of it."""
from dataclasses import dataclass, replace
from typing import Dict, Optional, Tuple
import xml.etree.ElementTree as ElementTree

from physai_ros.core.errors import ConfigError

MOVING = ('revolute', 'continuous', 'prismatic')
Vector = Tuple[float, float, float]


@dataclass(frozen=True)
class Mimic:
    """A joint that follows another one: ``multiplier * position + offset``."""

    joint: str
    multiplier: float
    offset: float


@dataclass(frozen=True)
class Joint:
    """
    One URDF joint; limits in rad or m, rad/s or m/s, Nm or N, and None where not given.

    ``defaulted``: those of lower and upper that its <limit> leaves out: 0, as URDF has it.
    """

    name: str
    type: str  # noqa: A003
    parent: str
    child: str
    origin_xyz: Vector
    origin_rpy: Vector
    axis: Vector
    lower: Optional[float] = None
    upper: Optional[float] = None
    velocity: Optional[float] = None
    effort: Optional[float] = None
    mimic: Optional[Mimic] = None
    defaulted: Tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Return whether the joint has a position of its own or a mimicked one."""
        return self.type in MOVING


@dataclass(frozen=True)
class Description:
    """A robot's kinematic tree: ``joints`` by name in file order, ``links``, the ``root`` link."""

    name: str
    joints: Dict[str, Joint]
    links: Tuple[str, ...]
    root: str
    text: str

    @property
    def actuated(self) -> Tuple[str, ...]:
        """Return the names of the moving joints that mimic no other."""
        return tuple(j.name for j in self.joints.values() if j.moves and j.mimic is None)


def parse(text: str) -> Description:
    """
    Parse URDF text.

    :raises ConfigError: for malformed XML, an unknown parent or child, or not exactly one root
    """
    try:
        robot = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ConfigError('robot description', None, 'well-formed URDF', str(error)) from error
    if robot.tag != 'robot':
        raise ConfigError('robot description root element', robot.tag, '<robot>')
    links = tuple(link.get('name') for link in robot.findall('link'))
    joints = {}
    for element in robot.findall('joint'):
        joint = _joint(element)
        for link in (joint.parent, joint.child):
            if link not in links:
                raise ConfigError(f'link of joint {joint.name}', link, 'a link of the URDF')
        if joint.name in joints:
            raise ConfigError('joint', joint.name, 'each name once')
        joints[joint.name] = joint
    joints = {name: _resolved(joint, joints) for name, joint in joints.items()}
    children = {joint.child for joint in joints.values()}
    roots = [link for link in links if link not in children]
    if len(roots) != 1:
        raise ConfigError('root links of the URDF', roots, 'exactly one')
    return Description(robot.get('name', ''), joints, links, roots[0], text)


def _resolved(joint: Joint, joints) -> Joint:
    """Return a joint that mimics one which mimics none; ``gain q + bias`` of it."""
    if joint.moves and not any(joint.axis):
        raise ConfigError(f'axis of joint {joint.name}', joint.axis, 'a direction')
    if joint.mimic is None:
        return joint
    lead, gain, bias, seen = joint.mimic.joint, 1.0, 0.0, [joint.name]
    mimic = joint.mimic
    while mimic is not None:
        lead, bias, gain = mimic.joint, bias + gain * mimic.offset, gain * mimic.multiplier
        if lead not in joints or lead in seen:
            raise ConfigError(f'joint {joint.name}: mimic', lead, 'another joint of the URDF, and '
                              'none that mimics this one')
        seen.append(lead)
        mimic = joints[lead].mimic
    return replace(joint, mimic=Mimic(lead, gain, bias))


def _joint(element) -> Joint:
    name, kind = element.get('name'), element.get('type')
    parent, child = element.find('parent'), element.find('child')
    if not name or parent is None or child is None:
        raise ConfigError('joint', name, 'a name, a parent and a child')
    origin, axis = element.find('origin'), element.find('axis')
    limit, mimic = element.find('limit'), element.find('mimic')
    bounded = limit is not None and kind in ('revolute', 'prismatic')
    return Joint(
        name=name, type=kind, parent=parent.get('link'), child=child.get('link'),
        origin_xyz=_vector(name, origin, 'xyz', (0.0, 0.0, 0.0)),
        origin_rpy=_vector(name, origin, 'rpy', (0.0, 0.0, 0.0)),
        axis=_vector(name, axis, 'xyz', (1.0, 0.0, 0.0)),
        lower=_number(name, limit, 'lower', 0.0) if bounded else None,
        upper=_number(name, limit, 'upper', 0.0) if bounded else None,
        velocity=_number(name, limit, 'velocity', None),
        effort=_number(name, limit, 'effort', None),
        mimic=None if mimic is None else Mimic(
            mimic.get('joint'), _number(name, mimic, 'multiplier', 1.0),
            _number(name, mimic, 'offset', 0.0)),
        defaulted=tuple(end for end in ('lower', 'upper') if bounded and limit.get(end) is None))


def _number(joint, element, key, default) -> Optional[float]:
    text = None if element is None else element.get(key)
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f'{key} of joint {joint}', text, 'a number') from None


def _vector(joint, element, key, default) -> Vector:
    text = None if element is None else element.get(key)
    if text is None:
        return default
    try:
        x, y, z = (float(part) for part in text.split())
    except ValueError:
        raise ConfigError(f'{key} of joint {joint}', text, 'three numbers') from None
    return x, y, z
