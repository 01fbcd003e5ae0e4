"""The camera that shows people all robots at work."""
import math

import mujoco
import numpy as np
from physai_ros.sim.place import Place

NAME = 'cell'
FOV_Y, ASPECT = 36.0, 16 / 9
ELEVATION = math.radians(25)
# Corners of what must be in the picture, in a robot's place: x, y, z ranges in metres.
CONTENT = {'kitting': ((-0.6, 1.0), (-0.95, 0.95), (0.0, 1.7)),
           'inspection': ((-2.6, 2.6), (-2.6, 2.6), (0.0, 1.0)),
           None: ((-0.5, 0.5), (-0.5, 0.5), (0.0, 1.0))}


def add_overview(spec: mujoco.MjSpec, robots):
    """Add the camera ``cell`` to the world, so placed that it shows every robot's scene."""
    corners = np.concatenate([_corners(robot) for robot in robots])
    azimuth = _azimuth(robots)
    back = np.array([math.cos(ELEVATION) * math.cos(azimuth),
                     math.cos(ELEVATION) * math.sin(azimuth), math.sin(ELEVATION)])
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    matrix = np.stack([right, np.cross(back, right), back], axis=1)
    position = _fit(corners, matrix)
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, matrix.reshape(-1))
    spec.worldbody.add_camera(name=NAME, pos=position, quat=quaternion, fovy=FOV_Y)


def _azimuth(robots) -> float:
    """Return the direction (rad) to look from: across the row of robots, else their front."""
    places = np.array([robot.pose[:2] for robot in robots])
    row = places[-1] - places[0]
    if np.hypot(*row) < 0.5:
        return robots[0].pose[2] - math.radians(50)
    return math.atan2(row[1], row[0]) - math.radians(98)


def _corners(robot) -> np.ndarray:
    place = Place(*robot.pose)
    xs, ys, zs = CONTENT[robot.task]
    return np.array([place.point((x, y, z)) for x in xs for y in ys for z in zs])


def _fit(corners, matrix) -> np.ndarray:
    """Return the nearest position from which a camera of orientation ``matrix`` sees all."""
    seen = corners @ matrix                  # right, up, back
    tan_y = math.tan(math.radians(FOV_Y) / 2) * 0.97
    tan_x = tan_y * ASPECT
    # on each side: |offset from the axis| <= tan * (distance back - point's back)
    right = _middle(seen[:, 0], seen[:, 2], tan_x)
    up = _middle(seen[:, 1], seen[:, 2], tan_y)
    reach = max(np.max(np.abs(seen[:, 0] - right) / tan_x + seen[:, 2]),
                np.max(np.abs(seen[:, 1] - up) / tan_y + seen[:, 2]))
    return matrix @ np.array([right, up, reach])


def _middle(offset, depth, tan) -> float:
    """Return the axis that needs the least distance to hold all offsets at their depths."""
    return float((np.max(offset + tan * depth) + np.min(offset - tan * depth)) / 2)
