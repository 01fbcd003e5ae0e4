"""Say what is wrong with a document by its pydantic schema: place, value, what was expected."""
import difflib
from functools import lru_cache
import reprlib
from typing import Iterator, Mapping, Optional, Type

from physai_ros.core.errors import PhysaiError

NUMBERS = ('numbers', 'float_type', 'int_type')

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


class Explainer:
    """
    Turns what pydantic finds wrong with a document into errors of ours.

    :param schema: pydantic model of the document
    :param value: the document
    :param where: Where of it
    :param error: class of the errors, called like PhysaiError
    :param docs: where every key is described, as a remedy
    :param elsewhere: unknown keys that are known to belong somewhere else -> what to do
    """

    def __init__(self, schema, value, where: Where, error: Type[PhysaiError], docs: str,
                 elsewhere: Mapping[str, str] = {}):
        self._schema, self._value, self._where = schema, value, where
        self._error, self._docs, self._elsewhere = error, docs, elsewhere

    def __call__(self, invalid) -> Iterator[PhysaiError]:
        """Yield an error for each problem of a pydantic.ValidationError."""
        for item in invalid.errors(include_url=False):
            if not _is_echo(item):
                yield self._problem(item)

    def _problem(self, error):
        context = error.get('ctx', {})
        loc = tuple(key for key in error['loc'] if key != '[key]')
        loc += (context['field'],) if context.get('field') else ()
        path, value = _follow(self._value, loc)
        place = self._where(*path)
        about = _describe(self._schema, self._value, path)
        kind = error['type']
        if kind == 'missing':
            return self._error(f'{place} is missing', None, about or 'a value',
                               f'add it; {self._docs}')
        if kind == 'union_tag_not_found':
            tag = context['discriminator'].strip("'")
            return self._error(f'{self._where(*path, tag)} is missing', None,
                               f'the kind of this entry, as {tag}: …', f'add it; {self._docs}')
        if kind == 'extra_forbidden':
            return self._unknown_key(place, value, path)
        if kind == 'mismatch':
            return self._error(place, _short(value), context['expected'], context['remedy'])
        if kind == 'union_tag_invalid':
            tag = context['discriminator'].strip("'")
            path, value = path + (tag,), value[tag]
            tags = context['expected_tags']
            return self._error(self._where(*path), _short(value), f'one of {tags}',
                               self._meant(value, tags) or self._docs)
        named = error['loc'][-1:] == ('[key]',)
        if kind == 'value_error':
            shown = '' if named or isinstance(value, (dict, list)) else f' = {reprlib.repr(value)}'
            return self._error(f'{place}{shown}: {context["error"]}')
        near = kind == 'literal_error' and self._meant(
            path[-1] if named else value, context['expected'])
        if named:
            return self._error(f'{place}, a name,', _short(path[-1]), _expectation(error),
                               near or 'rename it')
        if value is None:
            place = f'{place} is empty'
        remedy = near or (f'this is {about}' if about else self._docs)
        if kind == 'string_type' and isinstance(value, (int, float)):
            remedy = f'write it in quotes; {remedy}'
        if kind in NUMBERS and isinstance(value, str):
            remedy = f'write the number itself, worked out and without quotes; {remedy}'
        if kind in NUMBERS and isinstance(value, dict):
            remedy = f'write the numbers alone, in the order of the names; {remedy}'
        return self._error(place, _short(value), _expectation(error), remedy)

    @staticmethod
    def _meant(value, expected):
        tags = [tag.strip("' ") for tag in expected.replace(' or ', ',').split(',')]
        close = _close(str(value), tags)
        return f'did you mean {close!r}?' if close else ''

    def _unknown_key(self, place, value, path):
        known = sorted(_subschema(self._schema, self._value, path[:-1]).get('properties', ()))
        close = _close(str(path[-1]), known)
        remedy = self._elsewhere.get(path[-1]) or (
            f'did you mean {close!r}?' if close else 'remove it')
        return self._error(f'{place} = {reprlib.repr(value)} is an unknown key', None,
                           f'one of {", ".join(known)}' if known else 'no such key', remedy)


def printable(text, most=80) -> str:
    """Return a text from outside so that it neither fills nor steers a terminal."""
    shown = (text if len(text) <= most else f'{text[:most]}…') or "''"
    return ''.join(char if char.isprintable() else ascii(char)[1:-1] for char in shown)


def _close(name, known):
    """Return the known name that is probably meant, '' for none: alike, or with a word of it."""
    words = set(name.split('_'))
    alike = difflib.get_close_matches(name, known, 1) or sorted(
        (other for other in known if words.issubset(other.split('_')) or
         words.issuperset(other.split('_'))), key=len)
    return alike[0] if alike else ''


def _is_echo(error):
    """Return whether a list is too short only because its items have problems of their own."""
    return error['type'] == 'too_short' and \
        len(error['input']) >= error['ctx']['min_length']


def _expectation(error):
    if error['type'] in _EXPECTED:
        return _EXPECTED[error['type']]
    if error['type'] == 'string_pattern_mismatch':
        return f'text that matches {error["ctx"]["pattern"]}'
    if error['type'] == 'too_long' and isinstance(error['input'], (list, tuple)):
        return f'at most {error["ctx"]["max_length"]} items, not {len(error["input"])}'
    text = error['msg'].replace('Dictionary should have', 'Input should be')
    text = text.replace('Input should be ', '').replace(' after validation', '')
    return text[0].lower() + text[1:]


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
        elif n == len(loc) - 1 and isinstance(value, list if isinstance(key, int) else dict):
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
        models = [choice for choice in node.get('anyOf', ()) if '$ref' in choice]
        if len(models) == 1 and isinstance(value, dict):
            node, = models
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
