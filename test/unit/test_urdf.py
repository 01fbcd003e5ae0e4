"""The two robots: descriptions that every part can rely on, and profiles that fit them."""
import functools
import xml.etree.ElementTree as ElementTree

import coal
import numpy as np
from physai_ros.paths import share
from physai_ros.robots import load_profile, parse
import pinocchio
import pytest

ROBOTS = ('honda_style', 'sony_style')
SIDES = ('left', 'right')
ARM = ('shoulder_pitch', 'shoulder_roll', 'shoulder_yaw', 'elbow', 'wrist_yaw', 'wrist_pitch',
       'wrist_roll')
HEIGHTS, DEPTHS = (0.83, 0.96, 1.10), (0.30, 0.385, 0.47, 0.555, 0.64)
SWIVEL = np.radians(58)
BENCH_LOW, BENCH_HIGH = (0.22, -0.70, 0.76), (0.82, 0.70, 0.80)
MARGIN_RAD = 0.05
STOP_S = 0.30


@functools.lru_cache(maxsize=None)
def robot(name):
    """Return the profile and the parsed description of a robot."""
    profile = load_profile(name)
    return profile, parse(profile.description())


@functools.lru_cache(maxsize=None)
def kinematics(name):
    """Return the robot's pinocchio model and the model of its collision shapes."""
    text = robot(name)[1].text
    model = pinocchio.buildModelFromXML(text)
    shapes = pinocchio.buildGeomFromUrdfString(model, text, pinocchio.COLLISION)
    return model, shapes


def at_rest(name):
    """Return the configuration of home or stance, mimics included."""
    profile, description = robot(name)
    rest = profile.arm.home if profile.arm else profile.base.stance
    model = kinematics(name)[0]
    q = pinocchio.neutral(model)
    for joint in description.joints.values():
        if joint.moves:
            q[column(model, joint.name)] = rest[joint.mimic.joint if joint.mimic else joint.name]
    return q


def column(model, joint):
    """Return the place of a joint in the configuration."""
    return model.joints[model.getJointId(joint)].idx_q


def placement(name, frame, q):
    """Return the pose (pinocchio SE3) of a link in base_link."""
    model = kinematics(name)[0]
    data = model.createData()
    pinocchio.framesForwardKinematics(model, data, q)
    return data.oMf[model.getFrameId(frame)]


def colliding(name, q, bench=False):
    """Return the names of shapes that touch, neighbours along the chain left out."""
    model, shapes = kinematics(name)
    shapes = shapes.copy()
    if bench:
        low, high = np.array(BENCH_LOW), np.array(BENCH_HIGH)
        box = pinocchio.GeometryObject(
            'bench', 0, pinocchio.SE3(np.eye(3), (low + high) / 2), coal.Box(*(high - low)))
        shapes.addGeometryObject(box)
    objects = shapes.geometryObjects
    for i, first in enumerate(objects):
        for j, second in enumerate(objects[:i]):
            a, b = first.parentJoint, second.parentJoint
            if a != b and model.parents[a] != b and model.parents[b] != a:
                shapes.addCollisionPair(pinocchio.CollisionPair(j, i))
    data = shapes.createData()
    pinocchio.computeCollisions(model, model.createData(), shapes, data, q, False)
    return [tuple(objects[k].name for k in (pair.first, pair.second))
            for pair, result in zip(shapes.collisionPairs, data.collisionResults)
            if result.isCollision()]


def turn(axis, angle):
    """Return the rotation (3, 3) about one of the axes x, y, z."""
    return pinocchio.AngleAxis(angle, np.eye(3)['xyz'.index(axis)]).toRotationMatrix()


def reach(shoulder, target, lengths):
    """
    Return the left arm's joints (7,) that hold the gripper at ``target``, pointing straight down.

    Closed form. The fingers close along y, and the elbow is turned SWIVEL out of the vertical
    plane through shoulder and wrist; see docs/robots.md.

    :param shoulder: (3,) m, centre of the shoulder
    :param target: (3,) m, where the tcp goes
    :param lengths: of upper arm, forearm and hand, m
    """
    upper, fore, hand = lengths
    wrist = np.array(target) + [0.0, 0.0, hand]
    distance = np.linalg.norm(wrist - shoulder)
    line = (wrist - shoulder) / distance
    along = (distance ** 2 + upper ** 2 - fore ** 2) / (2 * distance)
    down = np.array([0.0, 0.0, -1.0]) + line * line[2]
    down /= np.linalg.norm(down)
    aside = np.cross(down, line)
    out = np.cos(SWIVEL) * down + np.sin(SWIVEL) * aside * np.sign(aside[1])
    elbow = shoulder + line * along + out * np.sqrt(upper ** 2 - along ** 2)
    first, second = (elbow - shoulder) / upper, (wrist - elbow) / fore
    pitch, roll = np.arctan2(-first[0], -first[2]), np.arcsin(first[1])
    bend = -np.arccos(first @ second)
    frame = turn('y', pitch) @ turn('x', roll)
    yaw = np.arctan2(*(frame.T @ second)[[1, 0]])
    rest = (frame @ turn('z', yaw) @ turn('y', bend)).T
    return np.array([pitch, roll, yaw, bend, np.arctan2(rest[1, 2], rest[0, 2]),
                     np.arccos(rest[2, 2]), np.arctan2(rest[2, 1], -rest[2, 0])])


