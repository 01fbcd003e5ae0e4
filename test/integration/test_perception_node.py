"""Perception as a process on the simulator's camera: objects where they are, or nothing."""
from geometry_msgs.msg import PoseStamped
import numpy as np
from physai_ros.adapters.images import read_image
from physai_ros.adapters.qos import EVENTS, SENSOR
from physai_ros.adapters.sensors import vector
from physai_ros.adapters.stamps import to_ns
from physai_ros.adapters.vision import read_objects
from physai_ros.core.types import NS_PER_S
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool
from vision_msgs.msg import Detection2DArray, Detection3DArray

ROBOT, NODE = '/honda1', '/honda1/perception'
NEAR_M = 0.04


def test_objects_are_found_where_the_simulator_has_them(graph):
    heard = {}

    def hear(message_type, topic, qos):
        graph.node.create_subscription(
            message_type, topic, lambda message: heard.update({topic: message}), qos)
    for kind in ('workpiece', 'tray'):
        hear(PoseStamped, f'/sim/ground_truth/honda1/{kind}', SENSOR)
    hear(Detection2DArray, f'{NODE}/detections', EVENTS)
    hear(Detection3DArray, f'{NODE}/objects', EVENTS)
    graph.start('sim', robots=['honda1'], seed=5)
    graph.up('state_publisher', ROBOT, profile='honda_style', frame_prefix='honda1/')
    graph.up('perception', ROBOT, profile='honda_style', frame_prefix='honda1/')

    def seen():
        message = heard.get(f'{NODE}/objects')
        found = read_objects(message, 'honda1/').items if message else ()
        return {item.class_id: item.position for item in found}

    graph.wait(lambda: {'workpiece', 'tray'} <= set(seen()), 'both objects')
    for kind in ('workpiece', 'tray'):
        truth = vector(heard[f'/sim/ground_truth/honda1/{kind}'].pose.position)
        assert np.linalg.norm(seen()[kind] - truth) < NEAR_M, kind
    message = heard[f'{NODE}/objects']
    assert message.header.frame_id == 'honda1/base_link'
    assert abs(graph.node.get_clock().now().nanoseconds - to_ns(message.header.stamp)) < NS_PER_S
    boxes = heard[f'{NODE}/detections']
    assert boxes.header.frame_id == 'honda1/head_camera_optical_frame'
    assert all(0 <= box.bbox.center.position.x < 320 for box in boxes.detections)
    hear(Image, f'{NODE}/image_annotated', SENSOR)
    graph.wait(lambda: f'{NODE}/image_annotated' in heard, 'the annotated picture')
    drawn = read_image(serialize_message(heard[f'{NODE}/image_annotated']))
    assert drawn.pixels.shape == (240, 320, 3)
    nothing_new_of_an_old_picture(graph, heard)


def nothing_new_of_an_old_picture(graph, heard):
    """Check that a camera that has stopped yields no objects, and is told of."""
    assert graph.call(SetBool, '/sim/pause', SetBool.Request(data=True)).success
    graph.spin(1.0)
    heard.clear()
    graph.spin(0.5)
    assert f'{NODE}/objects' not in heard
    graph.wait(lambda: 'picture' in graph.value(NODE, 'message'), 'the reason')
    assert graph.value(NODE, 'level') == 1


def test_an_unknown_detector_and_a_robot_without_perception_are_refused(graph, tmp_path):
    graph.start('perception', ROBOT, profile='honda_style', detector='none_such')
    assert not graph.change(NODE, 'configure')
    assert "bundle is 'none_such'" in graph.fault(NODE)
    (tmp_path / 'blind.yaml').write_text('name: blind\nurdf: sony_style.urdf.xacro\n')
    graph.set_parameters(NODE, detector='', profile=str(tmp_path / 'blind.yaml'))
    assert not graph.change(NODE, 'configure')
    assert 'perception of profile blind' in graph.fault(NODE)
