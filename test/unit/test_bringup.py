"""A fleet file becomes node specs; whatever is wrong in it is told at once, before a start."""
from pathlib import Path
import socket
import subprocess
import sys

from fleets import DOG, entry, options, problems, write_bundle, write_profile
from physai_ros import bringup
from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
import pytest
import yaml


@pytest.fixture
def dog(tmp_path):
    """Return the fleet entry of a robot with a base and no arm."""
    return entry(tmp_path)


def test_a_robot_has_its_nodes_in_its_namespace(tmp_path, dog):
    specs = bringup.graph(options(tmp_path, {'a': dog})).specs
    assert [spec.full_name for spec in specs] == [
        '/sim', '/a/state_publisher', '/a/policy', '/a/command', '/a/manager']
    assert [spec.process for spec in specs][:2] == ['sim', 'a.state_publisher']
    assert [spec.name for spec in specs if spec.managed] == [
        'state_publisher', 'policy', 'command']
    manager = specs[-1].parameters
    assert manager['nodes'] == ['state_publisher', 'policy', 'command']
    assert manager['profile'] == specs[-2].parameters['profile']
    assert manager['frame_prefix'] == 'a/'


def test_real_time_is_for_those_who_stop_the_robot(tmp_path, dog):
    specs = bringup.graph(options(tmp_path, {'a': dog}, realtime='true')).specs
    assert [spec.name for spec in specs
            if spec.parameters.get('scheduling.fifo_priority')] == ['command', 'manager']
    specs = bringup.graph(options(tmp_path, {'a': dog})).specs
    assert not any('scheduling.fifo_priority' in spec.parameters for spec in specs)


def test_the_simulator_gets_the_chosen_robots_and_the_seed(tmp_path, dog):
    chosen = options(tmp_path, {'a': {**dog}, 'b': {**dog}, 'c': {**dog}}, robots='c, a', seed='7')
    graph = bringup.graph(chosen)
    sim = graph.specs[0]
    assert sim.parameters['robots'] == ['a', 'c']
    assert sim.parameters['seed'] == 7
    assert sim.parameters['fleet'] == str(tmp_path / 'fleet.yaml')
    assert graph.commands == {name: {f'/{name}/cmd_vel': 'geometry_msgs/msg/TwistStamped'}
                              for name in 'ac'}


def test_the_viewer_shows_the_cell_and_each_camera(tmp_path, dog):
    graph = bringup.graph(options(tmp_path, {'a': dog}, viewer='true'))
    assert graph.specs[0].parameters['viewer'] is True
    assert graph.specs[-1].full_name == '/viewer' and not graph.specs[-1].managed
    assert graph.specs[-1].parameters['topics'] == [
        'sim/overview/image_raw', 'a/head_camera/image_raw']
    blind = {**dog, 'profile': write_profile(tmp_path / 'blind.yaml', camera=None)}
    graph = bringup.graph(options(tmp_path, {'a': blind}, viewer='true'))
    assert graph.specs[-1].parameters['topics'] == ['sim/overview/image_raw']
    seen = bringup.graph(bringup.Options.read({'viewer': 'true'})).specs[-1].parameters['topics']
    assert seen[1:] == ['honda1/perception/image_annotated', 'sony1/perception/image_annotated']


def test_the_viewer_of_real_robots_has_no_cell_to_show(tmp_path, dog):
    content = yaml.safe_dump({'robots': {'a': dog}, 'require_signature': False})
    graph = bringup.graph(options(tmp_path, content, viewer='true', use_sim='false'))
    assert graph.specs[-1].parameters['topics'] == ['a/head_camera/image_raw']


def test_a_taken_port_of_the_viewer_is_told_before_anything_starts(monkeypatch):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        monkeypatch.setattr(bringup, 'VIEWER_PORT', taken.getsockname()[1])
        with pytest.raises(ConfigError, match='port of the viewer is'):
            bringup.require_viewer_port(bringup.Options.read({'viewer': 'true'}))
        bringup.require_viewer_port(bringup.Options.read({}))
    bringup.require_viewer_port(bringup.Options.read({'viewer': 'true'}))


@pytest.mark.parametrize('use_sim, engage', [('true', True), ('false', False)])
def test_only_simulated_robots_are_engaged_by_themselves(tmp_path, dog, use_sim, engage):
    content = yaml.safe_dump({'robots': {'a': dog}, 'require_signature': False})
    specs = bringup.graph(options(tmp_path, content, use_sim=use_sim)).specs
    command, = (spec for spec in specs if spec.name == 'command')
    assert command.parameters['engage_on_activate'] is engage
    assert any(spec.name == 'sim' for spec in specs) is engage