@functools.lru_cache(maxsize=None)
def reached():
    """Return (side, target, configuration) over the bench and above the tray."""
    home, found = at_rest('honda_style'), []
    model = kinematics('honda_style')[0]
    arm = [placement('honda_style', f'left_{link}', home).translation
           for link in ('shoulder_pitch_link', 'elbow_link', 'wrist_pitch_link', 'tcp')]
    lengths = np.linalg.norm(np.diff(arm, axis=0), axis=1)
    targets = [(x, y, z) for z in HEIGHTS for y in (0.05, 0.20, 0.35, 0.50) for x in DEPTHS]
    targets += [(0.47, 0.0, z) for z in (0.85, *HEIGHTS)]
    for side, sign in zip(SIDES, (1, -1)):
        for target in targets:
            q = home.copy()
            q[[column(model, f'{side}_{joint}') for joint in ARM]] = reach(arm[0], target, lengths)
            found.append((side, np.array(target) * [1, sign, 1], q))
    return found


@pytest.mark.parametrize('name', ROBOTS)
def test_every_moving_joint_has_all_limits(name):
    moving = [joint for joint in robot(name)[1].joints.values() if joint.moves]
    assert len(moving) == {'honda_style': 20, 'sony_style': 14}[name]
    for joint in moving:
        values = (joint.lower, joint.upper, joint.velocity, joint.effort)
        assert np.all(np.isfinite(np.array(values, float))), joint.name
        assert joint.lower < joint.upper and joint.velocity > 0 and joint.effort > 0, joint.name


@pytest.mark.parametrize('name, low, high', [('honda_style', 90, 110), ('sony_style', 12, 14)])
def test_inertias_are_those_of_bodies(name, low, high):
    total = 0.0
    for link in ElementTree.fromstring(robot(name)[1].text).iter('link'):
        inertial = link.find('inertial')
        if inertial is None:
            continue
        total += float(inertial.find('mass').get('value'))
        values = {k: float(v) for k, v in inertial.find('inertia').items()}
        tensor = np.array([[values['i' + ''.join(sorted(a + b))] for a in 'xyz'] for b in 'xyz'])
        small, middle, large = np.linalg.eigvalsh(tensor)
        assert small > 0 and small + middle >= large * (1 - 1e-9), link.get('name')
    assert low < total < high


@pytest.mark.parametrize('name', ROBOTS)
def test_every_moving_link_has_mass_and_every_mesh_is_there(name):
    tree = ElementTree.fromstring(robot(name)[1].text)
    heavy = {link.get('name') for link in tree.iter('link') if link.find('inertial') is not None}
    assert {j.child for j in robot(name)[1].joints.values() if j.moves} <= heavy
    for mesh in tree.iter('mesh'):
        prefix, _, path = mesh.get('filename').partition('package://physai_ros/')
        assert not prefix and (share() / path).is_file(), mesh.get('filename')


@pytest.mark.parametrize('name', ROBOTS)
def test_profile_fits_the_description(name):
    profile, description = robot(name)
    assert profile.name == description.name == name
    if profile.arm:
        assert set(profile.arm.joints) == set(profile.arm.home) == set(description.actuated)
        for joint in profile.arm.joints:
            assert profile.arm.acceleration_of(joint) and profile.arm.jerk_of(joint), joint
        assert set(profile.arm.acceleration) | set(profile.arm.jerk) <= {
            'default', *profile.arm.joints}
    else:
        assert set(profile.base.stance) == set(description.actuated)
    assert profile.camera.frame in description.links


@pytest.mark.parametrize('name', ROBOTS)
def test_rest_is_inside_the_limits_and_free_of_collision(name):
    model, q = kinematics(name)[0], at_rest(name)
    fingers = [column(model, j) for j in model.names if 'gripper' in j]
    inner = np.delete(np.arange(model.nq), fingers)
    assert np.all(q[inner] >= model.lowerPositionLimit[inner] + MARGIN_RAD)
    assert np.all(q[inner] <= model.upperPositionLimit[inner] - MARGIN_RAD)
    assert colliding(name, q, bench=name == 'honda_style') == []


def test_arm_joints_brake_in_time():
    profile, description = robot('honda_style')
    for name in profile.arm.joints:
        velocity = description.joints[name].velocity
        acceleration, jerk = profile.arm.acceleration_of(name), profile.arm.jerk_of(name)
        assert velocity >= acceleration ** 2 / jerk, f'{name}: time formula does not hold'
        assert velocity / acceleration + acceleration / jerk <= STOP_S, name


def test_equal_joints_are_mirror_images():
    q = at_rest('honda_style')
    left, right = (placement('honda_style', f'{side}_tcp', q).translation for side in SIDES)
    np.testing.assert_allclose(left * [1, -1, 1], right, atol=1e-9)


