"""The set-up: what is due, one at a time, and what it says when it cannot go on."""
import io
import os
from pathlib import Path
import sys

from physai_ros.bootstrap import environment, headers, interfaces, steps, system
from physai_ros.bootstrap.console import Console, SetupError
from physai_ros.bootstrap.stamps import digest, exclusive, Stamps
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """Return a folder with the files that the steps' digests cover."""
    for name in ('requirements/base.txt', 'requirements/dev.txt', 'requirements/train.txt',
                 'config/interfaces.yaml', 'setup.py', 'setup.cfg'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.fixture
def done(checkout, monkeypatch):
    """Return the list of the actions done, in place of doing them; they leave an interpreter."""
    names = []

    def action(name):
        def act(shop):
            shop.python.parent.mkdir(parents=True, exist_ok=True)
            shop.python.touch()
            names.append(name)
        return act

    for name in ('make_venv', 'install_base', 'build_interfaces', 'install_package',
                 'install_dev', 'install_train'):
        monkeypatch.setattr(environment, name, action(name))
    monkeypatch.setattr(system, 'provide_packages', lambda *_: None)
    monkeypatch.setattr(system, 'check_space', lambda *_: None)
    return names


def set_up(root, **options):
    steps.set_up(Console(io.StringIO()), root=root, **options)


FRESH = ['make_venv', 'install_base', 'build_interfaces', 'install_package']


def test_a_bare_checkout_takes_all_steps_and_a_complete_one_none(checkout, done):
    set_up(checkout)
    set_up(checkout)
    assert done == FRESH


def test_the_tests_packages_come_on_top(checkout, done):
    set_up(checkout)
    set_up(checkout, dev=True)
    assert done == [*FRESH, 'install_dev']


@pytest.mark.parametrize('changed, again', [
    ('config/interfaces.yaml', ['build_interfaces']),
    ('setup.py', ['install_package']),
    ('requirements/base.txt', ['install_base', 'build_interfaces', 'install_package']),
])
def test_a_changed_file_repeats_what_rests_on_it(checkout, done, changed, again):
    set_up(checkout)
    (checkout / changed).write_text('changed')
    set_up(checkout)
    assert done == FRESH + again


def test_another_interpreter_begins_anew(checkout, done, monkeypatch):
    set_up(checkout)
    monkeypatch.setattr(environment, 'base_python', lambda: '/another/python3')
    set_up(checkout)
    assert done == FRESH * 2


def test_a_vanished_interpreter_begins_anew(checkout, done):
    set_up(checkout)
    (checkout / '.venv' / 'bin' / 'python').unlink()
    set_up(checkout)
    assert done == FRESH * 2


@pytest.mark.parametrize('interrupted, again', [
    ('install_base', FRESH),
    ('build_interfaces', ['build_interfaces', 'install_package']),
    ('install_package', ['install_package']),
])
def test_an_interrupted_step(checkout, done, monkeypatch, interrupted, again):
    def interrupt(shop):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, interrupted, interrupt)
        with pytest.raises(KeyboardInterrupt):
            set_up(checkout)
    done.clear()
    set_up(checkout)
    assert done == again


def test_a_second_set_up_is_refused_and_names_the_first(checkout, done):
    with exclusive(checkout / '.venv.lock'):
        with pytest.raises(SetupError, match=f'process {os.getpid()}'):
            set_up(checkout)
    set_up(checkout)
    assert done == FRESH


def test_an_unreadable_stamp_means_nothing_is_done(tmp_path):
    path = tmp_path / 'stamps.json'
    path.write_text('{"done": ')
    assert Stamps(path).read() == ({}, None)


def test_a_digest_tells_texts_apart_from_their_concatenation():
    assert digest('ab', 'c') != digest('a', 'bc')


def test_a_failed_tool_is_told_with_its_last_words(tmp_path):
    with pytest.raises(SetupError, match='(?s)exit code of .* is 3; expected 0.*no luck'):
        Console(io.StringIO()).run('trying', [sys.executable, '-c', 'print("no luck"); exit(3)'],
                                   tmp_path / 'log')


def test_interfaces_are_built_under_a_name_without_spaces(tmp_path):
    plain, spaced = tmp_path / 'venv', tmp_path / 'my robots' / 'venv'
    for prefix in (plain, spaced):
        prefix.mkdir(parents=True)
        with interfaces.without_spaces(prefix) as name:
            assert ' ' not in str(name) and name.samefile(prefix)
        assert prefix.is_dir()
    assert not name.exists()


