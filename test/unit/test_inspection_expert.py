"""The scripted inspection expert: finds a free way and walks it with open eyes."""
import math

import numpy as np
import pytest
from training.inspection.expert import bearing, chunk, DT, twist, VIEW
from training.inspection.way import WayField

RING, HALF, REACH = 0.927, 3.0, 0.25
CRATES = {
    'nothing in the way': (),
    'a crate in the way': ((1.0, 0.1),),
    'a gap between two crates': ((0.9, 0.7), (0.9, -0.55)),
    'a row to walk round': ((1.0, -0.6), (1.0, 0.0), (1.0, 0.6)),
}


def walk(field, pose, seconds=40.0):
    """Return the poses (N, 3) of an ideal robot that does what the expert says."""
    poses = [np.array(pose, float)]
    for _ in range(round(seconds / DT)):
        vx, vy, wz = twist(field, poses[-1])
        cos, sin = math.cos(poses[-1][2]), math.sin(poses[-1][2])
        poses.append(poses[-1] + DT * np.array([cos * vx - sin * vy, sin * vx + cos * vy, wz]))
    return np.array(poses)


@pytest.fixture(params=CRATES)
def field(request):
    crates = CRATES[request.param]
    return WayField((2.2, 0.0), [(at, REACH) for at in crates], RING, HALF)


def test_walks_to_the_beacon_past_the_crates(field):
    poses = walk(field, (0.0, 0.0, 2.0))
    for crate, radius in field.crates:
        assert np.min(np.hypot(*(poses[:, :2] - crate).T)) > radius + 0.28
    gap = np.hypot(*(poses[-1, :2] - field.beacon)) - RING
    assert abs(gap) < 0.05
    assert abs(bearing(field, poses[-1])) < 0.05
    assert not twist(field, poses[-1]).any()


def test_keeps_the_beacon_in_view_and_looks_where_it_goes(field):
    poses = walk(field, (0.0, 0.0, 2.0))
    seen = np.array([abs(bearing(field, pose)) < VIEW for pose in poses])
    assert seen[np.argmax(seen):].all()
    steps = np.diff(poses, axis=0)
    ahead = np.cos(np.arctan2(steps[:, 1], steps[:, 0]) - poses[:-1, 2])
    fast = np.hypot(steps[:, 0], steps[:, 1]) > 0.3 * DT
    assert ahead[fast].min() > 0.5


def test_turns_left_on_the_spot_while_it_sees_no_beacon(field):
    vx, vy, wz = twist(field, (0.0, 0.0, math.pi))
    assert (vx, vy) == (0.0, 0.0) and wz > 0.5


def test_stays_inside_the_boards():
    field = WayField((2.2, 2.6), (((0.9, 2.0), 0.3), ((1.1, 1.2), 0.3)), RING, HALF)
    poses = walk(field, (0.0, 2.4, 0.0))
    assert np.abs(poses[:, :2]).max() < HALF - 0.28


def test_a_chunk_is_what_it_does_next(field):
    poses = walk(field, (0.3, 0.2, 0.0), seconds=1.0)
    wanted = [twist(field, pose) for pose in poses[:-1]]
    np.testing.assert_allclose(chunk(field, (0.3, 0.2, 0.0)), wanted[:20], atol=1e-9)
