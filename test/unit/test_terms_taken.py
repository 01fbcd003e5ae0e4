"""Some of the numbers of a term: which, in which order, and what is applied to them."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.terms import (
    AngularVelocity, BaseAngularVelocity, BaseVelocity, Context, LinearAcceleration, ObjectPose,
    Orientation, Pose, ProjectedGravity, TERMS, Transform)
from physai_ros.bundle.terms.taken import Taken
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Imu, Object3D, Objects, Odometry
from physai_ros.core.types import Pose as PoseSample
from pydantic import ValidationError
import pytest

S = 1_000_000_000
AT = Context(t_obs_ns=S, dt_ns=S // 10)
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
ROLLED = np.array([np.cos(0.1), np.sin(0.1), 0.0, 0.0])


def imu(orientation=UPRIGHT, stamp_ns=S):
    return Imu(stamp_ns, 'imu', orientation, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))


def near(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_parts_that_published_policies_see():
    roll_and_pitch = Orientation(rotation='euler_rpy', take=[0, 1])
    assert roll_and_pitch.shape == (2,)
    near(roll_and_pitch.build(imu(ROLLED), AT), [0.2, 0])
    near(AngularVelocity(take=[2]).build(imu(), AT), [3])
    near(LinearAcceleration(take=[1, 0]).build(imu(), AT), [5, 4])
    near(ProjectedGravity(take=[2, 1]).build(imu(ROLLED), AT), [-np.cos(0.2), -np.sin(0.2)])
    odometry = Odometry(S, np.zeros(3), UPRIGHT, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
    near(BaseVelocity(take=[0, 2]).build(odometry, AT), [1, 6])
    pose = PoseSample(S, 'base', np.array([1.0, 2, 3]), UPRIGHT)
    near(Pose(topic='t', take=[0, 1, 6]).build(pose, AT), [1, 2, 1])
    seen = Objects(S, 'base_link', (Object3D('t', 1.0, np.array([7.0, 8, 9]), UPRIGHT, None),))
    near(ObjectPose(class_id='t', take=[1, 0]).build(seen, AT), [8, 7])


def test_a_part_of_a_transform():
    class Ahead:

        def lookup(self, target, source, stamp_ns):
            pose = np.eye(4)
            pose[:3, 3] = 1, 2, 3
            return pose

    term = Transform(child='tool', take=[2, 0])
    near(term.build(None, AT._replace(transforms=Ahead())), [3, 1])


def test_what_follows_is_for_the_numbers_that_were_taken():
    odometry = Odometry(S, np.zeros(3), UPRIGHT, np.zeros(3), np.array([1.0, 2, 3]))
    term = BaseAngularVelocity(take=[2, 0], unit='deg', offset=[0, 57], scale=[1, 10],
                               normalise={'mean': [1, 2], 'std': [2, 1]}, clip=[[0, 0], [80, 0.5]])
    near(term.build(odometry, AT), [80, 0.5])
    term = BaseAngularVelocity(take=[2, 0], offset=[1, 0], scale=[10, 100])
    near(term.build(odometry, AT), [20, 100])
    with pytest.raises(ValidationError, match='1 or 2 numbers, as there are values'):
        AngularVelocity(take=[0, 1], scale=[1, 2, 3])
    with pytest.raises(ValidationError, match='1 or 1 numbers in mean'):
        AngularVelocity(take=[0], normalise={'mean': [1, 2, 3], 'std': [1, 2, 3]})


def test_between_two_samples_the_whole_is_settled_first():
    term = ProjectedGravity(take=[2], align='interpolate')
    halfway = term.blend(imu(), imu(np.array([np.cos(0.5), np.sin(0.5), 0, 0])), 0.5, AT)
    near(halfway, [-np.cos(0.5)])


def test_a_history_is_of_the_numbers_that_were_taken():
    term = {'term': 'angular_velocity', 'take': [2, 0], 'history': {'steps': 2}}
    content = manifest(inputs={'x': [term, {'term': 'projected_gravity', 'take': [2]}]})
    assert content.input_shape('x') == (1, 5)
    assembler = Assembler(content)
    assembler.feed('imu', imu())
    near(assembler.assemble(S).inputs['x'], [[3, 1, 3, 1, -1]])


def test_a_sample_is_sound_or_it_is_none():
    broken = Imu(S, 'imu', UPRIGHT, np.array([np.nan, 2, 3]), np.zeros(3))
    with pytest.raises(SampleError, match=r'angular_velocity\[0\] on imu is .*nan'):
        AngularVelocity(take=[2]).check(broken, '')


@pytest.mark.parametrize('fields, message', [
    ({'take': [3]}, 'places from 0 to 2, as pose has 3 numbers here'),
    ({'take': [0, 1, 0]}, 'each place once'),
    ({'take': [-1]}, 'greater than or equal to 0'),
    ({'take': []}, 'at least 1 item'),
    ({'take': [True]}, 'a valid integer'),
])
def test_places_that_are_not_there(fields, message):
    with pytest.raises(ValidationError, match=message):
        Pose(topic='t', field='position', **fields)


def test_terms_with_names_or_ways_of_their_own_do_not_have_it():
    assert {term.model_fields['term'].default for term in TERMS if issubclass(term, Taken)} == {
        'angular_velocity', 'base_angular_velocity', 'base_linear_velocity', 'base_velocity',
        'linear_acceleration', 'model_orientation', 'model_output', 'object_pose', 'orientation',
        'pose', 'projected_gravity', 'transform'}
    assert not [term for term in TERMS if 'take' in term.model_fields
                and not issubclass(term, Taken)]
