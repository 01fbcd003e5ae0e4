"""The hall round all robots: floor, light, sky and the camera that overlooks them."""
import math

import mujoco
import numpy as np
from physai_ros.sim import textures
from physai_ros.sim.contacts import STATIC
from physai_ros.sim.shapes import plane

FLOOR_LOOKS = ('floor_concrete', 'floor_epoxy', 'floor_tiles', 'floor_green')
OVERVIEW = 'cell'
LIGHTS = ('key_light', 'fill_light')
TASK_RADIUS = {'kitting': 1.1, 'inspection': 3.2, None: 0.8}      # m, of what belongs to a robot


def add_cell(spec: mujoco.MjSpec, robots):
    """
    Add the hall to the world's specification.

    :param robots: the SimRobots that the overview camera has to show
    """
    _add_options(spec)
    rng = np.random.default_rng(3)
    looks = ((textures.concrete, (0.52, 0.53, 0.54)), (textures.epoxy, (0.62, 0.64, 0.66)),
             (textures.tiles, (0.55, 0.56, 0.58)), (textures.epoxy, (0.40, 0.50, 0.46)))
    for name, (paint, color) in zip(FLOOR_LOOKS, looks):
        textures.add_material(spec, name, paint(rng, color), (0.5, 0.5), specular=0.1,
                              shininess=0.1)
    spec.add_texture(name='sky', type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
                     builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, width=128, height=768,
                     rgb1=[0.78, 0.82, 0.86], rgb2=[0.45, 0.50, 0.56])
    plane(spec.worldbody, 30, 30, bits=STATIC, name='floor', material=FLOOR_LOOKS[0])
    _add_lights(spec.worldbody)
    _add_overview(spec, robots)


def _add_options(spec):
    spec.option.timestep = 0.002
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    spec.visual.quality.offsamples = 0
    spec.visual.map.znear = 0.01
    spec.visual.map.zfar = 60
    spec.stat.extent = 1.0
    spec.stat.center = [0, 0, 0.5]
    spec.visual.headlight.ambient = [0.32, 0.32, 0.32]
    spec.visual.headlight.diffuse = [0.12, 0.12, 0.12]
    spec.visual.headlight.specular = [0, 0, 0]


def _add_lights(world):
    directional = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    world.add_light(name='key_light', type=directional, pos=[2, -2, 6], dir=[-0.35, 0.45, -0.82],
                    diffuse=[0.62, 0.61, 0.58], specular=[0.3, 0.3, 0.3], castshadow=True)
    world.add_light(name='fill_light', type=directional, pos=[-3, 3, 6], dir=[0.5, -0.4, -0.77],
                    diffuse=[0.22, 0.23, 0.26], specular=[0, 0, 0], castshadow=False)


def _add_overview(spec, robots):
    """Look at all scenes from the front right, far enough to see them whole."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for robot in robots:
        at, reach = np.array(robot.pose[:2]), TASK_RADIUS.get(robot.task, 0.8)
        low, high = np.minimum(low, at - reach), np.maximum(high, at + reach)
    center = np.array([*(low + high) / 2, 0.4])
    distance = 1.05 * float(np.hypot(*(high - low))) + 0.6
    azimuth, elevation = math.radians(-35), math.radians(33)
    back = np.array([math.cos(elevation) * math.cos(azimuth),
                     math.cos(elevation) * math.sin(azimuth), math.sin(elevation)])
    right = np.cross([0, 0, 1], back)
    right /= np.linalg.norm(right)
    matrix = np.stack([right, np.cross(back, right), back], axis=1)
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, matrix.reshape(-1))
    spec.worldbody.add_camera(name=OVERVIEW, pos=center + distance * back, quat=quaternion,
                              fovy=40)
