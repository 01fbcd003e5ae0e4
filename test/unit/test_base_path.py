"""Waypoints of a base become twists that lead there."""
from bundle_examples import manifest
from hypothesis import given, strategies
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError
import pytest

DT_S, FINE = 0.25, 50
FORWARD = strategies.lists(strategies.floats(-0.6, 0.6), min_size=3, max_size=12)


def twists(rows, **fields):
    """Return the twists of one answer."""
    content = manifest(rate_hz=4, outputs={'u': {'kind': 'base_path', 'chunk': len(rows),
                                                 **fields}}, timing={'deadline_s': 0.2})
    return Decoder(content).decode({'u': np.float32([rows])}, 0)[0].twists


def driven(commands):
    """Return x, y, yaw after each period of a base that does what it is told."""
    pose, places = np.zeros(3), []
    for vx, vy, wz in commands:
        for _ in range(FINE):
            middle = pose[2] + wz * DT_S / FINE / 2
            cos, sin = np.cos(middle), np.sin(middle)
            pose = pose + np.array([cos * vx - sin * vy, sin * vx + cos * vy, wz]) * DT_S / FINE
        places.append(pose)
    return np.array(places)


def test_straight_ahead_at_the_speed_of_the_path():
    np.testing.assert_allclose(twists([[0.1, 0], [0.2, 0], [0.25, 0]])[:, 0], [0.4, 0.4, 0.2],
                               atol=1e-6)


@given(FORWARD)
def test_a_car_comes_near_every_point_of_a_smooth_path(bends):
    headings = np.cumsum(np.array(bends) / len(bends))
    path = np.cumsum(0.1 * np.column_stack([np.cos(headings), np.sin(headings)]), axis=0)
    commands = twists(path.tolist())
    assert not commands[:, 1].any() and (commands[:, 0] >= 0).all()
    assert np.hypot(*(driven(commands)[:, :2] - path).T).max() < 0.03


@given(strategies.lists(strategies.tuples(*[strategies.floats(-0.3, 0.3)] * 3), min_size=2,
                        max_size=8))
def test_a_base_that_goes_sideways_is_at_every_pose_in_time(legs):
    poses = np.cumsum(legs, axis=0)
    found = driven(twists(poses.tolist(), axes=['vx', 'vy', 'wz'], heading='yaw'))
    np.testing.assert_allclose(found, poses, atol=1e-4)


def test_a_heading_however_it_is_told():
    yaw = np.array([[0.1, 0.0, 0.3], [0.2, 0.1, -0.4]])
    cos_sin = np.column_stack([yaw[:, :2], np.cos(yaw[:, 2]), np.sin(yaw[:, 2])])
    moves = {'axes': ['vx', 'vy', 'wz']}
    expected = twists(yaw.tolist(), heading='yaw', **moves)
    for heading, rows in (('cos_sin', cos_sin), ('sin_cos', cos_sin[:, [0, 1, 3, 2]])):
        np.testing.assert_allclose(twists(rows.tolist(), heading=heading, **moves), expected,
                                   atol=1e-5)
    assert not twists(yaw.tolist(), heading='yaw', axes=['vx', 'vy'])[:, 2].any()


def test_a_car_turns_to_the_heading_where_it_stands_and_to_what_is_behind():
    assert twists([[0, 0, 0.5]] * 2, heading='yaw')[:, [0, 2]].tolist() == [[0, 2], [0, 0]]
    np.testing.assert_allclose(twists([[-0.1, 0.1]])[0], [0, 0, 3 * np.pi / 4 / DT_S], atol=1e-5)


def test_steps_from_one_another():
    steps = [[0.1, 0.0], [0.1, 0.02], [0.05, 0.0]]
    np.testing.assert_allclose(twists(steps, steps='from_step_before'),
                               twists(np.cumsum(steps, axis=0).tolist()), atol=1e-5)


def test_what_is_out_of_bounds_is_made_up_for_later():
    commands = twists([[0.2, 0], [0.2, 0], [0.2, 0]], within=[[0, -1], [0.4, 1]])
    np.testing.assert_allclose(commands[:, 0], [0.4, 0.4, 0.0], atol=1e-6)


def test_one_point_of_the_path_as_navigate_py_drives_to_it():
    rows = [[0.1, 0.0], [0.1, 0.02], [0.15, 0.06], [0.2, 0.2]]
    commands = twists(rows, follow=2, within=[[0, -2], [0.2, 2]])
    v, w = 0.15 / DT_S, np.arctan(0.06 / 0.15) / DT_S
    np.testing.assert_allclose(commands, [[min(v, 0.2), 0, w]] * 4, atol=1e-6)


@pytest.mark.parametrize('fields, message', [
    ({'follow': 2}, 'more than 2, the point that u follows'),
    ({'axes': ['vx']}, 'vx with wz'), ({'axes': ['vy', 'wz']}, 'vx with wz'),
    ({'within': [[0, 0, 0], [1, 1, 1]]}, '1 or 2 numbers'), ({'heading': 'rpy'}, 'heading'),
    ({'scale': [1, 1, 1]}, '1 or 2 numbers')])
def test_impossible_paths(fields, message):
    with pytest.raises(InvalidBundleError, match=message):
        twists([[0, 0], [1, 0]], **fields)


def test_a_path_without_end_is_no_path():
    with pytest.raises(BundleError, match='finite'):
        twists([[3e38, 0], [3e38, 0]], scale=1e300)


@pytest.mark.parametrize('chunk, fits', [(1, False), (2, False), (3, True)])
def test_a_point_that_a_part_follows_is_one_of_its_path(chunk, fits):
    path = {'kind': 'base_path', 'follow': 2}
    arm = {'kind': 'joint_position', 'joints': ['a']}
    outputs = {'u': {'kind': 'split', 'chunk': chunk, 'parts': [path, arm]}}
    if fits:
        content = manifest(rate_hz=4, outputs=outputs, timing={'deadline_s': 0.2})
        rows = np.float32([[[9, 9, 0], [9, 9, 0], [0.1, 0, 0]]])
        _, base = Decoder(content).decode({'u': rows}, 0)
        np.testing.assert_allclose(base.twists, [[0.4, 0, 0]] * 3, atol=1e-6)
    else:
        with pytest.raises(InvalidBundleError, match='the point that u.parts.0. follows'):
            manifest(rate_hz=4, outputs=outputs, timing={'deadline_s': 0.2})
