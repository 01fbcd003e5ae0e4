"""Labels from the simulator's truth: where an object's outline and anchor are in a picture."""
import cv2
import mujoco
import numpy as np
from physai_ros.perception.camera import Camera

RIM = np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 24, endpoint=False)), np.sin(a)], axis=1)
NEAR_M = 0.02
CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)


def outline(model, data, body: int) -> np.ndarray:
    """Return points (N, 3) in world coordinates that span the visible geoms of a body."""
    points = []
    for geom in np.flatnonzero(model.geom_bodyid == body):
        size, kind = model.geom_size[geom], model.geom_type[geom]
        if kind == mujoco.mjtGeom.mjGEOM_BOX:
            local = CORNERS * size
        elif kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
            local = np.concatenate([np.insert(RIM * size[0], 2, z, axis=1)
                                    for z in (-size[1], size[1])])
        else:
            ring = RIM * size[0]
            local = np.concatenate([np.insert(ring, axis, 0.0, axis=1) for axis in range(3)])
        points.append(local @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom])
    return np.concatenate(points)


def label(kind: int, points: np.ndarray, anchor: np.ndarray, camera: Camera, seen: np.ndarray):
    """
    Return one label as in targets, or None where the object is not in front of the camera.

    :param kind: index of the class
    :param points: (N, 3) outline in the optical frame
    :param anchor: (3,) in the optical frame
    :param seen: (H, W) bool, where the object is visible
    """
    height, width = seen.shape
    ahead = points[points[:, 2] > NEAR_M]
    if anchor[2] < NEAR_M or len(ahead) < 3:
        return None
    (u, v), pixels = camera.project(anchor)[0], camera.project(ahead)
    hull = cv2.convexHull(pixels.astype(np.float32)).reshape(-1, 2)
    frame = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5),
                      (-0.5, height - 0.5)], np.float32)
    area, _ = cv2.intersectConvexConvex(hull, frame)
    low = np.clip(pixels.min(axis=0), -0.5, (width - 0.5, height - 0.5))
    high = np.clip(pixels.max(axis=0), -0.5, (width - 0.5, height - 0.5))
    share = min(1.0, np.count_nonzero(seen) / max(area, 1.0))
    return np.array((kind, share, u, v, *low, *high), np.float32)
