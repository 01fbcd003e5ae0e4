"""The manifest described by its own code: a JSON Schema, and a page of all terms and outputs."""
import json
import re
from typing import Dict

from physai_ros.bundle.feedback import Recurrent, Rtc
from physai_ros.bundle.history import History
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.outputs import OUTPUTS, UnusedOutput
from physai_ros.bundle.scaling import Normalise, Scaling
from physai_ros.bundle.terms import Measured, TERMS

SCHEMA, PAGE = 'policy.schema.json', 'terms.md'
SHARED = {*Measured.model_fields, *Scaling.model_fields}
HEAD = """# Terms and outputs

Every entry that a manifest can have, generated from the code by `physai schema --docs docs`.
[bundle.md](bundle.md) explains how they work together.

Keys that many share:

{shared}
"""


def json_schema() -> str:
    """Return the JSON Schema of policy.yaml."""
    schema = {'$schema': 'https://json-schema.org/draft/2020-12/schema',
              **Manifest.model_json_schema()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + '\n'


def page() -> str:
    """Return the page of all terms and outputs, Markdown."""
    shared = {**Scaling.model_fields, **Measured.model_fields}
    parts = [HEAD.format(shared=_table(shared))]
    for title, kinds, tag in (('Terms', TERMS, 'term'),
                              ('Outputs', (*OUTPUTS, UnusedOutput), 'kind')):
        parts.append(f'## {title}\n')
        parts += [_section(kind, tag) for kind in kinds]
    parts.append('## Parts\n')
    for kind, name in ((History, 'history'), (Normalise, 'normalise'), (Recurrent, 'recurrent'),
                       (Rtc, 'rtc')):
        parts.append(f'### {name}\n\n{_about(kind)}\n\n{_table(kind.model_fields)}\n')
    return '\n'.join(parts).rstrip() + '\n'


def files() -> Dict[str, str]:
    """Return the content of the generated files by name."""
    return {SCHEMA: json_schema(), PAGE: page()}


def _section(kind, tag):
    fields = {name: field for name, field in kind.model_fields.items()
              if name != tag and (name not in SHARED or _differs(name, field))}
    shared = [f'`{name}`' for name in kind.model_fields if name in SHARED and name not in fields]
    lines = [f'### {kind.model_fields[tag].default}\n', _about(kind), '']
    age = getattr(kind, 'default_max_age_s', None)
    if age is not None:
        lines += [f'Default maximum age: {age:g} s.', '']
    if fields:
        lines += [_table(fields), '']
    lines += [f'Also {", ".join(shared)}.', ''] if shared else []
    return '\n'.join(lines)


def _differs(name, field):
    usual = {**Scaling.model_fields, **Measured.model_fields}[name]
    return (usual.default, usual.description) != (field.default, field.description)


def _about(kind):
    text = ' '.join(line.strip() for line in kind.__doc__.strip().splitlines())
    return re.sub(r'``(.*?)``', r'`\1`', text)


def _table(fields):
    rows = ['| key | default | |', '|---|---|---|']
    for name, field in fields.items():
        about = (field.description or '').replace('|', '\\|').replace('\n', '\\n')
        rows.append(f'| `{name}` | {_default(field)} | {about} |')
    return '\n'.join(rows)


def _default(field):
    if field.is_required():
        return 'required'
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ''
    if isinstance(value, tuple):
        value = value[0] if len(value) == 1 else list(value)
    return f'`{json.dumps(value)}`' if not isinstance(value, str) else f'`{value}`'
