"""Each term alone: what it takes from a sample, and what it refuses."""
import numpy as np
from physai_ros.bundle.terms import (Action, BaseVelocity, Context, Image, JointPosition,
                                     JointVelocity, ObjectPose, PreviousAction, Source, TERMS)
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Image as Picture
from physai_ros.core.types import JointState, Object3D, Objects, Odometry
import pytest

AT = Context(t_obs_ns=1_000_000_000, dt_ns=100_000_000)
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])


def joints(names, position, velocity=None):
    return JointState(1, tuple(names), np.array(position),
                      None if velocity is None else np.array(velocity))


def seen(*items, frame='base_link'):
    return Objects(1, frame, tuple(
        Object3D(kind, score, np.array(position), UPRIGHT, np.ones(3))
        for kind, score, position in items))


def picture(pixels):
    return Picture(1, 'optical', np.array(pixels, dtype=np.uint8))


def test_joint_position_by_name():
    term = JointPosition(joints=['b', 'a'])
    sample = joints('cab', [3.0, 1.0, 2.0])
    np.testing.assert_array_equal(term.build(sample, AT), np.float32([2, 1]))
    assert term.build(sample, AT).dtype == np.float32
    assert term.shape == (2,)
    assert term.source == Source('joint_states', 'joint_state')


def test_offset_and_scale():
    sample = joints('ab', [1.0, 2.0])
    term = JointPosition(joints=['a', 'b'], offset=[0.5, 1.0], scale=[2.0, 4.0])
    np.testing.assert_array_equal(term.build(sample, AT), np.float32([1, 4]))
    term = JointPosition(joints=['a', 'b'], offset=1, scale=10)
    np.testing.assert_array_equal(term.build(sample, AT), np.float32([0, 10]))


@pytest.mark.parametrize('form, answer', [('sin', np.sin), ('cos', np.cos)])
def test_sines_of_joints_count_after_the_angle(form, answer):
    term = JointPosition(joints=['b', 'a'], form=form, offset=[0.5, 0.0], scale=2.0)
    np.testing.assert_allclose(term.build(joints('ab', [3.0, 7.0]), AT),
                               2.0 * (answer([7.0, 3.0]) - [0.5, 0.0]), rtol=1e-6)
    np.testing.assert_allclose(term.build(joints('ab', [3.0, 7.0 + 2 * np.pi]), AT),
                               term.build(joints('ab', [3.0, 7.0]), AT), atol=1e-6)
    with pytest.raises(SampleError, match=r'joint_position\[0\] on joint_states is .*nan'):
        term.check(joints('ab', [0.0, np.inf]), '')
    with pytest.raises(ValueError, match=f'no unit, as form is {form}'):
        JointPosition(joints=['a'], form=form, unit='deg')


def test_joint_velocity():
    term = JointVelocity(joints=['b'], scale=0.5)
    np.testing.assert_array_equal(
        term.build(joints('ab', [0.0, 0.0], [1.0, 4.0]), AT), np.float32([2]))
    assert term.absence(joints('ab', [0.0, 0.0])) == 'it has no velocity'


def test_a_joint_state_without_the_joint_is_no_sample():
    assert JointPosition(joints=['a', 'z']).absence(joints('ab', [1, 2])) == 'it has no z'
    assert JointPosition(joints=['a', 'b']).absence(joints('ab', [1, 2])) is None


@pytest.mark.parametrize('sample, message', [
    (joints('ab', [1.0, np.nan]), r'joint_position\[1\] on joint_states is .*nan'),
    (joints('ab', [np.inf, 0.0]), r'joint_position\[0\] on joint_states is .*inf'),
    (joints('ab', [1.0]), 'the shape of position on joint_states'),
])
def test_bad_joint_states(sample, message):
    with pytest.raises(SampleError, match=message):
        JointPosition(joints=['a', 'b']).check(sample, '')


def test_another_joint_may_be_broken():
    JointPosition(joints=['a']).check(joints('ab', [1.0, np.nan]), '')


def test_doubled_joint_names():
    with pytest.raises(SampleError, match='each name once'):
        JointPosition(joints=['a']).absence(joints('aba', [1, 2, 3]))


def test_object_pose_takes_the_best_of_its_class():
    sample = seen(('tray', 0.9, [9, 9, 9]), ('workpiece', 0.5, [1, 1, 1]),
                  ('workpiece', 0.8, [0.3, 0.2, 0.1]))
    term = ObjectPose(class_id='workpiece', offset=[0.1, 0.1, 0.1], scale=10)
    np.testing.assert_allclose(term.build(sample, AT), [2, 1, 0], atol=1e-6)
    assert term.absence(sample) is None
    assert term.absence(seen(('tray', 0.9, [9, 9, 9]))) == 'it shows no workpiece'


