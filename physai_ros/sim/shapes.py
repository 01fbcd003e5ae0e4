"""Geoms of a scene in one line each; sizes are full lengths in metres."""
import mujoco
from physai_ros.sim.contacts import NOTHING, set_bits

SCENE_GROUP, HALL_GROUP = 1, 4
_TYPES = {'box': mujoco.mjtGeom.mjGEOM_BOX, 'cylinder': mujoco.mjtGeom.mjGEOM_CYLINDER,
          'sphere': mujoco.mjtGeom.mjGEOM_SPHERE, 'plane': mujoco.mjtGeom.mjGEOM_PLANE}


def box(body, size, position=(0.0, 0.0, 0.0), bits=NOTHING, **kwargs):
    """Add a box of ``size`` (3,); further properties are those of MuJoCo's geom."""
    return _geom(body, 'box', [s / 2 for s in size], position, bits, kwargs)


def cylinder(body, radius, height, position=(0.0, 0.0, 0.0), bits=NOTHING, **kwargs):
    """Add an upright cylinder."""
    return _geom(body, 'cylinder', [radius, height / 2, 0], position, bits, kwargs)


def sphere(body, radius, position=(0.0, 0.0, 0.0), bits=NOTHING, **kwargs):
    """Add a ball."""
    return _geom(body, 'sphere', [radius, 0, 0], position, bits, kwargs)


def plane(body, half_x, half_y, position=(0.0, 0.0, 0.0), bits=NOTHING, **kwargs):
    """Add a floor that is drawn ``half_x`` by ``half_y`` metres to each side."""
    return _geom(body, 'plane', [half_x, half_y, 1.0], position, bits, kwargs)


def _geom(body, kind, size, position, bits, kwargs):
    kwargs.setdefault('group', SCENE_GROUP)
    geom = body.add_geom(type=_TYPES[kind], size=list(size), pos=list(position), **kwargs)
    set_bits(geom, bits)
    return geom
