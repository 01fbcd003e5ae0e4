"""The inspection ground: a beacon to be found and crates in the way. Frame: the robot's place."""
import math

import mujoco
import numpy as np
from physai_ros.sim import textures
from physai_ros.sim.cell import PARKED
from physai_ros.sim.contacts import STATIC
from physai_ros.sim.place import Place
from physai_ros.sim.shapes import box, cylinder, sphere

HALF = 3.0                                   # m: the area is 6 x 6
BEACON_RADIUS, BEACON_HEIGHT = 0.08, 1.1
BEACON_DISTANCE = (1.5, 2.8)
CRATES = ((0.25, 0.30, 0.35), (0.30, 0.30, 0.40), (0.45, 0.35, 0.38), (0.35, 0.35, 0.50),
          (0.40, 0.30, 0.45), (0.30, 0.25, 0.50), (0.45, 0.45, 0.35), (0.38, 0.32, 0.42))
CRATE_COUNT = (3, 5)
CRATE_LOOKS = ('crate_wood', 'crate_grey', 'crate_blue', 'crate_green')
START_CLEARANCE = 0.65                       # m from the robot's centre to a crate
BEACON_CLEARANCE = 0.6                       # m from the beacon's surface to a crate
CRATE_GAP = 0.75                             # m between crates: the robot fits through
TRIES = 200
BOARD = 0.25                                 # height of the boards round the area


class InspectionScene:
    """
    Beacon, crates and boards of one robot's area.

    :param prefix: before the names of its parts in the model, e.g. ``sony1/scene/``
    """

    objects = ('beacon',) + tuple(f'crate_{i}' for i in range(len(CRATES)))

    def __init__(self, prefix: str, place: Place):
        self.prefix, self.place = prefix, place
        self.beacon = np.zeros(2)
        self.crates = {}

    def spec(self) -> mujoco.MjSpec:
        """Return the scene's specification, to be attached at the robot's place."""
        spec = mujoco.MjSpec()
        rng = np.random.default_rng(2)
        looks = ((textures.wood, (0.70, 0.54, 0.34)), (textures.plain, (0.55, 0.56, 0.58)),
                 (textures.plain, (0.16, 0.30, 0.52)), (textures.plain, (0.22, 0.40, 0.28)))
        for name, (paint, color) in zip(CRATE_LOOKS, looks):
            textures.add_material(spec, name, paint(rng, color), (3.0, 3.0), specular=0.1)
        spec.add_material(name='lamp', emission=0.7)
        _add_boards(spec.worldbody)
        _add_beacon(spec.worldbody)
        for index, size in enumerate(CRATES):
            _add_crate(spec.worldbody, index, size)
        return spec

    def present(self):
        """Return the names of the objects that are in use."""
        return ('beacon',) + tuple(f'crate_{i}' for i in self.crates)

    def bind(self, model: mujoco.MjModel):
        """Look up where the scene's parts are in the compiled model."""
        self._mocap = {name: int(model.body(self.prefix + name).mocapid[0])
                       for name in self.objects}

    def reset(self, data, rng):
        """Lay out beacon and crates round a robot at the centre."""
        while not self._lay_out(np.zeros(2), rng):
            pass
        self._write(data, rng)

    def place_next(self, data, rng, robot):
        """
        Move the beacon; where it fits nowhere, lay out everything anew.

        :param robot: (2,) where the robot stands in this area, m
        """
        for _ in range(TRIES):
            beacon = self._draw_beacon(robot, rng)
            if beacon is not None and all(
                    np.hypot(*(beacon - at)) > BEACON_RADIUS + BEACON_CLEARANCE + _reach(i)
                    for i, at in self.crates.items()):
                self.beacon = beacon
                break
        else:
            while not self._lay_out(robot, rng):
                pass
        self._write(data, rng)

    def _draw_beacon(self, robot, rng):
        angle, distance = rng.uniform(-math.pi, math.pi), rng.uniform(*BEACON_DISTANCE)
        beacon = robot + distance * np.array([math.cos(angle), math.sin(angle)])
        return beacon if np.all(np.abs(beacon) < HALF - 0.15) else None

    def _lay_out(self, robot, rng) -> bool:
        """Draw a beacon and crates round the robot; return whether all of them fit."""
        beacon = self._draw_beacon(robot, rng)
        if beacon is None:
            return False
        self.beacon, self.crates = beacon, {}
        count = rng.integers(CRATE_COUNT[0], CRATE_COUNT[1] + 1)
        chosen = rng.permutation(len(CRATES))[:count]
        for number, index in enumerate(chosen):
            for _ in range(TRIES):
                at = self._draw_crate(robot, rng, number == 0)
                if self._fits(int(index), at, robot):
                    self.crates[int(index)] = at
                    break
        return len(self.crates) >= CRATE_COUNT[0]

    def _draw_crate(self, robot, rng, on_the_way):
        """Return a place (2,): near the straight line to the beacon, or anywhere."""
        if not on_the_way:
            return rng.uniform(-HALF + 0.5, HALF - 0.5, 2)
        way = self.beacon - robot
        side = np.array([-way[1], way[0]]) / np.hypot(*way)
        return robot + rng.uniform(0.3, 0.8) * way + rng.uniform(-0.3, 0.3) * side

    def _fits(self, index, at, robot) -> bool:
        reach = _reach(index)
        return bool(np.hypot(*(at - robot)) > START_CLEARANCE + reach
                    and np.hypot(*(at - self.beacon)) > BEACON_RADIUS + BEACON_CLEARANCE + reach
                    and all(np.hypot(*(at - other)) > CRATE_GAP + reach + _reach(i)
                            for i, other in self.crates.items()))

    def _write(self, data, rng):
        self._put(data, 'beacon', (*self.beacon, BEACON_HEIGHT / 2), 0.0)
        for index, size in enumerate(CRATES):
            at = self.crates.get(index)
            where = (2.0 * index, 0.0, PARKED) if at is None else (*at, size[2] / 2)
            self._put(data, f'crate_{index}', where, rng.uniform(-math.pi, math.pi))

    def _put(self, data, name, position, yaw):
        data.mocap_pos[self._mocap[name]] = self.place.point(position)
        data.mocap_quat[self._mocap[name]] = self.place.quaternion(yaw)


