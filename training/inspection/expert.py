"""
The scripted inspection expert: knows the map, drives as a robot that sees the beacon should.

It turns on the spot (to the left) until the beacon is in view, then keeps facing it while it walks
along the shortest free way to a point in front of it. The network that learns from it gets
pictures; the map exists in training only. Plane geometry in the frame of the inspection area:
metres, radians; a pose is (x, y, yaw).
"""
import math

import numpy as np

CELL = 0.08                     # m, grid of the way field
MARGIN = 1.2                    # m around everything
ROBOT_RADIUS = 0.40             # m, for crates; the robot walks facing its goal
SOFT_CLEARANCE = 0.25           # m beyond that where walking costs more
VIEW = math.radians(41.0)       # half of the camera's horizontal field, less a margin
SEARCH_RATE, TURN_GAIN, TURN_MAX = 0.8, 2.0, 1.0
SPEED, SPEED_GAIN = 0.45, 0.9
DT, STEPS = 0.05, 20
REST = 0.025                    # m from the goal where the robot stands still


class WayField:
    """Length of the shortest free way (m) from everywhere to the ring around the beacon."""

    def __init__(self, beacon, crates, radii, ring):
        """
        Relax the grid until no way gets shorter.

        :param beacon: (2,) m
        :param crates: (N, 2) m
        :param radii: (N,) m, of the circles around the crates
        :param ring: m, wanted distance of the robot's centre from the beacon's axis
        """
        self.beacon, self.ring = np.asarray(beacon, float), ring
        crates, radii = np.reshape(crates, (-1, 2)), np.asarray(radii, float)
        points = np.vstack([crates, self.beacon[None], np.zeros((1, 2))])
        self.low = points.min(0) - MARGIN - 1.0
        size = np.ceil((points.max(0) + MARGIN + 1.0 - self.low) / CELL).astype(int) + 1
        x, y = np.meshgrid(*(self.low[i] + CELL * np.arange(size[i]) for i in range(2)),
                           indexing='ij')
        cost = np.ones(size)
        blocked = np.zeros(size, bool)
        for center, radius in zip(crates, radii):
            gap = np.hypot(x - center[0], y - center[1]) - radius - ROBOT_RADIUS
            blocked |= gap < 0
            cost += 1.5 * np.clip(1.0 - gap / SOFT_CLEARANCE, 0.0, 1.0)
        distance = np.hypot(x - beacon[0], y - beacon[1])
        goal = (distance < ring) & ~blocked
        # inside blocked cells the way leads straight out, so that an intruder backs off
        cost = np.where(blocked, 8.0, cost)
        self.field = self._relax(np.where(goal, 0.0, np.inf), cost * CELL)

    @staticmethod
    def _relax(field, step):
        moves = [(dx, dy, math.hypot(dx, dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
                 if dx or dy]
        for _ in range(400):
            padded = np.pad(field, 1, constant_values=np.inf)
            best = field
            for dx, dy, length in moves:
                near = padded[1 + dx:1 + dx + field.shape[0], 1 + dy:1 + dy + field.shape[1]]
                best = np.minimum(best, near + length * step)
            if np.array_equal(best, field):
                break
            field = best
        return np.where(np.isfinite(field), field, 20.0)

    def at(self, points):
        """Return the way's length (...,) at points (..., 2), bilinear."""
        grid = (np.asarray(points) - self.low) / CELL
        grid = np.clip(grid, 0.0, np.array(self.field.shape) - 1.001)
        i = grid.astype(int)
        f = grid - i
        a, b = self.field[i[..., 0], i[..., 1]], self.field[i[..., 0] + 1, i[..., 1]]
        c, d = self.field[i[..., 0], i[..., 1] + 1], self.field[i[..., 0] + 1, i[..., 1] + 1]
        low = a * (1 - f[..., 0]) + b * f[..., 0]
        high = c * (1 - f[..., 0]) + d * f[..., 0]
        return low * (1 - f[..., 1]) + high * f[..., 1]

    def direction(self, point):
        """Return the unit vector (2,) of the way from a point."""
        h = 0.12
        around = np.array([[h, 0], [-h, 0], [0, h], [0, -h]]) + point
        east, west, north, south = self.at(around)
        slope = np.array([west - east, south - north])
        length = np.hypot(*slope)
        return slope / length if length > 1e-6 else np.zeros(2)


def twist(field: WayField, pose):
    """Return the expert's (vx, vy, wz) at a pose, in the robot's frame."""
    x, y, yaw = pose
    to_beacon = field.beacon - (x, y)
    bearing = math.remainder(math.atan2(to_beacon[1], to_beacon[0]) - yaw, 2 * math.pi)
    if abs(bearing) > VIEW:
        return np.array([0.0, 0.0, SEARCH_RATE])
    turn = float(np.clip(TURN_GAIN * bearing, -TURN_MAX, TURN_MAX))
    distance = math.hypot(*to_beacon)
    excess = distance - field.ring
    if excess < 0.10:
        # on the last stretch only the beacon's distance counts
        speed = 0.0 if abs(excess) < REST else 1.2 * excess
        way = to_beacon / distance
    else:
        speed = min(SPEED, SPEED_GAIN * max(float(field.at((x, y))), excess))
        way = field.direction((x, y))
    speed *= max(0.0, math.cos(1.6 * bearing))
    cos, sin = math.cos(yaw), math.sin(yaw)
    return np.array([speed * (cos * way[0] + sin * way[1]),
                     speed * (-sin * way[0] + cos * way[1]),
                     0.0 if abs(turn) < 0.03 else turn])


def chunk(field: WayField, pose):
    """Return the expert's next STEPS twists (STEPS, 3) from a pose, executed ideally."""
    pose, rows = np.array(pose, float), []
    for _ in range(STEPS):
        v = twist(field, pose)
        rows.append(v)
        cos, sin = math.cos(pose[2]), math.sin(pose[2])
        pose = pose + DT * np.array([cos * v[0] - sin * v[1], sin * v[0] + cos * v[1], v[2]])
    return np.array(rows)