@pytest.mark.parametrize('name', ['usesim', 'use-sim', 'Use_Sim', 'use_simtime'])
def test_an_argument_that_is_misspelt_starts_nothing(name):
    with pytest.raises(ConfigError, match=f"launch argument is '{name}'; expected use_sim"):
        bringup.require_spelt(['fleet', name])


def test_arguments_of_other_launch_files_are_none_of_ours():
    bringup.require_spelt(['rviz', 'robot', 'simulation', 'use_sim', 'sigterm_timeout'])


@pytest.mark.parametrize('said, use_sim, required', [
    (None, 'true', False), (None, 'false', True), (True, 'true', True), (False, 'false', False)])
def test_real_robots_need_signed_bundles(tmp_path, dog, said, use_sim, required):
    content = yaml.safe_dump({'robots': {'a': dog}, 'trusted_keys': ['keys/site.pub'],
                              'require_signature': said})
    given = options(tmp_path, content, use_sim=use_sim)
    if required:
        with pytest.raises(ConfigError, match='a: bundle still has no signature'):
            bringup.graph(given)
        return
    policy, = (spec for spec in bringup.graph(given).specs if spec.name == 'policy')
    assert policy.parameters['require_signature'] is False
    assert policy.parameters['trusted_keys'] == [str(tmp_path / 'keys/site.pub')]


def test_simulated_time_reaches_every_node_of_a_robot(tmp_path, dog):
    specs = bringup.graph(options(tmp_path, {'a': dog}, use_sim_time='true')).specs
    assert all(spec.parameters['use_sim_time'] for spec in specs[1:])


def test_a_ros_installation_publishes_the_state_itself(tmp_path, dog):
    specs = bringup.graph(options(tmp_path, {'a': dog}), 'robot_state_publisher').specs
    publisher = specs[1]
    assert (publisher.package, publisher.executable) == ('robot_state_publisher',) * 2
    assert publisher.parameters['frame_prefix'] == 'a/'
    assert '<robot' in publisher.parameters['robot_description']
    assert not publisher.managed
    assert specs[-1].parameters['nodes'] == ['policy', 'command']


def test_every_problem_of_every_robot_is_told_at_once(tmp_path, dog):
    (tmp_path / 'still' / 'model.onnx').write_text('tampered')
    with pytest.raises(ConfigError) as caught:
        bringup.graph(options(tmp_path, {
            'a': {'profile': 'go1', 'bundle': 'nowhere'}, 'sim': dog}))
    found = problems(caught)
    assert [text.partition(':')[0] for text in found] == ['a', 'a', 'sim', 'sim']
    assert "profile is 'go1'" in found[0]
    assert 'honda_style, sony_style' in found[0]
    assert "bundle is 'nowhere'" in found[1]
    assert "robot name is 'sim'" in found[2]
    assert 'SHA-256' in found[3]


@pytest.mark.parametrize('limit, message', [
    ('<limit lower="-2.0" upper="2.0" velocity="1.0" effort="1.0"/>', None),
    ('<limit lower="-2.0" upper="2.0" effort="1.0"/>', 'elbow'),
    ('<limit velocity="1.0" effort="1.0"/>', 'elbow'),
    ('<limit upper="2.0" velocity="1.0" effort="1.0"/>',
     'URDF joint elbow <limit> lower is .missing.'),
    ('<limit lower="-2.0" velocity="1.0" effort="1.0"/>',
     'URDF joint elbow <limit> upper is .missing.'),
    ('', 'elbow'),
])
def test_a_urdf_without_limits_is_refused(tmp_path, limit, message):
    (tmp_path / 'arm.urdf').write_text(
        '<robot name="arm"><link name="base_link"/><link name="hand"/>'
        '<joint name="elbow" type="revolute"><parent link="base_link"/><child link="hand"/>'
        f'{limit}</joint></robot>')
    profile = write_profile(tmp_path / 'arm.yaml', urdf=str(tmp_path / 'arm.urdf'), arm={
        'joints': ['elbow'], 'acceleration': {'default': 1.0}, 'jerk': {'default': 9.0}})
    chosen = options(tmp_path, {'a': {'profile': profile,
                                      'bundle': write_bundle(tmp_path / 'still')}})
    if message is None:
        assert bringup.graph(chosen).commands == {
            'a': {'/a/arm_controller/joint_trajectory': 'trajectory_msgs/msg/JointTrajectory',
                  '/a/cmd_vel': 'geometry_msgs/msg/TwistStamped'}}
    else:
        with pytest.raises(ConfigError, match=message):
            bringup.graph(chosen)


def test_a_bundle_for_another_robot_is_refused(tmp_path, dog):
    bundle = write_bundle(tmp_path / 'other', robot='honda_style')
    with pytest.raises(ConfigError, match="'honda_style'; expected dog"):
        bringup.graph(options(tmp_path, {'a': {**dog, 'bundle': bundle}}))