def test_object_pose_in_its_frame_only():
    term = ObjectPose(class_id='tray')
    item = ('tray', 1.0, [1, 2, 3])
    term.check(seen(item), 'honda1/')
    term.check(seen(item, frame='honda1/base_link'), 'honda1/')
    with pytest.raises(SampleError, match="the frame of perception/objects is 'sony1/base_link'"
                       "; expected 'honda1/base_link'"):
        term.check(seen(item, frame='sony1/base_link'), 'honda1/')
    with pytest.raises(SampleError, match='nan'):
        term.check(seen(('tray', 1.0, [1, np.nan, 3])), '')


def test_base_velocity():
    sample = Odometry(1, np.zeros(3), UPRIGHT, np.array([1.0, 2.0, 3.0]),
                      np.array([4.0, 5.0, 6.0]))
    np.testing.assert_array_equal(BaseVelocity().build(sample, AT), np.float32([1, 2, 6]))


def test_previous_action_is_the_step_of_one_period_before():
    rows = np.array([[1.0], [2.0], [3.0]])
    term = PreviousAction(output='action', size=1)
    for stamp_ms, expected in ((900, 1), (901, 1), (899, 1), (801, 2), (799, 2), (701, 3),
                               (700, 3), (100, 3), (1000, 1)):
        built = term.build(Action(stamp_ms * 1_000_000, rows), AT)
        np.testing.assert_array_equal(built, np.float32([expected]))


def test_previous_action_starts_at_zero():
    np.testing.assert_array_equal(PreviousAction(output='a', size=2).initial(), np.zeros(2))
    assert JointPosition(joints=['a']).initial() is None


def test_the_zero_before_the_first_answer_is_brought_to_the_model_as_every_answer():
    term = PreviousAction(output='action', size=2, offset=[1, 0], scale=2,
                          normalise={'mean': [0, 3], 'std': 0.5}, clip=[-5, 5])
    zero = Action(900_000_000, np.zeros((1, 2)))
    np.testing.assert_array_equal(term.initial(), np.float32([-4, -5]))
    np.testing.assert_array_equal(term.initial(), term.build(zero, AT))
    assert PreviousAction(output='a', size=1, offset=-1.6, dtype='int64').initial() == [2]


def test_image_layouts_and_colours():
    sample = picture([[[0, 51, 255], [255, 0, 0]]])
    built = Image(topic='t', size=[1, 2]).build(sample, AT)
    np.testing.assert_allclose(built, [[[0, 1]], [[0.2, 0]], [[1, 0]]], atol=1e-6)
    assert built.dtype == np.float32 and built.flags.c_contiguous
    built = Image(topic='t', size=[1, 2], layout='HWC', encoding='bgr8').build(sample, AT)
    np.testing.assert_allclose(built, [[[1, 0.2, 0], [0, 0, 1]]], atol=1e-6)


def test_image_range_mean_and_std():
    sample = picture([[[0, 255, 255]]])
    built = Image(topic='t', size=[1, 1], range=[-1, 1]).build(sample, AT)
    np.testing.assert_allclose(built.ravel(), [-1, 1, 1], atol=1e-6)
    built = Image(topic='t', size=[1, 1], mean=[0.5, 0.5, 0.0], std=[0.5, 0.25, 2.0])
    np.testing.assert_allclose(built.build(sample, AT).ravel(), [-1, 2, 0.5], atol=1e-6)


def test_image_is_averaged_over_areas():
    sample = picture(np.repeat([[[0], [100]], [[200], [100]]], 3, axis=2))
    built = Image(topic='t', size=[1, 1], range=[0, 255]).build(sample, AT)
    np.testing.assert_allclose(built.ravel(), [100, 100, 100], atol=1e-4)


@pytest.mark.parametrize('pixels', [
    np.zeros((2, 2), np.uint8), np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 3), np.float32),
    np.zeros((0, 2, 3), np.uint8)])
def test_bad_pictures(pixels):
    with pytest.raises(SampleError, match='3 channels of uint8'):
        Image(topic='t', size=[1, 1]).check(Picture(1, 'optical', pixels), '')


@pytest.mark.parametrize('term', TERMS, ids=lambda term: term.__name__)
def test_every_term_says_what_it_is(term):
    assert term.__doc__
    assert (term.default_max_age_s is None) == (term.sample_type is None)
    assert all(field.description for name, field in term.model_fields.items() if name != 'term')