def test_both_arms_reach_the_bench_pointing_down():
    model = kinematics('honda_style')[0]
    for side, target, q in reached():
        tcp = placement('honda_style', f'{side}_tcp', q)
        np.testing.assert_allclose(tcp.translation, target, atol=1e-6)
        np.testing.assert_allclose(tcp.rotation[:, 0], [0, 0, -1], atol=1e-6)
        ids = [column(model, f'{side}_{joint}') for joint in ARM]
        margin = np.minimum(q - model.lowerPositionLimit, model.upperPositionLimit - q)[ids]
        assert margin.min() > MARGIN_RAD, (side, target, ARM[margin.argmin()])


def test_reaching_is_smooth():
    columns = [column(kinematics('honda_style')[0], f'left_{joint}') for joint in ARM]
    grid = np.array([q[columns] for side, _, q in reached() if side == 'left'])[:60]
    grid = grid.reshape(len(HEIGHTS), 4, len(DEPTHS), len(ARM))
    assert max(np.abs(np.diff(grid, axis=axis)).max() for axis in range(3)) < 1.05


def test_reaching_touches_neither_bench_nor_body():
    for side, target, q in reached():
        assert colliding('honda_style', q, bench=True) == [], (side, target)


def test_collisions_are_found():
    q = at_rest('honda_style')
    q[column(kinematics('honda_style')[0], 'left_shoulder_pitch')] -= 0.5
    q[column(kinematics('honda_style')[0], 'left_shoulder_roll')] = -0.3
    assert colliding('honda_style', q)


def test_grippers_take_the_workpiece():
    model, q = kinematics('honda_style')[0], at_rest('honda_style')
    for opening, clear in ((0.045, True), (0.0225, True), (0.0215, False)):
        q[[column(model, j) for j in ('left_gripper', 'left_gripper_mimic')]] = opening
        tcp = placement('honda_style', 'left_tcp', q)
        shapes = kinematics('honda_style')[1]
        data = shapes.createData()
        pinocchio.updateGeometryPlacements(model, model.createData(), shapes, data, q)
        piece = coal.Cylinder(0.022, 0.07)
        for index, shape in enumerate(shapes.geometryObjects):
            if 'left_gripper' in shape.name and 'link_0' in shape.name:
                pose = data.oMg[index]
                result = coal.CollisionResult()
                hit = coal.collide(
                    shape.geometry, coal.Transform3s(pose.rotation, pose.translation), piece,
                    coal.Transform3s(np.eye(3), tcp.translation), coal.CollisionRequest(), result)
                assert bool(hit) is not clear, (shape.name, opening)


@pytest.mark.parametrize('name, height', [('honda_style', 1.50), ('sony_style', 0.55 - 0.42)])
def test_optical_frames(name, height):
    profile = robot(name)[0]
    q = pinocchio.neutral(kinematics(name)[0])
    body = placement(name, 'head_camera_link', q)
    optical = placement(name, profile.camera.frame, q)
    np.testing.assert_allclose(optical.translation, body.translation, atol=1e-9)
    np.testing.assert_allclose(body.rotation.T @ optical.rotation,
                               [[0, 0, 1], [-1, 0, 0], [0, -1, 0]], atol=1e-9)
    resting = placement(name, profile.camera.frame, at_rest(name))
    assert resting.translation[2] == pytest.approx(height, abs=0.03)


def test_quadruped_camera_looks_ten_to_fifteen_degrees_down():
    axis = placement('sony_style', 'head_camera_optical_frame', at_rest('sony_style')).rotation
    assert 10 < np.degrees(np.arcsin(-axis[2, 2])) < 15


def test_quadruped_stands_on_four_feet():
    feet = [placement('sony_style', f'{leg}_foot_link', at_rest('sony_style')).translation[2]
            for leg in ('front_left', 'front_right', 'rear_left', 'rear_right')]
    np.testing.assert_allclose(feet, 0.022 - 0.42, atol=0.002)


@pytest.mark.parametrize('x, y, z', [
    (0.25, 0.52, 0.80), (0.25, -0.52, 0.80), (0.70, 0.52, 0.80), (0.70, -0.52, 0.80),
    (0.298, 0.502, 0.87), (0.298, -0.502, 0.87)])      # outermost top edges of workpieces
def test_head_camera_sees_the_bench(x, y, z):
    camera = robot('honda_style')[0].camera
    pose = placement('honda_style', camera.frame, at_rest('honda_style'))
    point = pose.rotation.T @ ([x, y, z] - pose.translation)
    focal = camera.width / 2 / np.tan(np.radians(camera.hfov_deg) / 2)
    u, v = focal * point[:2] / point[2]
    assert point[2] > 0 and abs(u) < camera.width / 2 and abs(v) < camera.height / 2


def test_hands_at_home_hide_no_workpiece():
    q = at_rest('honda_style')
    eye = placement('honda_style', 'head_camera_optical_frame', q).translation
    for side, sign in zip(SIDES, (1, -1)):
        inner = placement('honda_style', f'{side}_tcp', q).translation - [0, sign * 0.058, 0.015]
        top = eye + (inner - eye) * (eye[2] - 0.87) / (eye[2] - inner[2])
        assert sign * top[1] > 0.502
