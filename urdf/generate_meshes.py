"""
Generate the shells of the reference robots: ``python urdf/generate_meshes.py``.

A shell is a loft: superellipse sections along an axis, rounded off at both ends, or a patch of a
superellipsoid. Lengths in metres, in the frame of the link that shows the mesh. Output: Wavefront
OBJ files in ``urdf/meshes``, the same bytes on every machine.
"""
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent / 'meshes'
CREASE_RAD = np.radians(38)

# Per loft: axis, end roundings (start, end), and stations: position along the axis, centre of the
# section in the two other axes, half widths in them, exponent (2 an ellipse, 4 nearly a box).
LOFTS = {
    'pedestal_base': ('z', (0.012, 0.03), [
        (0.012, -0.03, 0, 0.205, 0.245, 4), (0.085, -0.03, 0, 0.195, 0.235, 4)]),
    'pedestal_column': ('z', (0.0, 0.02), [
        (0.07, -0.03, 0, 0.150, 0.180, 3.2), (0.13, -0.03, 0, 0.118, 0.145, 3.0),
        (0.25, -0.025, 0, 0.094, 0.118, 2.7), (0.50, -0.015, 0, 0.080, 0.100, 2.6),
        (0.80, 0.0, 0, 0.072, 0.088, 2.6)]),
    'abdomen': ('z', (0.015, 0.0), [
        (0.00, 0.000, 0, 0.074, 0.092, 2.6), (0.09, 0.002, 0, 0.080, 0.098, 2.6),
        (0.22, 0.012, 0, 0.086, 0.106, 2.7), (0.27, 0.020, 0, 0.086, 0.108, 2.7)]),
    'chest': ('z', (0.03, 0.035), [
        (0.205, 0.016, 0, 0.100, 0.122, 3.0), (0.28, 0.030, 0, 0.109, 0.133, 3.0),
        (0.37, 0.042, 0, 0.114, 0.139, 3.0), (0.47, 0.052, 0, 0.110, 0.141, 3.0),
        (0.54, 0.053, 0, 0.096, 0.126, 2.8), (0.59, 0.051, 0, 0.074, 0.090, 2.5),
        (0.61, 0.050, 0, 0.064, 0.068, 2.3)]),
    'backpack': ('z', (0.03, 0.03), [
        (0.20, -0.075, 0, 0.035, 0.085, 4.0), (0.50, -0.052, 0, 0.035, 0.090, 4.0)]),
    'upper_arm': ('z', (0.03, 0.02), [
        (-0.345, 0, 0, 0.041, 0.040, 2.5), (-0.27, 0.002, 0, 0.047, 0.046, 2.5),
        (-0.17, 0.003, 0, 0.053, 0.052, 2.4), (-0.08, 0, 0, 0.055, 0.055, 2.3),
        (-0.03, 0, 0, 0.054, 0.054, 2.2)]),
    'forearm_upper': ('z', (0.006, 0.025), [
        (-0.17, 0, 0, 0.042, 0.043, 2.4), (-0.11, 0.002, 0, 0.046, 0.047, 2.4),
        (-0.05, 0.002, 0, 0.047, 0.045, 2.5), (-0.02, 0, 0, 0.044, 0.034, 2.6)]),
    'forearm_lower': ('z', (0.02, 0.006), [
        (-0.133, 0, 0, 0.034, 0.044, 2.9), (-0.09, 0, 0, 0.036, 0.043, 2.7),
        (-0.012, 0, 0, 0.042, 0.043, 2.4)]),
    'palm': ('z', (0.008, 0.016), [
        (-0.037, 0, 0, 0.031, 0.051, 4.5), (-0.018, 0, 0, 0.031, 0.048, 3.6),
        (-0.002, 0, 0, 0.028, 0.034, 2.6)]),
    'quad_shell': ('x', (0.09, 0.10), [
        (-0.30, 0, 0.004, 0.086, 0.050, 2.8), (-0.20, 0, 0.008, 0.100, 0.060, 3.0),
        (0.0, 0, 0.010, 0.103, 0.060, 3.0), (0.20, 0, 0.012, 0.100, 0.060, 3.0),
        (0.30, 0, 0.008, 0.084, 0.052, 2.8)]),
    'quad_belly': ('x', (0.05, 0.05), [
        (-0.285, 0, -0.03, 0.082, 0.036, 3.4), (0.285, 0, -0.03, 0.082, 0.036, 3.4)]),
    'quad_head': ('x', (0.045, 0.012), [
        (-0.058, 0, 0.008, 0.052, 0.036, 2.6), (0.0, 0, 0.010, 0.062, 0.045, 2.9),
        (0.07, 0, 0.008, 0.064, 0.046, 3.0), (0.082, 0, 0.008, 0.063, 0.045, 3.0)]),
    'quad_visor': ('x', (0.0, 0.03), [
        (0.078, 0, 0.008, 0.0605, 0.0425, 3.0), (0.105, 0, 0.008, 0.060, 0.042, 3.0)]),
    'thigh': ('z', (0.03, 0.05), [
        (-0.262, 0, 0, 0.030, 0.017, 2.8), (-0.22, 0, 0, 0.033, 0.019, 2.8),
        (-0.12, 0.004, 0, 0.040, 0.020, 2.8), (-0.02, 0.002, 0, 0.049, 0.020, 2.8),
        (0.05, 0, 0, 0.048, 0.018, 2.6)]),
    'shank': ('z', (0.012, 0.02), [
        (-0.232, 0, 0, 0.013, 0.012, 2.2), (-0.16, 0.002, 0, 0.015, 0.013, 2.3),
        (-0.06, 0.004, 0, 0.022, 0.015, 2.5), (0.02, 0, 0, 0.026, 0.015, 2.6)]),
}

