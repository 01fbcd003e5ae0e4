"""Preflight: entries about the same joints agree with each other."""
from bundle_examples import manifest
from physai_ros.bundle.check import preflight
from physai_ros.bundle.check_agreement import check_agreement
from physai_ros.bundle.problems import InvalidBundleError, Where
import pytest

JOINTS, TURNED = ['hip', 'thigh', 'calf'], ['hip', 'calf', 'thigh']


def content(*given, **answer):
    output = {'kind': 'joint_position', 'joints': JOINTS, **answer}
    output = {key: value for key, value in output.items() if value is not None}
    return manifest(inputs={'x': [{'joints': JOINTS, **term} for term in given]},
                    outputs={'u': output}, timing={'deadline_s': 0.02})


def problems(*given, **answer):
    return [str(problem) for problem in check_agreement(
        content(*given, **answer), Where('policy.yaml', {}))]


POSITION, VELOCITY = {'term': 'joint_position'}, {'term': 'joint_velocity'}


def test_velocities_in_an_order_of_their_own():
    turned = ({**POSITION, 'joints': TURNED}, VELOCITY)
    assert problems(*turned) == [
        "thigh and 1 more: policy.yaml: inputs.x[1].joints[1] is 'thigh'; expected 'calf', as "
        'policy.yaml: inputs.x[0].joints has there. Bring them into the same order; where the '
        'training has two orders, make two terms of one of them']
    with pytest.raises(InvalidBundleError, match='Bring them into the same order'):
        preflight(content(*turned))


@pytest.mark.parametrize('given', [
    (POSITION, VELOCITY), ({**POSITION, 'joints': TURNED}, {**VELOCITY, 'joints': TURNED}),
    (POSITION, {**VELOCITY, 'joints': ['calf', 'hip']}),
    (POSITION, {**VELOCITY, 'joints': ['calf']}, {**VELOCITY, 'joints': ['thigh', 'hip']}),
    (POSITION, {'term': 'previous_target', 'joints': TURNED})])
def test_orders_that_may_be_meant(given):
    assert not problems(*given)


def test_an_answer_in_an_order_of_its_own_may_be_meant():
    assert not problems(POSITION, VELOCITY, joints=TURNED)


@pytest.mark.parametrize('seen, answered', [('rad', 'deg'), ('deg', 'rad')])
def test_a_unit_of_its_own(seen, answered):
    assert problems({**POSITION, 'unit': seen}, unit=answered) == [
        f"policy.yaml: outputs.u.unit is '{answered}'; expected '{seen}', as policy.yaml: "
        'inputs.x[0] has for hip. Give both the unit of the training; where it has two, say one '
        'of them by scale (0.01745329 rad are a degree)']
    part = {'kind': 'joint_position', 'joints': JOINTS, 'unit': answered}
    assert len(problems({**POSITION, 'unit': seen}, kind='split', joints=None, parts=[part])) == 1


@pytest.mark.parametrize('given, answer', [
    ({'unit': 'deg'}, {'unit': 'deg'}), ({'scale': 57.29578}, {'unit': 'deg'}),
    ({'unit': 'deg'}, {'scale': 0.01745329}), ({'form': 'sin'}, {'unit': 'deg'}),
    ({'normalise': {'mean': 0, 'std': 1}}, {'unit': 'deg'}),
    ({'joints': ['other']}, {'unit': 'deg'})])
def test_units_that_may_be_meant(given, answer):
    assert not problems({**POSITION, **given}, **answer)
