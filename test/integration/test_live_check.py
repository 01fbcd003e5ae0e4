"""A bundle against what really is on the topics: types, quality of service, joints, pictures."""
import array
from functools import partial
import re
import threading

from physai_ros.adapters.live_check import live_problems
from physai_ros.adapters.qos import LATCHED, SENSOR_OUT, STATE_OUT
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import validate
from physai_ros.cli.main import main
import pytest
from sensor_msgs.msg import Image, Imu, JointState
from trajectory_msgs.msg import JointTrajectory

JOINTS = ['shoulder', 'elbow']
CONTENT = {
    'format': 'physai/1', 'name': 'example', 'version': '1.0.0', 'robot': 'tester', 'rate_hz': 20,
    'model': {'file': 'model.onnx', 'sha256': 'a' * 64},
    'inputs': {
        'state': [{'term': 'joint_position', 'joints': JOINTS}],
        'head': [{'term': 'image', 'topic': 'head_camera/image_raw', 'size': [48, 64]}]},
    'outputs': {'action': {'kind': 'joint_position', 'joints': JOINTS, 'chunk': 10}},
    'timing': {'deadline_s': 0.15}}
MANIFEST = validate(Manifest, CONTENT, 'policy.yaml')


@pytest.fixture
def robot(graph):
    """Return a function that publishes a message again and again under a name."""
    def publish(topic, message, qos=SENSOR_OUT, rate_hz=50):
        publisher = graph.node.create_publisher(type(message), topic, qos)
        graph.node.create_timer(1 / rate_hz, partial(publisher.publish, message))
        graph.wait(lambda: graph.node.count_publishers(topic), f'{topic} to be published')
    return publish


def joint_state(*names):
    return JointState(name=list(names), position=[0.0] * len(names))


def picture(height, width):
    return Image(height=height, width=width, encoding='rgb8', step=3 * width,
                 data=array.array('B', bytes(3 * height * width)))


def problems(graph):
    """Return the texts of all problems, and what is absent, while the publishers go on."""
    done = []
    thread = threading.Thread(target=lambda: done.append(
        live_problems(graph.node, MANIFEST, look_s=2.0)))
    thread.start()
    graph.wait(lambda: not thread.is_alive(), 'the live check')
    return [str(problem) for problem in done[0].problems], done[0].absent


def test_what_is_not_there_yet_is_waited_for(graph):
    assert problems(graph) == ([], ('joint_states', 'head_camera/image_raw'))


def test_a_robot_that_fits(graph, robot):
    robot('joint_states', joint_state('elbow', 'wrist', 'shoulder'), STATE_OUT)
    robot('head_camera/image_raw', picture(240, 320))
    graph.node.create_subscription(JointTrajectory, 'policy/joint_chunk', print, 5)
    assert problems(graph) == ([], ())


def test_joints_of_several_drivers_count_together(graph, robot):
    robot('joint_states', joint_state('gripper'), STATE_OUT)
    robot('joint_states', joint_state('elbow', 'shoulder'), STATE_OUT)
    assert problems(graph) == ([], ('head_camera/image_raw',))


def test_another_robot(graph, robot):
    robot('joint_states', joint_state('elbow', 'wrist'), STATE_OUT)
    robot('head_camera/image_raw', picture(240, 240))
    found, _ = problems(graph)
    assert len(found) == 2
    assert "joint_states (for policy.yaml: inputs.state[0]) is 'elbow, wrist'" in found[0]
    assert 'It has no shoulder' in found[0]
    assert 'inputs.head[0].size is (48, 64); expected the proportions of the camera, 240 x 240' \
        in found[1]


def test_a_topic_that_is_too_slow_for_the_age_limit(graph, robot):
    robot('joint_states', joint_state(*JOINTS), STATE_OUT)
    robot('head_camera/image_raw', picture(240, 320), rate_hz=4)
    (found,), _ = problems(graph)
    place = re.escape('/head_camera/image_raw (for policy.yaml: inputs.head[0])')
    assert re.match(f"the rate of {place} is '[34](.[0-9])? Hz'; expected at least 5 Hz, as its "
                    'samples count for 0.2 s', found)


def test_other_types_and_quality_of_service(graph, robot):
    robot('joint_states', Imu())
    graph.node.create_subscription(JointTrajectory, 'policy/joint_chunk', print, LATCHED)
    found, _ = problems(graph)
    assert len(found) == 2
    assert found[0].startswith('the type of /joint_states (for policy.yaml: inputs.state[0]) is '
                               "'sensor_msgs/msg/Imu'; expected 'sensor_msgs/msg/JointState'")
    assert 'now /test does' in found[0]
    assert found[1].startswith('the quality of service that reads /policy/joint_chunk is '
                               "'Volatile publisher and transient local subscription'")


def test_the_command(graph, robot, domain, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
    robot('/driver/joints', Imu())
    fleet = tmp_path / 'fleet.yaml'
    fleet.write_text('robots: {honda1: {profile: honda_style, bundle: kitting, '
                     'remap: {joint_states: /driver/joints}}}')
    codes = []
    thread = threading.Thread(target=lambda: codes.append(
        main(['check', 'kitting', '--robot', 'honda1', '--fleet', str(fleet), '--live'])))
    thread.start()
    graph.wait(lambda: not thread.is_alive(), 'physai check')
    out = capsys.readouterr().out
    assert codes == [1]
    assert 'FAIL  live graph of /honda1; nobody publishes perception/objects' in out
    assert 'the type of /driver/joints' in out
