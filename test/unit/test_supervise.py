"""The supervisor with small processes, the run's folders, and the domain lock. No ROS."""
import ast
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import threading
import time
import types

from physai_ros.core.errors import ConfigError
from physai_ros.supervise import domain, runs
from physai_ros.supervise.daemon import configuration, Daemon, Program, Seed
from physai_ros.supervise.prefork import command
from physai_ros.supervise.processes import age_s, sibling
from physai_ros.supervise.watchdog import Watchdog
import pytest

PAUSE = threading.Event()
SLEEPER = (sys.executable, '-S', '-c', 'import signal; signal.pause()')
STUBBORN = (sys.executable, '-S', '-c',
            'import signal; signal.signal(signal.SIGTERM, lambda *_: None); '
            '[signal.pause() for _ in range(9)]')
OWNER = """
import os, sys, time
from pathlib import Path
from physai_ros.supervise.daemon import Daemon, Program
private, logs = Path(sys.argv[1]), Path(sys.argv[2])
daemon = Daemon([Program('one', sys.argv[3:])], private, logs)
daemon.start(os.environ)
daemon.wait_ready()
while not daemon.states()['one'].pid:
    time.sleep(0.02)
print(daemon.states()['one'].pid, flush=True)
time.sleep(60)
"""
STARTED = """
from physai_ros.supervise.child import end_with_starter
end_with_starter()
import signal
print(signal.getsignal(signal.SIGINT) is signal.SIG_DFL, flush=True)
signal.pause()
"""
STARTS = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE,
                         env={**os.environ, 'PHYSAI_SUPERVISED': str(os.getpid())})
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def wait_for(condition, timeout_s=5.0):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        PAUSE.wait(0.02)
    raise AssertionError(f'not within {timeout_s} s')


def alive(pid):
    stat = Path(f'/proc/{pid}/stat')
    try:
        return stat.read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


@pytest.fixture
def folders(tmp_path):
    private = Path(subprocess.check_output(['mktemp', '-d'], text=True).strip())
    logs = tmp_path / 'logs with 100% space'
    logs.mkdir()
    yield private, logs
    shutil.rmtree(private)


def running(daemon, name):
    return wait_for(lambda: daemon.states().get(name, types.SimpleNamespace(pid=0)).pid)


def test_a_killed_program_comes_back_and_stop_leaves_nothing(folders):
    daemon = Daemon([Program('one', SLEEPER), Program('honda1.two', SLEEPER)], *folders)
    daemon.start(os.environ)
    daemon.wait_ready()
    first, other = running(daemon, 'one'), running(daemon, 'honda1.two')
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: running(daemon, 'one') not in (0, first)
                      and running(daemon, 'one'))
    assert alive(second)
    assert daemon.stop(5.0)
    assert not daemon.running
    assert not any(alive(pid) for pid in (first, second, other))


def test_what_does_not_stop_is_killed(folders):
    daemon = Daemon([Program('one', STUBBORN)], *folders)
    daemon.start(os.environ)
    daemon.wait_ready()
    pid = running(daemon, 'one')
    before = time.monotonic()
    assert not daemon.stop(5.0, impatient=lambda: True)
    assert time.monotonic() - before < 1.0
    assert not alive(pid)


