"""Messages <-> core types, on literal values."""
import array

from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import (
    PoseStamped, Twist as TwistMessage, TwistStamped, Vector3, WrenchStamped)
from hypothesis import given, settings, strategies as st
from nav_msgs.msg import Odometry as OdometryMessage
import numpy as np
from physai_ros.adapters import base_command, cdr, images, sensors, stamps
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.heartbeats import read_heartbeat
from physai_ros.adapters.sources import KINDS
from physai_ros.adapters.task import read_task, write_task
from physai_ros.bundle.terms import ACTION, INTERNAL, SOURCE_KINDS
from physai_ros.core.types import CameraModel, Image, Imu, JointState, Odometry, Twist
from physai_ros.robots.profile import AxisLimits, Base, BaseLimits
from physai_ros.sim.tasks import TaskStatus
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import (
    CameraInfo, CompressedImage, Image as ImageMessage, Imu as ImuMessage,
    JointState as JointStateMessage, Joy as JoyMessage, LaserScan)
from std_msgs.msg import Header

STAMP = 1_700_000_000_123_456_789


def picture(encoding, data, width=2, height=2, step=None):
    """Return an image message."""
    channels = images.CHANNELS.get(encoding, 3)
    return ImageMessage(encoding=encoding, width=width, height=height,
                        step=width * channels if step is None else step,
                        data=array.array('B', data))


def read_picture(*given, **more):
    """Return what an image message says."""
    return images.read_image(serialize_message(picture(*given, **more)))


def test_time_keeps_every_nanosecond():
    assert stamps.to_ns(stamps.to_time(STAMP)) == STAMP
    assert stamps.to_time(STAMP) == Time(sec=1_700_000_000, nanosec=123_456_789)
    assert stamps.to_duration(-1) == Duration(sec=-1, nanosec=999_999_999)
    assert stamps.to_ns(stamps.to_duration(-1)) == -1


def test_rgb8_is_read_as_it_is_without_a_copy():
    data = serialize_message(picture('rgb8', range(12)))
    image = images.read_image(data)
    assert image.pixels.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]
    assert np.shares_memory(image.pixels, np.frombuffer(data, np.uint8))


def test_bgr8_and_mono8_become_rgb():
    assert read_picture('bgr8', range(12)).pixels[0, 0].tolist() == [2, 1, 0]
    assert read_picture('mono8', [7, 8, 9, 10]).pixels[1].tolist() == [
        [9, 9, 9], [10, 10, 10]]


def test_padded_rows_are_skipped_and_the_last_padding_may_be_missing():
    padded = [0, 1, 2, 3, 4, 5, 99, 99, 6, 7, 8, 9, 10, 11]
    image = read_picture('rgb8', padded, step=8)
    assert image.pixels[1].tolist() == [[6, 7, 8], [9, 10, 11]]


@pytest.mark.parametrize('message, text', [
    (picture('rgba16', range(12)), "encoding is 'rgba16'; expected rgb8, bgr8, mono8"),
    (picture('rgb8', range(11)), 'bytes of image data is 11; expected at least 12'),
    (picture('rgb8', range(12), step=5), 'step is 5; expected at least 6'),
    (picture('rgb8', [], width=0), "size is '0x2'"),
])
def test_impossible_pictures_are_refused(message, text):
    with pytest.raises(MessageError, match=text):
        images.read_image(serialize_message(message))


@pytest.mark.parametrize('encoding', ['rgb8', 'mono8', 'bgra8'])
def test_a_picture_that_is_cut_off_is_refused(encoding):
    data = serialize_message(picture(encoding, range(2 * 2 * images.CHANNELS[encoding])))
    assert images.read_image(data).pixels.shape == (2, 2, 3)
    for end in range(len(data) - 4):
        with pytest.raises(MessageError, match='a whole Image'):
            images.read_image(data[:end])


def test_a_picture_survives_the_way_there_and_back():
    pixels = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    message = images.write_image(ImageMessage(), Image(STAMP, 'camera', pixels[:, ::-1]))
    image = images.read_image(serialize_message(message))
    assert (image.stamp_ns, image.frame_id) == (STAMP, 'camera')
    assert np.array_equal(image.pixels, pixels[:, ::-1])
    assert isinstance(message.data, array.array)


