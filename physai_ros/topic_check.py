"""Whether the topics of a fleet's robots lead where they should, known before any is started."""
from typing import List, Mapping, Sequence

from physai_ros.core.errors import ConfigError


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


def _shared(topic, robots) -> str:
    several = list(dict.fromkeys(robots))
    remedy = 'lead them apart with remap'
    if len(several) > 1:
        remedy += ', or choose one of these robots to start'
    return str(ConfigError(f'{" and ".join(several)}: topic of {len(robots)} commands', topic,
                           'one for each, or the robot jumps between the plans', remedy))
