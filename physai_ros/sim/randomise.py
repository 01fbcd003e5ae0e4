"""What differs from seed to seed in how the world looks; written into the compiled model."""
import math

import mujoco
import numpy as np
from physai_ros.sim.cell import FLOOR_LOOKS, LIGHTS, WALL_LOOKS
from physai_ros.sim.scene_kitting import BENCH_LOOKS

CAMERA_SHIFT = 0.003                  # m, most error of the camera's mounting
CAMERA_TURN = math.radians(0.3)       # rad
SPREAD = {'workpiece': 0.10, 'tray': 0.08, 'beacon': 0.06, 'crate': 0.15, 'stripe': 0.15,
          'floor': 0.06}          # of colour components in 0..1


class Appearance:
    """
    Remembers the model as it was built and varies it.

    :param cameras: names of the cameras in the model whose mounting is inexact
    """

    def __init__(self, model: mujoco.MjModel, cameras):
        self._model = model
        self._cameras = [model.camera(name).id for name in cameras]
        self._lights = [model.light(name).id for name in LIGHTS]
        self._nominal = {name: np.array(getattr(model, name)) for name in (
            'cam_pos', 'cam_quat', 'light_dir', 'light_diffuse', 'geom_rgba', 'geom_matid')}
        self._ambient = np.array(model.vis.headlight.ambient)
        self._kinds = _geoms_by_kind(model)

    def restore(self):
        """Undo all variation."""
        for name, value in self._nominal.items():
            getattr(self._model, name)[:] = value
        self._model.vis.headlight.ambient[:] = self._ambient

    def draw(self, rng: np.random.Generator):
        """Vary light, surfaces, colours and camera mountings."""
        self.restore()
        self._draw_lights(rng)
        self._draw_camera_errors(rng)
        self._choose_material('floor', FLOOR_LOOKS, rng)
        self._choose_material('wall', WALL_LOOKS, rng)
        self._choose_material('bench_top', BENCH_LOOKS, rng)
        for kind, spread in SPREAD.items():
            self._tint(kind, spread, rng)
        for geom, _ in self._kinds['machine']:
            self._tint_geoms([geom], 0.10, rng)

    def _draw_lights(self, rng):
        model = self._model
        model.vis.headlight.ambient[:] = self._ambient * rng.uniform(0.85, 1.25)
        for light in self._lights:
            model.light_dir[light] += rng.uniform(-0.3, 0.3, 3)
            model.light_dir[light] /= np.linalg.norm(model.light_dir[light])
            warmth = 1 + rng.uniform(-0.08, 0.08) * np.array([1.0, 0.0, -1.0])
            model.light_diffuse[light] *= rng.uniform(0.75, 1.2) * warmth

    def _draw_camera_errors(self, rng):
        for camera in self._cameras:
            shift, turn = rng.uniform(-1, 1, 3), rng.uniform(-1, 1, 3)
            self._model.cam_pos[camera] += CAMERA_SHIFT * shift / max(1, np.linalg.norm(shift))
            angle = CAMERA_TURN * turn / max(1.0, np.linalg.norm(turn))
            mujoco.mju_quatIntegrate(self._model.cam_quat[camera], angle, 1.0)

    def _choose_material(self, kind, names, rng):
        chosen = {}
        for geom, prefix in self._kinds.get(kind, ()):
            name = chosen.setdefault(prefix, names[rng.integers(len(names))])
            self._model.geom_matid[geom] = self._model.material(prefix + name).id

    def _tint(self, kind, spread, rng):
        """Shift the colours of all geoms of a kind alike."""
        self._tint_geoms([geom for geom, _ in self._kinds.get(kind, ())], spread, rng)

    def _tint_geoms(self, geoms, spread, rng):
        shift = rng.uniform(-spread, spread, 3) + rng.uniform(-spread, spread)
        self._model.geom_rgba[geoms, :3] = np.clip(
            self._nominal['geom_rgba'][geoms, :3] + shift, 0.0, 1.0)


def _geoms_by_kind(model) -> dict:
    """Return (geom, prefix) by the first word of the geom's name behind its prefix."""
    kinds = {}
    for geom in range(model.ngeom):
        prefix, _, name = model.geom(geom).name.rpartition('/')
        prefix = prefix + '/' if prefix else ''
        if prefix and not prefix.endswith('/scene/'):
            continue
        for kind in {name, name.split('_')[0]}:
            kinds.setdefault(kind, []).append((geom, prefix))
    return kinds
