"""What is collected from a recording of topics is what the policy node's builder makes of them."""
from types import SimpleNamespace

from mcap.writer import CompressionType, Writer
import numpy as np
from physai_ros.adapters.message_types import type_name
from physai_ros.adapters.recorder import definition
from physai_ros.adapters.sensors import write_imu, write_joint_state
from physai_ros.adapters.transforms import Transform, write_transforms
from physai_ros.adapters.vision import objects
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import validate
from physai_ros.core.errors import ConfigError, StaleError
from physai_ros.core.types import Imu, JointState, Object3D, Objects
from physai_ros.quantize.replay import Replay
from physai_ros.quantize.topics import Naming
import pytest
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu as ImuMessage, JointState as JointStateMessage
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection3DArray

MS, START = 1_000_000, 1_700_000_000_000_000_000
LATE = 2 * MS           # from a stamp to the recorder
JOINTS = ['a', 'b']
OBS = [
    {'term': 'joint_position', 'joints': ['b', 'a'], 'history': {'steps': 2, 'start': 'zeros'}},
    {'term': 'joint_velocity', 'joints': JOINTS, 'align': 'interpolate', 'lag': 1},
    {'term': 'projected_gravity', 'topic': 'imu'},
    {'term': 'previous_target', 'joints': JOINTS},
    {'term': 'previous_action', 'output': 'action', 'size': 2},
]


def manifest(obs=OBS, **parts):
    return validate(Manifest, {
        'format': 'physai/1', 'name': 'x', 'version': '1.0.0', 'robot': 'tester', 'rate_hz': 20,
        'model': {'file': 'model.onnx', 'sha256': 'a' * 64}, 'inputs': {'obs': obs},
        'outputs': {'action': {'kind': 'joint_delta', 'joints': JOINTS, 'scale': 0.1}},
        'recurrent': {'h': {'output': 'h_out', 'shape': [1, 3]}},
        'timing': {'deadline_s': 0.05}, **parts}, Manifest.FILE)


class Model:
    """An answer and a state that depend on everything that was seen."""

    inputs = outputs = ()

    def run(self, inputs):
        state = np.tanh(0.5 * inputs['h'] + 0.1 * inputs['obs'][:, :3]).astype(np.float32)
        return {'action': state[:, :2] - inputs['obs'][:, :2], 'h_out': state}


def joints(n):
    return JointState(START + n * 10 * MS, ('b', 'c', 'a'), np.array([n, 99.0, -n]) * 0.1,
                      np.array([n % 7, 99.0, n % 5], dtype=float), None)


def imu(n):
    tilt = 0.01 * n
    return Imu(START + n * 10 * MS, 'imu_link', np.array([np.cos(tilt), np.sin(tilt), 0.0, 0.0]),
               np.zeros(3), np.zeros(3))


def samples(count, gap=()):
    """Return (arrival, topic, sample) in the order of arrival."""
    return [(sample.stamp_ns + LATE, topic, sample) for n in range(count) if n not in gap
            for topic, sample in (('joint_states', joints(n)), ('imu', imu(n)))]


def write(path, records, compression=CompressionType.ZSTD):
    """
    Write an MCAP file as rosbag2 does.

    :param records: (time ns, topic, class of the message, bytes)
    """
    with path.open('wb') as file:
        writer = Writer(file, compression=compression, chunk_size=2000)
        writer.start('ros2', 'rosbag2')
        channels = {}
        for time_ns, topic, kind, data in records:
            if topic not in channels:
                schema = writer.register_schema(
                    type_name(kind), 'ros2msg', definition(kind).encode())
                channels[topic] = writer.register_channel(topic, 'cdr', schema)
            writer.add_message(channels[topic], time_ns, data, time_ns)
        writer.finish()
    return path


def recorded(given, namespace='/r1'):
    """Return samples as records."""
    kinds = {'joint_states': (JointStateMessage, write_joint_state), 'imu': (
        ImuMessage, write_imu)}
    return [(time_ns, f'{namespace}/{topic}', kinds[topic][0], kinds[topic][1](sample))
            for time_ns, topic, sample in given]


def replay(path, made=None, naming=Naming(), model=None):
    bundle = SimpleNamespace(manifest=made or manifest(), tokenizer_json=None)
    player = Replay(path, bundle, model or Model(), naming)
    return list(player.observations()), player.troubles()


