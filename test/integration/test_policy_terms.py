"""Terms over DDS: IMU through TF, a command, a joystick, the task in words, the last action."""
import hashlib
import time

from geometry_msgs.msg import TwistStamped
import numpy as np
from onnx import helper, numpy_helper, TensorProto
from physai_ros.adapters.commands import read_base_chunk
from physai_ros.adapters.qos import CHUNK, LATCHED, SENSOR_OUT, TF_STATIC_OUT
from physai_ros.adapters.sensors import write_imu
from physai_ros.adapters.stamps import to_time
from physai_ros.adapters.transforms import Transform, write_transforms
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import Imu
import pytest
from sensor_msgs.msg import Imu as ImuMessage, Joy
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import MultiDOFJointTrajectory

ROBOT, NODE = '/sony1', '/sony1/policy'
QUARTER = (np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5))  # about z
TERMS = [{'term': 'angular_velocity', 'frame': 'base_link'}, {'term': 'joy', 'axes': [1]},
         {'term': 'velocity_command', 'topic': 'wanted', 'axes': ['vx']}]
FEED = [*TERMS, {'term': 'previous_action', 'output': 'twist', 'size': 3}]


def adding_onnx() -> bytes:
    """Return a model: vx = angular velocity y, vy = axis + command, wz = token 0 + last wz / 2."""
    weights = np.zeros((8, 3), np.float32)
    weights[1, 0] = weights[3, 1] = weights[4, 1] = 1.0
    weights[7, 2] = 0.5
    pick = np.zeros((2, 3), np.float32)
    pick[0, 2] = 1.0
    graph = helper.make_graph(
        [helper.make_node('MatMul', ['obs', 'weights'], ['numbers']),
         helper.make_node('Cast', ['tokens'], ['words'], to=TensorProto.FLOAT),
         helper.make_node('MatMul', ['words', 'pick'], ['spoken']),
         helper.make_node('Add', ['numbers', 'spoken'], ['twist'])], 'adding',
        [helper.make_tensor_value_info('obs', TensorProto.FLOAT, [1, 8]),
         helper.make_tensor_value_info('tokens', TensorProto.INT64, [1, 2])],
        [helper.make_tensor_value_info('twist', TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(weights, 'weights'), numpy_helper.from_array(pick, 'pick')])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()


def write_adding(folder) -> str:
    """Write a step-by-step bundle for the base with a tokenizer that knows two words."""
    tokenizers = pytest.importorskip('tokenizers')
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(
        {'stay': 0, 'turn': 1, '?': 2}, unk_token='?')).to_str().encode()
    folder.mkdir()
    (folder / 'tokenizer.json').write_bytes(words)
    write_bundle(folder, {
        'format': 'physai/1', 'name': 'adding', 'version': '1.0.0', 'robot': 'sony_style',
        'rate_hz': 20,
        'tokenizer': {'file': 'tokenizer.json', 'sha256': hashlib.sha256(words).hexdigest()},
        'inputs': {'obs': FEED, 'tokens': [{'term': 'task_text', 'length': 2}]},
        'outputs': {'twist': {'kind': 'base_twist', 'scale': 0.5}},
        'timing': {'deadline_s': 0.05, 'max_age_s': {
            'angular_velocity': 0.5, 'joy': 1.0, 'velocity_command': 1.0}}},
        adding_onnx(), '# adding')
    return str(folder)


class Robot:
    """Sends what the terms name, 50 times a second, and keeps the chunks."""

    def __init__(self, graph):
        node = graph.node
        self.twists, self.due_s = [], 0.0
        self.imu = node.create_publisher(ImuMessage, f'{ROBOT}/imu', SENSOR_OUT)
        self.joy = node.create_publisher(Joy, f'{ROBOT}/joy', SENSOR_OUT)
        self.wanted = node.create_publisher(TwistStamped, f'{ROBOT}/wanted', SENSOR_OUT)
        self.task = node.create_publisher(String, f'{ROBOT}/task', LATCHED)
        self.tf = node.create_publisher(TFMessage, '/tf_static', TF_STATIC_OUT)
        self.tf.publish(write_transforms([
            Transform(0, 'sony1/base_link', 'sony1/imu_link', quat=QUARTER)]))
        node.create_subscription(
            MultiDOFJointTrajectory, f'{ROBOT}/policy/base_chunk',
            lambda data: self.twists.append(read_base_chunk(data).twists[0]), CHUNK, raw=True)

    def live(self):
        if time.monotonic() < self.due_s:
            return
        self.due_s, now_ns = time.monotonic() + 0.02, time.time_ns()
        self.imu.publish(write_imu(Imu(
            now_ns, 'sony1/imu_link', np.array([1.0, 0, 0, 0]), np.array([0.25, 0, 0]),
            np.zeros(3))))
        joy, wanted = Joy(axes=[9.0, 0.5]), TwistStamped()
        joy.header.stamp = wanted.header.stamp = to_time(now_ns)
        wanted.twist.linear.x = 0.125
        self.joy.publish(joy)
        self.wanted.publish(wanted)


def test_terms_from_all_over_the_robot(graph, tmp_path):
    bundle = write_adding(tmp_path / 'adding')
    robot = Robot(graph)
    graph.up('policy', ROBOT, profile='sony_style', bundle=bundle, frame_prefix='sony1/')
    graph.wait(lambda: 'the task' in graph.value(NODE, 'message'), 'to ask for the task',
               each=robot.live)
    assert not robot.twists
    robot.task.publish(String(data='stay'))
    graph.wait(lambda: robot.twists, 'a chunk', each=robot.live)
    assert robot.twists[0].tolist() == [0.125, 0.3125, 0.0]
    robot.task.publish(String(data='turn'))
    graph.wait(lambda: len(robot.twists) > 12 and robot.twists[-12][2] > 0.0, 'to turn',
               each=robot.live)
    turns = [twist[2] for twist in robot.twists if twist[2]]
    assert turns[:3] == [0.5, 0.75, 0.875]  # the answer itself, not the action, comes back
