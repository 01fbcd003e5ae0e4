"""Preflight: terms, recurrent state and RTC against the model, each told in its own place."""
from types import SimpleNamespace

from bundle_examples import changed, JOINTS, text
from physai_ros.bundle.check_model import check_model
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import validate, Where
from physai_ros.bundle.yaml12 import read_yaml
from physai_ros.inference.model import TensorSpec
import pytest

STATE = {'recurrent': {'h_in': {'output': 'h_out', 'shape': [1, 16], 'dtype': 'float32'}}}
RTC = {'rtc': {'output': 'action', 'prefix': 'prefix', 'delay': 'delay', 'delay_dtype': 'int64'}}


def problems(parts, inputs, outputs=()):
    """Return the text of each difference; ``inputs`` and ``outputs`` are (shape, type) by name."""
    document = read_yaml(text(changed(
        **{'inputs': {'x': [{'term': 'joint_position', 'joints': JOINTS}]}, **parts})),
        'policy.yaml')
    content = validate(Manifest, document, 'policy.yaml')
    model = SimpleNamespace(**{
        side: [TensorSpec(name, *spec) for name, spec in specs.items()] for side, specs in {
            'inputs': {'x': ((1, 3), 'float32'), **inputs},
            'outputs': {'action': ((1, 10, 3), 'float32'), **dict(outputs)}}.items()})
    return [str(problem) for problem in check_model(
        content, model, Where('policy.yaml', document.lines))]


def both(shape, dtype):
    return {'h_in': (shape, dtype)}, {'h_out': (shape, dtype)}


def test_what_fits():
    assert not problems(STATE, *both((None, 16), 'float32'))
    assert not problems(RTC, {'prefix': ((1, 10, 3), 'float32'), 'delay': ((1,), 'int64')})


@pytest.mark.parametrize('inputs, outputs, message', [
    (*both((1, 8), 'float32'), 'recurrent.h_in.shape (line 31) is (1, 16); expected (1, 8), as '
     'the model has. Write what the model has; what is fed back is alike on both sides'),
    (*both((1, 16), 'float16'), "recurrent.h_in.dtype (line 34) is 'float32'; expected float16"),
    ({'h_in': ((1, 16), 'float32')}, {'hout': ((1, 16), 'float32')},
     "recurrent.h_in.output (line 30) is 'h_out'; expected one of the outputs of the model: "
     'action, hout. Did you mean hout?')])
def test_a_state_that_differs(inputs, outputs, message):
    found, = problems(STATE, inputs, outputs)
    assert found.startswith('policy.yaml: ') and message in found


def test_a_state_that_is_no_input():
    found = problems(STATE, {}, {'h_out': ((1, 16), 'float32')})
    assert found[0].startswith("policy.yaml: recurrent.h_in (line 29) is 'h_in'; expected one of")


@pytest.mark.parametrize('prefix, delay, message', [
    (((1, 50, 7), 'float32'), ((1,), 'int64'),
     'the shape of policy.yaml: rtc.prefix (line 30) is (1, 10, 3); expected (1, 50, 7), as the '
     'model has. Correct joints or chunk of policy.yaml: outputs.action (line '),
    (((1, 10, 3), 'float16'), ((1,), 'int64'),
     "the type of policy.yaml: rtc.prefix (line 30) is 'float32'; expected float16, as the model "
     'has. Export the model with float32 here'),
    (((1, 10, 3), 'float32'), ((1, 1), 'int64'),
     'the shape of policy.yaml: rtc.delay (line 31) is (1,); expected (1, 1)'),
    (((1, 10, 3), 'float32'), ((1,), 'int32'),
     "policy.yaml: rtc.delay_dtype (line 32) is 'int64'; expected int32, as the model has. Write "
     'what the model has, or export it anew')])
def test_rtc_that_differs(prefix, delay, message):
    found, = problems(RTC, {'prefix': prefix, 'delay': delay})
    assert message in found


def test_rtc_inputs_that_the_model_has_not():
    prefix, delay = problems(RTC, {})
    assert "rtc.prefix (line 30) is 'prefix'; expected one of the inputs of the model: x" in prefix
    assert "rtc.delay (line 31) is 'delay'; expected one of the inputs of the model: x" in delay


@pytest.mark.parametrize('history, width, told', [
    ({}, 7, 'it is now 3 joint_position + 3 joint_velocity'),
    ({'history': {'x': {'steps': 4}}}, 28,
     'it is now 3 joint_position + 3 joint_velocity, each in 4 moments')])
def test_how_many_numbers_each_term_has(history, width, told):
    both_terms = [{'term': f'joint_{what}', 'joints': JOINTS} for what in ('position', 'velocity')]
    found, = problems({'inputs': {'x': both_terms}, **history}, {'x': ((1, width), 'float32')})
    assert found.endswith(f'export the model anew; {told}')


def test_a_term_alone_is_not_counted():
    found, = problems({}, {'x': ((1, 4), 'float32')})
    assert found.endswith('or export the model anew')