def seen_at_runtime(made, given):
    """Return the inputs at each look of 50 ms from the first sample on, and the looks without."""
    assembler, decoder, model = Assembler(made, 'r1/'), Decoder(made), Model()
    found, without = [], 0
    left = list(given)
    for now_ns in range(given[0][0], given[-1][0] + 1, 50 * MS):
        while left and left[0][0] <= now_ns:
            _, topic, sample = left.pop(0)
            assembler.feed(topic, sample)
        try:
            observation = assembler.assemble(now_ns)
        except StaleError:
            without += 1
            continue
        found.append(observation.inputs)
        outputs = model.run(observation.inputs)
        decision = decoder.decide(outputs, now_ns, observation.references)
        decoder.settle(decision)
        assembler.remember(outputs, now_ns, decision.wanted)
    return found, without


def assert_same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize('compression', CompressionType)
def test_inputs_are_those_of_the_runtime(tmp_path, compression):
    given = samples(100, gap=range(40, 70))
    records = recorded(given)
    write(tmp_path / 'r_0.mcap', records[:61], compression)
    write(tmp_path / 'r_1.mcap', records[61:], compression)
    expected, without = seen_at_runtime(manifest(), given)
    found, troubles = replay(tmp_path)
    assert len(expected) > 12 and without > 2
    assert_same(found, expected)
    often = [int(text.replace('once:', '1').split()[0]) for text in troubles]
    assert sum(often) == without
    actions = np.array([inputs['obs'][0, -2:] for inputs in found])
    assert not actions[0].any() and len(np.unique(actions, axis=0)) > 10
    assert len({inputs['h'].tobytes() for inputs in found}) > 10
    targets, measured = (np.array([inputs['obs'][0, places] for inputs in found])
                         for places in ([9, 10], [3, 2]))
    assert (targets[0] == measured[0]).all() and (targets[1:8] != measured[1:8]).all()


def test_a_model_that_is_fed_nothing_back_is_not_run(tmp_path):
    made = manifest(OBS[:3], recurrent={})

    class Idle(Model):

        def run(self, inputs):
            raise AssertionError('it was run')

    path = write(tmp_path / 'r.mcap', recorded(samples(30)))
    assert len(replay(path, made, model=Idle())[0]) == 6


def test_chunks_are_looked_for_at_their_own_rate(tmp_path):
    made = manifest(OBS[:3], recurrent={}, outputs={
        'action': {'kind': 'joint_delta', 'joints': JOINTS, 'chunk': 10}})
    path = write(tmp_path / 'r.mcap', recorded(samples(81)))
    assert len(replay(path, made)[0]) == 5      # 5 Hz


def test_a_pause_or_a_time_of_zero_is_passed_over(tmp_path):
    made, records = manifest(OBS[:3], recurrent={}), recorded(samples(30))
    early = [(0, *records[0][1:])]
    path = write(tmp_path / 'r.mcap', early + records)
    assert len(replay(path, made)[0]) == 6


def test_a_message_that_cannot_be_read_is_dropped_and_told(tmp_path):
    records = recorded(samples(40))
    bad = [(*record[:3], record[3][:30]) if record[1] == '/r1/imu' and 20 <= n < 24 else record
           for n, record in enumerate(records)]
    found, troubles = replay(write(tmp_path / 'r.mcap', bad))
    assert len(found) == 8
    assert any('2 times: /r1/imu: message dropped: message' in text for text in troubles)
    bad = [(*record[:3], record[3][:30]) if record[1] == '/r1/imu' else record
           for record in records]
    with pytest.raises(ConfigError, match='no observation.*/r1/imu: message dropped'):
        replay(write(tmp_path / 'r.mcap', bad))


def test_stamps_of_another_clock_are_told_and_a_recorded_clock_helps(tmp_path):
    given, away = samples(40), 3_600 * 1_000 * MS
    late = [(time_ns + away, *rest) for time_ns, *rest in recorded(given)]
    with pytest.raises(ConfigError, match='no observation.*--use-sim-time.*the age of inputs'):
        replay(write(tmp_path / 'r.mcap', late))
    clock = []
    for record in late:
        now = Clock()
        now.clock.sec, now.clock.nanosec = divmod(record[0] - away, 1_000 * MS)
        clock += [(record[0], '/clock', Clock, serialize_message(now)), record]
    found, _ = replay(write(tmp_path / 'r.mcap', clock))
    assert_same(found, seen_at_runtime(manifest(), given)[0])


