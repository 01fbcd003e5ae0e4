"""The length of the shortest free way from everywhere in the inspection area to the beacon."""
import math

import numpy as np

CELL = 0.08                     # m, grid of the field
RADIUS = 0.30                   # m, half of the robot with legs, and as much again, walking ahead
TURNING = 0.12                  # m more, where it may stop and turn
SOFT, SOFT_COST = 0.35, 2.0     # within so many metres beyond RADIUS a way counts up to 1 + 2
BLOCKED_COST = 8.0              # inside, the way leads out, so that an intruder backs off


class WayField:
    """
    Solve the eikonal equation |grad u| = cost on a grid, upwind, until nothing changes.

    Source: E. Rouy and A. Tourin, A viscosity solutions approach to shape-from-shading,
    SIAM J. Numer. Anal. 29 (1992).

    :param beacon: (2,) m
    :param crates: ((2,) m, radius of the circle around it m) of each crate
    :param ring: m, wanted distance of the robot's centre from the beacon's axis
    :param half: m, the boards stand at x, y = +-half
    """

    def __init__(self, beacon, crates, ring: float, half: float):
        self.beacon, self.ring, self._low = np.asarray(beacon, float), ring, -half
        self.crates = tuple(crates)
        axis = np.arange(-half, half + CELL / 2, CELL)
        x, y = np.meshgrid(axis, axis, indexing='ij')
        gap = half - np.maximum(np.abs(x), np.abs(y))
        for center, radius in self.crates:
            gap = np.minimum(gap, np.hypot(x - center[0], y - center[1]) - radius)
        gap = gap - RADIUS
        near = np.clip(1.0 - gap / SOFT, 0.0, 1.0)
        cost = np.where(gap < 0, BLOCKED_COST, 1.0 + SOFT_COST * near ** 2)
        goal = (np.hypot(x - beacon[0], y - beacon[1]) < ring) & (gap > TURNING)
        self._field = _solve(goal, cost * CELL)

    def at(self, point) -> float:
        """Return the way's length at a point (2,), bilinear."""
        u = [min(max((p - self._low) / CELL, 0.0), len(self._field) - 1.001) for p in point]
        i, j = int(u[0]), int(u[1])
        f, g = u[0] - i, u[1] - j
        (a, b), (c, d) = self._field[i:i + 2, j:j + 2].tolist()
        return (a * (1 - g) + b * g) * (1 - f) + (c * (1 - g) + d * g) * f

    def direction(self, point, h=0.12) -> float:
        """Return where the way leads from a point (2,): its direction, rad."""
        x, y = point
        return math.atan2(self.at((x, y - h)) - self.at((x, y + h)),
                          self.at((x - h, y)) - self.at((x + h, y)))


def _solve(goal, step, most=1000.0):
    """Return the least sum of ``step`` on ways to the goal cells."""
    field = np.where(goal, 0.0, most)
    while True:
        padded = np.pad(field, 1, constant_values=most)
        a = np.minimum(padded[:-2, 1:-1], padded[2:, 1:-1])
        b = np.minimum(padded[1:-1, :-2], padded[1:-1, 2:])
        bent = (a + b + np.sqrt(np.maximum(2.0 * step ** 2 - (a - b) ** 2, 0.0))) / 2
        new = np.where(np.abs(a - b) < step, bent, np.minimum(a, b) + step)
        new = np.minimum(np.where(goal, 0.0, new), field)
        if np.max(field - new) < 1e-6:
            return new
        field = new
