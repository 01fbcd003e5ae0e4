"""The black box keeps the last seconds and writes them without being waited for."""
import io
import json
import subprocess
import threading

from physai_ros.blackbox import read
from physai_ros.blackbox.box import Box, default_folder
from physai_ros.blackbox.dump import HEAD, rotate, write
from physai_ros.blackbox.ring import Ring
from physai_ros.core.errors import ConfigError
import pytest

S = 1_000_000_000
LONG_S = 100.0


def ring(seconds=5, size=100_000):
    made = Ring(seconds * S, size)
    made.channel('state', 'std_msgs/msg/String', 'string data')
    return made


def test_the_ring_keeps_the_last_seconds():
    kept = ring(5)
    for k in range(100):
        kept.add(0, k * S // 10, bytes([k]))
    assert [data[0] for _, _, data in kept.records()] == list(range(49, 100))


def test_the_ring_keeps_to_its_size():
    kept = ring(5, 1000)
    for k in range(100):
        kept.add(0, k, bytes(300))
    assert len(kept.records()) == 3
    kept.add(0, 100, bytes(2000))
    assert kept.records() == []


def test_what_is_written_is_what_was_recorded(tmp_path):
    kept = ring()
    for k in range(250):
        kept.add(0, k, json.dumps(k).encode())
    box = Box(kept, tmp_path / 'new' / 'folder', 5, 10 ** 9)
    assert box.save('one', {'robot': 'r2'})
    box.wait(LONG_S)
    assert box.problem == '' and box.saved == tmp_path / 'new' / 'folder' / 'one.mcap'
    found = list(read.messages(box.saved))
    assert found == [('state', k, json.dumps(k).encode()) for k in range(250)]
    assert read.metadata(box.saved) == {'robot': 'r2'}
    assert [f.name for f in box.saved.parent.iterdir()] == ['one.mcap']


class Slow:
    """Has each file begin only when it is told to."""

    def __init__(self, monkeypatch):
        self.begun, self._go, run = [], threading.Semaphore(0), subprocess.Popen

        def start(*given, **more):
            self.begun.append(given)
            self._go.acquire()
            return run(*given, **more)
        monkeypatch.setattr(subprocess, 'Popen', start)
        self.go = self._go.release


def test_a_fault_while_an_earlier_file_is_written_has_its_own(tmp_path, monkeypatch):
    kept, slow = ring(), Slow(monkeypatch)
    box = Box(kept, tmp_path, 5, 10 ** 9)
    for k, (name, taken) in enumerate((('one', True), ('two', True), ('three', False))):
        kept.add(0, k, name.encode())
        assert box.save(name, {'fault': name}) is taken
    kept.add(0, 9, b'later')
    assert not box.wait(0.2) and len(slow.begun) == 1, 'one after the other'
    for _ in range(2):
        slow.go()
    assert box.wait(LONG_S)
    assert sorted(file.name for file in tmp_path.iterdir()) == ['one.mcap', 'two.mcap']
    assert [data for _, _, data in read.messages(tmp_path / 'one.mcap')] == [b'one']
    assert [data for _, _, data in read.messages(tmp_path / 'two.mcap')] == [b'one', b'two']
    assert read.metadata(tmp_path / 'two.mcap') == {'fault': 'two'}
    slow.go()
    assert box.save('four', {}) and box.wait(LONG_S) and box.saved == tmp_path / 'four.mcap'


@pytest.mark.parametrize('cut', [0, 1, 3 * (HEAD.size + 4), 4 * (HEAD.size + 4) - 1])
def test_a_file_whose_sender_ended_too_early_says_so(tmp_path, cut):
    plan = {'path': str(tmp_path / 'a.b.mcap'), 'metadata': {'robot': 'r2'}, 'count': 4,
            'channels': [('state', 'std_msgs/msg/String', 'string data')]}
    whole = b''.join(HEAD.pack(0, k, 4) + b'data' for k in range(4))
    write(io.BytesIO(whole), plan)
    write(io.BytesIO(whole[:cut]), plan)
    complete, short = tmp_path / 'a.b.mcap', tmp_path / 'a.b_incomplete.mcap'
    assert sorted(tmp_path.iterdir()) == sorted([complete, short])
    assert read.missing(complete) == '' and len(list(read.messages(complete))) == 4
    came = cut // (HEAD.size + 4)
    assert len(list(read.messages(short))) == came
    assert read.metadata(short) == {'robot': 'r2'}
    assert read.missing(short) == f'{came} of 4 messages, the last ones are missing'


def test_a_disk_that_cannot_be_written_is_told_and_nothing_else_happens(tmp_path):
    (tmp_path / 'file').write_text('')
    box = Box(ring(), tmp_path / 'file', 5, 10 ** 9)
    assert box.save('one', {})
    box.wait(LONG_S)
    assert box.saved is None and 'file' in box.problem


def test_the_oldest_files_go(tmp_path):
    import os
    for k in range(6):
        file = tmp_path / f'{k}.mcap'
        file.write_bytes(bytes(100))
        os.utime(file, (k, k))
    rotate(tmp_path, 4, 10 ** 6)
    assert sorted(f.stem for f in tmp_path.iterdir()) == ['2', '3', '4', '5']
    rotate(tmp_path, 4, 250)
    assert sorted(f.stem for f in tmp_path.iterdir()) == ['4', '5']


def test_a_file_that_is_none_is_told(tmp_path):
    (tmp_path / 'x.mcap').write_bytes(b'nothing of the kind')
    with pytest.raises(ConfigError, match='a complete MCAP file'):
        read.metadata(tmp_path / 'x.mcap')
    with pytest.raises(ConfigError, match='can be read'):
        read.metadata(tmp_path / 'y.mcap')


def test_the_folder_follows_ros_home(monkeypatch, tmp_path):
    monkeypatch.setenv('ROS_HOME', str(tmp_path))
    assert default_folder() == tmp_path / 'physai' / 'blackbox'
    monkeypatch.delenv('ROS_HOME')
    monkeypatch.setenv('HOME', '/home/me')
    assert str(default_folder()) == '/home/me/.ros/physai/blackbox'
