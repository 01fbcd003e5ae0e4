"""The convex hull of a mesh, of so few points that a distance to it is measured quickly."""
import numpy as np

POINTS = 500


def convex(points: np.ndarray):
    """
    Return the hull of points (N, 3) as a shape of coal.

    More than ``POINTS`` points (a CAD mesh has tens of thousands) are replaced by those of them
    that are outermost in that many directions. Corners stay; a round surface loses about a
    hundredth of its radius at most, which is less than the margin that is kept.
    """
    import coal
    points = np.asarray(points)
    if len(points) > POINTS:
        outermost = np.argmax(_directions(POINTS) @ (points - points.mean(axis=0)).T, axis=1)
        points = points[np.unique(outermost)]
    corners = coal.StdVec_Vec3s()
    corners.extend(list(points))
    return coal.Convex.convexHull(corners, False, '')


def _directions(count: int) -> np.ndarray:
    """Return unit vectors (count, 3), spread evenly over the sphere by the golden angle."""
    k = np.arange(count) + 0.5
    z, angle = 1.0 - 2.0 * k / count, np.pi * (1.0 + np.sqrt(5.0)) * k
    ring = np.sqrt(1.0 - z * z)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)
