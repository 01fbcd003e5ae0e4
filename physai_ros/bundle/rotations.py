"""Rotations as models want them, from unit quaternions (w, x, y, z)."""
from typing import Literal

import numpy as np

Representation = Literal['quaternion_xyzw', 'quaternion_wxyz', 'rotation_6d', 'rotation_6d_rows',
                         'rotation_matrix', 'rotation_vector', 'euler_rpy']
SIZES = {'quaternion_xyzw': 4, 'quaternion_wxyz': 4, 'rotation_6d': 6, 'rotation_6d_rows': 6,
         'rotation_matrix': 9, 'rotation_vector': 3, 'euler_rpy': 3}
TWOFOLD = ('quaternion_xyzw', 'quaternion_wxyz', 'rotation_vector')
UNTURNED = np.array([1.0, 0.0, 0.0, 0.0])


def matrix(quaternion) -> np.ndarray:
    """Return a rotation as (3, 3); the quaternion may have any length but zero."""
    w, x, y, z = quaternion
    s = 2.0 / (w * w + x * x + y * y + z * z)
    return np.array([
        [1.0 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w)],
        [s * (x * y + z * w), 1.0 - s * (x * x + z * z), s * (y * z - x * w)],
        [s * (x * z - y * w), s * (y * z + x * w), 1.0 - s * (x * x + y * y)]])


def quaternion_of(rotation) -> np.ndarray:
    """
    Return the unit quaternion of a matrix (3, 3), w not negative.

    Shepperd's method: the largest component is found first.
    """
    m = np.asarray(rotation, dtype=float)
    squares = np.array([1.0 + m[0, 0] + m[1, 1] + m[2, 2], 1.0 + m[0, 0] - m[1, 1] - m[2, 2],
                        1.0 - m[0, 0] + m[1, 1] - m[2, 2], 1.0 - m[0, 0] - m[1, 1] + m[2, 2]])
    largest = int(np.argmax(squares))
    products = np.array([
        [squares[0], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
        [m[2, 1] - m[1, 2], squares[1], m[1, 0] + m[0, 1], m[0, 2] + m[2, 0]],
        [m[0, 2] - m[2, 0], m[1, 0] + m[0, 1], squares[2], m[2, 1] + m[1, 2]],
        [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[2, 1] + m[1, 2], squares[3]]])
    return canonical(products[largest])


def canonical(quaternion, near=UNTURNED) -> np.ndarray:
    """
    Return that one of the two unit quaternions of a rotation which is nearer to another one.

    :param near: (4,) w first, of any length but zero; by default w is not negative
    """
    unit = np.asarray(quaternion, dtype=float)
    unit = unit / np.linalg.norm(unit)
    return -unit if unit @ near < 0.0 else unit


def represent(quaternion, representation: str, near=UNTURNED) -> np.ndarray:
    """
    Return a rotation as one of SIZES says.

    ``rotation_6d`` is the first column of the matrix, then the second (Zhou et al. 2019,
    https://arxiv.org/abs/1812.07035); ``rotation_6d_rows`` the first row, then the second
    (PyTorch3D), ``rotation_matrix`` all three rows. ``euler_rpy`` is roll, pitch, yaw about the
    fixed axes x, y, z (REP 103).
    ``rotation_vector`` is longer than pi where the quaternion that is ``near`` has a negative w.

    :param quaternion: (4,) w first, of any length but zero
    :param near: see ``canonical``; for those of TWOFOLD
    """
    if representation.startswith('quaternion'):
        w, x, y, z = canonical(quaternion, near)
        return np.array((x, y, z, w) if representation == 'quaternion_xyzw' else (w, x, y, z))
    if representation == 'rotation_vector':
        w, *axis = canonical(quaternion, near)
        length = float(np.linalg.norm(axis))
        angle = 2.0 * np.arctan2(length, w)
        return np.array(axis) * (angle / length if length > 1e-12 else 2.0)
    m = matrix(quaternion)
    if representation == 'euler_rpy':
        return np.array((np.arctan2(m[2, 1], m[2, 2]), -np.arcsin(np.clip(m[2, 0], -1.0, 1.0)),
                         np.arctan2(m[1, 0], m[0, 0])))
    if representation == 'rotation_6d':
        return m[:, :2].T.reshape(-1)
    return m[:SIZES[representation] // 3].reshape(-1)


def rotation_vectors(rows, representation: str) -> np.ndarray:
    """
    Return rotations as rotation vectors (K, 3); not finite where the numbers are no rotation.

    :param rows: (K, n) as ``represent`` gives them, but of any length, and columns of a 6D
        rotation at any angle: the first keeps its direction, the second their plane; of a matrix
        the nearest rotation is meant
    """
    if representation == 'rotation_vector':
        return np.array(rows)
    return np.array([represent(_quaternion(row, representation), 'rotation_vector')
                     for row in rows]).reshape(-1, 3)


def _quaternion(row, representation):
    """Return the unit quaternion, w first, of the numbers of a rotation."""
    if representation == 'quaternion_wxyz':
        return canonical(row)
    if representation == 'quaternion_xyzw':
        return canonical(np.roll(row, 1))
    if representation == 'euler_rpy':
        (cr, cp, cy), (sr, sp, sy) = np.cos(row / 2.0), np.sin(row / 2.0)
        return canonical((cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy,
                          cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy))
    if representation == 'rotation_matrix':
        return quaternion_of(_nearest(row.reshape(3, 3)))
    first = row[:3] / np.linalg.norm(row[:3])
    second = row[3:] - (first @ row[3:]) * first
    second = second / np.linalg.norm(second)
    turned = np.array((first, second, np.cross(first, second)))
    return quaternion_of(turned.T if representation == 'rotation_6d' else turned)


def _nearest(numbers):
    """Return the rotation (3, 3) nearest to a matrix; NaN where there is none or more than one."""
    if not np.isfinite(numbers).all():
        return np.full((3, 3), np.nan)
    left, lengths, right = np.linalg.svd(numbers)
    sign = np.linalg.det(left @ right)
    lengths = lengths / max(lengths[0], 1e-300)
    if lengths[1] + sign * lengths[2] < 1e-6:
        return np.full((3, 3), np.nan)
    return left @ np.diag([1.0, 1.0, sign]) @ right