def test_a_float_picture_is_refused():
    with pytest.raises(MessageError, match='float64'):
        images.write_image(ImageMessage(), Image(0, '', np.zeros((2, 2, 3))))


def test_camera_info_there_and_back():
    model = CameraModel(320, 240, np.array([[200.0, 0, 160], [0, 201, 120], [0, 0, 1]]),
                        np.array([0.1, 0.01, 0, 0, 0]))
    again = images.read_camera_info(images.camera_info(model, 'camera'))
    assert (again.width, again.height) == (320, 240)
    assert np.array_equal(again.k, model.k) and np.array_equal(again.d, model.d)
    with pytest.raises(MessageError, match='positive focal lengths'):
        images.read_camera_info(CameraInfo())


def test_joint_state_there_and_back():
    state = JointState(STAMP, ('b', 'a'), np.array([0.1, -2.0]), np.array([1e-300, 3.0]))
    data = sensors.write_joint_state(state)
    again = sensors.read_joint_state(serialize_message(
        deserialize_message(data, JointStateMessage)))
    assert (again.stamp_ns, again.names, again.effort) == (STAMP, ('b', 'a'), None)
    assert again.position.tobytes() == state.position.tobytes()
    assert again.velocity.tobytes() == state.velocity.tobytes()


@pytest.mark.parametrize('message, text', [
    (JointStateMessage(name=['a', 'b'], position=[1.0]), 'length of joint_states position is 1'),
    (JointStateMessage(name=['a', 'a'], position=[1.0, 2.0]), 'each joint once'),
    (JointStateMessage(name=['a'], position=[1.0], velocity=[1.0, 2.0]), 'velocity is 2'),
])
def test_impossible_joint_states_are_refused(message, text):
    with pytest.raises(MessageError, match=text):
        sensors.read_joint_state(serialize_message(message))


def by_rclpy(kind, data):
    """Return what rclpy writes of the message that it reads."""
    return serialize_message(deserialize_message(data, kind))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text('aé/_1', min_size=1, max_size=9), st.floats(width=64)),
                max_size=9, unique_by=lambda pair: pair[0]),
       st.booleans(), st.booleans(), st.integers(0, 2**31 * 10**9 - 1))
def test_joint_states_are_read_and_written_as_by_rclpy(pairs, moves, pushes, stamp_ns):
    names, values = tuple(name for name, _ in pairs), np.array([value for _, value in pairs])
    state = JointState(stamp_ns, names, values, -values if moves and pairs else None,
                       0.5 * values if pushes and pairs else None)
    data = sensors.write_joint_state(state)
    message = deserialize_message(data, JointStateMessage)
    assert (stamps.to_ns(message.header.stamp), tuple(message.name)) == (stamp_ns, names)
    for again in (sensors.read_joint_state(data),
                  sensors.read_joint_state(serialize_message(message))):
        assert (again.stamp_ns, again.names) == (stamp_ns, names)
        for field in ('position', 'velocity', 'effort'):
            mine, other = getattr(state, field), getattr(again, field)
            assert (mine is None) == (other is None)
            assert mine is None or mine.tobytes() == other.tobytes() == getattr(
                message, field).tobytes()


SMALL = {
    JointStateMessage: (sensors.read_joint_state, sensors.write_joint_state(JointState(
        STAMP, ('shoulder', 'elbow'), np.ones(2), np.ones(2), np.ones(2)))),
    ImuMessage: (sensors.read_imu, sensors.write_imu(Imu(
        STAMP, 'imu', np.ones(4), np.ones(3), np.ones(3)))),
    OdometryMessage: (sensors.read_odometry, sensors.write_odometry(Odometry(
        STAMP, np.ones(3), np.ones(4), np.ones(3), np.ones(3)), 'odom', 'base_link')),
    TwistStamped: (base_command.read_stamped, base_command.write_stamped(
        Twist(STAMP, np.ones(3)), 'base_link')),
    TwistMessage: (base_command.read_plain, base_command.write_plain(
        Twist(STAMP, np.ones(3)), 'base_link')),
    PoseStamped: (sensors.read_pose, serialize_message(PoseStamped())),
    WrenchStamped: (sensors.read_wrench, serialize_message(WrenchStamped())),
    Header: (read_heartbeat, cdr.header(STAMP, 'policy')),
}


