"""The hall round all robots: floor, walls, light, sky."""
import mujoco
import numpy as np
from physai_ros.sim import textures
from physai_ros.sim.contacts import STATIC
from physai_ros.sim.place import yaw_quaternion
from physai_ros.sim.shapes import box, HALL_GROUP, plane

FLOOR_LOOKS = ('floor_concrete', 'floor_epoxy', 'floor_tiles', 'floor_green')
WALL_LOOKS = ('wall_panel', 'wall_plain', 'wall_dark')
LIGHTS = ('key_light', 'fill_light')
MACHINES = 7                              # that stand about, out of everybody's way
COLORS = ([0.74, 0.77, 0.80, 1], [0.52, 0.58, 0.64, 1], [0.80, 0.79, 0.74, 1])
MACHINE_SIZES = ((1.2, 0.8, 1.5), (0.8, 0.6, 1.9), (1.6, 0.9, 1.2))
TASK_RADIUS = {'kitting': 1.2, 'inspection': 3.1, None: 0.8}      # m, of what belongs to a robot
PARKED = -5.0                             # z of what is not in use: under the floor
WALL_DISTANCE, WALL_HEIGHT = 6.5, 4.0     # m, from what belongs to the robots


def bounds(robots):
    """Return the corners (2,), (2,) on the floor of all that belongs to the robots, m."""
    at = np.array([robot.pose[:2] for robot in robots])
    reach = np.array([TASK_RADIUS[robot.task] for robot in robots])[:, None]
    return (at - reach).min(axis=0), (at + reach).max(axis=0)


def add_cell(spec: mujoco.MjSpec, robots):
    """
    Add the hall to the world's specification.

    :param robots: the SimRobots that the hall has to enclose
    """
    _add_options(spec)
    _add_materials(spec)
    plane(spec.worldbody, 40, 40, bits=STATIC, name='floor', material=FLOOR_LOOKS[0],
          rgba=[1, 1, 1, 1])
    low, high = bounds(robots)
    _add_lights(spec, (low + high) / 2, float(np.hypot(*(high - low)) / 2) + 1.0)
    _add_walls(spec.worldbody, low - WALL_DISTANCE, high + WALL_DISTANCE)
    for index in range(MACHINES):
        _add_machine(spec.worldbody, index)


def place_machines(model, data, rng, robots):
    """Put the machines anywhere between the robots' places and the walls."""
    for index, (x, y, yaw) in enumerate(_draw_machines(rng, robots)):
        mocap = model.body(f'machine_{index}').mocapid[0]
        data.mocap_pos[mocap] = (x, y, 0.0)
        data.mocap_quat[mocap] = yaw_quaternion(yaw)


def _draw_machines(rng, robots):
    low, high = bounds(robots)
    found = []
    while len(found) < MACHINES:
        at = rng.uniform(low - WALL_DISTANCE + 1.5, high + WALL_DISTANCE - 1.5)
        if np.all(at > low - 1.5) and np.all(at < high + 1.5):
            continue
        if all(np.hypot(*(at - other[:2])) > 2.2 for other in found):
            found.append((*at, rng.choice((0.0, np.pi / 2, np.pi, -np.pi / 2))))
    return found


def _add_options(spec):
    spec.option.timestep = 0.002
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    spec.visual.quality.offsamples = 0
    spec.visual.map.znear, spec.visual.map.zfar = 0.01, 50
    spec.stat.extent, spec.stat.center = 1.0, [0, 0, 0.5]
    spec.visual.headlight.ambient = [0.36, 0.36, 0.37]
    spec.visual.headlight.diffuse = [0.10, 0.10, 0.10]
    spec.visual.headlight.specular = [0, 0, 0]


def _add_materials(spec):
    rng = np.random.default_rng(3)
    floors = ((textures.concrete, (0.55, 0.56, 0.57)), (textures.epoxy, (0.60, 0.63, 0.66)),
              (textures.tiles, (0.58, 0.58, 0.58)), (textures.epoxy, (0.42, 0.53, 0.48)))
    for name, (paint, color) in zip(FLOOR_LOOKS, floors):
        textures.add_material(spec, name, paint(rng, color), (0.4, 0.4), specular=0.1,
                              shininess=0.1)
    walls = ((textures.tiles, (0.80, 0.82, 0.84)), (textures.plain, (0.74, 0.74, 0.70)),
             (textures.concrete, (0.40, 0.43, 0.47)))
    for name, (paint, color) in zip(WALL_LOOKS, walls):
        textures.add_material(spec, name, paint(rng, color), (0.25, 0.25), specular=0.0)
    spec.add_texture(name='sky', type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
                     builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, width=64, height=384,
                     rgb1=[0.80, 0.83, 0.86], rgb2=[0.55, 0.58, 0.62])


def _add_lights(spec, center, radius):
    """Add two suns; the key light's shadows reach ``radius`` metres round ``center`` (2,)."""
    spec.visual.map.shadowclip = 1.5 * radius / spec.stat.extent
    directional = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    for name, direction, diffuse, specular in (
            ('key_light', (0.35, 0.40, -0.85), (0.64, 0.63, 0.60), 0.25),
            ('fill_light', (-0.5, -0.4, -0.77), (0.22, 0.23, 0.26), 0.0)):
        at = np.array([*center, 0.0]) - 1.5 * radius * np.array(direction)
        spec.worldbody.add_light(name=name, type=directional, pos=at, dir=direction,
                                 diffuse=diffuse, specular=[specular] * 3,
                                 castshadow=specular > 0)


def _add_walls(world, low, high):
    middle, size, wall = (low + high) / 2, high - low, {'material': WALL_LOOKS[0],
                                                        'rgba': [1, 1, 1, 1],
                                                        'group': HALL_GROUP}
    sides = (('left', (middle[0], high[1]), (size[0], 0.1)),
             ('right', (middle[0], low[1]), (size[0], 0.1)),
             ('front', (high[0], middle[1]), (0.1, size[1])),
             ('back', (low[0], middle[1]), (0.1, size[1])))
    for name, at, base in sides:
        box(world, (*base, WALL_HEIGHT), (*at, WALL_HEIGHT / 2), name=f'wall_{name}', **wall)
        skirt = [b + 0.04 if b < 1 else b for b in base]
        box(world, (*skirt, 0.25), (*at, 1.1), name=f'stripe_{name}', group=HALL_GROUP,
            rgba=[0.10, 0.34, 0.60, 1])


def _add_machine(world, index):
    """Add a machine tool or cupboard: body, dark window, plinth."""
    body = world.add_body(name=f'machine_{index}', mocap=True, pos=[0, 0, PARKED])
    x, y, z = MACHINE_SIZES[index % len(MACHINE_SIZES)]
    box(body, (x, y, z - 0.1), (0, 0, z / 2 + 0.05), name=f'machine_{index}',
        group=HALL_GROUP, rgba=COLORS[index % len(COLORS)])
    box(body, (x - 0.06, y - 0.06, 0.1), (0, 0, 0.05), group=HALL_GROUP,
        rgba=[0.15, 0.16, 0.18, 1])
    for side in (1, -1):
        box(body, (0.5 * x, 0.02, 0.35 * z), (-0.1 * x, side * y / 2, 0.64 * z),
            group=HALL_GROUP, rgba=[0.12, 0.16, 0.20, 1])
        box(body, (0.2 * x, 0.02, 0.2 * z), (0.3 * x, side * y / 2, 0.64 * z),
            group=HALL_GROUP, rgba=[0.88, 0.60, 0.12, 1])
