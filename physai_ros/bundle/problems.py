"""Turn what is wrong with a document into one error that lists every problem and its place."""
import difflib
from functools import lru_cache
import reprlib
from typing import Optional

from physai_ros.bundle.yaml12 import Document, read_yaml
from physai_ros.core.errors import BundleError
from pydantic import ValidationError

SHOWN = 50
NUMBERS = ('numbers', 'float_type', 'int_type')
GAINS = "remove it: gains belong to the robot's driver, the chain sends positions"
ELSEWHERE = dict.fromkeys(('kp', 'kd', 'stiffness', 'damping', 'p_gains', 'd_gains'), GAINS)
DOCS = 'see docs/bundle.md, which describes every key'

_EXPECTED = {
    'model_type': 'a mapping (key: value)',
    'model_attributes_type': 'a mapping (key: value)',
    'dict_type': 'a mapping (key: value)',
    'tuple_type': 'a list',
}


class Where:
    """
    Says where in a file something is: ``policy.yaml: inputs.state[0].joints (line 9)``.

    :param name: how messages call the file
    :param lines: the line of each path; the line of what surrounds it stands in for a missing one
    """

    def __init__(self, name, lines):
        self._name, self._lines = name, lines

    def __call__(self, *path) -> str:
        """Return the place of a path of keys and indices."""
        text = ''
        for key in path:
            name = f'[{key}]' if isinstance(key, int) else printable(key)
            text += f'.{name}' if text and isinstance(key, str) else name
        place = f'{self._name}: {text}' if text else self._name
        line = self.line(*path)
        return f'{place} (line {line})' if line else place

    def line(self, *path) -> Optional[int]:
        """Return the line of a path, None when it is not known."""
        parents = (path[:end] for end in range(len(path), -1, -1))
        return next((self._lines[p] for p in parents if p in self._lines), None)


class InvalidBundleError(BundleError):
    """
    A bundle with several things wrong, or one.

    :param thing: the file or the pair that does not fit
    :param problems: one BundleError each, never empty
    """

    def __init__(self, thing, problems):
        self.problems = tuple(problems)
        lines = [f'  {n}. {problem}' for n, problem in enumerate(self.problems[:SHOWN], 1)]
        if len(self.problems) > SHOWN:
            lines.append(f'  … and {len(self.problems) - SHOWN} more')
        count = f'{len(self.problems)} problem' + 's' * (len(self.problems) > 1)
        super().__init__(f'{thing} has {count}:\n' + '\n'.join(lines))


def parse(schema, data, name=None):
    """
    Read and validate a manifest.

    :param schema: a Schema class with ``FILE``
    :param data: the file's content, bytes or str, or the Document that ``read_yaml`` made of it
    :param name: how messages call the file
    :raises InvalidBundleError: listing all problems
    """
    name = name or schema.FILE
    document = data if isinstance(data, Document) else read_yaml(data, name)
    return validate(schema, document, name)


def validate(schema, document, name):
    """Return the document as an instance of the schema or raise InvalidBundleError."""
    if not isinstance(document, Document):
        document = Document(document, {})
    where = Where(name, document.lines)
    try:
        manifest = schema.model_validate(document.value)
    except ValidationError as error:
        problems = [_problem(e, schema, document, where) for e in error.errors(include_url=False)
                    if not _is_echo(e)]
        raise InvalidBundleError(name, problems) from None
    problems = [BundleError(f'{where(*path)}{problem.thing}', problem.value,
                            problem.expected, problem.remedy)
                for path, problem in manifest.inconsistencies()]
    if problems:
        raise InvalidBundleError(name, problems)
    return manifest


def _is_echo(error):
    """Return whether a list is too short only because its items have problems of their own."""
    return error['type'] == 'too_short' and \
        len(error['input']) >= error['ctx']['min_length']


