"""Preflight: what a manifest says of joints, compared with their limits."""
from types import SimpleNamespace

from bundle_examples import manifest
from physai_ros.bundle.check_robot import check_joints
from physai_ros.bundle.problems import Where
import pytest

LIMITS = {'shoulder': (-1.0, 1.0), 'elbow': (-2.7, -0.8), 'on': (0.0, 0.045)}


def problems(output, limits=LIMITS):
    """Return the text of each problem that an output has with joint limits."""
    return compared(manifest(outputs={'action': {'chunk': 10, **output}}), limits)


def compared(content, limits=LIMITS):
    joints = {name: SimpleNamespace(moves=True, lower=lower, upper=upper)
              for name, (lower, upper) in limits.items()}
    return [str(problem) for problem in check_joints(
        content, SimpleNamespace(joints=joints), Where('policy.yaml', {}))]


def gripper(**parts):
    return {'kind': 'gripper', 'joints': ['on'], 'closed': 0.0, 'open': 0.045, **parts}


@pytest.mark.parametrize('parts, field, value', [
    ({'open': 45.0}, 'open', '45'), ({'open': 0.09}, 'open', '0.09'),
    ({'closed': 45, 'open': 0}, 'closed', '45'), ({'closed': -0.03}, 'closed', '-0.03')])
def test_a_gripper_beyond_its_joint(parts, field, value):
    assert problems(gripper(**parts)) == [
        f'policy.yaml: outputs.action.{field} is {value}; expected 0 to 0.045, the limits of on. '
        'Give it as a position of the joint, in rad (m for a sliding joint)']


@pytest.mark.parametrize('parts', [
    {}, {'closed': 0.045, 'open': 0.0}, {'closed': -0.01, 'open': 0.05}])
def test_a_gripper_that_squeezes(parts):
    assert not problems(gripper(**parts))
    assert not problems(gripper(closed=0, open=45), {**LIMITS, 'on': (None, None)})


def test_a_gripper_of_several_joints_is_told_once():
    assert len(problems(gripper(joints=['shoulder', 'on'], open=9.0))) == 1


def test_a_gripper_among_parts():
    found, = problems({'kind': 'split', 'parts': [
        {'kind': 'joint_position', 'joints': ['shoulder', 'elbow']}, gripper(open=45.0)]})
    assert 'outputs.action.parts[1].open is 45' in found


def bounded(within, kind='joint_position', joints=('shoulder', 'elbow', 'on')):
    return {'kind': kind, 'joints': list(joints), 'within': within, 'unit': 'deg'}


@pytest.mark.parametrize('kind', ['joint_position', 'joint_delta', 'joint_velocity'])
def test_bounds_in_degrees_never_act(kind):
    assert problems(bounded([-90, 90], kind)) == [
        'a bound for shoulder and 2 more, policy.yaml: outputs.action.within[0], is -90; expected '
        'one near -1 to 1, the limits of shoulder. Give it in rad (m for a sliding joint), '
        'whatever unit says',
        'a bound for shoulder and 2 more, policy.yaml: outputs.action.within[1], is 90; expected '
        'one near -1 to 1, the limits of shoulder. Give it in rad (m for a sliding joint), '
        'whatever unit says']


def test_a_bound_of_one_joint_in_millimetres():
    found, = problems(bounded([[-1, -3, 0], [1, 0, 45]]))
    assert 'a bound for on, policy.yaml: outputs.action.within[1][2], is 45' in found


@pytest.mark.parametrize('within', [
    [-3.2, 3.2], [-6.28, 6.28], [[-1, -2.7, 0], [1, -0.8, 0.045]], [[0, -2, 0], [0.1, -1, 0.01]]])
def test_bounds_that_may_be_meant(within):
    assert not problems(bounded(within))
    free = {name: (None, None) for name in LIMITS}
    assert not problems(bounded([-90, 90]), free)


def test_joints_in_another_order():
    swapped, = problems({'kind': 'joint_position', 'joints': ['shoulder', 'elbow'],
                         'offset': [-1.5, -1.0]})
    assert swapped.endswith('offset[0] is -1.5; expected -1 to 1, the limits of shoulder. Give it '
                            'in rad (m for a sliding joint), or say unit: deg; or correct the '
                            'order of joints, elbow can be there')


def test_the_order_plays_no_part_in_degrees_or_in_one_number_for_all():
    for offset in ({'offset': [-90, -1.0]}, {'normalise': {'mean': -1.5, 'std': [0.1, 0.1]}}):
        found = problems({'kind': 'joint_position', 'joints': ['shoulder', 'elbow'], **offset})
        assert len(found) == 1 and found[0].endswith('or say unit: deg')


def test_a_joint_that_stood_still_in_training_and_is_hidden():
    term = {'term': 'joint_position', 'joints': ['shoulder', 'elbow'],
            'normalise': {'mean': [0.1, 0], 'std': [0.5, 1]}}
    assert 'normalise.mean[1] is 0' in compared(manifest(inputs={'x': [term]}))[0]
    assert not compared(manifest(inputs={'x': [{**term, 'scale': [1, 0]}]}))


@pytest.mark.parametrize('offset, scale, told', [
    (0.0, 0.25, True), ([0.1, -1.5], 0.25, False), (0.0, 1.0, False)])
def test_a_default_pose_that_the_output_forgets(offset, scale, told):
    legs = ['shoulder', 'elbow']
    content = manifest(
        inputs={'obs': [{'term': 'joint_position', 'joints': legs, 'offset': [0.1, -1.5]}]},
        outputs={'action': {'kind': 'joint_position', 'joints': legs, 'offset': offset,
                            'scale': scale, 'chunk': 10}})
    found = compared(content)
    assert found == [
        'what an answer of 0 means for elbow by policy.yaml: outputs.action.offset is 0; expected '
        'within -2.7 to -0.8, the limits of elbow. Give the default pose as offset, as the input '
        'with this joint has it'] * told