def failing(shop, monkeypatch, *tools):
    """Replace the running of tools: those named fail; return the commands."""
    commands = []

    def run(title, *command):
        commands.append([str(word) for word in command])
        if any(tool in commands[-1][:3] for tool in tools):
            raise SetupError(f'failure of {title}')

    monkeypatch.setattr(shop, 'run', run)
    return commands


@pytest.fixture
def shop(tmp_path):
    return environment.Workshop(Console(io.StringIO()), tmp_path, 0)


def test_where_uv_cannot_install_pip_does_from_the_complete_lock(shop, monkeypatch):
    uv = str(shop.venv / 'bin' / 'uv')
    commands = failing(shop, monkeypatch, uv)
    shop.install('packages', '-r', 'base.txt')
    assert [command[0] for command in commands] == [uv, str(shop.python)]
    assert commands[1][1:] == ['-m', 'pip', 'install', '--no-deps', '-r', 'base.txt']


def test_where_neither_can_install_both_reasons_are_told(shop, monkeypatch):
    failing(shop, monkeypatch, str(shop.venv / 'bin' / 'uv'), 'pip')
    with pytest.raises(SetupError, match='(?s)failure of packages with pip.*failure of packages'):
        shop.install('packages', '-r', 'base.txt')


@pytest.mark.parametrize('name', ['base', 'dev', 'train', 'jazzy'])
def test_lock_files_name_one_version_and_hashes_of_each_package(name):
    text = (ROOT / 'requirements' / f'{name}.txt').read_text().replace('\\\n', ' ')
    for line in filter(None, text.splitlines()):
        assert '==' in line and '--hash=sha256:' in line, line


def test_too_little_space_is_told_in_gigabytes(tmp_path):
    with pytest.raises(SetupError, match=r'free disk space .* expected 1000000.0 GB'):
        system.check_space(tmp_path, 1e6)


def test_an_old_interpreter_is_refused(monkeypatch):
    monkeypatch.setattr(system.sys, 'version_info', (3, 9, 18))
    with pytest.raises(SetupError, match='expected 3.10 to 3.13'):
        system.check_platform()


def test_without_root_the_one_command_is_printed(monkeypatch, tmp_path):
    monkeypatch.setattr(system, 'missing_packages', lambda: {'g++': 'a C++ compiler'})
    monkeypatch.setattr(system.shutil, 'which', lambda name: f'/usr/bin/{name}')
    monkeypatch.setattr(system.os, 'geteuid', lambda: 1000)
    with pytest.raises(SetupError, match=r'a C\+\+ compiler.*sudo apt-get install .* g\+\+$'):
        system.provide_packages(Console(io.StringIO()), tmp_path / 'log', {})


def test_a_missing_compiler_is_noticed(monkeypatch):
    monkeypatch.setattr(system.shutil, 'which', lambda name: None)
    monkeypatch.setattr(system, '_runs', lambda code: True)
    assert set(system.missing_packages()) >= {'gcc', 'g++'}


def test_headers_are_mended_in_a_new_file(tmp_path):
    file = tmp_path / 'share' / 'std_msgs' / 'cmake' / 'export.cmake'
    file.parent.mkdir(parents=True)
    file.write_text('"/opt/python/cp311-cp311/include/python3.11;'
                    '/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy"')
    cached = tmp_path / 'cached'
    os.link(file, cached)
    headers.mend_headers(tmp_path)
    assert '/opt/python' not in file.read_text()
    assert f'{tmp_path}/lib/python' in file.read_text()
    assert '/opt/python' in cached.read_text()


def test_an_interface_package_has_its_definitions_as_given(tmp_path):
    package = yaml.safe_load((ROOT / 'config' / 'interfaces.yaml').read_text())['tf2_msgs']
    interfaces.write_package(tmp_path, 'tf2_msgs', package)
    assert ((tmp_path / 'msg' / 'TFMessage.msg').read_text()
            == 'geometry_msgs/TransformStamped[] transforms\n')
    assert '<depend>geometry_msgs</depend>' in (tmp_path / 'package.xml').read_text()
    assert ('rosidl_generate_interfaces(tf2_msgs msg/TFMessage.msg DEPENDENCIES geometry_msgs)'
            in (tmp_path / 'CMakeLists.txt').read_text())
