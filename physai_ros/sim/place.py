"""A robot's place on the floor: the frame in which its scene is laid out."""
from dataclasses import dataclass
import math

import numpy as np


def yaw_quaternion(yaw: float) -> np.ndarray:
    """Return the quaternion (4,) of a turn about z by ``yaw`` rad."""
    return np.array([math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)])


def wrap(angle: float) -> float:
    """Return an angle in [-pi, pi), rad."""
    return (angle + math.pi) % (2 * math.pi) - math.pi


@dataclass(frozen=True)
class Place:
    """Position (m) and heading (rad) on the floor of the world."""

    x: float
    y: float
    yaw: float

    def point(self, position) -> np.ndarray:
        """Return in world coordinates (3,) what is at ``position`` (3,) of the place."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        x, y, z = position
        return np.array([self.x + c * x - s * y, self.y + s * x + c * y, z])

    def quaternion(self, yaw: float = 0.0) -> np.ndarray:
        """Return the world orientation (4,) of something turned by ``yaw`` in the place."""
        return yaw_quaternion(self.yaw + yaw)

    def local(self, x: float, y: float) -> np.ndarray:
        """Return the coordinates (2,) in the place of a world point."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        dx, dy = x - self.x, y - self.y
        return np.array([c * dx + s * dy, -s * dx + c * dy])
