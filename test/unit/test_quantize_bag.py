"""Recordings of topics: which file, which robot; what is damaged, foreign or missing is told."""
from mcap.writer import CompressionType, Writer
from physai_ros.core.errors import ConfigError
from physai_ros.quantize.bag import Bag, is_bag, ZSTD
from physai_ros.quantize.topics import match, Naming
import pytest

STATE, IMU = 'sensor_msgs/msg/JointState', 'sensor_msgs/msg/Imu'
WANTED = {'joint_states': STATE, 'imu': IMU}


def write(path, records, compression=CompressionType.ZSTD, encoding='cdr'):
    """
    Write an MCAP file.

    :param records: (topic, type, time ns, bytes)
    """
    with path.open('wb') as file:
        writer = Writer(file, compression=compression)
        writer.start('ros2', 'test')
        channels = {}
        for topic, kind, time_ns, data in records:
            if topic not in channels:
                schema = writer.register_schema(kind, 'ros2msg', b'')
                channels[topic] = writer.register_channel(topic, encoding, schema)
            writer.add_message(channels[topic], time_ns, data, time_ns)
        writer.finish()
    return path


def records(times, topic='/a'):
    return [(topic, STATE, time, b'\0\1\0\0' + bytes([time])) for time in times]


@pytest.mark.parametrize('compression', CompressionType)
def test_the_files_of_a_folder_are_merged_by_time(tmp_path, compression):
    write(tmp_path / 'x_0.mcap', records([5, 1, 3]) + records([2], '/b'), compression)
    write(tmp_path / 'x_1.mcap', records([4, 6, 2]), compression)
    bag = Bag(tmp_path)
    assert bag.types == {'/a': STATE, '/b': STATE}
    assert [(time, data[4]) for _, time, data in bag.messages(['/a'])] == [
        (n, n) for n in (1, 2, 3, 4, 5, 6)]
    assert len(list(bag.messages(['/a', '/b']))) == 7
    (tmp_path / 'metadata.yaml').write_text('rosbag2_bagfile_information: {}')
    assert Bag(tmp_path / 'metadata.yaml').types == bag.types


def test_a_file_that_is_cut_off_or_damaged_is_refused(tmp_path):
    whole = write(tmp_path / 'whole.mcap', records(range(1, 200))).read_bytes()
    cut = tmp_path / 'cut.mcap'
    for size in (9, 100, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        with pytest.raises(ConfigError, match='cut.mcap; expected a complete .*mcap recover'):
            list(Bag(cut).messages(['/a']))
    refused = 0
    for place in range(8, len(whole) - 8, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0x5a
        cut.write_bytes(damaged)
        try:
            list(Bag(cut).messages(['/a']))
        except ConfigError as error:
            refused += 1
            assert 'cut.mcap' in str(error)
    assert refused > 10


def test_what_is_no_recording_is_refused(tmp_path):
    def refused(path):
        with pytest.raises(ConfigError) as error:
            Bag(path)
        return str(error.value)
    assert 'expected a file that can be read. No such file' in refused(tmp_path / 'none.mcap')
    assert 'expected a folder with .mcap files' in refused(tmp_path)
    (tmp_path / 'bag_0.db3').write_bytes(b'SQLite format 3\0')
    assert 'sqlite3' in refused(tmp_path) and 'ros2 bag convert' in refused(tmp_path)
    assert 'ros2 bag convert' in refused(tmp_path / 'bag_0.db3')
    (tmp_path / 'bag_0.db3').unlink()
    (tmp_path / 'bag_0.mcap.zstd').write_bytes(ZSTD)
    assert 'not compressed as a whole' in refused(tmp_path)
    (tmp_path / 'x.mcap').write_text('something of 16 bytes or more')
    assert 'expected an MCAP file' in refused(tmp_path / 'x.mcap')
    write(tmp_path / 'y.mcap', records([1]), encoding='protobuf')
    assert "the encoding of /a is 'protobuf'; expected cdr" in refused(tmp_path / 'y.mcap')


def test_messages_that_are_compressed_one_by_one_are_refused(tmp_path):
    write(tmp_path / 'x.mcap', [('/a', STATE, 1, b'\x28\xb5\x2f\xfd')])
    with pytest.raises(ConfigError, match='messages of /a.*one by one.*ros2 bag convert'):
        list(Bag(tmp_path / 'x.mcap').messages(['/a']))


def test_a_recording_is_told_from_an_array_file(tmp_path):
    nameless = write(tmp_path / 'x', records([1]))
    assert is_bag(nameless) and is_bag(tmp_path) and is_bag('none.mcap') and is_bag('x.db3')
    assert not is_bag(tmp_path / 'x.npz')


def robots(*namespaces):
    return {f'{space}/{topic}': kind for space in namespaces for topic, kind in WANTED.items()}


@pytest.mark.parametrize('naming, namespace', [
    (Naming(), '/r1'), (Naming('r1'), '/r1'), (Naming('/r1/'), '/r1')])
def test_topics_are_found_below_the_namespace_that_has_them_all(naming, namespace):
    recorded = {**robots('/r1'), '/other/imu': IMU, '/imu': IMU}
    assert match(WANTED, recorded, naming, 'x') == (
        namespace, {'/r1/joint_states': 'joint_states', '/r1/imu': 'imu'})


def test_topics_without_namespace_and_with_other_names():
    assert match(WANTED, robots(''), Naming(), 'x')[0] == ''
    recorded = {'/r1/state': STATE, '/sensor/imu': IMU, '/r2/state/raw': STATE}
    naming = Naming(remap={'imu': '/sensor/imu', 'joint_states': 'state'})
    assert match(WANTED, recorded, naming, 'x') == (
        '/r1', {'/r1/state': 'joint_states', '/sensor/imu': 'imu'})


def test_of_several_robots_one_is_named():
    recorded = robots('/r1', '/r2')
    with pytest.raises(ConfigError, match=r"\['/r1', '/r2'\]; expected one. Say --namespace"):
        match(WANTED, recorded, Naming(), 'x')
    assert match(WANTED, recorded, Naming('r2'), 'x')[0] == '/r2'


@pytest.mark.parametrize('recorded, naming, words', [
    ({'/r1/joint_states': STATE, '/r1/tf': 'T'}, Naming(),
     r'recording lacks /r1/imu \(sensor_msgs/msg/Imu\); .* below /r1; it has '
     r'/r1/joint_states \(sensor_msgs/msg/JointState\), /r1/tf \(T\).*--remap imu:=/TOPIC'),
    ({}, Naming(), r'lacks /joint_states .*, /imu .*it has no messages'),
    (robots('/r1'), Naming('r2'), 'lacks /r2/joint_states'),
    (robots('/r1'), Naming(remap={'imu': '/x'}), r'lacks /x \(sensor_msgs/msg/Imu\)'),
    (robots('/r1'), Naming(remap={'inu': '/x'}), "--remap is 'inu'; expected a topic of the man"),
    ({**robots('/r1'), '/r1/imu': STATE}, Naming(),
     "the type of /r1/imu is 'sensor_msgs/msg/JointState'; expected sensor_msgs/msg/Imu"),
    ({**robots('/r1'), '/r1/imu': ''}, Naming(), "the type of /r1/imu is ''"),
])
def test_what_is_missing_is_named_and_what_there_is(recorded, naming, words):
    with pytest.raises(ConfigError, match=words):
        match(WANTED, recorded, naming, 'recording')