def tree(n, prefix='r1/'):
    return write_transforms([Transform(START + n * 10 * MS, f'{prefix}base_link', f'{prefix}tool0',
                                       (0.1 * n, 0.0, 0.0))])


TOOL = [{'term': 'joint_position', 'joints': JOINTS},
        {'term': 'transform', 'child': 'tool0', 'parent': 'odom', 'field': 'position'}]


def test_frames_are_looked_up_in_the_recorded_tf(tmp_path):
    made = manifest(TOOL, recurrent={})
    static = write_transforms([Transform(START, 'r1/odom', 'r1/base_link', (0.0, 5.0, 0.0))])
    records = [(START, '/tf_static', TFMessage, static)]
    for n in range(30):
        state, = recorded(samples(n + 1)[2 * n:2 * n + 1])
        records += [(state[0] - 1, '/tf', TFMessage, tree(n)), state]
    path = write(tmp_path / 'r.mcap', records)
    found, _ = replay(path, made)
    places = np.array([inputs['obs'][0, 2:] for inputs in found])
    # looks are 0, 50, … ms after the first message, a transform arrives 1 ms after 0, 10, … ms
    np.testing.assert_allclose(places[:, 0], [0.4, 0.9, 1.4, 1.9, 2.4], atol=1e-6)
    assert (places[:, 1] == 5.0).all()
    with pytest.raises(ConfigError, match='no observation.*transform base_link -> tool0'):
        replay(path, manifest([TOOL[0], {**TOOL[1], 'parent': 'base_link'}], recurrent={}),
               Naming(frame_prefix=''))
    with pytest.raises(ConfigError, match='lacks /tf and /tf_static'):
        replay(write(tmp_path / 's.mcap', recorded(samples(3))), made)


def test_objects_are_read_with_the_prefix_of_the_robot(tmp_path):
    made = manifest([{'term': 'object_pose', 'class_id': 'cup', 'frame': 'base_link'}],
                    recurrent={}, outputs={'action': {'kind': 'joint_position', 'joints': JOINTS}})
    records = []
    for n in range(20):
        found = Objects(START + n * 10 * MS, 'base_link', (Object3D(
            'cup', 0.9, np.array((n, 2.0, 3.0)), np.array((1.0, 0, 0, 0)), np.full(3, 0.1)),))
        data = serialize_message(objects(found, 'r1/'))
        records.append((found.stamp_ns, '/r1/perception/objects', Detection3DArray, data))
    path = write(tmp_path / 'r.mcap', records)
    found, _ = replay(path, made)
    assert [inputs['obs'][0].tolist() for inputs in found] == [
        [n, 2.0, 3.0] for n in (0, 5, 10, 15)]
    with pytest.raises(ConfigError, match="no observation.*'r1/base_link'"):
        replay(path, made, Naming(frame_prefix=''))


def test_a_term_that_needs_the_task(tmp_path):
    made = manifest([{'term': 'joint_position', 'joints': JOINTS}], recurrent={}, inputs={
        'obs': [{'term': 'joint_position', 'joints': JOINTS}],
        'ids': [{'term': 'task_text', 'length': 4}]},
        tokenizer={'file': 'tokenizer.json', 'sha256': 'a' * 64})
    path = write(tmp_path / 'r.mcap', recorded(samples(3)))
    with pytest.raises(ConfigError, match=r'lacks /r1/task \(std_msgs/msg/String\).*--task'):
        replay(path, made)
    records = [(START, '/r1/task', String, serialize_message(String(data='pick')))]
    path = write(tmp_path / 's.mcap', records + recorded(samples(10)))
    bundle = SimpleNamespace(manifest=made, tokenizer_json=None)
    player = Replay(path, bundle, Model())
    player._assembler._tokenize = lambda text: [len(text)]
    assert next(player.observations())['ids'].tolist() == [[4, 0, 0, 0]]
