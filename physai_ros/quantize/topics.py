"""Which recorded topics are those of a bundle."""
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Tuple

from physai_ros.core.errors import ConfigError

SHOWN = 30


@dataclass(frozen=True)
class Naming:
    """
    What a recording calls the things of a robot.

    :param namespace: of the robot's topics; None: the one that has them all
    :param remap: recorded topic by the manifest's topic
    :param frame_prefix: of its TF frames; None: its namespace
    :param task: what it was to do, until the topic ``task`` says otherwise
    """

    namespace: Optional[str] = None
    remap: Mapping[str, str] = field(default_factory=dict)
    frame_prefix: Optional[str] = None
    task: str = ''

    def prefix(self, namespace: str) -> str:
        """Return the prefix of the TF frames of a robot in a namespace."""
        if self.frame_prefix is not None:
            return self.frame_prefix
        return f'{namespace[1:]}/' if namespace else ''

    def absolute(self, topic: str, namespace: str) -> str:
        """Return how a topic of the manifest is recorded."""
        name = self.remap.get(topic, topic)
        return name if name.startswith('/') else f'{namespace}/{name}'


def match(wanted: Mapping[str, str], recorded: Mapping[str, str], naming: Naming,
          title: str) -> Tuple[str, Dict[str, str]]:
    """
    Return the namespace ('' or '/name') and the topics of the manifest by the recorded one.

    :param wanted: type by topic of the manifest
    :param recorded: type by recorded topic
    :param title: of the recording, for messages
    :raises ConfigError: when a topic is missing or of another type, or several robots have all
    """
    unknown = sorted(set(naming.remap) - set(wanted))
    if unknown:
        raise ConfigError('--remap', unknown[0], f'a topic of the manifest: {", ".join(wanted)}')
    namespace = _namespace(wanted, recorded, naming, title)
    names = {topic: naming.absolute(topic, namespace) for topic in wanted}
    missing = [topic for topic, name in names.items() if name not in recorded]
    if missing:
        lacking = ', '.join(f'{names[topic]} ({wanted[topic]})' for topic in missing)
        raise ConfigError(
            f'{title} lacks {lacking}', None,
            f'all topics of the bundle below {namespace or "/"}; it has {_listed(recorded)}',
            f'record what is missing, or say what it is called: --namespace NAME, --remap '
            f'{missing[0]}:=/TOPIC')
    for topic, name in names.items():
        if recorded[name] != wanted[topic]:
            raise ConfigError(f'{title}: the type of {name}', recorded[name], wanted[topic],
                              f'name a topic of that type by --remap {topic}:=/TOPIC, or correct '
                              'the manifest')
    return namespace, {names[topic]: topic for topic in wanted}


def _namespace(wanted, recorded, naming, title) -> str:
    if naming.namespace is not None:
        bare = naming.namespace.strip('/')
        return f'/{bare}' if bare else ''
    relative = [name for name in (naming.remap.get(topic, topic) for topic in wanted)
                if not name.startswith('/')]
    found: Dict[str, int] = {}
    for name in relative:
        for topic in recorded:
            if topic.endswith(f'/{name}'):
                space = topic[:-len(name) - 1]
                found[space] = found.get(space, 0) + 1
    complete: List[str] = sorted(space for space, count in found.items()
                                 if count == len(relative))
    if len(complete) > 1:
        raise ConfigError(f'{title}: the robots that have the topics of the bundle',
                          [space or '/' for space in complete], 'one', 'say --namespace NAME')
    return complete[0] if complete else max(sorted(found), key=found.get, default='')


def _listed(recorded) -> str:
    names = [f'{topic} ({kind or "no type"})' for topic, kind in sorted(recorded.items())]
    more = f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''
    return (', '.join(names[:SHOWN]) or 'no messages') + more
