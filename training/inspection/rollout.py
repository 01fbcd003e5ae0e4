"""Inspection episodes in the simulator: pictures, velocities and the expert's chunks."""
import math

import cv2
import numpy as np
from physai_ros.core.types import Twist
from physai_ros.robots import load_profile
from physai_ros.sim import SimRobot, World
from physai_ros.sim.scene_inspection import BEACON_RADIUS, CRATES

from .expert import chunk, DT, WayField
from .network import HEIGHT, WIDTH

ROBOT = 'robot'
GAP = 0.5                       # m from the robot's foremost point to the beacon's surface
FRONT = 0.347                   # m from the robot's centre to that point
TICKS = 220                     # at most, of 0.1 s
STEPS_PER_DT = 25               # physics steps of 2 ms


class Course:
    """
    One simulated robot with its inspection area, to drive through it again and again.

    :param neighbour: a kitting robot works beside the area and may be in the picture
    """

    def __init__(self, neighbour: bool):
        profile = load_profile('sony_style')
        robots = [SimRobot(ROBOT, profile, profile.description(), (4.5, 0.0, 0.0), 'inspection')]
        if neighbour:
            other = load_profile('honda_style')
            robots.append(SimRobot('other', other, other.description(), (0.0, 0.0, 0.0),
                                   'kitting'))
        self.world = World(robots)
        self.ring = GAP + BEACON_RADIUS + FRONT

    def run(self, seed, act=None, mix=0.0, noise=0.3):
        """
        Drive one episode.

        :param act: function (picture (H, W, 3) uint8, velocity (3,)) -> twists (K, 3), or None
        :param mix: share of the half-second pieces that ``act`` drives; the expert drives the rest
        :param noise: share of the pieces that are disturbed
        :return: pictures (N, H, W, 3) uint8, velocities (N, 3), chunks (N, K, 3), success
        """
        world, random = self.world, np.random.default_rng(seed)
        world.reset(seed)
        field = self._field()
        pictures, velocities, chunks = [], [], []
        disturbance, own = np.zeros(3), False
        for tick in range(TICKS):
            odometry = world.odometry(ROBOT)
            yaw = 2.0 * math.atan2(odometry.orientation[3], odometry.orientation[0])
            pose = np.array([odometry.position[0], odometry.position[1], yaw])
            velocity = np.array([odometry.linear[0], odometry.linear[1], odometry.angular[2]])
            picture = cv2.resize(world.render(ROBOT).pixels, (WIDTH, HEIGHT),
                                 interpolation=cv2.INTER_AREA)
            label = chunk(field, pose)
            pictures.append(picture)
            velocities.append(velocity)
            chunks.append(label)
            if tick % 5 == 0:
                own = act is not None and random.random() < mix
                disturbance = np.zeros(3)
                if random.random() < noise:
                    disturbance = random.normal(0.0, (0.25, 0.25, 0.4))
            rows = act(picture, velocity) if own else label
            for step in (1, 2):
                world.set_twist(ROBOT, Twist(world.time_ns, rows[step] + disturbance))
                for _ in range(STEPS_PER_DT):
                    world.step()
            status = world.status(ROBOT)
            if status.success or status.failed:
                break
        return (np.array(pictures), np.array(velocities, np.float32),
                np.array(chunks, np.float32), status.success)

    def _field(self):
        truth = self.world.truth(ROBOT)
        names = [name for name in truth if name.startswith('crate')]
        radii = [math.hypot(*CRATES[int(name.split('_')[1])][:2]) / 2 for name in names]
        crates = [truth[name][0][:2] for name in names]
        return WayField(truth['beacon'][0][:2], crates, radii, self.ring)


assert abs(DT - STEPS_PER_DT * 0.002) < 1e-9
