"""``physai robot``: what the guard makes of a robot."""
import json

from physai_ros.cli.main import main
import pytest
import yaml

URDF = """<robot name="crane"><link name="base_link"/><link name="boom"/>
<joint name="slew" type="continuous"><parent link="base_link"/><child link="boom"/>
  <axis xyz="0 0 1"/><limit velocity="1" effort="1"/></joint></robot>"""


def told(capsys, *arguments):
    assert main(['robot', *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_it_tells_limits_and_why_a_pair_of_links_is_not_watched(capsys):
    out = told(capsys, 'honda1')
    rows = [line.split() for line in out.splitlines()]
    assert ['left_gripper', '[m]', '0', '0.045', '0.1', '1', '20', '60', 'position;', 'an',
            'object', 'may', 'stop', 'it'] in rows
    assert '  pedestal_link and torso_link: rigidly connected\n' in out
    pairs = json.loads(told(capsys, 'honda_style', '--json'))['pairs']
    watched = [pair for pair, reason in pairs.items() if reason == 'watched']
    assert f'\n{len(watched)} pairs of links are kept clear' in out
    assert f'\n{len(pairs) - len(watched)} pairs are not watched:' in out


def test_a_base_without_zones_is_told(capsys):
    out = told(capsys, 'sony1')
    assert 'base, velocity of x, y and turning: 0.6, 0.3, 1.2\n' in out
    assert out.endswith('off: the profile has no base.zones\n')


def test_a_joint_without_an_end_has_no_number_for_it(capsys, tmp_path):
    (tmp_path / 'crane.urdf').write_text(URDF)
    arm = {'joints': ['slew'], 'acceleration': {'default': 4.0}, 'jerk': {'default': 40.0}}
    path = tmp_path / 'crane.yaml'
    path.write_text(yaml.safe_dump({'name': 'crane', 'urdf': 'crane.urdf', 'arm': arm}))
    assert json.loads(told(capsys, path, '--json'))['joints']['slew']['upper'] is None
    arm['collision'] = {'enabled': False}
    path.write_text(yaml.safe_dump({'name': 'crane', 'urdf': 'crane.urdf', 'arm': arm}))
    assert 'slew [rad]  none   none   1  ' in told(capsys, path)
    assert told(capsys, path).endswith('not looked for, arm.collision.enabled is false\n')


@pytest.mark.parametrize('name', ['nobody', 'honda_style.urdf.xacro'])
def test_what_is_no_robot_is_an_error(capsys, name):
    assert main(['robot', name]) == 1
    assert capsys.readouterr().err.startswith(
        f"physai robot: error: profile is '{name}'; expected")
