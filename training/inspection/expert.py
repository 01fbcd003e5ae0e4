"""
The scripted inspection expert: knows the map, drives as a robot that only sees should.

It turns on the spot (to the left) until the beacon is in view, then walks the shortest free way to
a point in front of it. On the way it looks where it goes, as far as the beacon stays in view: what
it might touch is in the picture then, and a network without memory can learn from it. The map
exists in training only. Plane geometry in the frame of the inspection area: metres, radians; a
pose is (x, y, yaw).
"""
import math

import numpy as np

from .way import WayField

CAMERA = 0.34                   # m from the robot's centre forward to its lens
VIEW = math.radians(43.0)       # half of the camera's horizontal field, less a margin
LOOK = math.radians(33.0)       # most bearing that it gives the beacon by looking aside
LOOK_NEAR, LOOK_FAR = 0.15, 0.7  # m before the goal: faces the beacon, looks where it goes
SEARCH_RATE, TURN_GAIN, TURN_MAX = 0.8, 2.0, 1.0
SPEED, SPEED_GAIN, SIDEWAYS = 0.45, 0.9, 0.25
LAST = 0.10                     # m before the goal where only the beacon's distance counts
REST = 0.025                    # m from the goal where the robot stands still
DT, STEPS = 0.05, 20


def bearing(field: WayField, pose) -> float:
    """Return the direction (rad) of the beacon from the camera, relative to the heading."""
    x, y, yaw = pose
    lens = (x + CAMERA * math.cos(yaw), y + CAMERA * math.sin(yaw))
    to_beacon = field.beacon - lens
    return math.remainder(math.atan2(to_beacon[1], to_beacon[0]) - yaw, math.tau)


def twist(field: WayField, pose):
    """Return the expert's (vx, vy, wz) at a pose, in the robot's frame."""
    if abs(bearing(field, pose)) > VIEW:
        return np.array([0.0, 0.0, SEARCH_RATE])
    x, y, yaw = pose
    to_beacon = field.beacon - (x, y)
    distance, beacon = math.hypot(*to_beacon), math.atan2(to_beacon[1], to_beacon[0])
    excess = distance - field.ring
    if excess < LAST:
        speed, way = (0.0 if abs(excess) < REST else 1.2 * excess), beacon
    else:
        speed = min(SPEED, SPEED_GAIN * max(field.at((x, y)), excess))
        way = field.direction((x, y))
    far = min(max((excess - LOOK_NEAR) / (LOOK_FAR - LOOK_NEAR), 0.0), 1.0)
    # law of sines in the triangle of centre, lens and beacon
    most = far * (LOOK - math.asin(min(CAMERA * math.sin(LOOK) / distance, 1.0)))
    heading = beacon + min(max(math.remainder(way - beacon, math.tau), -most), most)
    turn = TURN_GAIN * math.remainder(heading - yaw, math.tau)
    turn = 0.0 if abs(turn) < 0.03 else min(max(turn, -TURN_MAX), TURN_MAX)
    speed *= max(SIDEWAYS, math.cos(way - yaw))
    return np.array([speed * math.cos(way - yaw), speed * math.sin(way - yaw), turn])


def chunk(field: WayField, pose):
    """Return the expert's next STEPS twists (STEPS, 3) from a pose, executed ideally."""
    pose, rows = np.array(pose, float), []
    for _ in range(STEPS):
        v = twist(field, pose)
        rows.append(v)
        cos, sin = math.cos(pose[2]), math.sin(pose[2])
        pose = pose + DT * np.array([cos * v[0] - sin * v[1], sin * v[0] + cos * v[1], v[2]])
    return np.array(rows)
