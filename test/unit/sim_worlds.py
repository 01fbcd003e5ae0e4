"""Worlds for the simulator's tests."""
import numpy as np
from physai_ros.core.types import JointTrajectory
from physai_ros.robots.profile import load_profile
from physai_ros.sim import SimRobot, World

HONDA, SONY = 'honda1', 'sony1'


def honda(name=HONDA, pose=(0.0, 0.0, 0.0), task='kitting'):
    profile = load_profile('honda_style')
    return SimRobot(name, profile, profile.description(), pose, task)


def sony(name=SONY, pose=(4.5, 0.0, 0.0), task='inspection'):
    profile = load_profile('sony_style')
    return SimRobot(name, profile, profile.description(), pose, task)


def run(world: World, seconds: float):
    for _ in range(round(seconds * 500)):
        world.step()


def to_point(names, position, seconds):
    """Return a trajectory of one point, at rest there."""
    zero = np.zeros((1, len(names)))
    return JointTrajectory(0, tuple(names), np.array([round(seconds * 1e9)]),
                           np.array([position], float), zero, zero)
