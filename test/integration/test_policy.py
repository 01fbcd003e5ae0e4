"""The policy node over DDS: it looks when pictures come, bundles are exchanged, a shadow sees."""
import time

import numpy as np
from physai_ros.adapters.commands import read_base_chunk
from physai_ros.adapters.images import write_image
from physai_ros.adapters.qos import CHUNK, REMEMBERED, SENSOR_OUT
from physai_ros.adapters.vision import objects
from physai_ros.bench.models import brightness
from physai_ros.bench.sense_to_command import MANIFEST, SIZE, SPEED
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import Image, Object3D, Objects
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image as ImageMessage
from test_identity import identity_onnx, JOINTS, ROBOT, Robot, write_identity
from trajectory_msgs.msg import MultiDOFJointTrajectory
from vision_msgs.msg import Detection3DArray

NODE = f'{ROBOT}/policy'


def ask(graph, robot, **parameters):
    """Set parameters while the robot lives; return the answers."""
    request = SetParameters.Request(parameters=[
        Parameter(name, value=value).to_parameter_msg() for name, value in parameters.items()])
    return graph.call(SetParameters, f'{NODE}/set_parameters', request, each=robot.live).results[0]


def offset_by(folder, distance, **changes):
    """Write an identity bundle that wants every joint a distance further."""
    joints = sorted(JOINTS)
    return write_identity(folder, outputs={'action': {
        'kind': 'joint_position', 'joints': joints, 'chunk': 5, 'offset': distance}}, **changes)


def test_exchange_refusal_and_shadow(graph, tmp_path):
    robot = Robot(graph)
    first = write_identity(tmp_path / 'first')
    other = offset_by(tmp_path / 'other', 0.125, version='2.0.0')
    graph.up('policy', ROBOT, profile='honda_style', bundle=first, inference_rate_hz=20.0)
    graph.wait(lambda: robot.chunks, 'a chunk', each=robot.live)

    robot.chunks.clear()
    answer = ask(graph, robot, bundle='none_such')
    assert not answer.successful and 'none_such' in answer.reason
    answer = ask(graph, robot, bundle=other)
    assert answer.successful, answer.reason
    before = [chunk.positions[0, 0] for chunk in robot.chunks]
    graph.wait(lambda: graph.value(NODE, 'model') == 'identity 2.0.0'
               and robot.chunks[-1].positions[0, 0] == before[0] + 0.125,
               'the new model', each=robot.live)
    stamps = [chunk.stamp_ns for chunk in robot.chunks]
    assert stamps == sorted(set(stamps))

    assert ask(graph, robot, shadow_bundle=first).successful
    graph.wait(lambda: graph.value(NODE, 'shadow.joints_max') == '0.1250', 'their disagreement',
               each=robot.live)
    assert graph.value(NODE, 'shadow.model') == 'identity 1.0.0'
    assert robot.chunks[-1].positions[0, 0] == before[0] + 0.125


def test_a_transition_that_does_not_fit_is_refused_and_changes_nothing(graph, tmp_path):
    robot = Robot(graph)
    graph.start('policy', ROBOT, profile='honda_style', bundle=write_identity(tmp_path / 'one'))
    for wrong in ('activate', 'deactivate', 'cleanup'):
        assert not graph.change(NODE, wrong)
    assert graph.change(NODE, 'configure') and not graph.change(NODE, 'configure')
    assert graph.change(NODE, 'activate')
    for wrong in ('configure', 'activate', 'cleanup'):
        assert not graph.change(NODE, wrong)
    graph.wait(lambda: robot.chunks, 'a chunk', each=robot.live)


class Camera:
    """Shows a picture five times a second, each brighter than the one before."""

    def __init__(self, graph):
        self.chunks, self.stamps, self.due_s = [], [], 0.0
        self._pictures = graph.node.create_publisher(
            ImageMessage, '/sony1/head_camera/image_raw', SENSOR_OUT)
        graph.node.create_subscription(
            MultiDOFJointTrajectory, '/sony1/policy/base_chunk',
            lambda data: self.chunks.append(read_base_chunk(data)), CHUNK, raw=True)

    def live(self):
        """Show the next picture when it is due."""
        if time.monotonic() >= self.due_s:
            self.due_s = time.monotonic() + 0.2
            self.stamps.append(time.time_ns())
            pixels = np.full((240, 320, 3), len(self.stamps) % 256, np.uint8)
            self._pictures.publish(write_image(ImageMessage(), Image(
                self.stamps[-1], 'camera', pixels)))


def test_faster_than_the_camera_it_looks_at_each_picture_once_and_at_once(graph, tmp_path):
    write_bundle(tmp_path / 'brightness', MANIFEST, brightness(*SIZE, 20, SPEED), '# brightness')
    camera = Camera(graph)
    graph.up('policy', '/sony1', profile='sony_style', bundle=str(tmp_path / 'brightness'),
             inference_rate_hz=100.0)
    graph.wait(lambda: len(camera.chunks) >= 10, 'ten chunks', each=camera.live)
    seen = [round(chunk.twists[0, 0] / SPEED * 255) for chunk in camera.chunks]
    assert seen == sorted(set(seen))
    late = [chunk.stamp_ns - camera.stamps[k - 1] for k, chunk in zip(seen, camera.chunks)]
    assert sorted(late)[len(late) // 2] < 100_000_000


class Eyes:
    """Tells ten times a second what is seen: a workpiece, until it is hidden."""

    def __init__(self, graph):
        self.hidden, self.due_s = False, 0.0
        self._objects = graph.node.create_publisher(
            Detection3DArray, f'{ROBOT}/perception/objects', REMEMBERED)

    def live(self):
        if time.monotonic() < self.due_s:
            return
        self.due_s = time.monotonic() + 0.1
        workpiece = Object3D('workpiece', 1.0, np.array((0.25, 0.125, 0.5)),
                             np.array((1.0, 0.0, 0.0, 0.0)), np.ones(3))
        seen = () if self.hidden else (workpiece,)
        self._objects.publish(objects(Objects(time.time_ns(), 'base_link', seen), 'honda1/'))


def test_a_policy_that_is_started_anew_knows_what_was_seen_before(graph, tmp_path):
    manifest = {
        'format': 'physai/1', 'name': 'look', 'version': '1.0.0', 'robot': 'honda_style',
        'rate_hz': 10, 'inputs': {'state': [{'term': 'object_pose', 'class_id': 'workpiece'}]},
        'outputs': {'action': {'kind': 'joint_position', 'joints': sorted(JOINTS)[:3],
                               'chunk': 5}},
        'timing': {'max_age_s': {'object_pose': 60.0}, 'deadline_s': 0.3}}
    write_bundle(tmp_path / 'look', manifest, identity_onnx(3), '# look')
    robot, eyes = Robot(graph), Eyes(graph)
    eyes.live()
    eyes.hidden, eyes.due_s = True, 0.0
    eyes.live()
    graph.up('policy', ROBOT, profile='honda_style', bundle=str(tmp_path / 'look'),
             frame_prefix='honda1/')
    graph.wait(lambda: robot.chunks, 'a chunk', each=eyes.live)
    assert robot.chunks[0].positions[0].tolist() == [0.25, 0.125, 0.5]
