"""Pictures: quick ones for the robots' cameras, good-looking ones for people."""
import math

import mujoco
import numpy as np
from physai_ros.core.types import CameraModel
from physai_ros.sim.robot_spec import COLLISION_GROUP
from physai_ros.sim.shapes import HALL_GROUP

HIDDEN_GROUP = 5
PICTURE_SAMPLES, PICTURE_SHADOWS = 4, 8192
CAPTURE_SLICES, CAPTURE_STACKS = 16, 4       # facets of round things, round and along


def camera_model(camera) -> CameraModel:
    """
    Return the intrinsics of a profile's camera.

    Pixel centres have integer coordinates, so the axis is at (width - 1) / 2, (height - 1) / 2.
    """
    focal = camera.width / 2 / np.tan(np.radians(camera.hfov_deg) / 2)
    k = np.array([[focal, 0, (camera.width - 1) / 2], [0, focal, (camera.height - 1) / 2],
                  [0, 0, 1.0]])
    return CameraModel(camera.width, camera.height, k, np.zeros(5))


class Cameras:
    """
    Off-screen renderers of one model; use and close them in one thread.

    :param model: read at each picture, so that written colours and poses show
    """

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._renderers = {}
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = 1
        self._option.geomgroup[[COLLISION_GROUP, HIDDEN_GROUP]] = 0
        self._groups = np.array(model.geom_group)
        hall = self._groups == HALL_GROUP
        walls = hall & (model.geom_bodyid == 0)
        self._center = model.geom_pos[walls].mean(axis=0) if walls.any() else np.zeros(3)
        self._welds = model.body_weldid[model.geom_bodyid]
        self._reach = np.where(model.geom_rbound > 0, model.geom_rbound, np.inf)   # planes: 0

    def capture(self, data, camera: str, width: int, height: int) -> np.ndarray:
        """Return a robot camera's picture (H, W, 3) uint8 RGB: no shadows, no smoothing."""
        return self._draw(data, camera, (width, height, False))

    def picture(self, data, camera: str, width: int, height: int) -> np.ndarray:
        """Draw for people, with shadows and smooth edges: (H, W, 3) uint8 RGB."""
        return self._draw(data, camera, (width, height, True))

    def close(self):
        """Free the graphics contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers = {}

    def _draw(self, data, camera, key):
        renderer = self._renderers.get(key)
        if renderer is None:
            renderer = self._renderers[key] = self._create(*key)
        shown = self._in_view(data, self._model.camera(camera).id, key[0] / key[1])
        self._model.geom_group[:] = np.where(shown, self._groups, HIDDEN_GROUP)
        renderer.update_scene(data, camera, self._option)
        flags = renderer.scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SHADOW] = key[2]
        flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        return renderer.render()

    def _in_view(self, data, camera, aspect) -> np.ndarray:
        """Return which geoms (G,) may show in a picture; drawing the others costs most of it."""
        y = math.tan(math.radians(self._model.cam_fovy[camera]) / 2)
        x = y * aspect
        sides = np.array([[1, 0, -x], [-1, 0, -x], [0, 1, -y], [0, -1, -y], [0, 0, -1.0]])
        sides /= np.linalg.norm(sides, axis=1)[:, None]
        rotation = data.cam_xmat[camera].reshape(3, 3)
        inside = (data.geom_xpos - data.cam_xpos[camera]) @ (rotation @ sides.T)
        # not drawn: a camera's own housing, walls seen from outside, what is parked underground
        weld = self._model.body_weldid[self._model.cam_bodyid[camera]]
        carrier = (self._welds == weld) & (weld > 0)
        behind = np.sum((data.cam_xpos[camera] - data.geom_xpos)
                        * (self._center - data.geom_xpos), axis=1) < 0
        gone = carrier | (self._groups == HALL_GROUP) & behind | (data.geom_xpos[:, 2] < -1)
        return np.all(inside > -self._reach[:, None], axis=1) & ~gone

    def _create(self, width, height, fine) -> mujoco.Renderer:
        """Create a renderer; its quality is read from the model at this moment."""
        visual = self._model.vis
        quality, size = visual.quality, visual.global_
        before = (quality.offsamples, quality.shadowsize, quality.numslices, quality.numstacks,
                  size.offwidth, size.offheight)
        size.offwidth, size.offheight = width, height
        quality.offsamples = PICTURE_SAMPLES if fine else 0
        shadows = PICTURE_SHADOWS if width > 640 else PICTURE_SHADOWS // 4
        quality.shadowsize = shadows if fine else 0
        if not fine:
            quality.numslices, quality.numstacks = CAPTURE_SLICES, CAPTURE_STACKS
        try:
            return mujoco.Renderer(self._model, height, width, max_geom=2000)
        finally:
            (quality.offsamples, quality.shadowsize, quality.numslices, quality.numstacks,
             size.offwidth, size.offheight) = before
