"""Robots that others described work by configuration alone."""
import re

from foreign_robot import write_dae, write_foreign_robot
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.guard.build import parts
from physai_ros.guard.hulls import convex
from physai_ros.guard.limits import joint_limits
from physai_ros.robots import load_description, load_profile, parse
from physai_ros.sim import SimRobot, World
import pytest


def test_xacro_arguments_and_packages_come_from_the_profile(tmp_path, monkeypatch):
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)
    profile = load_profile(write_foreign_robot(tmp_path))
    text = profile.description()
    assert parse(text).actuated == ('left_pan', 'left_grip')
    meshes = re.findall(r'<mesh filename="(.*?)"', text)
    assert meshes == [f'file://{tmp_path}/parts/meshes/upper.{kind}' for kind in ('dae', 'stl')]


def test_meshes_beside_a_urdf_are_found_from_anywhere(tmp_path):
    file = tmp_path / 'robot.urdf'
    file.write_text('<robot name="r"><link name="l"><visual><geometry>'
                    "<mesh scale='1 1 1' filename='assets/l.stl'/></geometry></visual></link>"
                    '<link name="m"><visual><geometry><mesh filename="package://elsewhere/m.stl"/>'
                    '</geometry></visual></link></robot>')
    text = load_description(file)
    assert f"filename='file://{tmp_path}/assets/l.stl'" in text
    assert 'filename="package://elsewhere/m.stl"' in text


@pytest.mark.parametrize('changes, words', [
    ({'xacro': {}, 'urdf': 'robot/bare.urdf.xacro'}, ['side', 'xacro: {NAME: VALUE}']),
    ({'packages': {}}, ['xacro. Package foreign_parts is not known here: give its folder in',
                        'packages: {foreign_parts: FOLDER}']),
    ({'packages': {'foreign_parts': 'nowhere'}}, ['nowhere', 'an existing folder'])])
def test_what_a_description_lacks_is_told(tmp_path, changes, words):
    write_foreign_robot(tmp_path, **changes)
    text = (tmp_path / 'robot' / 'foreign.urdf.xacro').read_text()
    bare = text.replace('<xacro:arg name="side" default="none"/>', '')
    (tmp_path / 'robot' / 'bare.urdf.xacro').write_text(bare)
    profile = load_profile(tmp_path / 'foreign.yaml')
    with pytest.raises(ConfigError) as caught:
        profile.description()
    assert all(word in str(caught.value) for word in words), caught.value


def test_the_guard_watches_meshes_of_other_packages(tmp_path):
    profile = load_profile(write_foreign_robot(tmp_path))
    pairs = parts(parse(profile.description()), profile)['clearance'].pairs
    assert {('left_base', 'left_upper'), ('left_base', 'left_finger')} <= {
        tuple(sorted((pair.first, pair.second))) for pair in pairs}, pairs


def test_a_mesh_that_is_not_there_is_told(tmp_path):
    profile = load_profile(write_foreign_robot(tmp_path))
    text = profile.description().replace(f'file://{tmp_path}/parts', 'package://foreign_parts')
    with pytest.raises(ConfigError, match='upper.stl.*packages: {foreign_parts: FOLDER}'):
        parts(parse(text), profile)
    (tmp_path / 'parts' / 'meshes' / 'upper.stl').unlink()
    with pytest.raises(ConfigError, match='upper.stl.*existing file'):
        parts(parse(profile.description()), profile)


def test_a_foreign_robot_stands_in_the_simulator(tmp_path):
    profile = load_profile(write_foreign_robot(tmp_path))
    world = World([SimRobot('a', profile, profile.description())])
    for _ in range(500):
        world.step()
    state = world.joint_state('a')
    assert state.names == ('left_pan', 'left_grip')
    np.testing.assert_allclose(state.position, [0.0, 0.01], atol=1e-3)
    assert world.status('a').collisions == 0    # the base reaches into the upper arm's shape
    assert world.root('a') == world.imu('a').frame_id == 'world'
    world.close()


def test_a_joint_that_mimics_another_is_not_commanded(tmp_path):
    arm = {'joints': ['left_grip', 'left_follow'], 'acceleration': {'default': 1.0},
           'jerk': {'default': 9.0}}
    profile = load_profile(write_foreign_robot(tmp_path, arm=arm))
    with pytest.raises(ConfigError, match='left_follow is .mimics left_grip.'):
        joint_limits(parse(profile.description()), profile)


def test_a_limit_of_an_unknown_joint_is_refused(tmp_path):
    arm = {'joints': ['left_pan'], 'acceleration': {'default': 4.0, 'pan': 1.0},
           'jerk': {'default': 9.0}}
    with pytest.raises(ConfigError, match='acceleration of pan: not in arm.joints'):
        load_profile(write_foreign_robot(tmp_path, arm=arm))


def test_a_hull_of_few_points_keeps_the_shape():
    rng = np.random.default_rng(0)
    ball = rng.normal(size=(20000, 3))
    ball /= np.linalg.norm(ball, axis=1)[:, None]
    box = np.vstack([rng.uniform(-1, 1, (20000, 3)), [[x, y, z] for x in (-1, 1)
                                                      for y in (-1, 1) for z in (-1, 1)]])
    directions = rng.normal(size=(2000, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    for points in (ball, box):
        hull = np.array(convex(points).points())
        assert len(hull) <= 500
        lost = (points @ directions.T).max(axis=0) - (hull @ directions.T).max(axis=0)
        assert lost.max() < 0.012


@pytest.mark.parametrize('content', [b'\n<?xml version="1.0"?><robot name="r"/>', b'<robot>\xff'])
def test_a_urdf_that_is_not_well_formed_is_named(tmp_path, content):
    file = tmp_path / 'broken.urdf'
    file.write_bytes(content)
    with pytest.raises(ConfigError, match='description .*broken.urdf; expected well-formed URDF'):
        load_description(file)


def test_collision_shapes_that_mujoco_does_not_read_are_simulated(tmp_path):
    file = write_foreign_robot(tmp_path)
    meshes = tmp_path / 'parts' / 'meshes'
    arm = tmp_path / 'parts' / 'urdf' / 'arm.xacro'
    arm.write_text(arm.read_text().replace('upper.stl"', 'upper.dae" scale="1 1 2"'))
    write_dae(meshes / 'upper.dae', (0.1, 0.1, 0.3))
    profile = load_profile(file)
    model = World([SimRobot('one', profile, profile.description())]).model
    assert model.nmesh == 1
    points = model.mesh_vert
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert apart.max() == pytest.approx(np.hypot(0.1, 0.6), abs=1e-6)
    (meshes / 'upper.dae').write_text('<COLLADA/>')
    with pytest.raises(ConfigError, match='upper.dae.*Export it as STL'):
        World([SimRobot('one', profile, profile.description())])
