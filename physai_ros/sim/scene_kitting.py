"""The kitting bench: a tray, a workpiece to put into it, two markers; in the robot's place."""
import mujoco
import numpy as np
from physai_ros.sim import textures
from physai_ros.sim.contacts import LOOSE, STATIC
from physai_ros.sim.place import Place
from physai_ros.sim.shapes import box, cylinder

BENCH_TOP = 0.80                       # m over the floor
BENCH_X, BENCH_Y = (0.22, 0.82), 0.70
TRAY = (0.47, 0.0)
TRAY_SIZE, TRAY_HEIGHT, TRAY_WALL, TRAY_FLOOR = (0.22, 0.20), 0.04, 0.006, 0.004
TRAY_JITTER = 0.010
RADIUS, HEIGHT, MASS = 0.022, 0.07, 0.15
WORKPIECE_X, WORKPIECE_Y = (0.32, 0.62), (0.17, 0.48)
MARKERS = {0: (0.735, 0.14), 1: (0.735, -0.14)}   # centre x, y on the bench; upright towards +x
MARKER_SIDE = 0.10                     # of the black square, m
FLOOR_X, FLOOR_Y = (-0.95, 1.15), 1.15           # lines round the cell
CABINET = (-0.65, -0.75)
BENCH_LOOKS = ('bench_wood', 'bench_steel', 'bench_white', 'bench_mat')


class KittingScene:
    """
    Bench, tray and workpiece of one robot.

    :param prefix: before the names of its parts in the model, e.g. ``honda1/scene/``
    """

    objects = ('workpiece', 'tray')

    def __init__(self, prefix: str, place: Place):
        self.prefix, self.place = prefix, place

    def spec(self) -> mujoco.MjSpec:
        """Return the scene's specification, to be attached at the robot's place."""
        spec = mujoco.MjSpec()
        self._add_materials(spec)
        _add_cell(spec.worldbody)
        _add_bench(spec.worldbody)
        _add_tray(spec.worldbody)
        _add_workpiece(spec.worldbody)
        return spec

    def present(self):
        """Return the names of the objects that are in use."""
        return self.objects

    def bind(self, model: mujoco.MjModel):
        """Look up where the scene's parts are in the compiled model."""
        body = model.body(self.prefix + 'workpiece')
        self._qpos = int(model.jnt_qposadr[body.jntadr[0]])
        self._dof = int(model.jnt_dofadr[body.jntadr[0]])
        self._tray = int(model.body(self.prefix + 'tray').mocapid[0])

    def reset(self, data, rng):
        """Lay out the tray and a workpiece."""
        offset = rng.uniform(-TRAY_JITTER, TRAY_JITTER, 2)
        position = (TRAY[0] + offset[0], TRAY[1] + offset[1], BENCH_TOP + TRAY_HEIGHT / 2)
        data.mocap_pos[self._tray] = self.place.point(position)
        data.mocap_quat[self._tray] = self.place.quaternion()
        self.place_next(data, rng)

    def place_next(self, data, rng):
        """Put the workpiece upright anywhere on the free parts of the bench."""
        x, y = rng.uniform(*WORKPIECE_X), rng.uniform(*WORKPIECE_Y) * rng.choice((-1.0, 1.0))
        yaw = rng.uniform(-np.pi, np.pi)
        at = self._qpos
        data.qpos[at:at + 3] = self.place.point((x, y, BENCH_TOP + HEIGHT / 2))
        data.qpos[at + 3:at + 7] = self.place.quaternion(yaw)
        data.qvel[self._dof:self._dof + 6] = 0.0

    def _add_materials(self, spec):
        rng = np.random.default_rng(1)
        spec.add_material(name='signal', emission=0.5)
        looks = ((textures.wood, (0.72, 0.55, 0.36)), (textures.brushed, (0.62, 0.64, 0.66)),
                 (textures.plain, (0.86, 0.86, 0.84)), (textures.plain, (0.24, 0.36, 0.40)))
        for name, (paint, color) in zip(BENCH_LOOKS, looks):
            textures.add_material(spec, name, paint(rng, color), (1.6, 1.6), specular=0.15,
                                  shininess=0.2)
        for identity in MARKERS:
            name = f'marker_{identity}'
            material = textures.add_material(spec, name, textures.marker(identity), specular=0.0)
            material.texuniform = False