def test_a_missing_detector_is_told(tmp_path, dog):
    dog['profile'] = write_profile(tmp_path / 'dog.yaml', camera={},
                                   perception={'detector': 'nowhere'})
    with pytest.raises(ConfigError, match="a: bundle is 'nowhere'"):
        bringup.graph(options(tmp_path, {'a': dog}))


def test_paths_in_a_fleet_file_are_relative_to_it(tmp_path, dog):
    chosen = options(tmp_path, {'a': {'profile': './dog.yaml', 'bundle': './still'}})
    policy, = (spec for spec in bringup.graph(chosen).specs if spec.name == 'policy')
    assert policy.parameters['profile'] == str(tmp_path / 'dog.yaml')
    assert policy.parameters['bundle'] == str(tmp_path / 'still')


def test_two_robots_with_one_name_are_refused(tmp_path):
    text = 'robots:\n  a: {profile: x, bundle: y}\n  a: {profile: x, bundle: y}\n'
    with pytest.raises(ConfigError, match="'a' stands twice at line 3"):
        bringup.graph(options(tmp_path, text))


@pytest.mark.parametrize('name', ['Robot', '1a', 'a-b', 'a/b', 'a__b', 'a_', 'sim', ''])
def test_names_that_ros_or_the_graph_cannot_have(tmp_path, dog, name):
    with pytest.raises(ConfigError):
        bringup.graph(options(tmp_path, {name: dog}))


@pytest.mark.parametrize('name, text, message', [
    ('use_sim', 'maybe', "use_sim is 'maybe'; expected true or false"),
    ('seed', '-1', "seed is '-1'; expected a number"),
    ('robots', 'a,x', "robots is 'x'; expected robots of .*: a"),
    ('fleet', '/nowhere.yaml', 'file /nowhere.yaml'),
])
def test_options_that_cannot_be(tmp_path, dog, name, text, message):
    with pytest.raises(ConfigError, match=message):
        bringup.graph(options(tmp_path, {'a': dog}, **{name: text}))


def test_the_environment_of_the_user_comes_first():
    added = bringup.environment({'MUJOCO_GL': 'osmesa', 'HOME': '/root'})
    assert 'MUJOCO_GL' not in added
    assert added['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert Path(added['FASTRTPS_DEFAULT_PROFILES_FILE']).is_file()


def test_a_fleet_that_opens_discovery_is_not_kept_on_loopback():
    added = bringup.environment({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET'})
    assert 'FASTRTPS_DEFAULT_PROFILES_FILE' not in added


def test_the_default_fleet_is_the_two_reference_robots():
    content = yaml.safe_load((share() / 'config' / 'fleet.yaml').read_text())
    assert {name: robot['profile'] for name, robot in content['robots'].items()} == {
        'honda1': 'honda_style', 'sony1': 'sony_style'}


def test_a_graph_is_made_without_ros():
    code = 'import physai_ros.bringup, sys; print([m for m in sys.modules if "rclpy" in m])'
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert out.stdout == '[]\n'


def test_topics_of_a_real_robot_are_renamed_and_those_in_simulation_are_not(tmp_path, dog):
    names = {'cmd_vel': '/diff/cmd_vel', 'odom': 'filtered'}
    content = {'robots': {'a': {**dog, 'remap': names}}, 'require_signature': False}
    for use_sim, expected in (('false', names), ('true', {})):
        chosen = options(tmp_path, yaml.safe_dump(content), use_sim=use_sim)
        assert all(dict(spec.remappings) == expected for spec in bringup.graph(chosen).specs)


def test_names_are_resolved_as_ros_does(tmp_path, dog):
    names = {'cmd_vel': '/diff/cmd_vel', '/a/command/state': 'state', 'command/stop': '/stop'}
    content = {'robots': {'a': {**dog, 'remap': names}}, 'require_signature': False}
    graph = bringup.graph(options(tmp_path, yaml.safe_dump(content), use_sim='false'))
    assert graph.commands == {'a': {'/diff/cmd_vel': 'geometry_msgs/msg/TwistStamped'}}
    assert graph.states == {'a': '/a/state'}
    command, = (spec for spec in graph.specs if spec.name == 'command')
    assert [command.resolve(name) for name in ('command/stop', 'estop', '/tf')] == [
        '/stop', '/a/estop', '/tf']


def test_where_unknown_joints_rest_is_refused(tmp_path, dog):
    dog['profile'] = write_profile(tmp_path / 'dog.yaml', base={
        **DOG['base'], 'stance': {'front_left_ankle': 0.1}})
    with pytest.raises(ConfigError, match='base.stance: joints.*front_left_ankle.*head_pan'):
        bringup.graph(options(tmp_path, {'a': dog}))