def _reach(index: int) -> float:
    """Return the radius of the circle round a crate's footprint, m."""
    return math.hypot(*CRATES[index][:2]) / 2


def _add_boards(world):
    boards = world.add_body(name='boards')
    for sign in (1, -1):
        for size, at in (((0.04, 2 * HALF, BOARD), (sign * (HALF + 0.02), 0, BOARD / 2)),
                         ((2 * HALF, 0.04, BOARD), (0, sign * (HALF + 0.02), BOARD / 2))):
            box(boards, size, at, STATIC, rgba=[0.78, 0.80, 0.82, 1])
            stripe = [s + 0.004 if s < 0.1 else s for s in size[:2]]
            box(boards, (*stripe, 0.03), (*at[:2], BOARD - 0.02), rgba=[0.95, 0.75, 0.05, 1])


def _add_beacon(world):
    beacon = world.add_body(name='beacon', mocap=True)
    lamp = {'material': 'lamp', 'rgba': [1.0, 0.80, 0.25, 1]}
    cylinder(beacon, BEACON_RADIUS, BEACON_HEIGHT, bits=STATIC, name='beacon_post', group=3)
    band = 0.2
    for k in range(5):
        color = [0.90, 0.10, 0.35, 1] if k % 2 == 0 else [0.95, 0.95, 0.95, 1]
        cylinder(beacon, BEACON_RADIUS, band, (0, 0, -BEACON_HEIGHT / 2 + band * (k + 0.5)),
                 name=f'beacon_band_{k}', rgba=color)
    cylinder(beacon, BEACON_RADIUS * 0.85, 0.1, (0, 0, BEACON_HEIGHT / 2 - 0.05),
             name='beacon_lamp', **lamp)
    sphere(beacon, BEACON_RADIUS * 0.85, (0, 0, BEACON_HEIGHT / 2), name='beacon_dome',
           **lamp)


def _add_crate(world, index, size):
    """Add a transport crate: body, corner posts, lid."""
    crate = world.add_body(name=f'crate_{index}', mocap=True)
    box(crate, size, bits=STATIC, name=f'crate_{index}', rgba=[1, 1, 1, 1],
        material=CRATE_LOOKS[index % len(CRATE_LOOKS)])
    x, y, z = size
    edge = {'rgba': [0.30, 0.31, 0.33, 1]}
    for sx in (1, -1):
        for sy in (1, -1):
            box(crate, (0.035, 0.035, z), (sx * (x / 2 - 0.012), sy * (y / 2 - 0.012), 0), **edge)
    for up in (1, -1):
        for s in (1, -1):
            box(crate, (x + 0.01, 0.03, 0.03), (0, s * (y / 2 - 0.01), up * (z / 2 - 0.013)),
                **edge)
            box(crate, (0.03, y + 0.01, 0.03), (s * (x / 2 - 0.01), 0, up * (z / 2 - 0.013)),
                **edge)
