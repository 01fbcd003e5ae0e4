"""One robot in its randomised scene, arranged at will and photographed with labels."""
from dataclasses import dataclass
from typing import Dict

import mujoco
import numpy as np
from physai_ros.core.types import CameraModel
from physai_ros.perception.camera import Camera
from physai_ros.robots.kinematics import Chain
from physai_ros.robots.profile import load_profile
from physai_ros.robots.urdf import parse
from physai_ros.sim import SimRobot
from physai_ros.sim.model import build
from physai_ros.sim.randomise import Appearance
from physai_ros.sim.render import camera_model, Cameras
from physai_ros.sim.robot_spec import COLLISION_GROUP, rest_positions
from training.detector.classes import CLASSES
from training.detector.labels import label, outline

OPTICAL = np.diag((1.0, -1.0, -1.0))      # MuJoCo's camera axes to those of the optical frame


@dataclass(frozen=True, eq=False)
class Shot:
    """
    A picture (H, W, 3) uint8 and the truth about it.

    ``labels`` (N, 8) as in targets; ``base_t_camera`` (4, 4) as TF has it, not knowing how inexact
    the camera is mounted; ``truth`` has the positions (3,) of the objects in ``base_link``.
    """

    pixels: np.ndarray
    labels: np.ndarray
    camera: CameraModel
    base_t_camera: np.ndarray
    truth: Dict[str, np.ndarray]


class Stage:
    """
    A simulated robot without physics: joints and objects are put where they shall be.

    :param profile: name of the robot's profile
    :param task: its scene
    """

    name = 'robot'

    def __init__(self, profile: str, task: str):
        self.profile = load_profile(profile)
        description = self.profile.description()
        robot = SimRobot(self.name, self.profile, description, (0.0, 0.0, 0.0), task)
        self.model, self._parts, scenes = build([robot])
        self.data = mujoco.MjData(self.model)
        self.scene = scenes[self.name]
        self._camera_name = f'{self.name}/{self.profile.camera.name}'
        self._appearance = Appearance(self.model, [self._camera_name])
        self._cameras = Cameras(self.model)
        self._camera = Camera(camera_model(self.profile.camera))
        self._chain = Chain(parse(description), self.profile.camera.frame)
        self._segments = None

    def arrange(self, rng: np.random.Generator):
        """Lay out the scene and pose the robot; subclasses add to it."""
        mujoco.mj_resetData(self.model, self.data)
        self.scene.reset(self.data, rng)
        for name, value in rest_positions(self.profile).items():
            self.joint(name, value)

    def shoot(self, seed: int) -> Shot:
        """Return the picture of a seed."""
        rng = np.random.default_rng(seed)
        self._appearance.draw(rng)
        self.arrange(rng)
        mujoco.mj_forward(self.model, self.data)
        camera = self.profile.camera
        pixels = self._cameras.capture(self.data, self._camera_name, camera.width, camera.height)
        labels, truth = self._label(self._segment())
        joints = {n.partition('/')[2]: float(self.data.qpos[self.model.joint(n).qposadr[0]])
                  for n in self._joint_names()}
        return Shot(np.array(pixels), labels, self._camera.model, self._chain.pose(joints), truth)

    def joint(self, name: str, value: float):
        """Write a joint's position, rad or m."""
        self.data.qpos[self.model.joint(f'{self.name}/{name}').qposadr[0]] = value

    def body(self, name: str) -> int:
        """Return a body's number in the model."""
        return self.model.body(f'{self.name}/{name}').id

    def close(self):
        """Free the graphics contexts."""
        self._cameras.close()
        if self._segments is not None:
            self._segments.close()

    def _joint_names(self):
        names = [self.model.joint(k).name for k in range(self.model.njnt)]
        return [n for n in names if n.startswith(f'{self.name}/') and '/scene/' not in n]

    def _segment(self) -> np.ndarray:
        """Return the number of the body that each pixel shows, (H, W), -1 for none."""
        if self._segments is None:
            camera = self.profile.camera
            self._segments = mujoco.Renderer(self.model, camera.height, camera.width, 2000)
            self._segments.enable_segmentation_rendering()
            self._option = mujoco.MjvOption()
            self._option.geomgroup[COLLISION_GROUP] = 0
        self._segments.update_scene(self.data, self._camera_name, self._option)
        self._segments.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        self._segments.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        numbers, kinds = np.moveaxis(self._segments.render(), -1, 0)
        bodies = self.model.geom_bodyid[np.clip(numbers, 0, self.model.ngeom - 1)]
        return np.where(kinds == int(mujoco.mjtObj.mjOBJ_GEOM), bodies, -1)

    def _label(self, segments):
        camera = self.model.camera(self._camera_name).id
        rotation = self.data.cam_xmat[camera].reshape(3, 3) @ OPTICAL
        base = self.body(self._parts[self.name].description.root)
        labels, truth = [], {}
        for kind, known in enumerate(CLASSES):
            if known.class_id not in self.scene.objects:
                continue
            body = self.model.body(self.scene.prefix + known.class_id).id
            centre = self.data.xpos[body]
            truth[known.class_id] = self.data.xmat[base].reshape(3, 3).T @ (
                centre - self.data.xpos[base])
            points = outline(self.model, self.data, body) - self.data.cam_xpos[camera]
            anchor = centre + (0.0, 0.0, known.anchor_z) - self.data.cam_xpos[camera]
            labels.append(label(kind, points @ rotation, anchor @ rotation, self._camera,
                                segments == body))
        return np.array([x for x in labels if x is not None], np.float32).reshape(-1, 8), truth
