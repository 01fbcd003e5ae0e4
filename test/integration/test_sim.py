"""The simulator as a process: the topics of real robots, time, reset, pause."""
import math
import signal

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseStamped, TwistStamped
from nav_msgs.msg import Odometry
from physai_ros.adapters.images import read_camera_info, read_image
from physai_ros.adapters.qos import COMMAND, EVERY, LATCHED, SENSOR, TF, TF_STATIC
from physai_ros.adapters.stamps import to_ns, to_time
from physai_ros.adapters.task import read_task
from physai_ros.adapters.transforms import read_transforms, TransformBuffer
from physai_ros.core.types import NS_PER_S
import pytest
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Header, String
from std_srvs.srv import SetBool, Trigger
from tf2_msgs.msg import TFMessage

ROBOT, MS = '/sony1', 1_000_000
CAMERA = 'sony1/head_camera_optical_frame'


class Ears:
    """The newest message of each topic that was asked for, and how many there were."""

    def __init__(self, graph):
        self.graph, self.newest, self.counts = graph, {}, {}

    def hear(self, message_type, topic, qos=SENSOR):
        """Listen to a topic."""
        def keep(message):
            self.newest[topic] = message
            self.counts[topic] = self.counts.get(topic, 0) + 1
        self.graph.node.create_subscription(message_type, topic, keep, qos)

    def wait(self, *topics):
        """Wait for a new message on each topic; return the last one's."""
        for topic in topics:
            self.newest.pop(topic, None)
        self.graph.wait(lambda: all(topic in self.newest for topic in topics),
                        f'messages on {topics}')
        return self.newest[topics[-1]]


@pytest.fixture
def ears(graph):
    """Return ears on an empty graph."""
    return Ears(graph)


def wall_ns(graph) -> int:
    """Return the wall clock, as the nodes see it."""
    return graph.node.get_clock().now().nanoseconds


def test_a_robot_without_an_arm_is_seen_moved_reset_and_paused(graph, ears):
    graph.start('sim', robots=['sony1'], seed=3)
    for message_type, topic in ((JointState, 'joint_states'), (Odometry, 'odom'),
                                (Image, 'head_camera/image_raw'),
                                (CameraInfo, 'head_camera/camera_info')):
        ears.hear(message_type, f'{ROBOT}/{topic}')
    ears.hear(PoseStamped, '/sim/ground_truth/sony1/beacon')
    image = ears.wait(f'{ROBOT}/head_camera/image_raw')
    assert (image.width, image.height, image.encoding) == (320, 240, 'rgb8')
    assert image.header.frame_id == CAMERA
    assert read_image(serialize_message(image)).pixels.std() > 5.0
    assert 0 <= wall_ns(graph) - to_ns(image.header.stamp) < 2 * NS_PER_S
    info = ears.wait(f'{ROBOT}/head_camera/camera_info')
    assert read_camera_info(info).width == 320 and info.header.frame_id == CAMERA
    assert 'front_left_knee' in ears.wait(f'{ROBOT}/joint_states').name
    beacon = ears.wait('/sim/ground_truth/sony1/beacon')
    assert beacon.header.frame_id == 'sony1/base_link'
    drive_reset_and_pause(graph, ears, beacon)


def drive_reset_and_pause(graph, ears, beacon):
    """Check what changes the world."""
    command = graph.node.create_publisher(TwistStamped, f'{ROBOT}/cmd_vel', COMMAND)
    twist = TwistStamped()
    twist.twist.angular.z = 0.5

    def drive():
        twist.header.stamp = to_time(wall_ns(graph))
        command.publish(twist)
    graph.wait(lambda: ears.wait(f'{ROBOT}/odom').twist.twist.angular.z > 0.3, 'to turn',
               each=drive)
    graph.wait(lambda: abs(ears.wait(f'{ROBOT}/odom').twist.twist.angular.z) < 0.01,
               'to stop by itself on silence')
    before_ns = to_ns(ears.wait(f'{ROBOT}/odom').header.stamp)
    graph.set_parameters('/sim', seed=11)
    assert graph.call(Trigger, '/sim/reset', Trigger.Request()).message == 'seed 11'
    moved = ears.wait('/sim/ground_truth/sony1/beacon', '/sim/ground_truth/sony1/beacon')
    assert moved.pose.position != beacon.pose.position
    assert to_ns(ears.wait(f'{ROBOT}/odom').header.stamp) > before_ns
    assert graph.call(SetBool, '/sim/pause', SetBool.Request(data=True)).success
    graph.spin(0.3)
    count = ears.counts[f'{ROBOT}/joint_states']
    graph.spin(0.3)
    assert ears.counts[f'{ROBOT}/joint_states'] == count
    assert graph.call(SetBool, '/sim/pause', SetBool.Request(data=False)).success
    state = ears.wait(f'{ROBOT}/joint_states')
    assert abs(wall_ns(graph) - to_ns(state.header.stamp)) < NS_PER_S


