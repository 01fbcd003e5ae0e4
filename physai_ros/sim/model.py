"""Put robots, their scenes and the hall into one compiled MuJoCo model."""
from typing import Dict, Sequence, Tuple

import mujoco
from physai_ros.core.errors import ConfigError
from physai_ros.sim.cell import add_cell
from physai_ros.sim.overview import add_overview
from physai_ros.sim.place import Place
from physai_ros.sim.robot_spec import robot_part, RobotPart, SimRobot
from physai_ros.sim.scene_inspection import InspectionScene
from physai_ros.sim.scene_kitting import KittingScene
from physai_ros.sim.servo import add_actuators

SCENES = {'kitting': KittingScene, 'inspection': InspectionScene}


def build(robots: Sequence[SimRobot]) -> Tuple[mujoco.MjModel, Dict[str, RobotPart], dict]:
    """
    Compile the world.

    :return: the model, and by robot name its part and its scene (None without a task)
    :raises ConfigError: for two robots of one name, an unknown task or an unusable URDF
    """
    spec, parts, scenes = mujoco.MjSpec(), {}, {}
    add_cell(spec, robots)
    add_overview(spec, robots)
    for robot in robots:
        if robot.name in parts:
            raise ConfigError('robot name', robot.name, 'each name once')
        if robot.task is not None and robot.task not in SCENES:
            raise ConfigError(f'task of {robot.name}', robot.task, f'one of {sorted(SCENES)}')
        place = Place(*robot.pose)
        parts[robot.name] = part = robot_part(robot)
        add_actuators(part.spec, part.description)
        _attach(spec, part.spec, f'{robot.name}/', place, part.height)
        scenes[robot.name] = scene = None
        if robot.task is not None:
            scenes[robot.name] = scene = SCENES[robot.task](f'{robot.name}/scene/', place)
            _attach(spec, scene.spec(), scene.prefix, place, 0.0)
    cameras = [r.profile.camera for r in robots if r.profile.camera]
    spec.visual.global_.offwidth = max([c.width for c in cameras] + [640])
    spec.visual.global_.offheight = max([c.height for c in cameras] + [480])
    model = spec.compile()
    for scene in scenes.values():
        if scene is not None:
            scene.bind(model)
    return model, parts, scenes


def _attach(spec, child, prefix, place, height):
    frame = spec.worldbody.add_frame(pos=place.point((0, 0, height)), quat=place.quaternion())
    spec.attach(child, prefix=prefix, frame=frame)