@pytest.mark.parametrize('kind', SMALL)
def test_a_state_that_is_cut_off_is_refused(kind):
    read, data = SMALL[kind]
    whole = by_rclpy(kind, data)
    read(data), read(whole)
    for end in range(len(whole) - 3):
        with pytest.raises(MessageError, match=f'a whole {kind.__name__}'):
            read(whole[:end])


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(list(SMALL.values())), st.lists(
    st.tuples(st.integers(2, 200), st.integers(0, 255)), min_size=1, max_size=4))
def test_spoilt_states_are_read_or_refused(case, changes):
    read, spoilt = case[0], bytearray(case[1])
    for at, value in changes:
        spoilt[at % len(spoilt)] = value
    try:
        read(bytes(spoilt))
    except MessageError:
        pass


def test_a_message_of_too_many_joints_is_refused_at_a_glance():
    message = JointStateMessage(name=[str(k) for k in range(1001)], position=[0.0] * 1001)
    with pytest.raises(MessageError, match='names of joint_states is 1001; expected at most 1000'):
        sensors.read_joint_state(serialize_message(message))


def test_imu_and_odometry_there_and_back():
    imu = Imu(STAMP, 'imu', np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7]),
              np.array([8.0, 9, 10]))
    again = sensors.read_imu(by_rclpy(ImuMessage, sensors.write_imu(imu)))
    assert again.orientation.tolist() == [1, 2, 3, 4]
    assert again.linear_acceleration.tolist() == [8, 9, 10]
    odometry = Odometry(STAMP, np.array([1.0, 2, 3]), np.array([4.0, 5, 6, 7]),
                        np.array([0.1, 0.2, 0.0]), np.array([0, 0, 0.3]))
    data = sensors.write_odometry(odometry, 'odom', 'base_link')
    message = deserialize_message(data, OdometryMessage)
    assert (message.header.frame_id, message.child_frame_id) == ('odom', 'base_link')
    assert message.pose.pose.position.z == 3.0 and message.pose.pose.orientation.w == 4.0
    assert message.twist.twist.linear.y == 0.2 and not message.twist.covariance.any()
    again = sensors.read_odometry(by_rclpy(OdometryMessage, data))
    assert again.orientation.tolist() == [4, 5, 6, 7] and again.position.tolist() == [1, 2, 3]
    assert again.linear.tolist() == [0.1, 0.2, 0] and again.angular.tolist() == [0, 0, 0.3]


@pytest.mark.parametrize('stamped', [True, False])
def test_twist_there_and_back(stamped):
    axis = AxisLimits(velocity=1.0, acceleration=1.0, jerk=1.0)
    kind, write, read = base_command.base_command(
        Base(limits=BaseLimits(linear_x=axis, angular_z=axis), stamped=stamped))
    assert kind is (TwistStamped if stamped else TwistMessage)
    data = write(Twist(STAMP, np.array([0.1, -0.2, 0.3])), 'base_link')
    message = deserialize_message(data, kind)
    twist = message.twist if stamped else message
    assert not stamped or message.header.frame_id == 'base_link'
    assert (twist.linear.y, twist.angular.z) == (-0.2, 0.3)
    assert read(data).velocity.tolist() == [0.1, -0.2, 0.3]
    assert read(data).stamp_ns == (STAMP if stamped else 0)
    twist.angular.x = float('nan')
    with pytest.raises(MessageError, match='twist is'):
        read(serialize_message(message))


def test_pictures_with_a_fourth_channel_lose_it():
    assert read_picture('rgba8', range(16)).pixels[0, 1].tolist() == [4, 5, 6]
    assert read_picture('bgra8', range(16)).pixels[0, 1].tolist() == [6, 5, 4]


