"""Link poses of small robots, and agreement of the two ways to get them."""
import math

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.robots.kinematics import Chain, MovingJoints
from physai_ros.robots.profile import load_profile
from physai_ros.robots.urdf import parse
import pytest
from transforms3d.quaternions import quat2mat

ARM = """<robot name="arm">
<link name="base"/><link name="upper"/><link name="rod"/><link name="tip"/><link name="twin"/>
<joint name="turn" type="revolute"><parent link="base"/><child link="upper"/>
  <origin xyz="0 0 1"/><axis xyz="0 0 2"/>
  <limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="slide" type="prismatic"><parent link="upper"/><child link="rod"/>
  <origin xyz="1 0 0" rpy="0 0 1.5707963267948966"/><axis xyz="1 0 0"/>
  <limit lower="0" upper="1" velocity="1" effort="1"/></joint>
<joint name="fixed" type="fixed"><parent link="rod"/><child link="tip"/>
  <origin xyz="0.5 0 0"/></joint>
<joint name="follow" type="prismatic"><parent link="upper"/><child link="twin"/>
  <axis xyz="0 0 1"/>
  <mimic joint="slide" multiplier="-2" offset="0.1"/>
  <limit lower="-1" upper="1" velocity="1" effort="1"/></joint></robot>"""


def test_a_chain_turns_slides_and_keeps_fixed_offsets():
    pose = Chain(parse(ARM), 'tip').pose({'turn': math.pi / 2, 'slide': 0.2})
    assert np.allclose(pose[:3, 3], (-0.7, 1.0, 1.0))
    assert np.allclose(pose[:3, :3], [[-1, 0, 0], [0, -1, 0], [0, 0, 1]])


def test_moving_joints_follow_the_order_of_the_names_and_mimic():
    moving = MovingJoints(parse(ARM), ('slide', 'turn'))
    assert [joint.name for joint in moving.joints] == ['turn', 'slide', 'follow']
    xyz, quat = moving.poses(np.array([0.2, math.pi / 2]))
    assert np.allclose(xyz, [[0, 0, 1], [1, 0.2, 0], [0, 0, -0.3]])
    assert np.allclose(quat[0], (math.sqrt(0.5), 0, 0, math.sqrt(0.5)))
    assert np.allclose(quat[1], (math.sqrt(0.5), 0, 0, math.sqrt(0.5)))


def test_joints_without_a_position_are_left_out():
    assert [joint.name for joint in MovingJoints(parse(ARM), ('turn',)).joints] == ['turn']
    assert MovingJoints(parse(ARM), ('other',)).joints == ()


@pytest.mark.parametrize('name', ['honda_style', 'sony_style'])
def test_both_ways_agree_on_the_reference_robots(name):
    robot = parse(load_profile(name).description())
    names = robot.actuated
    positions = np.random.default_rng(1).uniform(-0.5, 0.5, len(names))
    moving = MovingJoints(robot, names)
    for joint, xyz, quat in zip(moving.joints, *moving.poses(positions)):
        by_name = dict(zip(names, positions))
        parent, child = (Chain(robot, link).pose(by_name) for link in (joint.parent, joint.child))
        step = np.linalg.inv(parent) @ child
        assert np.allclose(step[:3, 3], xyz) and np.allclose(step[:3, :3], quat2mat(quat))


def test_an_unknown_link_is_an_error_that_lists_the_links():
    with pytest.raises(ConfigError, match="link is 'hand'; expected one of base, upper"):
        Chain(parse(ARM), 'hand')


def test_a_mimic_of_a_mimic_follows_the_joint_that_both_depend_on():
    twice = ARM.replace('</robot>', '<link name="far"/><joint name="again" type="prismatic">'
                        '<parent link="twin"/><child link="far"/><axis xyz="0 0 1"/><mimic '
                        'joint="follow" multiplier="3" offset="1"/></joint></robot>')
    mimic = parse(twice).joints['again'].mimic
    assert (mimic.joint, mimic.multiplier) == ('slide', -6.0) and math.isclose(mimic.offset, 1.3)


@pytest.mark.parametrize('old, new, message', [
    ('joint="slide" mult', 'joint="slid" mult', "follow: mimic is 'slid'; expected another joint"),
    ('joint="slide" mult', 'joint="follow" mult', 'none that mimics this one'),
    ('xyz="0 0 2"', 'xyz="0 0 0"', 'axis of joint turn')])
def test_joints_that_cannot_be(old, new, message):
    with pytest.raises(ConfigError, match=message):
        parse(ARM.replace(old, new))