def test_no_command_is_missed_by_a_simulator_that_stood_still(graph, ears):
    process = graph.start('sim', robots=['sony1'], cameras=False)
    command = graph.node.create_publisher(TwistStamped, f'{ROBOT}/cmd_vel', EVERY)
    ears.hear(DiagnosticStatus, '/sim/ground_truth/sony1/task')
    ears.wait('/sim/ground_truth/sony1/task')
    graph.wait(lambda: command.get_subscription_count() == 1, 'the base')
    process.send_signal(signal.SIGSTOP)
    first_ns = wall_ns(graph) - 35 * MS
    for tick in range(36):     # smooth, but not without its beginning
        twist = TwistStamped()
        twist.header.stamp = to_time(first_ns + tick * 10 * MS)
        twist.twist.angular.z = 0.24 * (1.0 - math.cos(tick / 35 * math.pi))
        command.publish(twist)
    graph.spin(0.36)
    process.send_signal(signal.SIGCONT)
    ears.hear(Odometry, f'{ROBOT}/odom')
    graph.wait(lambda: ears.wait(f'{ROBOT}/odom').twist.twist.angular.z > 0.01, 'to turn')
    assert read_task(ears.wait('/sim/ground_truth/sony1/task'))['violated'] == {}


def test_the_camera_has_a_place_in_base_link(graph, ears):
    graph.start('sim', robots=['sony1'], cameras=False)
    graph.up('state_publisher', ROBOT, profile='sony_style', frame_prefix='sony1/')
    buffer = TransformBuffer('sony1/', tolerance_ns=NS_PER_S)
    node = graph.node
    for topic, qos, static in (('/tf', TF, False), ('/tf_static', TF_STATIC, True)):
        node.create_subscription(
            TFMessage, topic, lambda data, fixed=static: buffer.add(read_transforms(data), fixed),
            qos, raw=True)
    ears.hear(String, f'{ROBOT}/robot_description', LATCHED)
    ears.hear(JointState, f'{ROBOT}/joint_states')
    graph.wait(lambda: f'{ROBOT}/robot_description' in ears.newest, 'the latched description')
    assert '<robot' in ears.newest[f'{ROBOT}/robot_description'].data
    graph.spin(1.0)
    pose = buffer.lookup('base_link', 'head_camera_optical_frame', wall_ns(graph))
    assert 0.2 < pose[0, 3] < 0.5 and abs(pose[1, 3]) < 0.01 and 0.05 < pose[2, 3] < 0.25
    assert pose[0, 2] > 0.9  # the optical axis, z, points forward


def test_simulated_time_runs_free_and_nodes_follow_it(graph, ears):
    graph.start('sim', robots=['sony1'], cameras=False, publish_clock=True, real_time_factor=2.0)
    graph.start('state_publisher', ROBOT, profile='sony_style', use_sim_time=True)
    for transition in ('configure', 'activate'):
        assert graph.change(f'{ROBOT}/state_publisher', transition)
    ears.hear(Clock, '/clock')
    ears.hear(TFMessage, '/tf')
    ears.hear(Header, f'{ROBOT}/heartbeat')
    ears.wait('/clock', '/tf')
    graph.wait(lambda: any(item.child_frame_id == 'head_pan_link'
                           for item in ears.newest['/tf'].transforms), 'TF of the joints')
    stamp_ns = to_ns(ears.newest['/tf'].transforms[0].header.stamp)
    assert abs(to_ns(ears.newest['/clock'].clock) - stamp_ns) < NS_PER_S
    assert stamp_ns < 300 * NS_PER_S
    assert graph.call(SetBool, '/sim/pause', SetBool.Request(data=True)).success
    graph.spin(0.2)
    still = ears.wait(f'{ROBOT}/heartbeat')
    assert ears.wait(f'{ROBOT}/heartbeat').stamp == still.stamp  # it beats, though time stands


def test_what_cannot_be_simulated_is_refused_in_one_line(graph):
    for values, text in (({'robots': ['nobody']}, "robots of sim is ['nobody']"),
                         ({'real_time_factor': 2.0}, 'real_time_factor of sim is 2.0'),
                         ({'fleet': '/none.yaml'}, '/none.yaml')):
        process = graph.launch('sim', stderr=-1, **values)
        error = process.communicate(timeout=30.0)[1]
        assert process.returncode == 2 and text in error and 'Traceback' not in error