# Per patch: semi-axes, exponent, azimuth and elevation ranges (rad; the whole body when None).
HEAD = (0.106, 0.090, 0.112)
BLOBS = {
    'head': (HEAD, 2.6, None),
    'head_visor': (tuple(1.022 * a for a in HEAD), 2.6, (1.12, -0.46, 0.46)),
    'shoulder': ((0.070, 0.068, 0.072), 2.2, None),
}


def power(x, exponent):
    """Return ``sign(x) |x|^exponent``."""
    return np.sign(x) * np.abs(x) ** exponent


def ring(count, exponent):
    """Return the unit superellipse of ``count`` points (count, 2), counter-clockwise."""
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([power(np.cos(angle), 2 / exponent), power(np.sin(angle), 2 / exponent)], 1)


def smooth(knots, values, at):
    """Return a monotone-tangent cubic Hermite curve through ``values`` (K, C) at ``at`` (N,)."""
    slope = np.diff(values, axis=0) / np.diff(knots)[:, None]
    inner = np.where(slope[:-1] * slope[1:] > 0, (slope[:-1] + slope[1:]) / 2, 0)
    tangent = np.concatenate([slope[:1], inner, slope[-1:]])
    i = np.clip(np.searchsorted(knots, at, side='right') - 1, 0, len(knots) - 2)
    h = np.diff(knots)[i]
    t = ((at - knots[i]) / h)[:, None]
    h = h[:, None]
    return (values[i] * (1 + 2 * t) * (1 - t) ** 2 + tangent[i] * h * t * (1 - t) ** 2
            + values[i + 1] * t * t * (3 - 2 * t) + tangent[i + 1] * h * t * t * (t - 1))


def positions(start, end, rounding):
    """Return where to cut a loft: closer together towards rounded ends."""
    parts = []
    low, high = start + rounding[0], end - rounding[1]
    turn = np.linspace(0, np.pi / 2, 7)
    parts.append(start + rounding[0] * (1 - np.cos(turn)) if rounding[0] else [start])
    parts.append(np.linspace(low, high, max(3, int((high - low) / 0.04)) + 1)[1:-1])
    parts.append(high + rounding[1] * np.sin(turn) if rounding[1] else [end])
    return np.unique(np.round(np.concatenate(parts), 6))


def end_cap(half, rounding, distances):
    """
    Return the half widths (2,) of a section at ``distances`` from both ends.

    A rounding shorter than the narrower half width is a fillet, a longer one a dome.
    """
    for length, distance in zip(rounding, distances):
        if distance < length:
            keep = np.sqrt(max(1 - (1 - distance / length) ** 2, 0.03 ** 2))
            half = half - length * (1 - keep) if length < min(half) else half * keep
    return half


