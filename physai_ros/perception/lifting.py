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
    direction = base_t_camera[:3, :3] @ ray
    origin = base_t_camera[:3, 3]
    norm = np.linalg.norm(direction)
    if not np.isfinite(origin).all() or not math.isfinite(plane_z) or not norm > 0.0 \
            or not math.isfinite(norm):
        return None
    sine = direction[2] / norm
    if abs(sine) < math.sin(GRAZING_RAD):
        return None
    distance = (plane_z - origin[2]) / sine
    if distance <= 0.0:
        return None
    point = origin + distance * direction / norm
    point[2] = plane_z
    return point