def test_nothing_survives_the_death_of_the_owner(folders):
    owner = subprocess.Popen([sys.executable, '-c', OWNER, *map(str, folders), *SLEEPER],
                             stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    assert alive(pid)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    wait_for(lambda: not alive(pid))


def test_a_started_process_ends_when_its_starter_is_killed():
    starter = subprocess.Popen([sys.executable, '-c', STARTS, STARTED], stdout=subprocess.PIPE)
    child = int(starter.stdout.readline())
    assert alive(child)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    wait_for(lambda: not alive(child))


def test_a_process_whose_starter_is_gone_does_not_begin():
    gone = subprocess.Popen([sys.executable, '-S', '-c', ''])
    gone.wait()
    said = subprocess.run(
        [sys.executable, '-c', STARTED], capture_output=True, text=True, timeout=20,
        env={**os.environ, 'PHYSAI_SUPERVISED': str(gone.pid)})
    assert (said.returncode, said.stdout, said.stderr) == (0, '', '')


def test_a_supervisor_that_cannot_start_says_why(folders):
    private, logs = folders
    daemon = Daemon([Program('one', SLEEPER)], private / 'missing', logs)
    daemon.start(os.environ)
    with pytest.raises(ConfigError, match='process supervisor'):
        daemon.wait_ready()
    daemon.stop(1.0)


def test_a_node_that_cannot_be_loaded_says_why(folders):
    node = (sys.executable, '-m', 'physai_ros.nodes.none_such_node')
    daemon = Daemon([Program('one', node, respawn=False)], *folders)
    daemon.start(os.environ)
    daemon.wait_ready()
    log = folders[1] / 'one.log'
    wait_for(lambda: log.exists() and "No module named 'physai_ros.nodes.none_such_node'"
             in log.read_text(), 20.0)
    wait_for(lambda: 'exit status 1' in (folders[1] / 'supervisord.log').read_text())
    assert daemon.stop(5.0)


def test_a_fork_is_seen_by_the_arguments_of_its_node():
    given = [sys.executable, '-m', 'physai_ros.nodes.none', '-r', '__ns:=/a', 'é']
    shown = subprocess.check_output([
        sys.executable, '-c', 'import sys\n'
        'from physai_ros.supervise.prefork import show_as\n'
        'show_as(sys.argv[2:])\n'
        'print(repr(open("/proc/self/cmdline").read().rstrip("\\0").split("\\0")))',
        ' ' * 500, *given], text=True)
    assert ast.literal_eval(shown) == given


def test_without_an_order_nothing_is_started():
    ended = subprocess.run(command(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b'', b'')


def test_a_seed_that_is_not_needed_leaves_nothing():
    seed = Seed(os.environ)
    seed.discard()
    seed.discard()
    with pytest.raises(ProcessLookupError):
        os.kill(seed.pid, 0)


def test_commands_with_spaces_and_percent_signs_survive_the_configuration():
    text = configuration([Program('a', ('/opt/my python', '-c', '50%'))], Path('/p'))
    assert "command = '/opt/my python' -c 50%%\n" in text


@pytest.mark.parametrize('text, number', [(None, 0), ('', 0), ('42', 42), (232, 232)])
def test_domains(text, number):
    assert domain.parse(text) == number


@pytest.mark.parametrize('text', ['233', '-1', 'abc', '1.5'])
def test_domains_that_dds_does_not_have(text):
    with pytest.raises(ConfigError, match='a number from 0 to 232'):
        domain.parse(text)


def test_a_domain_is_held_once_and_its_holder_is_named():
    lock = domain.DomainLock(1063)
    with pytest.raises(ConfigError, match=f'1063.*Stop process {os.getpid()}'):
        domain.DomainLock(1063)
    lock.release()
    domain.DomainLock(1063).release()


def test_a_robot_is_held_once_on_a_domain():
    lock = domain.DomainLock(1064, 'r1')
    with pytest.raises(ConfigError, match=f'robot r1 on ROS domain 1064.*process {os.getpid()}'):
        domain.DomainLock(1064, 'r1')
    domain.DomainLock(1064, 'r2').release()
    domain.DomainLock(1065, 'r1').release()
    lock.release()


def test_logs_of_the_last_runs_and_of_running_ones_stay(tmp_path):
    root = tmp_path / 'physai'
    for name in ('1', '2', '3', '4'):
        (root / name).mkdir(parents=True)
        (root / name / runs.LOCK).touch()
    (root / 'something else').mkdir()
    handle = runs._locked(root / '1')
    runs.prune(root, 2)
    os.close(handle)
    assert sorted(p.name for p in root.iterdir()) == ['1', '3', '4', 'something else']


def test_a_run_has_logs_where_ros_has_them_and_a_private_folder(tmp_path):
    run = runs.Run({'ROS_LOG_DIR': str(tmp_path)})
    assert run.logs.parent == tmp_path / 'physai'
    assert run.private.stat().st_mode & 0o777 == 0o700
    run.close()
    assert run.logs.is_dir()
    assert not run.private.exists()


def test_log_root_follows_ros():
    assert runs.log_root({'ROS_HOME': '/r'}) == Path('/r/log/physai')
    assert runs.log_root({}) == Path.home() / '.ros/log/physai'


def test_logs_that_cannot_be_written(tmp_path):
    file = tmp_path / 'file'
    file.touch()
    with pytest.raises(ConfigError, match='set ROS_LOG_DIR'):
        runs.Run({'ROS_LOG_DIR': str(file)})


@pytest.mark.parametrize('free_mib, told', [(20, True), (26, False)])
def test_too_little_shared_memory_is_told(monkeypatch, free_mib, told):
    monkeypatch.setattr(runs.shutil, 'disk_usage',
                        lambda path: types.SimpleNamespace(free=free_mib * 1024 ** 2))
    assert bool(runs.shared_memory_warning(11)) is told


def test_a_full_disk_is_told_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(runs.shutil, 'disk_usage',
                        lambda path: types.SimpleNamespace(free=99 * 1024 ** 2))
    monkeypatch.setattr(runs.tempfile, 'tempdir', str(tmp_path))
    with pytest.raises(ConfigError, match="'99 MiB'; expected at least 100 MiB"):
        runs.Run({'ROS_LOG_DIR': str(tmp_path / 'logs')})
    assert list(tmp_path.iterdir()) == [tmp_path / 'logs']


def test_the_age_of_a_process_includes_the_start_of_its_interpreter():
    code = 'from physai_ros.supervise.processes import age_s; import os; print(age_s(os.getpid()))'
    before = time.monotonic()
    out = subprocess.check_output([sys.executable, '-c', code], text=True)
    assert 0.0 < float(out) <= time.monotonic() - before + 0.02
    assert age_s(os.getpid()) > float(out)


class Pack:
    """A supervisor of one process, and a clock."""

    def __init__(self):
        self.now_s, self.pid, self.ended = 100.0, 7, []
        self.dog = Watchdog(self, ['sim'], clock=lambda: self.now_s)

    def states(self):
        return {'sim': types.SimpleNamespace(pid=self.pid)}

    def kill(self, name):
        self.ended.append(name)

    def wait(self, seconds, heard_s=None, step_s=0.5):
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += step_s
            self.dog.look({'sim': heard_s or self.now_s})


def test_what_reported_and_falls_silent_is_ended():
    pack = Pack()
    pack.wait(5.0)
    pack.wait(4.0, heard_s=105.0)
    assert pack.ended == []
    pack.wait(0.5, heard_s=105.0)
    assert pack.ended == ['sim']


def test_a_new_process_has_time_until_its_first_report():
    pack = Pack()
    pack.wait(5.0)
    pack.pid = 8
    pack.wait(60.0, heard_s=105.0)
    assert pack.ended == []


def test_who_did_not_look_blames_nobody():
    pack = Pack()
    pack.wait(5.0)
    pack.wait(60.0, heard_s=105.0, step_s=60.0)
    pack.wait(4.0, heard_s=105.0)
    assert pack.ended == []


def test_a_sibling_is_found_by_name_and_namespace():
    names = ['--ros-args', '-r', '__node:=policy', '-r', '__ns:=/a']
    process = subprocess.Popen([*SLEEPER, *names])
    child = [sys.executable, '-c', 'import sys\n'
             'from physai_ros.supervise.processes import sibling\n'
             'print(sibling(*sys.argv[1:3]))']
    try:
        def found(*arguments):
            return subprocess.check_output([*child, *arguments], text=True).strip()
        assert found('policy', '/a') == str(process.pid)
        assert found('policy', '/b') == found('command', '/a') == 'None'
        assert sibling('policy', '/a') is None  # our child, not our sibling
    finally:
        process.kill()
        process.wait()
