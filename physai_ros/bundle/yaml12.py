"""
Read one YAML document from an untrusted file, in time and memory that a small cap bounds.

Scalars follow the YAML 1.2 core schema: ``on``, ``yes``, ``12:30`` and ``2024-01-01`` are text and
``1e-3`` is a number (https://yaml.org/spec/1.2.2/#103-core-schema). Keys are always text. What a
configuration file has no need of is refused: anchors, aliases, tags, repeated keys.
"""
from dataclasses import dataclass
import re
from typing import Any, Dict, Tuple

from physai_ros.core.errors import BundleError
import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_VALUES = 20_000

Path = Tuple[Any, ...]

_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_CONSTANTS = {
    **dict.fromkeys(('', '~', 'null', 'Null', 'NULL'), None),
    **dict.fromkeys(('true', 'True', 'TRUE'), True),
    **dict.fromkeys(('false', 'False', 'FALSE'), False),
}
_INT = re.compile(r'[-+]?[0-9]{1,18}')
_FLOAT = re.compile(r'[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?')
_SPECIAL = re.compile(r'[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)')


@dataclass(frozen=True)
class Document:
    """A value made of dict, list, str, int, float, bool and None, and the line of each path."""

    value: Any
    lines: Dict[Path, int]


def read_yaml(data, name) -> Document:
    """
    Parse one document.

    :param data: the file's content, bytes (UTF-8) or str
    :param name: how messages call the file
    :raises BundleError: when it is not such a document
    """
    size = len(data)
    if size > MAX_BYTES:
        raise BundleError(f'the size of {name}', f'{size} bytes', f'at most {MAX_BYTES}',
                          'keep only the manifest in this file')
    try:
        text = data.decode('utf-8') if isinstance(data, bytes) else data
        builder = _Builder(name)
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except UnicodeDecodeError as error:
        raise BundleError(f'{name} (byte {error.start})', data[error.start:error.start + 8],
                          'text in UTF-8', 'save the file as UTF-8') from None
    except UnicodeEncodeError:
        raise BundleError(name, None, 'text in UTF-8', 'save the file as UTF-8') from None
    except yaml.YAMLError as error:
        raise _syntax_error(name, error) from None
    return builder.document()


def _syntax_error(name, error):
    mark = getattr(error, 'problem_mark', None)
    place = f'{name} (line {mark.line + 1})' if mark else name
    problem = getattr(error, 'problem', None) or getattr(error, 'reason', None) or 'unreadable'
    return BundleError(f'{place} is not YAML: {problem}', None, '',
                       'check indentation, brackets and quotes around this line')


def _scalar(event):
    text = event.value
    if not event.implicit[0]:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace('.', ''))
    return text


class _Builder:
    """Builds the value from parse events, without recursion."""

    def __init__(self, name):
        self._name = name
        self._root = []
        self._stack = [(self._root, ())]
        self._key = None
        self._lines = {}
        self._count = 0

    def document(self):
        if not self._root:
            raise BundleError(self._name, 'empty', 'a manifest',
                              'docs/bundle.md has an example to start from')
        return Document(self._root[0], self._lines)

    def take(self, event):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent) and self._root:
            raise self._refusal(line, 'a second document', 'one document a file')
        if isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._check(event, line)
            self._add(event, line)

    def _check(self, event, line):
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refusal(line, f'{event.anchor!r}, an anchor or alias', 'plain values',
                                'write the value out again where it is needed')
        if event.tag is not None:
            raise self._refusal(line, f'{event.tag!r}, a tag', 'untagged values')
        self._count += 1
        if self._count > MAX_VALUES:
            raise self._refusal(line, f'more than {MAX_VALUES} values', 'a smaller file')
        if len(self._stack) > MAX_DEPTH:
            raise self._refusal(line, 'nested too deep', f'at most {MAX_DEPTH} levels')

    def _add(self, event, line):
        container, path = self._stack[-1]
        if isinstance(container, dict) and self._key is None:
            self._take_key(event, container, line)
            return
        value = {} if isinstance(event, yaml.MappingStartEvent) else \
            [] if isinstance(event, yaml.SequenceStartEvent) else _scalar(event)
        if isinstance(container, dict):
            path += (self._key,)
            container[self._key] = value
            self._key = None
        else:
            path += (len(container),) if container is not self._root else ()
            container.append(value)
            self._lines[path] = line
        if isinstance(value, (dict, list)):
            self._stack.append((value, path))

    def _take_key(self, event, container, line):
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refusal(line, 'a list or mapping as a key', 'text as a key')
        if event.value in container:
            raise self._refusal(line, f'the key {event.value!r}, given twice', 'each key once',
                                'remove one of the two')
        self._key = event.value
        self._lines[self._stack[-1][1] + (event.value,)] = line

    def _refusal(self, line, what, expected, remedy='remove it'):
        return BundleError(f'{self._name} (line {line}) has {what}', None, expected, remedy)
