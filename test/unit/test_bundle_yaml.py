"""The YAML of manifests: 1.2 scalars, and nothing that can blow up."""
import math

from hypothesis import given, settings, strategies
from physai_ros.bundle.yaml12 import MAX_BYTES, MAX_DEPTH, read_yaml
from physai_ros.core.errors import BundleError
import pytest


def value(text):
    return read_yaml(text, 'policy.yaml').value


@pytest.mark.parametrize('text, expected', [
    ('a: 1', {'a': 1}),
    ('a: -0.5', {'a': -0.5}),
    ('a: 1e-3', {'a': 0.001}),
    ('a: .5', {'a': 0.5}),
    ('a: -.inf', {'a': -math.inf}),
    ('a: 010', {'a': 10}),
    ('a: 1:30', {'a': '1:30'}),
    ('a: 2024-01-01', {'a': '2024-01-01'}),
    ('a: [on, yes, no, off, y]', {'a': ['on', 'yes', 'no', 'off', 'y']}),
    ('on: {1: x, 1.5: y, null: z}', {'on': {'1': 'x', '1.5': 'y', 'null': 'z'}}),
    ('a: [true, "true", null, ~, ""]', {'a': [True, 'true', None, None, '']}),
    ('a: {}\nb: []', {'a': {}, 'b': []}),
    ('- a: 1\n- [2, [3]]', [{'a': 1}, [2, [3]]]),
    ('"é\\u00e9"', 'éé'),
    ('a: 1.0.0', {'a': '1.0.0'}),
    ('a: ' + '9' * 19, {'a': 1e19}),
])
def test_values(text, expected):
    assert value(text) == expected


def test_lines():
    lines = read_yaml('a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n', 'f').lines
    assert lines == {(): 1, ('a',): 1, ('a', 'b'): 2, ('a', 'c'): 3, ('a', 'c', 0): 4,
                     ('a', 'c', 1): 5, ('a', 'c', 1, 'd'): 5}


@pytest.mark.parametrize('text, message', [
    ('', "policy.yaml is 'empty'"),
    ('# only a comment', "policy.yaml is 'empty'"),
    ('a: &x 1\nb: *x', "(line 1) has 'x', an anchor or alias"),
    ('a: 1\nb: *x', "(line 2) has 'x', an anchor or alias"),
    ('a: 1\nb: 2\na: 3', "(line 3) has the key 'a', given twice"),
    ('a: !!python/object/apply:os.system [ls]', 'a tag'),
    ('a: !!int x', 'a tag'),
    ('? [a]\n: b', 'a list or mapping as a key'),
    ('a: 1\n---\nb: 2', '(line 2) has a second document'),
    ('a: [1, 2', 'is not YAML'),
    ('a: "\\ud800"', 'is not YAML'),
    (b'a: \xff', 'expected text in UTF-8'),
    ('a: \ud800', 'expected text in UTF-8'),
    ('a: \x00', 'is not YAML'),
    ('[' * (MAX_DEPTH + 2), 'nested too deep'),
    ('[' * 200_000, 'nested too deep'),
    ('- ' * 100_000, 'nested too deep'),
    ('a: [' + '0,' * 30_000 + ']', 'more than 20000 values'),
    ('#' * (MAX_BYTES + 1), 'the size of policy.yaml'),
])
def test_refusals(text, message):
    with pytest.raises(BundleError) as error:
        value(text)
    assert message in str(error.value)
    assert 'policy.yaml' in str(error.value)


@settings(max_examples=300, deadline=None)
@given(strategies.text(alphabet='ab:-,[]{}&*!|>?#\'"% \n\t.0e~<@`\x00\ud800\u2028', max_size=40))
def test_any_text_is_a_value_or_an_error(text):
    try:
        value(text)
    except BundleError as error:
        assert 'policy.yaml' in str(error)
