"""The production launch file, run by the real launch system."""
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import threading
import time

from physai_ros.paths import share
import pytest

launch_pytest = pytest.importorskip(
    'launch_pytest', reason='launch_pytest comes with a ROS installation, not from PyPI')
launch = pytest.importorskip('launch', reason='launch comes with a ROS installation')
pytest.importorskip('launch_ros', reason='launch_ros comes with a ROS installation')

DOMAIN = 47
ROBOTS = ('honda1', 'sony1')
DEADLINE_S = 60.0
NODES = 11
LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
service = LaunchService(noninteractive=True)
service.include_launch_description(LaunchDescription([IncludeLaunchDescription(
    sys.argv[1], launch_arguments=[('fleet', sys.argv[2])])]))
sys.exit(service.run())
"""
FILE = share() / 'launch' / 'bringup.launch.py'


@launch_pytest.fixture
def default_fleet():
    return launch.LaunchDescription([
        launch.actions.SetEnvironmentVariable('ROS_DOMAIN_ID', str(DOMAIN)),
        launch.actions.IncludeLaunchDescription(str(FILE))])


@pytest.mark.launch(fixture=default_fleet)
def test_every_node_of_the_default_fleet_becomes_active():
    from physai_ros.cli.monitor import Monitor
    monitor = Monitor(DOMAIN)
    try:
        said, pause, end_s = {}, threading.Event(), time.monotonic() + DEADLINE_S
        while set(said.values()) != {'all nodes are active'} and time.monotonic() < end_s:
            pause.wait(0.2)
            monitor.look()
            statuses = {robot: monitor.status(f'/{robot}/manager') for robot in ROBOTS}
            said = {robot: status and status.message for robot, status in statuses.items()}
        assert said == dict.fromkeys(ROBOTS, 'all nodes are active')
    finally:
        monitor.close()


def test_a_fleet_that_cannot_be_started_fails_clearly(tmp_path):
    file = tmp_path / 'fleet.yaml'
    file.write_text('robots:\n  a: {profile: nothing, bundle: nothing}\n')
    done = subprocess.run([sys.executable, '-c', LAUNCH, str(FILE), str(file)],
                          capture_output=True, text=True, timeout=DEADLINE_S)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "a: profile is 'nothing'" in said
    assert "a: bundle is 'nothing'" in said
    assert 'process started' not in said


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGKILL])
def test_nodes_end_with_a_launch_that_cannot_end_them(number):
    service = subprocess.Popen(
        [sys.executable, '-c', LAUNCH, str(FILE), str(share() / 'config' / 'fleet.yaml')],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, 'ROS_DOMAIN_ID': str(DOMAIN)})
    nodes = []
    for line in service.stdout:
        nodes += map(int, re.findall(r'process started with pid \[(\d+)\]', line))
        if len(nodes) == NODES:
            break
    service.send_signal(number)
    service.stdout.close()
    assert service.wait(DEADLINE_S) != 0
    pause, end_s = threading.Event(), time.monotonic() + DEADLINE_S
    while (left := list(filter(runs, nodes))) and time.monotonic() < end_s:
        pause.wait(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert len(nodes) == NODES and not left


def runs(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def test_every_argument_is_described_and_switches_are_choices():
    source = launch.launch_description_sources.PythonLaunchDescriptionSource(str(FILE))
    description = source.get_launch_description(launch.LaunchContext())
    arguments = {argument.name: argument for argument in description.get_launch_arguments()}
    assert set(arguments) == {'fleet', 'robots', 'use_sim', 'use_sim_time', 'viewer', 'realtime',
                              'seed',
                              'rviz'}
    assert all(argument.description for argument in arguments.values())
    for name in ('use_sim', 'use_sim_time', 'viewer', 'rviz'):
        assert set(arguments[name].choices) == {'true', 'false'}
