"""A URDF as Pinocchio reads it, whose parser demands more than the chain does."""
import math
import xml.etree.ElementTree as ElementTree

from physai_ros.core.errors import ConfigError

UNLIMITED = '1e30'      # the parser takes no infinity


def complete_limits(robot: ElementTree.Element):
    """
    Give every ``<limit>`` the effort and the velocity that it lacks: more than any joint has.

    :param robot: the root element of a URDF, which is changed
    """
    for limit in robot.iterfind('./joint/limit'):
        for key in ('effort', 'velocity'):
            if limit.get(key) is None or not _finite(limit.get(key)):
                limit.set(key, UNLIMITED)


def completed(text: str) -> str:
    """
    Return URDF text with complete limits.

    :raises ConfigError: for malformed XML
    """
    try:
        robot = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ConfigError('robot description', None, 'well-formed URDF', str(error)) from error
    complete_limits(robot)
    return ElementTree.tostring(robot, encoding='unicode')


def kinematic_model(text: str):
    """
    Return the ``pinocchio.Model`` of URDF text.

    :param text: with complete limits
    :raises ConfigError: naming the joint or the link that the parser refuses
    """
    import pinocchio
    try:
        return pinocchio.buildModelFromXML(text)
    except Exception as error:  # Boost.Python and C++ exceptions of many kinds
        raise ConfigError(f'{_refused(text)} of the robot description', None,
                          'valid URDF, which Pinocchio can read',
                          f'correct it: {error} (the lines before say what it lacks)') from error


def _finite(text) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True     # nor is it a number: the parser says so


def _refused(text) -> str:
    """Return what the parser refuses also when it stands alone."""
    robot = ElementTree.fromstring(text)
    for link in robot.findall('link'):
        if not _reads([link]):
            return f'link {link.get("name")}'
    for joint in robot.findall('joint'):
        ends = [ElementTree.Element('link', name=joint.find(end).get('link'))
                for end in ('parent', 'child')]
        if not _reads([*ends, joint]):
            return f'joint {joint.get("name")}'
    return 'a part'


def _reads(elements) -> bool:
    import pinocchio
    robot = ElementTree.Element('robot', name='part')
    robot.extend(elements)
    try:
        pinocchio.buildModelFromXML(ElementTree.tostring(robot, encoding='unicode'))
    except Exception:  # as above
        return False
    return True
