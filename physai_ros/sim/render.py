"""Pictures: quick ones for the robots' cameras, good-looking ones for people."""
import mujoco
import numpy as np
from physai_ros.core.types import CameraModel
from physai_ros.sim.robot_spec import COLLISION_GROUP

PICTURE_SAMPLES, PICTURE_SHADOWS = 4, 4096


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
        self._option.geomgroup[COLLISION_GROUP] = 0

    def capture(self, data, camera: str, width: int, height: int) -> np.ndarray:
        """Return a robot camera's picture (H, W, 3) uint8 RGB: no shadows, no smoothing."""
        return self._draw(data, camera, (width, height, False))

    def picture(self, data, camera: str, width: int, height: int) -> np.ndarray:
        """Return a picture (H, W, 3) uint8 RGB with shadows and smooth edges."""
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
        renderer.update_scene(data, camera, self._option)
        flags = renderer.scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SHADOW] = key[2]
        flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        return renderer.render()

    def _create(self, width, height, fine) -> mujoco.Renderer:
        """Create a renderer; its quality is read from the model at this moment."""
        visual = self._model.vis
        quality, size = visual.quality, visual.global_
        before = (quality.offsamples, quality.shadowsize, size.offwidth, size.offheight)
        size.offwidth, size.offheight = width, height
        quality.offsamples = PICTURE_SAMPLES if fine else 0
        quality.shadowsize = PICTURE_SHADOWS if fine else 0
        try:
            return mujoco.Renderer(self._model, height, width, max_geom=2000)
        finally:
            (quality.offsamples, quality.shadowsize,
             size.offwidth, size.offheight) = before
