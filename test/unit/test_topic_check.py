"""Where topics of a fleet's robots lead: not two commands to one, nor a name that nobody has."""
from fleets import DOG, entry, options, problems, write_bundle, write_profile
from physai_ros import bringup
from physai_ros.core.errors import ConfigError
import pytest
import yaml


@pytest.fixture
def dog(tmp_path):
    """Return the fleet entry of a robot with a base and no arm."""
    return entry(tmp_path)


@pytest.mark.parametrize('remap, message', [
    ({'cmd_vel': '/base/cmd_vel'}, "a and b: topic of 2 commands is '/base/cmd_vel'"),
    ({'/b/cmd_vel': '/base/cmd_vel'}, "a and b: topic of 2 commands is '/base/cmd_vel'"),
    ({'cmd_vel': '/b/base/cmd_vel'}, None)])
def test_two_robots_that_command_one_topic_are_refused(tmp_path, dog, remap, message):
    content = yaml.safe_dump({'robots': {
        'a': {**dog, 'remap': {'cmd_vel': '/base/cmd_vel', 'odom': '/odom'}},
        'b': {**dog, 'remap': {'odom': '/odom', **remap}}}, 'require_signature': False})
    bringup.graph(options(tmp_path, content, use_sim='true'))
    bringup.graph(options(tmp_path, content, use_sim='false', robots='a'))
    if message is None:
        bringup.graph(options(tmp_path, content, use_sim='false'))
    else:
        with pytest.raises(ConfigError, match=message):
            bringup.graph(options(tmp_path, content, use_sim='false'))


class TestNamesInRemap:
    """What a robot's ``remap`` renames is the name of a topic or a service of its nodes."""

    @pytest.fixture
    def start(self, tmp_path, dog):
        def start(remap, use_sim='false', **more):
            content = {'robots': {'a': {**dog, 'remap': remap, **more}},
                       'require_signature': False}
            return bringup.graph(options(tmp_path, yaml.safe_dump(content), use_sim=use_sim))
        return start

    @pytest.mark.parametrize('use_sim', ['true', 'false'])
    @pytest.mark.parametrize('name, meant', [
        ('e_stop', 'estop'), ('/a/e_stop', 'estop'), ('cmd_velocity', 'cmd_vel'),
        ('head_camera/image', 'head_camera/image_raw'), ('diagnostics', '/diagnostics'),
        ('comand/state', 'command/state'), ('/odom', 'odom')])
    def test_one_that_nobody_uses_is_refused(self, start, use_sim, name, meant):
        message = (f"a: remap of {name} is '/x'; expected a topic that one of its nodes uses. "
                   f'Perhaps {meant} is meant')
        with pytest.raises(ConfigError, match=message):
            start({name: '/x', 'odom': '/odom'}, use_sim)

    def test_all_of_them_are_told(self, start):
        with pytest.raises(ConfigError) as caught:
            start({'e_stop': '/x', 'zzzzz': '/y', 'odom': '/odom'})
        first, second = problems(caught)
        assert 'remap of e_stop' in first
        assert second.endswith('robot_description, task. Correct the name, or leave it out')

    def test_all_that_its_nodes_drivers_and_operators_use_is_accepted(self, start):
        start({name: f'/x{number}' for number, name in enumerate([
            'estop', 'heartbeat', 'task', 'joy', 'deadman', 'cmd_vel', 'odom', '/a/joint_states',
            'imu', 'head_camera/image_raw', 'head_camera/camera_info', 'robot_description', '/tf',
            '/tf_static', '/clock', '/diagnostics', '/rosout', 'policy/model', 'policy/base_chunk',
            'command/state', 'command/preview', 'command/stop', 'policy/get_parameters'])})

    def test_those_of_zones_and_of_the_terms_of_bundles_are_known(self, start, tmp_path):
        terms = [{'term': 'joy', 'topic': 'pad', 'axes': [0]},
                 {'term': 'laser_scan', 'topic': 'rear/scan', 'beams': 2, 'far': 5.0}]
        profile = write_profile(tmp_path / 'zoned.yaml', base={**DOG['base'], 'zones': {
            'topic': 'front/scan', 'half_width_m': 0.3, 'stop_m': 0.4, 'slow_m': 1.0,
            'slow_velocity': 0.2}})
        bundle, shadow = (write_bundle(tmp_path / term['topic'].replace('/', '_'),
                                       inputs={'state': [term]}) for term in terms)
        remap = {'pad': '/joy', 'front/scan': '/scan', 'rear/scan': '/scan2'}
        start(remap, profile=profile, bundle=bundle,
              parameters={'policy': {'shadow_bundle': shadow}})
        with pytest.raises(ConfigError) as caught:
            start(remap)
        assert len(problems(caught)) == 3

    def test_parameters_of_another_kind_are_left_to_the_tables_of_the_nodes(self, start):
        start({'odom': '/odom'}, parameters={'policy': {'shadow_bundle': 5},
                                             'command': {'deadman': ['joy']}})
