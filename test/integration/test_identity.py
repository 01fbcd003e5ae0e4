"""The chain end to end over DDS with a model that answers what it sees: names, order, values."""
import time

import numpy as np
from onnx import helper, numpy_helper, TensorProto
from physai_ros.adapters.commands import read_joint_chunk, read_trajectory
from physai_ros.adapters.qos import CHUNK, COMMAND, SENSOR_OUT
from physai_ros.adapters.sensors import write_joint_state
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import JointState, NS_PER_S
from physai_ros.robots.profile import load_profile
import pytest
from sensor_msgs.msg import JointState as JointStateMessage
from std_srvs.srv import SetBool
from trajectory_msgs.msg import JointTrajectory

ROBOT, CHUNK_STEPS = '/honda1', 5
JOINTS = load_profile('honda_style').arm.joints
HOME = load_profile('honda_style').arm.home
SHUFFLED = tuple(np.random.default_rng(7).permutation(JOINTS).tolist())
POSITIONS = {name: float(np.float32(HOME[name] * (1.0 - 0.01 * k)))
             for k, name in enumerate(JOINTS)}


def identity_onnx(width) -> bytes:
    """Return a model that answers its input (1, width) for each step of the chunk."""
    def constant(name, values):
        return numpy_helper.from_array(np.array(values, dtype=np.int64), name)
    nodes = [helper.make_node('Unsqueeze', ['state', 'axes'], ['row']),
             helper.make_node('Tile', ['row', 'times'], ['action'])]
    graph = helper.make_graph(
        nodes, 'identity',
        [helper.make_tensor_value_info('state', TensorProto.FLOAT, [1, width])],
        [helper.make_tensor_value_info('action', TensorProto.FLOAT, [1, CHUNK_STEPS, width])],
        [constant('axes', [1]), constant('times', [1, CHUNK_STEPS, 1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()


def write_identity(folder, **changes) -> str:
    """Write the bundle, with joints in an order that is neither the robot's nor the message's."""
    joints = sorted(JOINTS)
    manifest = {
        'format': 'physai/1', 'name': 'identity', 'version': '1.0.0', 'robot': 'honda_style',
        'rate_hz': 10,
        'inputs': {'state': [{'term': 'joint_position', 'joints': joints}]},
        'outputs': {'action': {'kind': 'joint_position', 'joints': joints,
                               'chunk': CHUNK_STEPS}},
        'timing': {'max_age_s': {'joint_position': 0.2}, 'deadline_s': 0.3}, **changes}
    write_bundle(folder, manifest, identity_onnx(len(joints)), '# identity')
    return str(folder)


class Robot:
    """Tells where its joints are, in an order of its own, and does not move."""

    def __init__(self, graph):
        node = graph.node
        self.chunks, self.trajectories, self.due_s = [], [], 0.0
        self.values, self.order = dict(POSITIONS), SHUFFLED
        self.states = node.create_publisher(JointStateMessage, f'{ROBOT}/joint_states', SENSOR_OUT)
        node.create_subscription(
            JointTrajectory, f'{ROBOT}/policy/joint_chunk',
            lambda data: self.chunks.append(read_joint_chunk(data)), CHUNK, raw=True)
        node.create_subscription(
            JointTrajectory, f'{ROBOT}/arm_controller/joint_trajectory',
            lambda data: self.trajectories.append(read_trajectory(data)), COMMAND, raw=True)

    def live(self):
        """Publish the joint states at 100 Hz."""
        if time.monotonic() < self.due_s:
            return
        self.due_s = time.monotonic() + 0.01
        self.states.publish(write_joint_state(JointState(
            time.time_ns(), self.order, np.array([self.values[name] for name in self.order]),
            np.zeros(len(self.order)))))


@pytest.fixture
def robot(graph):
    """Return a robot on an empty graph."""
    return Robot(graph)


def test_outputs_equal_inputs_by_name_bit_for_bit(graph, robot, tmp_path):
    assert SHUFFLED != JOINTS and sorted(SHUFFLED) != list(SHUFFLED)
    graph.up('policy', ROBOT, profile='honda_style', bundle=write_identity(tmp_path / 'identity'))
    graph.wait(lambda: len(robot.chunks) >= 10, 'ten chunks', each=robot.live)
    for chunk in robot.chunks:
        assert chunk.dt_ns == NS_PER_S // 10 and chunk.positions.shape == (5, 18)
        for name, column in zip(chunk.names, chunk.positions.T):
            assert (column == POSITIONS[name]).all(), name
    stamps = [chunk.stamp_ns for chunk in robot.chunks]
    assert stamps == sorted(set(stamps)) and 0 <= time.time_ns() - stamps[-1] < NS_PER_S
    assert graph.value(f'{ROBOT}/policy', 'model') == 'identity 1.0.0'


def test_the_order_of_the_names_may_change_with_every_message(graph, robot, tmp_path):
    rng, orders = np.random.default_rng(11), set()

    def live():
        robot.order = tuple(rng.permutation(JOINTS).tolist())
        orders.add(robot.order)
        robot.live()

    graph.up('policy', ROBOT, profile='honda_style', inference_rate_hz=20.0,
             bundle=write_identity(tmp_path / 'identity'))
    graph.wait(lambda: len(robot.chunks) >= 20, 'twenty chunks', each=live)
    assert len(orders) > 20
    for chunk in robot.chunks:
        assert all((column == POSITIONS[name]).all()
                   for name, column in zip(chunk.names, chunk.positions.T))


def test_the_whole_chain_holds_the_robot_where_it_is(graph, robot, tmp_path):
    graph.up('policy', ROBOT, profile='honda_style', bundle=write_identity(tmp_path / 'identity'))
    graph.up('command', ROBOT, profile='honda_style', engage_on_activate=True)
    graph.wait(lambda: graph.value(f'{ROBOT}/command', 'state') == 'engaged', 'to engage',
               each=robot.live)
    robot.trajectories.clear()
    graph.wait(lambda: len(robot.trajectories) >= 50, 'commands', each=robot.live)
    for trajectory in robot.trajectories:
        assert trajectory.names == JOINTS
        expected = [POSITIONS[name] for name in JOINTS]
        assert np.abs(trajectory.positions - expected).max() < 0.006  # the soft margin


def test_stale_and_nan_measurements_become_no_chunk(graph, robot, tmp_path):
    graph.up('policy', ROBOT, profile='honda_style', bundle=write_identity(tmp_path / 'identity'))
    graph.wait(lambda: robot.chunks, 'a chunk', each=robot.live)
    graph.wait(lambda: 'age of inputs.state[0]' in graph.value(f'{ROBOT}/policy', 'message'),
               'the stale term in the diagnostics')
    robot.chunks.clear()
    robot.values['head_pan'] = float('nan')
    graph.spin(1.0, robot.live)
    assert robot.chunks == []
    graph.wait(lambda: 'finite' in graph.value(f'{ROBOT}/policy', 'message'),
               'the reason in the diagnostics', each=robot.live)
    robot.values['head_pan'] = 0.0
    graph.wait(lambda: robot.chunks, 'to go on', each=robot.live)


@pytest.mark.parametrize('changes, text', [
    ({'robot': 'sony_style'}, "robot (line 4) is 'sony_style'; expected 'honda_style'"),
    ({'outputs': {'action': {'kind': 'joint_position', 'joints': sorted(JOINTS), 'chunk': 7}}},
     '(1, 5, 18), as the model has'),
])
def test_a_bundle_that_does_not_fit_is_refused(graph, tmp_path, changes, text):
    bundle = write_identity(tmp_path / 'identity', **changes)
    graph.start('policy', ROBOT, profile='honda_style', bundle=bundle)
    assert not graph.change(f'{ROBOT}/policy', 'configure')
    assert text in graph.fault(f'{ROBOT}/policy')


def test_a_missing_and_a_changed_bundle_are_refused(graph, tmp_path):
    bundle = write_identity(tmp_path / 'identity')
    graph.start('policy', ROBOT, profile='honda_style', bundle='none_such')
    assert not graph.change(f'{ROBOT}/policy', 'configure')
    assert "bundle is 'none_such'" in graph.fault(f'{ROBOT}/policy')
    (tmp_path / 'identity' / 'model.onnx').write_bytes(identity_onnx(17))
    graph.set_parameters(f'{ROBOT}/policy', bundle=bundle)
    assert not graph.change(f'{ROBOT}/policy', 'configure')
    assert 'SHA-256' in graph.fault(f'{ROBOT}/policy')


def test_engaging_needs_the_whole_robot(graph, robot, tmp_path):
    graph.up('command', ROBOT, profile='honda_style')
    answer = graph.call(SetBool, f'{ROBOT}/command/engage', SetBool.Request(data=True))
    assert not answer.success and 'no fresh state' in answer.message
