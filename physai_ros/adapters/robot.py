"""The robot that a node's parameters ``profile`` and ``robot_description`` describe."""
from typing import Optional, Tuple

from physai_ros.core.errors import ConfigError
from physai_ros.robots.profile import load_profile, Profile
from physai_ros.robots.urdf import Description, parse


def read_robot(node) -> Tuple[Optional[Profile], Description]:
    """
    Return a node's profile, None where it has none, and its parsed URDF.

    :raises ConfigError: when neither parameter is set, or one cannot be used
    """
    name, text = node.value('profile'), node.value('robot_description')
    if not name and not text:
        raise ConfigError(f'parameter profile of {node.get_name()}', name,
                          'the name or the path of a profile',
                          'set it, or set robot_description to URDF text')
    profile = load_profile(name) if name else None
    return profile, parse(text or profile.description())
