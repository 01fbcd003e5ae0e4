"""From a direction in the picture to a place on a known horizontal plane."""
import math
from typing import Optional

import numpy as np

GRAZING_RAD = math.radians(3.0)


def lift(ray: np.ndarray, base_t_camera: np.ndarray, plane_z: float) -> Optional[np.ndarray]:
    """
    Intersect a camera ray with the plane ``z = plane_z``.

    :param ray: (3,) direction in the optical frame
    :param base_t_camera: (4, 4) pose of the optical frame in ``base_link``
    :param plane_z: height of the plane in ``base_link``, metres
    :return: (3,) metres in ``base_link``; None where the ray misses the plane, meets it behind the
        camera or at less than 3 degrees, or where any input is not finite
    """
    if not (np.isfinite(base_t_camera).all() and np.isfinite(ray).all() and np.any(ray)
            and math.isfinite(plane_z)):
        return None
    origin = base_t_camera[:3, 3]
    direction = base_t_camera[:3, :3] @ (ray / np.linalg.norm(ray))
    sine = direction[2]
    if abs(sine) < math.sin(GRAZING_RAD):
        return None
    distance = (plane_z - origin[2]) / sine
    if distance <= 0.0:
        return None
    point = origin + distance * direction
    point[2] = plane_z
    return point
