"""Observations: the newest samples, each young enough, by name, or none at all."""
from bundle_examples import JOINTS, manifest
from hypothesis import given, strategies
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.terms import Source
from physai_ros.core.errors import SampleError, StaleError
from physai_ros.core.types import Image, JointState, Object3D, Objects, Odometry
import pytest

MS = 1_000_000


def joints(stamp_ms, position, names=JOINTS):
    return JointState(stamp_ms * MS, tuple(names), np.array(position, dtype=float))


def objects(stamp_ms, *items):
    return Objects(stamp_ms * MS, 'base_link', tuple(
        Object3D(kind, 1.0, np.array(position, dtype=float), np.zeros(4), np.ones(3))
        for kind, position in items))


def image(stamp_ms, brightness=255):
    return Image(stamp_ms * MS, 'optical', np.full((2, 4, 3), brightness, dtype=np.uint8))


@pytest.fixture
def assembler():
    return Assembler(manifest())


def feed_all(assembler, stamp_ms=1000):
    assembler.feed('joint_states', joints(stamp_ms, [1, 2, 3]))
    assembler.feed('perception/objects', objects(stamp_ms, ('workpiece', [4, 5, 6])))
    assembler.feed('head_camera/image_raw', image(stamp_ms))


def test_sources(assembler):
    assert assembler.sources == (
        Source('joint_states', 'joint_state'), Source('perception/objects', 'objects'),
        Source('head_camera/image_raw', 'image'))


def test_terms_are_concatenated_with_a_batch_dimension(assembler):
    feed_all(assembler)
    observation = assembler.assemble(1000 * MS)
    assert observation.t_obs_ns == 1000 * MS
    np.testing.assert_array_equal(observation.inputs['observation.state'],
                                  np.float32([[1, 2, 3, 4, 5, 6]]))
    np.testing.assert_array_equal(observation.inputs['observation.images.head'],
                                  np.ones((1, 3, 2, 4), dtype=np.float32))
    assert all(array.dtype == np.float32 for array in observation.inputs.values())


@given(strategies.permutations(range(4)))
def test_joints_are_found_by_name_in_any_order(order):
    names, values = ['on', 'elbow', 'shoulder', 'other'], [3.0, 2.0, 1.0, 9.0]
    assembler = Assembler(manifest())
    feed_all(assembler, 990)
    assembler.feed('joint_states', joints(1000, [values[n] for n in order],
                                          [names[n] for n in order]))
    state = assembler.assemble(1000 * MS).inputs['observation.state']
    assert state[0, :3].tolist() == [1, 2, 3]


def test_nothing_fed_yet(assembler):
    with pytest.raises(StaleError) as error:
        assembler.assemble(0)
    assert str(error.value).startswith(
        'inputs.observation.state[0] (joint_position from joint_states) has no sample. See')
    assert 'missing: inputs.observation.state[1]' in str(error.value)
    assert 'inputs.observation.images.head[0]' in str(error.value)


def test_an_aged_term_is_named_with_its_age(assembler):
    feed_all(assembler, 1000)
    assembler.assemble(1100 * MS)
    with pytest.raises(StaleError) as error:
        assembler.assemble(1101 * MS)
    assert str(error.value).startswith(
        'the age of inputs.observation.state[0] (joint_position from joint_states) is 0.101 s; '
        'expected at most 0.100 s. See whether joint_states is still published')
    assert 'image' not in str(error.value)


def test_a_lost_camera_is_never_a_black_or_an_old_picture(assembler):
    feed_all(assembler, 1000)
    assembler.feed('joint_states', joints(1300, [1, 2, 3]))
    with pytest.raises(StaleError, match='images.head.* is 0.300 s'):
        assembler.assemble(1300 * MS)


def test_it_recovers_with_the_next_sample(assembler):
    feed_all(assembler, 1000)
    with pytest.raises(StaleError):
        assembler.assemble(2000 * MS)
    feed_all(assembler, 2000)
    assembler.assemble(2000 * MS)


def test_an_object_out_of_sight_ages_from_when_it_was_last_seen(assembler):
    feed_all(assembler, 1000)
    assembler.feed('perception/objects', objects(1400, ('tray', [0, 0, 0])))
    assembler.feed('joint_states', joints(1400, [1, 2, 3]))
    assembler.feed('head_camera/image_raw', image(1400))
    state = assembler.assemble(1450 * MS).inputs['observation.state']
    assert state[0, 3:].tolist() == [4, 5, 6]
    assert assembler.ages(1450 * MS)['inputs.observation.state[1]'] == 0.45
    assembler.feed('joint_states', joints(1501, [1, 2, 3]))
    with pytest.raises(StaleError, match='object_pose.* is 0.501 s; .*shows no workpiece'):
        assembler.assemble(1501 * MS)


def test_older_samples_do_not_replace_newer_ones(assembler):
    feed_all(assembler, 1000)
    assembler.feed('joint_states', joints(990, [7, 7, 7]))
    assert assembler.assemble(1000 * MS).inputs['observation.state'][0, 0] == 1


