"""Where the scenes put things, and when their tasks are done or lost."""
import numpy as np
from physai_ros.core.types import Twist
from physai_ros.sim import scene_inspection, World
import pytest
from sim_worlds import HONDA, honda, run, SONY, sony

SEEDS = range(60)


@pytest.fixture(scope='module')
def kitting():
    return World([honda()], cameras=False)


@pytest.fixture(scope='module')
def inspection():
    return World([sony()], cameras=False)


def test_the_workpiece_stands_on_the_free_parts_of_the_bench(kitting):
    found = []
    for seed in SEEDS:
        kitting.reset(seed)
        found.append(kitting.truth(HONDA)['workpiece'][0])
    x, y, z = np.transpose(found)
    assert x.min() >= 0.32 and x.max() <= 0.62 and np.ptp(x) > 0.2
    assert np.abs(y).min() >= 0.17 and np.abs(y).max() <= 0.48
    assert (y > 0).any() and (y < 0).any()
    assert z == pytest.approx(0.835)


def test_the_workpiece_stays_where_it_is_put(kitting):
    kitting.reset(3)
    before = kitting.truth(HONDA)['workpiece'][0]
    run(kitting, 1.0)
    assert kitting.truth(HONDA)['workpiece'][0] == pytest.approx(before, abs=5e-4)


def put_workpiece(world, position):
    address = world.model.jnt_qposadr[world.model.joint('honda1/scene/workpiece').id]
    world.data.qpos[address:address + 3] = position


def test_kitting_succeeds_once_the_workpiece_rests_in_the_tray(kitting):
    kitting.reset(0)
    put_workpiece(kitting, kitting.truth(HONDA)['tray'][0] + (0, 0, 0.03))
    run(kitting, 0.3)
    assert not kitting.status(HONDA).success        # it has to rest there for a while
    run(kitting, 0.7)
    status = kitting.status(HONDA)
    assert status.success and status.failed is None and status.text == 'workpiece in the tray'
    kitting.place_next(HONDA)
    assert not kitting.status(HONDA).success
    assert kitting.truth(HONDA)['workpiece'][0][2] == pytest.approx(0.835)


def test_kitting_does_not_succeed_with_a_closed_hand(kitting):
    kitting.reset(0)
    put_workpiece(kitting, kitting.truth(HONDA)['tray'][0] + (0, 0, 0.03))
    finger = kitting.model.actuator('honda1/left_gripper').id
    for _ in range(700):
        kitting._unit(HONDA).arm._controllers[0][1]._hold[0][7] = 0.0
        kitting.step()
    assert kitting.data.ctrl[finger] == 0.0
    assert not kitting.status(HONDA).success


def test_kitting_is_lost_when_the_workpiece_falls_off(kitting):
    kitting.reset(0)
    put_workpiece(kitting, (0.5, 1.0, 0.9))
    run(kitting, 0.6)
    status = kitting.status(HONDA)
    assert status.failed == 'workpiece fell off the bench' and not status.success
    run(kitting, 0.5)
    assert kitting.data.qpos.min() > -3             # it lies on the floor


def test_kitting_is_lost_when_the_workpiece_falls_over(kitting):
    kitting.reset(0)
    unit = kitting._unit(HONDA)
    put_workpiece(kitting, (0.4, 0.35, 0.95))
    run(kitting, 0.6)
    assert kitting.status(HONDA).failed is None
    kitting.data.qpos[unit.scene._qpos + 3:unit.scene._qpos + 7] = np.sqrt(0.5) * np.array(
        [1.0, 1.0, 0.0, 0.0])
    run(kitting, 0.1)
    assert kitting.status(HONDA).failed == 'workpiece fell over'


def test_inspection_layouts_keep_their_distances(inspection):
    on_the_way = 0
    for seed in SEEDS:
        inspection.reset(seed)
        scene = inspection._unit(SONY).scene
        beacon, crates = scene.beacon, scene.crates
        distance = np.hypot(*beacon)
        assert 1.5 <= distance <= 2.8 and 3 <= len(crates) <= 5
        for index, at in crates.items():
            reach = np.hypot(*scene_inspection.CRATES[index][:2]) / 2
            assert np.hypot(*at) - reach >= 0.5
            assert np.hypot(*(at - beacon)) - reach - 0.08 >= 0.5
            assert np.abs(at).max() < 3.0
        offsets = [abs(np.cross(np.append(beacon / distance, 0), np.append(at, 0))[2])
                   for at in crates.values() if 0 < at @ beacon < distance ** 2]
        on_the_way += bool(offsets) and min(offsets) < 0.45
    assert on_the_way > 0.6 * len(SEEDS)


def test_the_robot_starts_with_any_heading(inspection):
    bearings = []
    for seed in SEEDS:
        inspection.reset(seed)
        x, y, z = inspection.truth(SONY)['beacon'][0]
        bearings.append(np.arctan2(y, x))
        assert z == pytest.approx(0.55 - 0.42, abs=0.01)
    assert np.histogram(bearings, 4, (-np.pi, np.pi))[0].min() > 3


def stand(world, gap, bearing):
    """Put the robot, where there is room, ``gap`` m before the beacon, turned by ``bearing``."""
    scene, base = world._unit(SONY).scene, world._unit(SONY).base
    rooms = []
    for way in np.linspace(-np.pi, np.pi, 32):
        forward = np.array([np.cos(way), np.sin(way)])
        middle = scene.beacon - (gap + 0.08 + world.front(SONY)) * forward
        room = min([np.hypot(*(middle - at)) for at in scene.crates.values()]
                   + [4 - np.abs(middle).max()])
        rooms.append((room, way, forward))
    _, way, forward = max(rooms, key=lambda r: r[0])
    heading = way + bearing
    front = world.front(SONY) * np.array([np.cos(heading), np.sin(heading)])
    world.data.qpos[base._qpos] = (*(scene.beacon - (gap + 0.08) * forward - front), heading)


@pytest.mark.parametrize('gap, bearing, success', [
    (0.5, 0.0, True), (0.42, 0.0, True), (0.58, 0.2, True),
    (0.38, 0.0, False), (0.62, 0.0, False), (0.5, 0.6, False)])
def test_inspection_wants_the_gap_and_the_heading(inspection, gap, bearing, success):
    inspection.reset(2)
    stand(inspection, gap, bearing)
    run(inspection, 0.9)
    assert not inspection.status(SONY).success      # a second at rest is asked for
    run(inspection, 0.3)
    assert inspection.status(SONY).success == success


def test_inspection_does_not_succeed_in_passing(inspection):
    inspection.reset(2)
    stand(inspection, 0.5, 0.0)
    for k in range(750):
        if k % 50 == 0:
            turn = 0.3 if k % 100 else -0.3
            inspection.set_twist(SONY, Twist(0, np.array([0.0, 0.0, turn])))
        inspection.step()
    assert not inspection.status(SONY).success


def test_the_next_beacon_is_within_reach_of_where_the_robot_is(inspection):
    inspection.reset(2)
    stand(inspection, 0.5, 0.0)
    run(inspection, 1.3)
    assert inspection.status(SONY).success
    for _ in range(20):
        inspection.place_next(SONY)
        status, beacon = inspection.status(SONY), inspection._unit(SONY).scene.beacon
        assert not status.success and np.abs(beacon).max() < 3.0
        position = inspection.truth(SONY)['beacon'][0]
        assert 1.5 <= np.hypot(*position[:2]) <= 2.8 + 1e-9
