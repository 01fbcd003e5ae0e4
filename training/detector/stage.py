"""A robot of the default fleet in its scene, arranged at will and photographed with labels."""
from dataclasses import dataclass
from typing import Dict

import mujoco
import numpy as np
from physai_ros.core.types import CameraModel
from physai_ros.paths import share
from physai_ros.perception.camera import Camera
from physai_ros.robots.fleet import load_fleet
from physai_ros.robots.kinematics import Chain
from physai_ros.robots.profile import load_profile
from physai_ros.robots.urdf import parse
from physai_ros.sim import SimRobot, World
from physai_ros.sim.place import Place
from physai_ros.sim.robot_spec import COLLISION_GROUP
from training.detector.classes import CLASSES
from training.detector.labels import label, outline

OPTICAL = np.diag((1.0, -1.0, -1.0))      # MuJoCo's camera axes to those of the optical frame
MIN_PX = 6.0                              # smaller objects are neither wanted nor wrong
HARDLY_VISIBLE = 0.1


@dataclass(frozen=True, eq=False)
class Shot:
    """
    A picture (H, W, 3) uint8 and the truth about it.

    ``labels`` (N, 8) as in targets; ``base_t_camera`` (4, 4) as TF has it, not knowing how inexact
    the camera is mounted; ``truth`` has the positions (3,) of the robot's own objects in
    ``base_link``.
    """

    pixels: np.ndarray
    labels: np.ndarray
    camera: CameraModel
    base_t_camera: np.ndarray
    truth: Dict[str, np.ndarray]


class Stage:
    """
    The robot of a task without physics: its joints and objects are put where they shall be.

    :param task: which robot of config/fleet.yaml
    :param alone: leave out the other robots and their scenes
    """

    def __init__(self, task: str, alone: bool = False):
        fleet = load_fleet(share() / 'config' / 'fleet.yaml').robots
        self.name = next(name for name, robot in fleet.items() if robot.task == task)
        profiles = {name: load_profile(robot.profile) for name, robot in fleet.items()}
        robots = [SimRobot(name, profiles[name], profiles[name].description(), robot.pose,
                           robot.task)
                  for name, robot in fleet.items() if name == self.name or not alone]
        self.profile, self.place = profiles[self.name], Place(*fleet[self.name].pose)
        self.world = World(robots)
        self.model, self.data = self.world.model, self.world.data
        self._objects = _labelled_bodies(self.model, robots)
        self._camera = Camera(self.world.camera(self.name))
        self._chain = Chain(parse(self.profile.description()), self.profile.camera.frame)
        self._segments = None

    def arrange(self, rng: np.random.Generator):
        """Pose the robot and its objects in a scene that is already laid out; for subclasses."""

    def shoot(self, seed: int) -> Shot:
        """Return the picture of a seed."""
        self.world.reset(seed)
        self.arrange(np.random.default_rng([seed, 2]))
        mujoco.mj_forward(self.model, self.data)
        pixels = self.world.render(self.name).pixels
        labels = self._label(self._segment())
        state = self.world.joint_state(self.name)
        pose = self._chain.pose(dict(zip(state.names, state.position)))
        truth = {name: place for name, (place, _) in self.world.truth(self.name).items()}
        return Shot(np.array(pixels), labels, self._camera.model, pose, truth)

    def joint(self, name: str, value: float):
        """Write a joint's position, rad or m."""
        self.data.qpos[self.model.joint(f'{self.name}/{name}').qposadr[0]] = value

    def body(self, name: str) -> int:
        """Return a body's number in the model."""
        return self.model.body(f'{self.name}/{name}').id

    def close(self):
        """Free the graphics contexts."""
        self.world.close()
        if self._segments is not None:
            self._segments.close()

    def _segment(self) -> np.ndarray:
        """Return the number of the body that each pixel shows, (H, W), -1 for none."""
        camera = self.profile.camera
        if self._segments is None:
            self._segments = mujoco.Renderer(self.model, camera.height, camera.width, 2000)
            self._segments.enable_segmentation_rendering()
            self._option = mujoco.MjvOption()
            self._option.geomgroup[COLLISION_GROUP] = 0
        self._segments.update_scene(self.data, f'{self.name}/{camera.name}', self._option)
        self._segments.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        self._segments.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        numbers, kinds = np.moveaxis(self._segments.render(), -1, 0)
        bodies = self.model.geom_bodyid[np.clip(numbers, 0, self.model.ngeom - 1)]
        return np.where(kinds == int(mujoco.mjtObj.mjOBJ_GEOM), bodies, -1)

    def _label(self, segments) -> np.ndarray:
        """Return the labels of all objects of all scenes that are in front of the camera."""
        data = self.data
        camera = self.model.camera(f'{self.name}/{self.profile.camera.name}').id
        rotation, eye = data.cam_xmat[camera].reshape(3, 3) @ OPTICAL, data.cam_xpos[camera]
        labels = []
        for kind, body in self._objects:
            anchor = data.xpos[body] + (0.0, 0.0, CLASSES[kind].anchor_z)
            made = label(kind, (outline(self.model, data, body) - eye) @ rotation,
                         (anchor - eye) @ rotation, self._camera, segments == body)
            if made is not None:
                if min(made[6:8] - made[4:6]) < MIN_PX:
                    made[1] = min(made[1], HARDLY_VISIBLE)
                labels.append(made)
        return np.array(labels, np.float32).reshape(-1, 8)


def _labelled_bodies(model, robots) -> list:
    """Return (class, body) of the known objects of all scenes."""
    kinds = {known.class_id: kind for kind, known in enumerate(CLASSES)}
    names = [(f'{robot.name}/scene/{class_id}', kind) for robot in robots
             for class_id, kind in kinds.items()]
    bodies = {model.body(k).name: k for k in range(model.nbody)}
    return [(kind, bodies[name]) for name, kind in names if name in bodies]
