"""Every declared parameter, topic and service is in the docs, with its type and default."""
import ast
from pathlib import Path
import re

import pytest

pytest.importorskip('rclpy', reason='the nodes need rclpy')

ROOT = Path(__file__).resolve().parents[1]
PAGES = {'manager': 'bringup.md'}
NODES = sorted(file.stem.removesuffix('_node')
               for file in (ROOT / 'physai_ros' / 'nodes').glob('*_node.py'))
SHARED = {'sim': ['adapters/sim_robot.py'], 'perception': ['adapters/transforms.py']}
SETTABLE = {'at start': 'start', 'while unconfigured': 'configure', 'always': 'always',
            'always, by itself': 'alone'}
CALLS = {'advertise': 1, 'inbox': 1, 'serve': 1, 'create_service': 1, '_out': 1}
PASSED_ON = None
PLACES = {'camera.name': 'head_camera',
          'topic': PASSED_ON, 'self._name': '<robot>',
          'folder': 'sim/ground_truth/<robot>', 'key': '<object>'}


def section(node) -> str:
    """Return the part of the page that is about a node."""
    text = (ROOT / 'docs' / PAGES.get(node, 'nodes.md')).read_text()
    found = re.search(rf'^## {node}\n(.*?)(?=^## |\Z)', text, re.M | re.S)
    assert found, f'docs: no section {node}'
    return found[1]


def parameters(node):
    """Return the parameter table of a node's class."""
    module = __import__(f'physai_ros.nodes.{node}_node', fromlist=['main'])
    return next(thing.PARAMETERS for name, thing in vars(module).items()
                if name.endswith('Node') and thing.__module__ == module.__name__)


def shown(value) -> str:
    """Return a default as the tables write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and any(value):
        return f'[{", ".join(value)}]'
    return repr(value)


def names(node):
    """Return the topics and services in a node's source, f-strings filled in as in the docs."""
    for file in [f'nodes/{node}_node.py', *SHARED.get(node, [])]:
        for call in ast.walk(ast.parse((ROOT / 'physai_ros' / file).read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, 'attr', '') in CALLS:
                name = call.args[CALLS[call.func.attr]]
                if isinstance(name, (ast.Constant, ast.JoinedStr)):
                    parts = list(_parts(name, call.func.attr))
                    if PASSED_ON not in parts:
                        yield ''.join(parts)


def _parts(name, function):
    if function == '_out':
        yield '<robot>/'
    for part in name.values if isinstance(name, ast.JoinedStr) else [name]:
        if isinstance(part, ast.Constant):
            yield part.value
        else:
            yield PLACES[ast.unparse(part.value)]


@pytest.mark.parametrize('node', NODES)
def test_parameters_are_documented_with_their_defaults(node):
    text = section(node)
    rows = {line.split('|')[1].strip(): line for line in text.splitlines() if line[:3] == '| `'}
    for parameter in parameters(node):
        row = rows.get(f'`{parameter.name}`', '')
        cells = f'| `{shown(parameter.default)}` |'
        if node not in PAGES:
            cells += f' {SETTABLE[parameter.settable]} |'
        assert cells in row, f'{node}: {parameter.name}: {row!r}'


@pytest.mark.parametrize('node', NODES)
def test_topics_and_services_are_documented(node):
    text, found = section(node), set(names(node))
    if node not in ('manager', 'viewer'):  # the viewer's topics are a parameter
        assert len(found) >= 3, found
    for name in found - {'heartbeat', '/diagnostics'}:
        assert f'`{name}`' in text, f'{node}: {name} is not in the docs'


def test_nothing_is_documented_that_does_not_exist():
    documented = set(re.findall(r'^\| `(guard\.\w+|\w+)` \| (?:string|double|bool|integer)',
                                (ROOT / 'docs' / 'nodes.md').read_text(), re.M))
    declared = {p.name for node in NODES for p in parameters(node)}
    assert documented <= declared, documented - declared


def test_what_is_to_be_installed_on_jazzy_is_what_the_extras_say():
    page = (ROOT / 'docs' / 'install.md').read_text()
    said = re.search(r'pip install (.*?)\n    source', page, re.DOTALL)[1]
    tree = ast.parse((ROOT / 'setup.py').read_text())
    extras, = (ast.literal_eval(node.value) for node in ast.walk(tree)
               if isinstance(node, ast.keyword) and node.arg == 'extras_require')
    needed = {*extras['robot'], *extras['sim'], *extras['up']}
    assert {word.strip("'") for word in said.replace('\\', '').split()} == needed
