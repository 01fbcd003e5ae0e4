"""What Fast DDS leaves in shared memory, and how much of it each node takes."""
import fcntl
import os
from pathlib import Path
import re
import signal
import socket

from physai_ros.adapters import participant, shared_memory
from physai_ros.adapters.shared_memory import (
    choose_profile, NO_PICTURES, profile, READS_PICTURES, remove_orphans, SENDS_PICTURES)
from physai_ros.paths import share
import pytest

CONFIG = share() / 'config'


def segment(folder, name, age_s=60.0):
    """Write a segment with its lock file; return the lock."""
    (folder / name).write_bytes(b'data')
    lock = folder / f'{name}_el'
    lock.write_bytes(b'')
    stamp = lock.stat().st_mtime - age_s
    os.utime(lock, (stamp, stamp))
    return lock


def test_only_old_segments_without_an_owner_are_removed(tmp_path):
    segment(tmp_path, 'fastrtps_00dead')
    segment(tmp_path, 'fastrtps_0fresh', age_s=0.0)
    segment(tmp_path, 'fastrtps_port7411')
    lock = segment(tmp_path, 'fastrtps_00a11e')
    with open(lock) as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        remove_orphans(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        'fastrtps_00a11e', 'fastrtps_00a11e_el', 'fastrtps_0fresh', 'fastrtps_0fresh_el',
        'fastrtps_port7411', 'fastrtps_port7411_el']


@pytest.mark.parametrize('before, after', [
    (str(CONFIG / 'fastdds.xml'), str(CONFIG / 'fastdds_udp.xml')),
    ('/etc/mine.xml', '/etc/mine.xml'), ('', '')], ids=['ours', "the user's", 'none'])
def test_a_profile_of_the_user_is_left_alone(monkeypatch, before, after):
    monkeypatch.setenv(shared_memory.VARIABLE, before)
    monkeypatch.setenv(shared_memory.RANGE, 'LOCALHOST')
    choose_profile(NO_PICTURES)
    assert os.environ[shared_memory.VARIABLE] == after
    assert (os.environ[shared_memory.RANGE] == 'LOCALHOST') is (before == after)


def test_a_profile_that_one_node_takes_is_not_handed_on(monkeypatch):
    monkeypatch.setenv(shared_memory.VARIABLE, str(CONFIG / SENDS_PICTURES))
    monkeypatch.setenv(shared_memory.RANGE, 'LOCALHOST')
    with profile(NO_PICTURES):
        assert os.environ[shared_memory.VARIABLE] == str(CONFIG / NO_PICTURES)
        assert os.environ[shared_memory.RANGE] == 'SYSTEM_DEFAULT'
    assert os.environ[shared_memory.VARIABLE] == str(CONFIG / SENDS_PICTURES)
    assert os.environ[shared_memory.RANGE] == 'LOCALHOST'


def number_of(path):
    return int(re.search('<participantID>([0-9]+)</participantID>', path.read_text())[1])


def test_a_process_that_reads_pictures_has_a_participant_number_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(participant, '_held', [])
    numbers, small = [], CONFIG / READS_PICTURES
    for age_s in range(len(participant.NUMBERS)):
        path = participant.numbered(small, '7', tmp_path)
        numbers.append(number_of(path))
        assert path.read_text().count('<') == small.read_text().count('<') + 2
        os.utime(path, (1000 + age_s, 1000 + age_s))
    assert numbers == [*participant.NUMBERS]
    assert participant.numbered(small, '7', tmp_path) == small          # all are taken
    for place in (3, 1):
        os.close(participant._held[place])
    assert [number_of(participant.numbered(small, '7', tmp_path)) for _ in range(2)] == [
        numbers[1], numbers[3]]                                         # the oldest first


def test_a_number_that_was_held_for_long_is_not_the_oldest_when_it_is_given_back(
        monkeypatch, tmp_path):
    monkeypatch.setattr(participant, '_held', [])
    small, first = CONFIG / READS_PICTURES, participant.NUMBERS[0]
    assert number_of(participant.numbered(small, '7', tmp_path)) == first
    for number in participant.NUMBERS:
        path = tmp_path / f'physai_ros_7_{number}.xml'
        path.touch()
        os.utime(path, (1000 + number, 1000 + number))
    assert number_of(participant.numbered(small, '7', tmp_path)) == first + 1
    os.close(participant._held[0])
    assert number_of(participant.numbered(small, '7', tmp_path)) == first + 2


def test_a_number_whose_port_is_in_use_is_not_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(participant, '_held', [])
    first = participant.NUMBERS[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(('127.0.0.1', 7410 + 250 * 7 + 2 * first))
        assert number_of(participant.numbered(CONFIG / READS_PICTURES, '7', tmp_path)) == first + 1


def test_what_others_put_in_the_place_of_a_profile_is_not_followed(monkeypatch, tmp_path):
    monkeypatch.setattr(participant, '_held', [])
    target = tmp_path / 'theirs'
    target.write_text('theirs')
    (tmp_path / f'physai_ros_7_{participant.NUMBERS[0]}.xml').symlink_to(target)
    path = participant.numbered(CONFIG / READS_PICTURES, '7', tmp_path)
    assert number_of(path) == participant.NUMBERS[1] and target.read_text() == 'theirs'


def test_discovery_beyond_this_machine_is_left_alone(monkeypatch):
    monkeypatch.setenv(shared_memory.VARIABLE, str(CONFIG / SENDS_PICTURES))
    monkeypatch.setenv(shared_memory.RANGE, 'SUBNET')
    choose_profile(NO_PICTURES)
    assert os.environ[shared_memory.VARIABLE] == str(CONFIG / SENDS_PICTURES)


def test_the_profiles_differ_in_shared_memory_only():
    large, small, none = ((CONFIG / name).read_text().partition('-->')[2]
                          for name in (SENDS_PICTURES, READS_PICTURES, NO_PICTURES))
    assert large.replace('16777216', '1048576') == small != large
    first = small.index('    <transport_descriptor>')
    transport = small[first:small.index('      <transport_id>loopback')]
    user = '        <transport_id>shared_memory</transport_id>\n'
    assert small.replace(transport, '    <transport_descriptor>\n').replace(user, '') == none


def test_all_keep_to_loopback(graph):
    process = graph.start('command', '/r1')
    table = Path(f'/proc/{process.pid}/net/udp').read_text().splitlines()[1:]
    own = {os.readlink(link) for link in Path(f'/proc/{process.pid}/fd').iterdir()}
    bound = [row.split()[1] for row in table if f'socket:[{row.split()[9]}]' in own]
    assert bound and all(address.startswith('0100007F:') for address in bound)


def mapped(process):
    """Return the paths of the segments that a process has mapped."""
    found = set()
    with open(f'/proc/{process.pid}/maps') as maps:
        for line in maps:
            name = line.split()[-1]
            if name.startswith('/dev/shm/fastrtps_') and 'port' not in name:
                found.add(name)
    return found


def test_a_node_takes_little_and_what_a_killed_one_leaves_is_removed(graph):
    process = graph.start('perception', '/r1')
    sizes = {name: os.stat(name).st_size for name in mapped(process)}
    assert min(sizes.values()) < 3 << 20
    own = min(sizes, key=sizes.get)
    graph.end('r1/perception', signal.SIGKILL)
    assert os.path.exists(own)
    graph.spin(2.5)
    graph.start('perception', '/r1')
    assert not os.path.exists(own)


def test_what_keeps_a_robot_safe_shares_no_memory(graph):
    assert mapped(graph.start('command', '/r1')) == set()
