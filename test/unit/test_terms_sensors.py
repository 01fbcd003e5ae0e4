"""Terms on sensors, commands, TF and time, one by one, on literal values."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.rotations import (
    canonical, matrix, quaternion_of, represent, rotation_vectors, SIZES)
from physai_ros.bundle.terms import (
    AngularVelocity, BaseAngularVelocity, BaseLinearVelocity, CommandedGaitClock, Constant,
    Context, Depth, EpisodeStep, GaitClock, Image, JointEffort, JointPosition, Joy,
    LinearAcceleration, Orientation, Pose, ProjectedGravity, TaskText, Transform, VelocityCommand,
    Wrench)
from physai_ros.core.errors import SampleError, StaleError
from physai_ros.core.types import Depth as DepthSample
from physai_ros.core.types import Image as Picture
from physai_ros.core.types import Imu, JointState
from physai_ros.core.types import Joy as JoySample
from physai_ros.core.types import Motion, Odometry
from physai_ros.core.types import Pose as PoseSample
from physai_ros.core.types import Wrench as WrenchSample
from pydantic import ValidationError
import pytest

S = 1_000_000_000
QUARTER = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])  # about z
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
ROLLED = np.array([np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0])   # a quarter about x


class Quarter:
    """TF in which every frame is turned by a quarter about z and 1 m ahead."""

    def __init__(self):
        self.asked = []

    def lookup(self, target, source, stamp_ns):
        self.asked.append((target, source, stamp_ns))
        pose = np.eye(4)
        pose[:3, :3], pose[0, 3] = matrix(QUARTER), 1.0
        return pose


def at(t_ns=2 * S, **parts):
    return Context(t_ns, S // 10, 'r1/', S, **parts)


def imu(orientation=UPRIGHT, turn=(1.0, 2.0, 3.0), force=(4.0, 5.0, 6.0)):
    return Imu(S, 'r1/imu_link', np.array(orientation), np.array(turn), np.array(force))


def near(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_imu_vectors():
    near(AngularVelocity(scale=0.25).build(imu(), at()), [0.25, 0.5, 0.75])
    near(AngularVelocity(unit='deg').build(imu(), at()), np.degrees([1, 2, 3]))
    near(LinearAcceleration().build(imu(), at()), [4, 5, 6])


def test_another_frame_turns_a_vector_and_is_looked_up_without_prefix():
    tf = Quarter()
    near(AngularVelocity(frame='base').build(imu(), at(transforms=tf)), [-2, 1, 3])
    assert tf.asked == [('base', 'imu_link', S)]
    near(AngularVelocity(frame='imu_link').build(imu(), at()), [1, 2, 3])
    with pytest.raises(StaleError, match='base -> imu_link'):
        AngularVelocity(frame='base').build(imu(), at())
    assert AngularVelocity(frame='base').needs_transforms
    assert not AngularVelocity().needs_transforms


def test_projected_gravity():
    near(ProjectedGravity().build(imu(), at()), [0, 0, -1])
    near(ProjectedGravity().build(imu(ROLLED), at()), [0, -1, 0])
    near(ProjectedGravity().build(imu(2.0 * ROLLED), at()), [0, -1, 0])
    near(ProjectedGravity(frame='base').build(imu(ROLLED), at(transforms=Quarter())), [1, 0, 0])


@pytest.mark.parametrize('term', [ProjectedGravity(), Orientation()])
@pytest.mark.parametrize('quaternion', [np.zeros(4), np.full(4, np.nan), np.full(4, 9.0)])
def test_an_imu_without_orientation_is_refused(term, quaternion):
    with pytest.raises(SampleError, match='the length of the quaternion of imu'):
        term.check(imu(quaternion), '')


def test_orientations():
    half = np.sqrt(0.5)
    sample = imu(-QUARTER)
    near(Orientation().build(sample, at()), [0, 0, half, half])
    near(Orientation(rotation='quaternion_wxyz').build(sample, at()), [half, 0, 0, half])
    near(Orientation(rotation='rotation_6d').build(sample, at()), [0, 1, 0, -1, 0, 0])
    near(Orientation(rotation='rotation_6d_rows').build(sample, at()), [0, -1, 0, 1, 0, 0])
    near(Orientation(rotation='rotation_vector').build(sample, at()), [0, 0, np.pi / 2])
    near(Orientation(rotation='euler_rpy').build(imu(ROLLED), at()), [np.pi / 2, 0, 0])
    near(Orientation(frame='base').build(sample, at(transforms=Quarter())), [0, 0, 0, 1])


def test_rotations_there_and_back():
    rng = np.random.default_rng(1)
    for quaternion in [*np.eye(4), *rng.normal(size=(200, 4))]:
        np.testing.assert_allclose(quaternion_of(matrix(quaternion)), canonical(quaternion),
                                   atol=1e-7)
        vector = represent(quaternion, 'rotation_vector')
        angle = np.linalg.norm(vector)
        back = [np.cos(angle / 2), *(np.sinc(angle / 2 / np.pi) / 2 * vector)]
        np.testing.assert_allclose(back, canonical(quaternion), atol=1e-9)
        six = represent(quaternion, 'rotation_6d')
        np.testing.assert_allclose(six[:3] @ six[3:], 0, atol=1e-9)


def test_odometry():
    sample = Odometry(S, np.zeros(3), UPRIGHT, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
    near(BaseLinearVelocity().build(sample, at()), [1, 2, 3])
    near(BaseAngularVelocity(unit='deg').build(sample, at()), np.degrees([4, 5, 6]))


def test_effort():
    state = JointState(S, ('a', 'b'), np.zeros(2), None, np.array([1.0, 2.0]))
    near(JointEffort(joints=['b', 'a']).build(state, at()), [2, 1])
    assert JointEffort(joints=['a']).absence(JointState(S, ('a',), np.zeros(1))) == \
        'it has no effort'


def test_velocity_command():
    sample = Motion(S, 'base_link', np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
    near(VelocityCommand(topic='t', scale=[2, 2, 0.25]).build(sample, at()), [2, 4, 1.5])
    near(VelocityCommand(topic='t', axes=['wz', 'vz']).build(sample, at()), [6, 3])


def test_pose_and_its_parts():
    sample = PoseSample(S, 'r1/camera', np.array([1.0, 2, 3]), UPRIGHT)
    near(Pose(topic='t').build(sample, at()), [1, 2, 3, 0, 0, 0, 1])
    near(Pose(topic='t', field='position').build(sample, at()), [1, 2, 3])
    half = np.sqrt(0.5)
    near(Pose(topic='t', frame='base').build(sample, at(transforms=Quarter())),
         [-1, 1, 3, 0, 0, half, half])
    turned = Pose(topic='t', field='orientation', rotation='rotation_vector', frame='base')
    near(turned.build(sample, at(transforms=Quarter())), [0, 0, np.pi / 2])
    with pytest.raises(SampleError, match='quaternion of t'):
        Pose(topic='t').check(PoseSample(S, 'c', np.zeros(3), np.zeros(4)), '')
    Pose(topic='t', field='position').check(PoseSample(S, 'c', np.zeros(3), np.zeros(4)), '')


def test_wrench_is_moved_to_the_origin_of_another_frame():
    sample = WrenchSample(S, 'r1/wrist', np.array([1.0, 0, 0]), np.array([0, 0, 5.0]))
    near(Wrench(topic='t').build(sample, at()), [1, 0, 0, 0, 0, 5])
    near(Wrench(topic='t', frame='base').build(sample, at(transforms=Quarter())),
         [0, 1, 0, 0, 0, 6])  # 1 N along y, 1 m ahead along x: 1 N m more about z
    near(Wrench(topic='t', axes=['tz', 'fx']).build(sample, at()), [5, 1])


def test_joy():
    term = Joy(axes=[3, 0], buttons=[1])
    sample = JoySample(S, np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0]))
    near(term.build(sample, at()), [0.4, 0.1, 1])
    assert term.absence(JoySample(S, np.zeros(3), np.zeros(2))) == 'it has 3 axes'
    assert term.absence(sample) is None
    with pytest.raises(ValidationError):
        Joy()


def test_a_height_map_as_joy():
    heights = JoySample(S, np.linspace(0.0, 1.0, 1024), np.zeros(0))
    near(Joy(axes=range(1024)).build(heights, at()), np.linspace(0.0, 1.0, 1024))


def test_gait_clock_and_step_count_from_the_first_tick():
    clock = GaitClock(frequency_hz=2.0, phases=[0.0, 0.5])
    near(clock.build(None, at(S)), [0, 0, 1, -1])
    near(clock.build(None, at(S + S // 8)), [1, -1, 0, 0])
    near(GaitClock(frequency_hz=2.0, form='phase').build(None, at(S + 5 * S // 8)), [0.25])
    for t_ns, expected in ((S, 0), (S + S // 10 - 2000, 1), (S + S // 10 + 2000, 1), (2 * S, 10)):
        near(EpisodeStep().build(None, at(t_ns)), [expected])


@pytest.mark.parametrize('how', sorted(SIZES))
def test_rotations_are_read_as_they_are_told(how):
    quaternions = np.random.default_rng(5).normal(size=(50, 4))
    expected = [represent(q, 'rotation_vector') for q in quaternions]
    told = np.array([represent(q, how) for q in quaternions])
    np.testing.assert_allclose(rotation_vectors(told, how), expected, atol=1e-7)


def test_a_commanded_gait_clock_stands_while_the_command_is_small():
    clock = CommandedGaitClock(topic='t', frequency_hz=2.0, phases=[0.0, 0.5], least=0.1)
    walk, stand = (Motion(S, 'base', np.array([vx, 0, 0]), np.zeros(3)) for vx in (-0.1, 0.09))
    for context in (at(S), at(S + S // 8)):
        same = GaitClock(frequency_hz=2.0, phases=[0.0, 0.5]).build(None, context)
        near(clock.build(walk, context), same)
        near(clock.build(stand, context), [0, 0, -1, -1])
    own = CommandedGaitClock(topic='t', frequency_hz=2.0, phases=[0.0, 0.5], least=0.1,
                             form='phase', standing=[0.25, 0])
    near(own.build(stand, at(S)), [0.25, 0])
    with pytest.raises(ValidationError, match='2 numbers'):
        CommandedGaitClock(topic='t', frequency_hz=1, phases=[0, 0.5], least=1, standing=[0] * 3)


def test_the_past_of_a_commanded_gait_clock_is_of_its_own_moments():
    term = {'term': 'commanded_gait_clock', 'topic': 'c', 'frequency_hz': 1, 'least': 0.1,
            'form': 'phase', 'history': {'steps': 3}}
    assembler = Assembler(manifest(rate_hz=10, inputs={'x': [term]}, timing={'deadline_s': 0.1}))
    assembler.feed('c', Motion(S, 'base', np.ones(3), np.ones(3)))
    assembler.assemble(S)
    near(assembler.assemble(S + 3 * S // 10).inputs['x'][0], [0.1, 0.2, 0.3])


def test_constant():
    near(Constant(numbers=[1, 2], scale=2).build(None, at()), [2, 4])
    assert Constant(numbers=1, dtype='bool').build(None, at()).tolist() == [True]
    assert Constant(numbers=[1.6], dtype='int64').build(None, at()).tolist() == [2]


def test_transform():
    tf = Quarter()
    near(Transform(child='hand', field='position').build(None, at(transforms=tf)), [1, 0, 0])
    half = np.sqrt(0.5)
    near(Transform(child='hand').build(None, at(transforms=tf)), [1, 0, 0, 0, 0, half, half])
    assert tf.asked == [('base_link', 'hand', 2 * S)] * 2


def test_task_text():
    context = at(task='go', tokenize=lambda text: [len(text)] * len(text))
    assert TaskText(length=4).build(None, context).tolist() == [2, 2, 0, 0]
    assert TaskText(length=1).build(None, context).tolist() == [2]
    left = TaskText(length=5, pad_id=9, pad_side='left', template='{task}!')
    assert left.build(None, context).tolist() == [9, 9, 3, 3, 3]
    mask = TaskText(length=3, field='mask', dtype='float32').build(None, context)
    assert mask.tolist() == [1, 1, 0] and mask.dtype == np.float32
    with pytest.raises(StaleError, match='what the robot is to do'):
        TaskText(length=4).build(None, at())


def test_depth():
    metres = np.array([[1.0, np.nan], [np.inf, 0.5]], dtype=np.float32)
    sample = DepthSample(S, 'optical', metres)
    built = Depth(topic='t', size=[2, 2], far=4, unknown=3, scale=0.5).build(sample, at())
    near(built, [[[0.5, 1.5], [2.0, 0.25]]])
    millimetres = Depth(topic='t', size=[2, 2], far=0.0299, scale=1000, dtype='int32')
    built = millimetres.build(DepthSample(S, 'o', metres * np.float32(0.0097)), at())
    assert built.dtype == np.int32 and built.tolist() == [[[10, 0], [30, 5]]]
    assert Depth(topic='t', size=[4, 4], layout='HW').build(sample, at()).shape == (4, 4)
    with pytest.raises(SampleError, match='float32'):
        Depth(topic='t', size=[2, 2]).check(DepthSample(S, 'o', metres.astype(float)), '')


def picture(height=4, width=6):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)
    pixels[..., 1] = np.arange(height)[:, np.newaxis]
    return Picture(S, 'optical', pixels)


def bytes_of(sample=None, **fields):
    """Return what an image term makes of a picture, uint8 HWC."""
    term = Image(topic='t', dtype='uint8', layout='HWC', **fields)
    term.check(sample or picture(), '')
    built = term.build(sample or picture(), at())
    assert built.dtype == np.uint8 and built.shape == term.shape
    return built


def test_crop_is_top_left_height_width():
    built = bytes_of(size=[2, 3], crop=[1, 2, 2, 3])
    assert built[..., 0].tolist() == [[2, 3, 4]] * 2
    assert built[:, 0, 1].tolist() == [1, 2]
    with pytest.raises(SampleError, match='at least .5, 6.'):
        bytes_of(size=[2, 3], crop=[1, 0, 4, 6])


def test_fit_crop_keeps_the_middle():
    assert bytes_of(size=[4, 4], fit='crop')[0, :, 0].tolist() == [1, 2, 3, 4]
    assert bytes_of(picture(6, 4), size=[4, 4], fit='crop')[:, 0, 1].tolist() == [1, 2, 3, 4]


def test_fit_pad_keeps_everything():
    for place, row in (('both', 1), ('end', 0), ('start', 2)):
        built = bytes_of(size=[6, 6], fit='pad', pad_at=place, pad_value=77)
        assert built[row:row + 4, :, 0].tolist() == [[0, 1, 2, 3, 4, 5]] * 4
        assert (np.delete(built, range(row, row + 4), axis=0) == 77).all()


def test_nearest_and_brightness():
    wide = bytes_of(size=[8, 12], interpolation='nearest')
    assert wide[0, :, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    grey = Image(topic='t', size=[1, 1], encoding='mono8').build(
        Picture(S, 'o', np.full((1, 1, 3), 255, np.uint8)), at())
    assert grey.tolist() == [[[1.0]]]
    half = Image(topic='t', size=[4, 6], dtype='float16').build(picture(), at())
    assert half.dtype == np.float16


@pytest.mark.parametrize('fields, message', [
    ({'dtype': 'uint8', 'range': [0, 1]}, 'float32 or float16'),
    ({'pad_value': 3}, 'fit: pad'),
])
def test_contradictions_of_a_picture(fields, message):
    with pytest.raises(ValidationError, match=message):
        Image(topic='t', size=[2, 2], **fields)


def test_joints_in_degrees():
    state = JointState(S, ('a',), np.array([np.pi / 2]))
    near(JointPosition(joints=['a'], unit='deg', offset=30, scale=0.5).build(state, at()), [30])