def test_a_compressed_picture_is_decoded():
    import cv2
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    message = CompressedImage(format='png', data=array.array(
        'B', cv2.imencode('.png', pixels[:, :, ::-1])[1].tobytes()))
    assert images.read_compressed_image(message).pixels.tolist() == pixels.tolist()
    for data in (b'', b'nonsense'):
        with pytest.raises(MessageError, match='JPEG or PNG'):
            images.read_compressed_image(CompressedImage(data=array.array('B', data)))


@pytest.mark.parametrize('encoding, kind', [('16UC1', '<u2'), ('16UC1', '>u2'), ('32FC1', '<f4')])
def test_depth_is_in_metres_and_nan_where_unknown(encoding, kind):
    values = np.array([[1500, 0], [250, 3]], dtype=kind)
    if encoding == '32FC1':
        values = np.where(values, values / 1000, np.nan).astype(kind)
    message = ImageMessage(encoding=encoding, width=2, height=2, step=2 * values.itemsize,
                           is_bigendian=kind[0] == '>', data=array.array('B', values.tobytes()))
    metres = images.read_depth(serialize_message(message)).metres
    assert metres.dtype == np.float32
    np.testing.assert_allclose(metres, [[1.5, np.nan], [0.25, 0.003]], rtol=1e-6)
    with pytest.raises(MessageError, match='depth image encoding'):
        images.read_depth(serialize_message(picture('rgb8', range(12))))


def test_stamped_samples_that_are_only_read():
    header = Header(stamp=stamps.to_time(STAMP), frame_id='tool')
    motion = sensors.read_motion(serialize_message(TwistStamped(
        header=header, twist=TwistMessage(linear=Vector3(x=1.0), angular=Vector3(z=2.0)))))
    assert (motion.stamp_ns, motion.frame_id) == (STAMP, 'tool')
    assert motion.linear.tolist() == [1, 0, 0] and motion.angular.tolist() == [0, 0, 2]
    message = PoseStamped(header=header)
    message.pose.position.y, message.pose.orientation.w = 3.0, 0.5
    pose = sensors.read_pose(serialize_message(message))
    assert pose.position.tolist() == [0, 3, 0] and pose.orientation.tolist() == [0.5, 0, 0, 0]
    message = WrenchStamped(header=header)
    message.wrench.force.x, message.wrench.torque.y = 4.0, 5.0
    wrench = sensors.read_wrench(serialize_message(message))
    assert wrench.force.tolist() == [4, 0, 0] and wrench.torque.tolist() == [0, 5, 0]
    joy = sensors.read_joy(JoyMessage(header=header, axes=[0.5], buttons=[1, 0]))
    assert joy.axes.tolist() == [0.5] and joy.buttons.tolist() == [1, 0]


def test_a_scan_keeps_its_inf_and_nan():
    message = LaserScan(angle_min=-1.0, angle_increment=0.5, range_min=0.1, range_max=9.0,
                        ranges=[1.0, float('inf'), float('nan')])
    scan = sensors.read_scan(message)
    assert (scan.angle_min, scan.angle_step) == (-1.0, 0.5)
    np.testing.assert_array_equal(scan.ranges, [1.0, np.inf, np.nan])
    with pytest.raises(MessageError, match='angle_increment'):
        sensors.read_scan(LaserScan(ranges=[1.0]))


def test_every_kind_of_source_has_a_reader():
    assert {*KINDS, 'objects', ACTION, INTERNAL} == set(SOURCE_KINDS)


def test_a_task_there_and_back():
    status = TaskStatus(success=False, failed='workpiece fell over', collisions=1,
                        violated={'arm.jerk': 2, 'base.velocity': 1}, text='')
    again = read_task(write_task('honda1', status, STAMP))
    assert again == {'success': False, 'failed': 'workpiece fell over', 'collisions': 1,
                     'text': 'workpiece fell over', 'violations': 3, 'world_ns': STAMP,
                     'violated': {'arm.jerk': 2, 'base.velocity': 1}}
