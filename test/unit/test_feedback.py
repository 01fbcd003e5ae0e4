"""Recurrent state and the inputs of real-time chunking."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError
import pytest

MS = 1_000_000
STATE = {'h_in': {'output': 'h_out', 'shape': [1, 2], 'initial': 0.5}}
RTC = {'output': 'u', 'prefix': 'p', 'delay': 'd'}


def content(**parts):
    return manifest(inputs={'x': [{'term': 'constant', 'numbers': 1}]},
                    outputs={'u': {'kind': 'base_twist', 'chunk': 4, 'scale': 2}},
                    timing={'deadline_s': 0.05}, **parts)


def answer(k=1.0, state=(1, 2)):
    return {'u': np.full((1, 4, 3), k, np.float32), 'h_out': np.float32([state])}


def test_state_goes_round():
    assembler = Assembler(content(recurrent=STATE))
    assert assembler.assemble(0).inputs['h_in'].tolist() == [[0.5, 0.5]]
    assembler.remember(answer(), 0)
    assert assembler.assemble(50 * MS).inputs['h_in'].tolist() == [[1, 2]]
    assembler.reset()
    assert assembler.assemble(100 * MS).inputs['h_in'].tolist() == [[0.5, 0.5]]


def test_a_state_that_begins_anew_after_some_answers():
    states = {**STATE, 'c_in': {'output': 'c_out', 'shape': [1, 2]}}
    states['h_in'] = {**STATE['h_in'], 'restart_after': 3}
    assembler = Assembler(content(recurrent=states))
    seen = []
    for k in range(1, 9):
        inputs = assembler.assemble(k * 50 * MS).inputs
        seen.append([inputs['h_in'][0, 0], inputs['c_in'][0, 0]])
        if k == 5:
            with pytest.raises(BundleError, match='the shape of output h_out'):
                assembler.remember({**answer(state=(9,)), 'c_out': np.float32([[9, 9]])}, k)
        assembler.remember({**answer(state=(k, k)), 'c_out': np.float32([[k, k]])}, k)
        if k == 7:
            assembler.reset()
    assert seen == [[0.5, 0], [1, 1], [2, 2], [0.5, 3], [4, 4], [5, 5], [0.5, 6], [0.5, 0]]


def test_a_bad_state_refuses_the_whole_answer_and_leaves_the_old_state():
    example = content(recurrent=STATE)
    assembler, decoder = Assembler(example), Decoder(example)
    with pytest.raises(BundleError, match='output h_out, step 0, number 1'):
        decoder.decode(answer(state=(1, np.nan)), 0)
    with pytest.raises(BundleError, match='also h_out'):
        decoder.decode({'u': answer()['u']}, 0)
    with pytest.raises(BundleError, match='the shape of output h_out'):
        assembler.remember(answer(state=(1, 2, 3)), 0)
    assert assembler.assemble(0).inputs['h_in'].tolist() == [[0.5, 0.5]]


def test_what_the_model_must_have():
    example = content(recurrent=STATE, rtc={**RTC, 'delay_dtype': 'float32'})
    assert example.input_specs == {
        'x': ((1, 1), 'float32'), 'h_in': ((1, 2), 'float32'), 'p': ((1, 4, 3), 'float32'),
        'd': ((1,), 'float32')}
    assert example.output_specs == {'u': (((1, 4, 3),), 'float32'),
                                    'h_out': (((1, 2),), 'float32')}


def test_the_prefix_is_the_rest_of_the_last_answer():
    assembler = Assembler(content(rtc=RTC))
    first = assembler.assemble(0, delay_steps=2).inputs
    assert not first['p'].any() and first['d'].tolist() == [0]
    assembler.remember({'u': np.float32([[[k, 0, 0] for k in (1, 2, 3, 4)]])}, 0)
    second = assembler.assemble(100 * MS, delay_steps=1).inputs
    assert second['p'][0, :, 0].tolist() == [3, 4, 0, 0]
    assert second['d'].tolist() == [1] and second['d'].dtype == np.int64
    assert assembler.assemble(100 * MS, delay_steps=9).inputs['d'].tolist() == [2]
    assert not assembler.assemble(500 * MS).inputs['p'].any()


def test_a_given_prefix_is_in_si_units():
    given = np.array([[4.0, 6.0, 8.0]])
    inputs = Assembler(content(rtc=RTC)).assemble(0, prefix=given, delay_steps=1).inputs
    assert inputs['p'][0].tolist() == [[2, 3, 4], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize('parts, message', [
    ({'recurrent': {'x': STATE['h_in']}}, "recurrent.x (line 26) is 'x'; expected an input that"),
    ({'recurrent': {'h': {'output': 'u', 'shape': [1]}}}, 'an output that moves nothing'),
    ({'recurrent': {'h': {'output': 'o', 'shape': [1]}, 'c': {'output': 'o', 'shape': [1]}}},
     "recurrent.c.output is 'o'; expected an output of its own; h is given this one"),
    ({'rtc': {**RTC, 'prefix': 'x'}}, "rtc.prefix (line 27) is 'x'"),
    ({'rtc': {**RTC, 'output': 'v'}}, "is 'v'; expected one of u"),
    ({'history': {'y': {'steps': 2}}}, "history.y (line 26) is 'y'"),
    ({'recurrent': {'h': {'output': 'o', 'shape': [10_000, 10_000]}}}, 'numbers'),
])
def test_names_that_cannot_be_meant(parts, message):
    with pytest.raises(InvalidBundleError) as error:
        content(**parts)
    assert message.partition(' (line')[0] in str(error.value)


def test_velocities_have_no_prefix():
    kind = {'kind': 'joint_velocity', 'joints': ['a']}
    with pytest.raises(InvalidBundleError, match='turned back into numbers of the model'):
        manifest(outputs={'u': kind}, rtc={**RTC}, timing={'deadline_s': 0.05})


def test_how_often_it_looks():
    assert content().looks_hz == 5
    assert content(inference_rate_hz=12.5).looks_hz == 12.5
    one = manifest(outputs={'u': {'kind': 'base_twist'}}, timing={'deadline_s': 0.05})
    assert one.looks_hz == one.rate_hz == 20