def _add_cell(world):
    """Add what marks the work cell: lines on the floor, a control cabinet with a signal tower."""
    yellow, (low, high), half = {'rgba': [0.93, 0.74, 0.08, 1]}, FLOOR_X, FLOOR_Y
    cell = world.add_body(name='cell')
    for x in FLOOR_X:
        box(cell, (0.07, 2 * half, 0.004), (x, 0, 0.002), **yellow)
    for y in (half, -half):
        box(cell, (high - low, 0.07, 0.004), ((low + high) / 2, y, 0.002), **yellow)
    x, y = CABINET
    box(cell, (0.35, 0.55, 1.15), (x, y, 0.655), rgba=[0.80, 0.82, 0.84, 1])
    box(cell, (0.33, 0.53, 0.08), (x, y, 0.04), rgba=[0.15, 0.16, 0.18, 1])
    box(cell, (0.01, 0.40, 0.24), (x + 0.175, y, 0.95), rgba=[0.08, 0.16, 0.24, 1])
    cylinder(cell, 0.012, 0.2, (x, y, 1.33), rgba=[0.5, 0.5, 0.5, 1])
    for level, color in enumerate(((0.1, 0.75, 0.3), (0.95, 0.7, 0.1), (0.8, 0.12, 0.1))):
        cylinder(cell, 0.035, 0.07, (x, y, 1.45 + 0.072 * level), rgba=[*color, 1],
                 material='signal')


def _add_bench(world):
    depth, middle = BENCH_X[1] - BENCH_X[0], sum(BENCH_X) / 2
    top = world.add_body(name='bench')
    box(top, (depth, 2 * BENCH_Y, 0.04), (middle, 0, BENCH_TOP - 0.02), STATIC, name='bench_top',
        material='bench_white', friction=[0.8, 0.005, 0.0001])
    frame = {'rgba': [0.28, 0.30, 0.33, 1]}
    for x in (BENCH_X[0] + 0.04, BENCH_X[1] - 0.04):
        box(top, (0.05, 2 * BENCH_Y - 0.06, 0.05), (x, 0, BENCH_TOP - 0.065), **frame)
        for y in (BENCH_Y - 0.06, 0.06 - BENCH_Y):
            box(top, (0.05, 0.05, BENCH_TOP - 0.06), (x, y, (BENCH_TOP - 0.06) / 2), **frame)
    box(top, (depth - 0.1, 2 * BENCH_Y - 0.12, 0.025), (middle, 0, 0.22),
        rgba=[0.7, 0.71, 0.73, 1])
    plate = MARKER_SIDE * 8 / 6
    for identity, (x, y) in MARKERS.items():
        box(top, (plate, plate, 0.001), (x, y, BENCH_TOP + 0.0006), quat=[0.7071, 0, 0, -0.7071],
            name=f'marker_{identity}', material=f'marker_{identity}')


def _add_tray(world):
    tray = world.add_body(name='tray', mocap=True)
    (x, y), bottom = TRAY_SIZE, -TRAY_HEIGHT / 2
    look = {'rgba': [0.10, 0.28, 0.55, 1], 'friction': [0.8, 0.005, 0.0001]}
    box(tray, (x, y, TRAY_FLOOR), (0, 0, bottom + TRAY_FLOOR / 2), STATIC, name='tray_floor',
        **look)
    for sign, name in ((1, 'far'), (-1, 'near')):
        box(tray, (TRAY_WALL, y, TRAY_HEIGHT), (sign * (x - TRAY_WALL) / 2, 0, 0), STATIC,
            name=f'tray_{name}', **look)
    for sign, name in ((1, 'left'), (-1, 'right')):
        box(tray, (x, TRAY_WALL, TRAY_HEIGHT), (0, sign * (y - TRAY_WALL) / 2, 0), STATIC,
            name=f'tray_{name}', **look)


def _add_workpiece(world):
    piece = world.add_body(name='workpiece')
    piece.add_freejoint(name='workpiece')
    cylinder(piece, RADIUS, HEIGHT, bits=LOOSE, name='workpiece', mass=MASS, condim=6,
             rgba=[0.93, 0.45, 0.08, 1], friction=[0.8, 0.005, 0.002], solref=[0.005, 1.0],
             solimp=[0.95, 0.99, 0.001, 0.5, 2])
    cylinder(piece, RADIUS * 0.6, HEIGHT + 0.001, name='workpiece_bore', mass=0.0,
             rgba=[0.25, 0.26, 0.28, 1])
