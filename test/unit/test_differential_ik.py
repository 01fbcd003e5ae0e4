"""Motion of a frame becomes motion of joints: followed, within limits, refused where unclear."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.rotations import quaternion_of, represent, SIZES
from physai_ros.core.errors import BundleError
from physai_ros.inference.differential_ik import DifferentialIk, solver_for
from physai_ros.robots import parse
from physai_ros.robots.kinematics import Chain
import pytest

pytest.importorskip('pink', reason='pin-pink is an extra')
pytest.importorskip('daqp', reason='daqp is an extra')

LINK = """<link name="{0}"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1" ixy="0"
 ixz="0" iyz="0"/></inertial></link>"""
JOINT = """<joint name="{0}" type="{4}"><parent link="{1}"/><child link="{2}"/>
 <origin xyz="{3}"/><axis xyz="{5}"/><limit lower="{6}" upper="{7}" effort="9" velocity="3"/>
 </joint>"""
ARM = ['turn', 'lift', 'bend', 'roll', 'pitch', 'yaw']
URDF = '<robot name="arm">' + ''.join(map(LINK.format, (
    'base_link', 'a', 'b', 'c', 'd', 'e', 'tool', 'finger'))) + ''.join(
        JOINT.format(*joint) for joint in (
            ('turn', 'base_link', 'a', '0 0 0.2', 'revolute', '0 0 1', -3, 3),
            ('lift', 'a', 'b', '0 0 0.1', 'revolute', '0 1 0', -2, 2),
            ('bend', 'b', 'c', '0 0 0.4', 'revolute', '0 1 0', -2.5, 2.5),
            ('roll', 'c', 'd', '0 0 0.3', 'revolute', '0 0 1', -3, 3),
            ('pitch', 'd', 'e', '0 0 0.1', 'revolute', '0 1 0', -2, 2),
            ('yaw', 'e', 'tool', '0 0 0.1', 'revolute', '0 0 1', -3, 3),
            ('grip', 'tool', 'finger', '0 0 0.1', 'prismatic', '0 1 0', 0, 0.04))) + '</robot>'
START = np.array([0.2, 0.5, 1.0, -0.3, 0.6, 0.1])
TOOL = Chain(parse(URDF), 'tool')


def pose_at(row, names):
    return TOOL.pose(dict(zip(names, row)))


def decoded(rows, joints=ARM, start=START, **fields):
    """Return the joint rows of an answer."""
    output = {'kind': 'frame_delta', 'frame': 'tool', 'joints': list(joints),
              'chunk': len(rows), **fields}
    solver = DifferentialIk(URDF)
    content = manifest(outputs={'action': output}, timing={'deadline_s': 0.05})
    rows = np.float32([rows])
    chunk, = Decoder(content, solver).decode({'action': rows}, 0, {'outputs.action': start})
    assert chunk.names == tuple(joints)
    return chunk.positions


def test_the_tool_follows_along_the_axes_of_the_base():
    rows = [[0, 0, 0.02 * k, 0, 0, 0] for k in range(1, 6)]
    start = pose_at(START, ARM)
    for k, row in enumerate(decoded(rows), 1):
        pose = pose_at(row, ARM)
        np.testing.assert_allclose(pose[:3, 3], start[:3, 3] + [0, 0, 0.02 * k], atol=1e-3)
        np.testing.assert_allclose(pose[:3, :3], start[:3, :3], atol=5e-3)


def test_an_arm_of_five_joints_gives_way_in_its_turns():
    joints = [*ARM[:3], *ARM[4:]]
    urdf = URDF.replace('name="roll" type="revolute"', 'name="roll" type="fixed"')
    tool, start = Chain(parse(urdf), 'tool'), START[[0, 1, 2, 4, 5]]
    output = {'kind': 'frame_delta', 'frame': 'tool', 'joints': joints}
    content = manifest(outputs={'action': output}, timing={'deadline_s': 0.05})
    decoder, pose = Decoder(content, DifferentialIk(urdf)), start
    for _ in range(10):
        chunk, = decoder.decode({'action': np.float32([[0, 0.01, 0, 0, 0, 0]])}, 0,
                                {'outputs.action': pose})
        pose = chunk.positions[-1]
    moved = [tool.pose(dict(zip(joints, row)))[:3, 3] for row in (start, pose)]
    np.testing.assert_allclose(moved[1] - moved[0], [0, 0.1, 0], atol=2e-3)


def test_motion_that_no_joints_can_follow_is_an_answer_thrown_away():
    with pytest.raises(BundleError, match='the motion of a frame'):
        decoded([[1e30, 0, 0, 0, 0, 0]])


def test_along_its_own_axes_step_by_step_with_joints_in_any_order():
    order = [5, 2, 0, 4, 1, 3]
    names = [ARM[n] for n in order]
    positions = decoded([[0.01, 0, 0]] * 4, names, START[order], rotation=False, axes='frame',
                        steps='from_step_before')
    start = pose_at(START, ARM)
    for k, row in enumerate(positions, 1):
        np.testing.assert_allclose(pose_at(row, names)[:3, 3],
                                   start[:3, 3] + 0.01 * k * start[:3, 0], atol=1e-3)


@pytest.mark.parametrize('rotation', sorted(SIZES))
def test_poses_are_reached_however_the_rotation_is_told(rotation):
    goal = START + [0.1, -0.1, 0.1, 0.2, -0.1, 0.3]
    poses = [pose_at(row, ARM) for row in (START + (goal - START) / 2, goal)]
    rows = [[*pose[:3, 3], *represent(quaternion_of(pose[:3, :3]), rotation)] for pose in poses]
    positions = decoded(rows, kind='frame_pose', rotation=rotation)
    start = pose_at(START, ARM)
    inside = [np.linalg.inv(start) @ pose for pose in poses]
    rows = [[*pose[:3, 3], *represent(quaternion_of(pose[:3, :3]), rotation)] for pose in inside]
    own = decoded(rows, kind='frame_pose', rotation=rotation, axes='frame')
    for found, again, pose in zip(positions, own, poses):
        np.testing.assert_allclose(pose_at(found, ARM), pose, atol=2e-3)
        np.testing.assert_allclose(pose_at(again, ARM), pose, atol=2e-3)


def test_a_6d_rotation_is_made_orthonormal_and_none_is_refused():
    pose = pose_at(START, ARM)
    first, second = pose[:3, 0], pose[:3, 1]
    row = [*pose[:3, 3], *(3 * first), *(0.5 * second + first)]
    np.testing.assert_allclose(pose_at(decoded([row], kind='frame_pose')[0], ARM), pose, atol=2e-3)
    with pytest.raises(BundleError, match='the pose of frame tool, step 0, number 3'):
        decoded([[0.3, 0, 0.5] + [0] * 6], kind='frame_pose')


def test_a_pose_in_degrees():
    pose = pose_at(START, ARM)
    angles = np.degrees(represent(quaternion_of(pose[:3, :3]), 'euler_rpy'))
    found = decoded([[*pose[:3, 3], *angles]], kind='frame_pose', rotation='euler_rpy', unit='deg')
    np.testing.assert_allclose(pose_at(found[0], ARM), pose, atol=2e-3)


def test_a_rotation_vector_turns_the_tool():
    row, *_ = decoded([[0, 0, 0, 0, 0, 0.2]])
    start, found = pose_at(START, ARM), pose_at(row, ARM)
    turn = [[np.cos(0.2), -np.sin(0.2), 0], [np.sin(0.2), np.cos(0.2), 0], [0, 0, 1]]
    np.testing.assert_allclose(found[:3, :3], np.array(turn) @ start[:3, :3], atol=5e-3)
    np.testing.assert_allclose(found[:3, 3], start[:3, 3], atol=1e-3)


def test_out_of_reach_it_ends_at_its_limits():
    positions = decoded([[0, 0, 5.0, 0, 0, 0]] * 2)
    assert np.isfinite(positions).all()
    lower, upper = [-3, -2, -2.5, -3, -2, -3], [3, 2, 2.5, 3, 2, 3]
    assert (positions >= np.array(lower) - 1e-9).all()
    assert (positions <= np.array(upper) + 1e-9).all()


@pytest.mark.parametrize('fields, message', [
    ({'joints': ARM[1:]}, 'turn, lift, bend, roll, pitch, yaw, which move it'),
    ({'joints': [*ARM, 'grip']}, 'which move it'),
])
def test_the_joints_must_be_those_that_move_the_frame(fields, message):
    with pytest.raises(BundleError, match=message):
        decoded([[0] * 6], start=np.zeros(len(fields['joints'])), **fields)


def test_an_unknown_frame():
    with pytest.raises(BundleError, match="'hand'; expected one of .*tool"):
        decoded([[0] * 6], frame='hand')


def test_a_bundle_gets_a_solver_when_it_needs_one():
    assert solver_for(manifest(), URDF) is None
    output = {'kind': 'frame_delta', 'frame': 'hand', 'joints': ARM, 'chunk': 10}
    with pytest.raises(BundleError, match="'hand'"):
        solver_for(manifest(outputs={'action': output}), URDF)


def test_without_a_solver_it_is_refused():
    content = manifest(outputs={'action': {'kind': 'frame_delta', 'frame': 'tool',
                                           'joints': ARM, 'chunk': 1}},
                       timing={'deadline_s': 0.05})
    with pytest.raises(BundleError, match='solver for inverse kinematics'):
        Decoder(content).decode({'action': np.zeros((1, 6))}, 0, {'outputs.action': START})