def test_samples_from_the_future(assembler):
    feed_all(assembler, 1050)
    assembler.assemble(1000 * MS)
    assembler.feed('joint_states', joints(1051, [1, 2, 3]))
    with pytest.raises(StaleError, match='is -0.051 s; expected a stamp that is not in the'):
        assembler.assemble(1000 * MS)
    assembler.feed('joint_states', joints(1000, [1, 2, 3]))
    assembler.assemble(1000 * MS)


def test_a_bad_sample_is_refused_and_the_one_before_ages(assembler):
    feed_all(assembler, 1000)
    with pytest.raises(SampleError, match=r'joint_position\[1\] on joint_states'):
        assembler.feed('joint_states', joints(1010, [1, np.nan, 3]))
    assert assembler.assemble(1050 * MS).inputs['observation.state'][0, 1] == 2
    with pytest.raises(StaleError, match='0.101 s; .*finite number'):
        assembler.assemble(1101 * MS)


def test_one_bad_term_does_not_keep_the_sample_from_others():
    terms = [{'term': 'joint_position', 'joints': ['a']},
             {'term': 'joint_position', 'joints': ['b']}]
    assembler = Assembler(manifest(inputs={'x': terms[:1], 'y': terms[1:]}))
    with pytest.raises(SampleError):
        assembler.feed('joint_states', joints(1000, [np.nan, 2], 'ab'))
    assert assembler.ages(1000 * MS) == {'inputs.x[0]': None, 'inputs.y[0]': 0.0}


def test_a_sample_of_another_type_or_topic(assembler):
    with pytest.raises(SampleError, match="is 'Image'; expected JointState"):
        assembler.feed('joint_states', image(1000))
    with pytest.raises(SampleError, match="'nonsense'; expected one of joint_states, "):
        assembler.feed('nonsense', image(1000))


def test_a_number_that_float32_cannot_hold():
    assembler = Assembler(manifest(inputs={'x': [{'term': 'joint_position', 'joints': ['a']}]}))
    assembler.feed('joint_states', joints(1000, [1e300], 'a'))
    with pytest.raises(SampleError, match=r'inputs.x\[0\] .*not finite in float32'):
        assembler.assemble(1000 * MS)


def test_reset_forgets(assembler):
    feed_all(assembler)
    assembler.reset()
    assert set(assembler.ages(0).values()) == {None}


def test_previous_action_in_a_step_by_step_policy():
    parts = {'inputs': {'obs': [{'term': 'base_velocity'},
                                {'term': 'previous_action', 'output': 'twist', 'size': 3}]},
             'outputs': {'twist': {'kind': 'base_twist', 'scale': 0.5}},
             'timing': {'deadline_s': 0.02}}
    assembler = Assembler(manifest(**parts))
    assert assembler.sources == (Source('odom', 'odometry'),)

    def action_at(now_ms):
        assembler.feed('odom', Odometry(now_ms * MS, np.zeros(3), np.zeros(4), np.ones(3),
                                        np.ones(3)))
        return assembler.assemble(now_ms * MS).inputs['obs'][0, 3:].tolist()

    assert action_at(1000) == [0, 0, 0]
    assembler.remember({'twist': np.float32([[1, 2, 3]])}, 1000 * MS)
    assert action_at(1050) == [1, 2, 3]
    assert action_at(2000) == [1, 2, 3]
    assert action_at(2001) == [0, 0, 0]


def test_an_object_seen_long_ago_counts_only_while_pictures_come():
    patient = Assembler(manifest(timing={'max_age_s': {'object_pose': 8.0}, 'deadline_s': 0.15}))
    feed_all(patient)
    feed_now(patient, 2500, objects(2500))                       # it shows nothing
    assert patient.assemble(2500 * MS).inputs['observation.state'][0, 3:].tolist() == [4, 5, 6]
    feed_now(patient, 3501)
    with pytest.raises(StaleError, match='newest message for inputs.observation.state.1.*1.001 s'):
        patient.assemble(3501 * MS)


def test_pictures_that_cannot_be_used_are_no_sign_of_a_camera_that_lives():
    patient = Assembler(manifest(timing={'max_age_s': {'object_pose': 8.0}, 'deadline_s': 0.15}))
    feed_all(patient)
    blind = objects(3400, ('workpiece', (np.nan, 5.0, 6.0)))
    with pytest.raises(SampleError):
        feed_now(patient, 3400, blind)
    with pytest.raises(StaleError, match='newest message for inputs.observation.state.1'):
        patient.assemble(3401 * MS)


def feed_now(assembler, stamp_ms, *seen):
    assembler.feed('joint_states', joints(stamp_ms, [1, 2, 3]))
    assembler.feed('head_camera/image_raw', image(stamp_ms))
    for sample in seen:
        assembler.feed('perception/objects', sample)
