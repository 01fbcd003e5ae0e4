"""What the cameras see is upright, where the camera model says, and varies with the seed."""
import numpy as np
from physai_ros.sim import World
import pytest
from sim_worlds import HONDA, honda, SONY, sony


@pytest.fixture(scope='module')
def exact():
    world = World([honda(), sony()], randomise=False)
    yield world
    world.close()


@pytest.fixture(scope='module')
def varied():
    world = World([honda()])
    yield world
    world.close()


def pixel(world, name, point):
    """Project a point in base_link (3,) through the pose of the optical frame: (u, v)."""
    frame = world.model.body(f'{name}/head_camera_optical_frame').id
    root = world.model.body(f'{name}/base_link').id
    in_world = world.data.xpos[root] + world.data.xmat[root].reshape(3, 3) @ point
    seen = world.data.xmat[frame].reshape(3, 3).T @ (in_world - world.data.xpos[frame])
    u, v, w = world.camera(name).k @ seen
    return np.array([u, v]) / w


def silhouette(world, name, part):
    """Return the pixels (N, 2) as (u, v) that change when a part's geoms vanish."""
    geoms = [g for g in range(world.model.ngeom)
             if world.model.geom(g).name.startswith(f'{name}/scene/{part}')]
    shown = world.render(name).pixels.astype(int)
    colors = world.model.geom_rgba[geoms].copy()
    world.model.geom_rgba[geoms, 3] = 0
    hidden = world.render(name).pixels.astype(int)
    world.model.geom_rgba[geoms] = colors
    rows, columns = np.nonzero(np.abs(shown - hidden).sum(axis=2) > 12)
    return np.stack([columns, rows], axis=1)


@pytest.mark.parametrize('seed', range(4))
def test_the_workpiece_is_seen_where_the_camera_model_puts_it(exact, seed):
    exact.reset(seed)
    truth = exact.truth(HONDA)['workpiece'][0]
    around = np.linspace(0, 2 * np.pi, 40)
    rim = np.array([truth + (0.022 * np.cos(a), 0.022 * np.sin(a), h)
                    for a in around for h in (-0.035, 0.035)])
    expected = np.array([pixel(exact, HONDA, point) for point in rim])
    seen = silhouette(exact, HONDA, 'workpiece')
    assert seen.min(axis=0) == pytest.approx(expected.min(axis=0), abs=1.5)
    assert seen.max(axis=0) == pytest.approx(expected.max(axis=0), abs=1.5)
    u, v = pixel(exact, HONDA, truth).round().astype(int)
    red, _, blue = exact.render(HONDA).pixels[v, u].astype(int)
    assert red > 1.5 * blue


def test_the_picture_is_upright_and_not_mirrored(exact):
    exact.reset(0)
    near, far = pixel(exact, HONDA, (0.4, 0, 0.8)), pixel(exact, HONDA, (0.7, 0, 0.8))
    left, right = pixel(exact, HONDA, (0.5, 0.3, 0.8)), pixel(exact, HONDA, (0.5, -0.3, 0.8))
    assert far[1] < near[1] and left[0] < right[0]
    tray = silhouette(exact, HONDA, 'tray_far')
    assert tray[:, 1].mean() < silhouette(exact, HONDA, 'tray_near')[:, 1].mean()
    assert (silhouette(exact, HONDA, 'tray_left')[:, 0].mean()
            < silhouette(exact, HONDA, 'tray_right')[:, 0].mean())


def test_the_walking_camera_sees_the_beacon_where_it_is(exact):
    for seed in range(40):
        exact.reset(seed)
        beacon = exact.truth(SONY)['beacon'][0]
        if beacon[0] > 1.2 and abs(beacon[1]) < 0.5 * beacon[0]:
            break
    seen = silhouette(exact, SONY, 'beacon')
    assert seen[:, 0].mean() == pytest.approx(pixel(exact, SONY, beacon)[0], abs=2)
    top = pixel(exact, SONY, beacon + (0, 0, 0.55))
    assert seen[:, 1].min() < max(top[1], 1) + 1


def test_markers_are_readable_and_upright(exact):
    aruco = pytest.importorskip('physai_ros.perception.aruco')
    exact.reset(0)
    corners, numbers = aruco.finder('DICT_4X4_50')(
        exact.render(HONDA).pixels.mean(2).astype(np.uint8))
    assert sorted(numbers.tolist()) == [0, 1]
    for number, square in zip(numbers, corners):
        middle = (0.735, (0.14, -0.14)[number], 0.801)
        assert square.mean(axis=0) == pytest.approx(pixel(exact, HONDA, middle), abs=2)
        assert square[0][1] < square[3][1] and square[0][0] < square[1][0]


def test_pictures_carry_stamp_frame_and_size(exact):
    image, camera = exact.render(SONY), exact.camera(SONY)
    assert image.stamp_ns == exact.time_ns and image.frame_id == 'head_camera_optical_frame'
    assert image.pixels.shape == (camera.height, camera.width, 3) == (240, 320, 3)
    assert image.pixels.dtype == np.uint8 and image.pixels.std() > 5
    assert camera.k[0, 0] == camera.k[1, 1] and camera.k[0, 2] == 159.5


def test_a_picture_depends_on_the_seed_alone(varied):
    pictures = []
    for seed in (1, 2, 1):
        varied.reset(seed)
        pictures.append(varied.render(HONDA).pixels.astype(int))
    assert np.array_equal(pictures[0], pictures[2])
    assert np.abs(pictures[0] - pictures[1]).mean() > 3


def test_taking_pictures_does_not_change_what_happens(varied):
    states = []
    for pictures in (False, True):
        varied.reset(4)
        for _ in range(50):
            varied.step()
            if pictures:
                varied.render(HONDA)
        states.append(varied.data.qpos.copy())
    assert np.array_equal(*states)


def test_the_camera_is_mounted_inexactly_but_little(varied):
    camera = varied.model.camera('honda1/head_camera')
    shifts, turns = [], []
    for seed in range(50):
        varied.reset(seed)
        shifts.append(np.linalg.norm(varied.model.cam_pos[camera.id]))
        turns.append(2 * np.arccos(min(1.0, abs(varied.model.cam_quat[camera.id][1]))))
    assert 0.001 < max(shifts) < 0.00301
    assert 0.1 < np.degrees(max(turns)) <= 0.3001


def test_without_randomising_the_camera_is_exact(exact):
    exact.reset(5)
    camera = exact.model.camera('honda1/head_camera').id
    assert exact.model.cam_pos[camera].tolist() == [0, 0, 0]
    assert exact.model.cam_quat[camera].tolist() == [0, 1, 0, 0]


def test_overview_shows_the_cell(exact):
    picture = exact.overview(320, 180)
    assert picture.shape == (180, 320, 3) and picture.std() > 15


def test_a_quick_overview_shows_the_same_without_shadows(exact):
    quick, picture = exact.overview(320, 180, fine=False), exact.overview(320, 180)
    assert quick.shape == (180, 320, 3) and quick.std() > 15
    assert 0 < np.abs(quick.astype(int) - picture).mean() < 20
