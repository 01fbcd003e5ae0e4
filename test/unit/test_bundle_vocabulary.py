"""What other projects call it is told with the word that is meant here."""
from bundle_examples import changed, text
from physai_ros.bundle.manifest import parse_manifest
from physai_ros.bundle.problems import InvalidBundleError
import pytest

POSITION = {'term': 'joint_position', 'joints': ['a', 'b']}


def problem(**parts):
    with pytest.raises(InvalidBundleError) as refused:
        parse_manifest(text(changed(**parts)))
    return str(refused.value)


def seen(**term):
    return problem(inputs={'x': [term]})


def answered(**output):
    return problem(outputs={'u': {**{'kind': 'joint_position', 'joints': ['a', 'b']}, **output}})


@pytest.mark.parametrize('rotation, meant', [
    ('wxyz', 'quaternion_wxyz'), ('6d', 'rotation_6d'), ('6d_rows', 'rotation_6d_rows')])
def test_rotations(rotation, meant):
    assert f"Did you mean '{meant}'?" in seen(term='orientation', rotation=rotation)


def test_an_axis_and_an_angle():
    assert 'rotation_vector (axis times angle)' in seen(term='orientation', rotation='axis_angle')


@pytest.mark.parametrize('term, meant', [
    ('gravity', 'projected_gravity'), ('last_action', 'previous_action')])
def test_terms(term, meant):
    assert f"Did you mean '{meant}'?" in seen(term=term)


def test_a_word_that_nothing_is_like():
    assert 'mean' not in seen(term='foot_contacts')
    assert 'Remove it' in answered(actuator=1)


@pytest.mark.parametrize('key, meant', [
    ('action_scale', "Did you mean 'scale'?"),
    ('default_joint_pos', 'Write it as offset, as numbers in the order of joints'),
    ('stiffness', 'Remove it: gains belong')])
def test_keys_of_an_answer(key, meant):
    assert meant in answered(**{key: 1.0})


@pytest.mark.parametrize('key', ['dt', 'decimation'])
def test_the_rate(key):
    assert 'Write rate_hz at the top' in problem(**{key: 1})


def test_quantiles():
    found = seen(**POSITION, normalise={'q01': [0, 0], 'q99': [1, 1]})
    assert 'Write q01 as min and q99 as max' in found


def test_a_pose_by_name():
    found = seen(**POSITION, offset={'a': 0.1, 'b': 0.2})
    assert 'Write the numbers alone, in the order of the names' in found


@pytest.mark.parametrize('clip', [[[-1, 1], [-2, 2]], [[-1, 1], [-1, 1], [-1, 1]]])
def test_bounds_joint_by_joint(clip):
    for found in (seen(**POSITION, clip=clip), answered(clip=clip)):
        assert '[[the least ones], [the greatest ones]]' in found
    assert '[[the least ones], [the greatest ones]]' in answered(within=clip)
    assert 'Exchange the two' in seen(**POSITION, clip=[1, -1])
