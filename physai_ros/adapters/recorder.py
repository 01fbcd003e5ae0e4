"""The black box of a node: what it hears and says, as serialised messages."""
from datetime import datetime, timezone
import json
from pathlib import Path
from typing import Callable, Dict

from physai_ros.adapters.message_types import message_type, type_name
from physai_ros.adapters.parameters import Parameter, UNCONFIGURED
from physai_ros.adapters.qos import LATCHED
from physai_ros.blackbox.box import Box, default_folder
from physai_ros.blackbox.ring import Ring
from rclpy.serialization import serialize_message
from std_msgs.msg import String

PARAMETERS = (
    Parameter('blackbox.enabled', True, 'write the last seconds before each fault to a file',
              settable=UNCONFIGURED),
    Parameter('blackbox.folder', '', 'where to; $ROS_HOME/physai/blackbox by default',
              settable=UNCONFIGURED),
    Parameter('blackbox.span_s', 30.0, 'time that is kept', 1.0, 600.0, settable=UNCONFIGURED),
    Parameter('blackbox.memory_mb', 64.0, 'memory that it takes at most', 1.0, 4096.0,
              settable=UNCONFIGURED),
    Parameter('blackbox.files', 20, 'files that are kept', 1, 10000, settable=UNCONFIGURED),
    Parameter('blackbox.disk_mb', 500.0, 'size that they have in all at most', 1.0, 1e6,
              settable=UNCONFIGURED),
)
TICK, CALL = 'command/tick', 'command/call'


class Recorder:
    """
    Keeps what a node hears, says and decides; ``now_ns`` is the time of what is recorded next.

    :param node: with the parameters above
    :param metadata: texts that say what robot, limits and settings these are
    """

    def __init__(self, node, metadata: Dict[str, str]):
        self.now_ns, self._node, self._metadata = 0, node, metadata
        self._enabled = node.value('blackbox.enabled')
        ring = Ring(round(node.value('blackbox.span_s') * 1e9),
                    round(node.value('blackbox.memory_mb') * 1e6))
        self._box = Box(ring, Path(node.value('blackbox.folder') or default_folder()),
                        node.value('blackbox.files'), round(node.value('blackbox.disk_mb') * 1e6))
        self._models = node.inbox(String, 'policy/model', LATCHED)
        self._texts: Dict[tuple, bytes] = {}
        self._channels: Dict[str, int] = {}

    def tap(self, topic: str, kind) -> Callable[[bytes], None]:
        """Return a function that records the bytes of a message of a topic."""
        if topic not in self._channels:
            self._channels[topic] = self._box.ring.channel(
                topic, type_name(kind), definition(kind))
        number, add = self._channels[topic], self._box.ring.add
        return lambda data: add(number, self.now_ns, data) if self._enabled else None

    def text(self, tap, **content):
        """Record a small decision as JSON in a ``std_msgs/String``."""
        key = tuple(content.values())
        data = self._texts.get(key)
        if data is None:
            data = serialize_message(String(data=json.dumps(content)))
            self._texts = {**dict(list(self._texts.items())[-100:]), key: data}
        tap(data)

    def save(self, reason: str):
        """Write what is kept to a file, by and by."""
        if not self._enabled:
            return
        for message in self._models.take():
            self._metadata = {**self._metadata, 'model': message.data}
        stamp = datetime.now(timezone.utc).strftime('%Y%m%dT%H%M%S.%f')
        name = '_'.join(filter(None, (stamp, self._node.robot.replace('/', '_'), reason)))
        if not self._box.save(name, self._metadata):
            self._node.get_logger().warning(
                f'black box: {name} is not written: the two before it are not yet')

    def report(self) -> Dict[str, str]:
        """Return values for the diagnostics."""
        return {'blackbox': str(self._box.saved or ''), 'blackbox_problem': self._box.problem}

    def wait(self, timeout_s: float) -> bool:
        """Wait for files that are being written; return whether all are."""
        return self._box.wait(timeout_s)


def definition(kind) -> str:
    """Return the definition of a message and of all that it contains, as rosbag2 stores it."""
    seen, parts, todo = set(), [], [type_name(kind)]
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        text, used = _fields(name)
        head = f'{"=" * 80}\nMSG: {name.replace("/msg/", "/")}\n' if parts else ''
        parts.append(head + text)
        todo += used
    return '\n'.join(parts)


def _fields(name):
    """Return the fields of a type as text, and the names of the types that it is made of."""
    fields = message_type(name).get_fields_and_field_types()
    lines, used = [], []
    for field, kind in fields.items():
        base, suffix = kind, ''
        if kind.startswith('sequence<'):
            base, _, bound = kind[len('sequence<'):-1].partition(', ')
            suffix = f'[<={bound}]' if bound else '[]'
        elif kind.endswith(']'):
            base, _, size = kind[:-1].partition('[')
            suffix = f'[{size}]'
        if '/' in base:
            inner, short = base.split('/')
            used.append(f'{inner}/msg/{short}')
        lines.append(f'{_ros_type(base)}{suffix} {field}')
    return '\n'.join(lines) + '\n', used


def _ros_type(kind: str) -> str:
    return {'double': 'float64', 'float': 'float32', 'boolean': 'bool', 'octet': 'byte'}.get(
        kind, kind)