def loft(axis, rounding, stations, count=32):
    """
    Return the vertices (N, 3) and triangles (M, 3) of a closed loft.

    :param axis: ``x`` or ``z``, along which the sections are strung
    :param rounding: lengths (2,) over which the ends are rounded off, 0 for a flat end
    :param stations: rows as in LOFTS, in ascending order
    """
    table = np.array(stations, float)
    cuts = positions(table[0, 0], table[-1, 0], rounding)
    rows = smooth(table[:, 0], table[:, 1:], cuts)
    points = []
    for cut, (cu, cv, *half, exponent) in zip(cuts, rows):
        uv = ring(count, exponent) * end_cap(np.array(half), rounding,
                                             (cut - cuts[0], cuts[-1] - cut)) + [cu, cv]
        along = np.full((count, 1), cut)
        points.append(np.hstack([uv, along] if axis == 'z' else [along, uv]))
    return skin(np.array(points))


def skin(rings):
    """Close rings (S, n, 3) into a body: quads between neighbours, fans over both ends."""
    count, n = rings.shape[:2]
    grid = np.arange(count * n).reshape(count, n)
    a, b = grid[:-1], grid[1:]
    faces = [np.stack([a, np.roll(a, -1, 1), np.roll(b, -1, 1)], -1).reshape(-1, 3),
             np.stack([a, np.roll(b, -1, 1), b], -1).reshape(-1, 3)]
    vertices = np.vstack([rings.reshape(-1, 3), rings[0].mean(0), rings[-1].mean(0)])
    first, last = count * n, count * n + 1
    faces.append(np.stack([np.full(n, first), np.roll(grid[0], -1), grid[0]], -1))
    faces.append(np.stack([np.full(n, last), grid[-1], np.roll(grid[-1], -1)], -1))
    return vertices, np.vstack(faces)


def blob(axes, exponent, window, count=36, levels=20):
    """
    Return a superellipsoid, or a window of it with a rim that reaches inward.

    :param axes: semi-axes (3,) in m
    :param window: half azimuth, lowest and highest elevation in rad of a rounded patch; None: all
    """
    def surface(azimuth, elevation):
        direction = np.stack([np.cos(elevation) * np.cos(azimuth),
                              np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], -1)
        norm = (np.abs(direction) ** exponent).sum(-1, keepdims=True) ** (1 / exponent)
        return direction / norm * axes

    if window is None:
        elevation = np.linspace(-np.pi / 2 + 0.03, np.pi / 2 - 0.03, levels)
        azimuth = 2 * np.pi * np.arange(count) / count
        return skin(np.array([surface(azimuth, np.full(count, e)) for e in elevation]))
    half, low, high = window
    rings = []
    for scale in (0.93, *np.linspace(1, 0.08, 8)):
        outline = ring(count, 4.0) * (1.0 if not rings else scale)
        points = surface(half * outline[:, 0],
                         (low + high) / 2 + (high - low) / 2 * outline[:, 1])
        rings.append(points * (scale if not rings else 1.0))
    return skin(np.array(rings))


def normals(vertices, faces):
    """Return a unit normal for each corner (M, 3, 3): smooth, but not across creases."""
    corners = vertices[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    unit = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-18)
    around = [[] for _ in vertices]
    for index, face in enumerate(faces):
        for vertex in face:
            around[vertex].append(index)
    result = np.empty((len(faces), 3, 3))
    for index, face in enumerate(faces):
        for corner, vertex in enumerate(face):
            near = [i for i in around[vertex] if unit[i] @ unit[index] > np.cos(CREASE_RAD)]
            total = flat[near].sum(0) if near else unit[index]
            result[index, corner] = total / max(np.linalg.norm(total), 1e-18)
    return result


def write_obj(file, vertices, faces):
    """Write a mesh with normals; vertices to 0.01 mm."""
    corner_normals = np.round(normals(vertices, faces), 3) + 0.0
    unique, index = np.unique(corner_normals.reshape(-1, 3), axis=0, return_inverse=True)
    index = index.reshape(-1, 3) + 1
    lines = ['# generated by urdf/generate_meshes.py']
    lines += ['v %.5f %.5f %.5f' % tuple(v) for v in np.round(vertices, 5) + 0.0]
    lines += ['vn %.3f %.3f %.3f' % tuple(n) for n in unique]
    lines += ['f ' + ' '.join(f'{v}//{n}' for v, n in zip(face + 1, numbers))
              for face, numbers in zip(faces, index)]
    file.write_text('\n'.join(lines) + '\n')


def main():
    """Write every mesh."""
    FOLDER.mkdir(exist_ok=True)
    for name, arguments in LOFTS.items():
        write_obj(FOLDER / f'{name}.obj', *loft(*arguments))
    for name, arguments in BLOBS.items():
        write_obj(FOLDER / f'{name}.obj', *blob(*arguments))


if __name__ == '__main__':
    main()
