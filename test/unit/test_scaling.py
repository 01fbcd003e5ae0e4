"""The operations on numbers: their order, and that outputs can be turned back."""
from hypothesis import given, strategies
import numpy as np
from physai_ros.bundle.outputs import JointPositionOutput
from physai_ros.bundle.scaling import Normalise
from physai_ros.bundle.terms import Constant
from pydantic import ValidationError
import pytest


def entered(value, **fields):
    """Return what a number becomes on its way into a model."""
    return Constant(numbers=value, **fields).build(None, None).tolist()


def left(rows, **fields):
    """Return what the numbers of an answer become."""
    output = JointPositionOutput(joints=[f'j{n}' for n in range(len(rows[0]))],
                                 chunk=len(rows), **fields)
    return output.actions(output.rows('a', np.array([rows])), 0.1)


def test_the_order_on_the_way_in():
    assert entered(5, offset=1, scale=2) == [8]
    assert entered(5, offset=1, scale=2, normalise={'mean': 2, 'std': 3}) == [2]
    assert entered(5, offset=1, scale=2, normalise={'mean': 2, 'std': 3}, clip=[-1, 1]) == [1]


def test_the_order_on_the_way_out():
    assert left([[4.0]], scale=3, offset=1).tolist() == [[13]]
    assert left([[4.0]], clip=[-1, 1], scale=3, offset=1).tolist() == [[4]]
    assert left([[4.0]], clip=[-1, 1], normalise={'mean': 2, 'std': 3}, scale=10,
                offset=1).tolist() == [[51]]
    assert left([[90.0]], unit='deg').tolist() == [[np.pi / 2]]


def test_bounds_for_each_number():
    assert entered([5, 5, -5], clip=[[-1, -2, -3], [1, 2, 3]]) == [1, 2, -3]
    assert entered([5, -5], clip=[-1, [3, 4]]) == [3, -1]
    assert left([[4.0, -4.0]], clip=[[-1, -2], [3, 2]], scale=10).tolist() == [[30, -20]]


def test_min_and_max():
    stats = {'min': [0, 5], 'max': [10, 5]}
    assert entered([5, 5], normalise=stats) == [0, -1]
    assert entered([10, 7], normalise={**stats, 'onto': [0, 1]}) == [1, 0]
    assert left([[0.0, 0.3]], normalise=stats).tolist() == [[5, 5]]
    assert left([[1.0, -1.0]], normalise=stats).tolist() == [[10, 5]]


def test_a_value_that_stood_still_in_training():
    assert entered([5, 7.1], scale=[1, 0], normalise={'mean': [3, 0], 'std': [2, 1]}) == [1, 0]
    np.testing.assert_allclose(
        left([[0.5, 0.5]], normalise={'mean': [3, 7], 'std': [2, 1e-6]}), [[4, 7]], atol=1e-6)


@pytest.mark.parametrize('fields, message', [
    ({}, 'give one of the two pairs'),
    ({'mean': 1}, 'give one of the two pairs'),
    ({'mean': 1, 'std': 1, 'min': 0, 'max': 1}, 'mean and std, or min and max'),
    ({'mean': 1, 'std': 0}, 'positive'),
    ({'mean': 1, 'std': [1, 0]}, 'write scale 0, mean 0 and std 1 in an input'),
    ({'mean': 1, 'std': [0, -1]}, 'copy it from the training'),
    ({'min': [1, 2], 'max': [3]}, '2 numbers, as min has'),
    ({'min': 1, 'max': 0}, 'no number below'),
    ({'min': 0, 'max': 1, 'onto': [1, 0]}, 'the lower number first'),
])
def test_impossible_statistics(fields, message):
    with pytest.raises(ValidationError) as error:
        Normalise(**fields)
    assert message in str(error.value.errors()[0]['ctx'])


def test_lengths():
    for fields in ({'normalise': {'mean': [1, 2, 3], 'std': 1}}, {'clip': [1, 0]},
                   {'clip': [[0, 1], [1, 1]]}, {'clip': [[0, 0, 0], 1]}, {'scale': [1, 2, 3]}):
        with pytest.raises(ValidationError):
            Constant(numbers=[1, 2], **fields)


NUMBERS = strategies.floats(-100, 100)
SCALES = strategies.floats(0.1, 10) | strategies.floats(-10, -0.1)
STATS = strategies.none() | strategies.builds(
    lambda mean, std: {'mean': mean, 'std': std}, NUMBERS, strategies.floats(0.1, 10)) | \
    strategies.builds(lambda low, span: {'min': low, 'max': low + span}, NUMBERS,
                      strategies.floats(0.1, 10))


@given(strategies.lists(NUMBERS, min_size=1, max_size=4), NUMBERS, SCALES, STATS,
       strategies.sampled_from(['rad', 'deg']))
def test_actions_can_be_turned_back(row, offset, scale, stats, unit):
    output = JointPositionOutput(joints=[f'j{n}' for n in range(len(row))], offset=offset,
                                 scale=scale, normalise=stats, unit=unit)
    rows = np.array([row])
    np.testing.assert_allclose(output.to_rows(output.actions(rows, 0.1)), rows, atol=1e-6)