def _problem(error, schema, document, where):
    context = error.get('ctx', {})
    loc = tuple(key for key in error['loc'] if key != '[key]')
    loc += (context['field'],) if context.get('field') else ()
    path, value = _follow(document.value, loc)
    place = where(*path)
    about = _describe(schema, document.value, path)
    kind = error['type']
    if kind == 'missing':
        return BundleError(f'{place} is missing', None, about or 'a value', f'add it; {DOCS}')
    if kind == 'union_tag_not_found':
        tag = context['discriminator'].strip("'")
        return BundleError(f'{where(*path, tag)} is missing', None,
                           f'the kind of this entry, as {tag}: …', f'add it; {DOCS}')
    if kind == 'extra_forbidden':
        return _unknown_key(place, value, path, schema, document.value)
    if kind == 'mismatch':
        return BundleError(place, _short(value), context['expected'], context['remedy'])
    if kind == 'union_tag_invalid':
        tag = context['discriminator'].strip("'")
        path, value = path + (tag,), value[tag]
        return BundleError(where(*path), _short(value),
                           f'one of {context["expected_tags"]}', _meant(value, context))
    if error['loc'][-1:] == ('[key]',):
        return BundleError(f'{place}, a name,', _short(path[-1]), _expectation(error), 'rename it')
    if value is None:
        place = f'{place} is empty'
    remedy = f'this is {about}' if about else DOCS
    if kind == 'string_type' and isinstance(value, (int, float)):
        remedy = f'write it in quotes; {remedy}'
    if kind in NUMBERS and isinstance(value, str):
        remedy = f'write the number itself, worked out and without quotes; {remedy}'
    return BundleError(place, _short(value), _expectation(error), remedy)


def _expectation(error):
    if error['type'] in _EXPECTED:
        return _EXPECTED[error['type']]
    if error['type'] == 'string_pattern_mismatch':
        return f'text that matches {error["ctx"]["pattern"]}'
    if error['type'] == 'too_long' and isinstance(error['input'], (list, tuple)):
        return f'at most {error["ctx"]["max_length"]} items, not {len(error["input"])}'
    text = error['msg'].replace('Input should be ', '').replace(' after validation', '')
    return text[0].lower() + text[1:]


def _meant(value, context):
    tags = [tag.strip("' ") for tag in context['expected_tags'].split(',')]
    close = difflib.get_close_matches(str(value), tags, 1)
    return f'did you mean {close[0]!r}?' if close else DOCS


def _unknown_key(place, value, path, schema, root):
    known = sorted(_subschema(schema, root, path[:-1]).get('properties', ()))
    close = difflib.get_close_matches(str(path[-1]), known, 1)
    remedy = ELSEWHERE.get(path[-1]) or (f'did you mean {close[0]!r}?' if close else 'remove it')
    return BundleError(f'{place} = {reprlib.repr(value)} is an unknown key', None,
                       f'one of {", ".join(known)}' if known else 'no such key', remedy)


def and_more(names) -> str:
    """Return the first of several names, and how many more there are."""
    return f'{names[0]} and {len(names) - 1} more' if len(names) > 1 else names[0]


def printable(text, most=80) -> str:
    """Return a text from outside so that it neither fills nor steers a terminal."""
    shown = (text if len(text) <= most else f'{text[:most]}…') or "''"
    return ''.join(char if char.isprintable() else ascii(char)[1:-1] for char in shown)


def _short(value):
    """Return something whose repr is the short repr of a value."""
    return None if value is None else _Repr(reprlib.repr(value))


class _Repr(str):

    __repr__ = str.__str__


def _follow(value, loc):
    """Return the path of a pydantic location in the document (no union tags) and its value."""
    path = ()
    for n, key in enumerate(loc):
        if isinstance(value, dict) and key in value or \
                isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
            path += (key,)
        elif isinstance(value, dict) and n == len(loc) - 1:
            return path + (key,), None
    return path, value


@lru_cache(maxsize=8)
def _json_schema(schema):
    return schema.model_json_schema()


def _resolve(node, definitions, value):
    while True:
        mapping = node.get('discriminator')
        if mapping and isinstance(value, dict):
            tag = value.get(mapping['propertyName'])
            node = {'$ref': mapping['mapping'].get(tag, '') if isinstance(tag, str) else ''}
        if '$ref' not in node:
            return node
        node = definitions.get(node['$ref'].rpartition('/')[2], {})


def _subschema(schema, value, path):
    """Return the JSON schema of one place, {} where there is none."""
    root = _json_schema(schema)
    definitions = root.get('$defs', {})
    node = root
    for key in path:
        if isinstance(key, int):
            node = node.get('items', {})
        else:
            free = [*node.get('patternProperties', {}).values(), node.get('additionalProperties')]
            free = free[0] if isinstance(free[0], dict) else {}
            node = node.get('properties', {}).get(key, free)
        value = _follow(value, (key,))[1]
        node = _resolve(node, definitions, value)
    return node


def _describe(schema, root, path):
    """Return what the schema says of a place, '' when it says nothing."""
    for end in (len(path), len(path) - 1):
        node = _subschema(schema, root, path[:end]) if end >= 0 else {}
        about = node.get('description', '') if 'properties' not in node else ''
        if about:
            return about
    return ''
