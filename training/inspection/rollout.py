"""Inspection episodes: what the policy sees on the way, and the expert's chunks there."""
import math

import cv2
import numpy as np
from physai_ros.evaluation.loop import Delays, Loop
from physai_ros.robots import load_profile
from physai_ros.sim import SimRobot, World
from physai_ros.sim.robot_spec import BASE_JOINTS
from physai_ros.sim.scene_inspection import BEACON_RADIUS, CRATES, HALF

from .driver import Driver
from .expert import bearing, CAMERA, chunk, DT, twist, VIEW
from .network import HEIGHT, WIDTH
from .way import WayField

ROBOT = 'robot'
GAP = 0.5                       # m from the robot's foremost point to the beacon's surface
FRONT = 0.347                   # m from the robot's centre to that point
LIMIT_S = 22.0
IMAGE_S, INFERENCE_S = (0.01, 0.16), (0.02, 0.22)
PIECE = 10                      # steps of DT that a disturbance lasts
DISTURBANCE = (0.15, 0.12, 0.35)  # m/s, m/s, rad/s, standard deviation
ASIDE = (0.07, 0.07, 0.12)      # m, m, rad, standard deviation: states beside the way
SEARCHING = 0.2                 # weight of states in which the beacon is out of view


class Course:
    """
    One simulated robot with its inspection area, to drive through it again and again.

    :param bundle: an inspection bundle, for its manifest
    :param neighbour: a kitting robot works beside the area and may be in the picture
    """

    def __init__(self, bundle, neighbour: bool):
        profile = load_profile('sony_style')
        self._bundle = bundle
        self._robot = SimRobot(ROBOT, profile, profile.description(), (4.5, 0.0, 0.0),
                               'inspection')
        robots = [self._robot]
        if neighbour:
            other = load_profile('honda_style')
            robots.append(SimRobot('other', other, other.description(), (0.0, 0.0, 0.0),
                                   'kitting'))
        self._world = World(robots)

    def look(self, seed, count):
        """
        Take pictures on and beside the expert's disturbed way, without physics.

        :return: as `run`, with ``count`` pictures at most
        """
        world, random = self._world, np.random.default_rng(seed)
        world.reset(seed)
        area_yaw = self._area_yaw()
        field, rows = self._field(area_yaw), []
        poses, velocities = _disturbed_way(field, area_yaw, random)
        weights = np.array([1.0 if abs(bearing(field, pose)) < VIEW else SEARCHING
                            for pose in poses])
        chosen = random.choice(len(poses), min(count, len(poses)), False, weights / weights.sum())
        for index in chosen:
            pose, velocity = poses[index], velocities[index]
            if random.random() < 0.5:
                pose = pose + random.normal(0.0, ASIDE)
            lens = pose[:2] + CAMERA * np.array([math.cos(pose[2]), math.sin(pose[2])])
            if min(np.hypot(*(lens - at)) - radius for at, radius in field.crates) < 0.02:
                continue
            before = _moved(pose, velocity, -random.uniform(*IMAGE_S))
            rows.append((self._picture(before), velocity + random.normal(0.0, 0.01, 3),
                         chunk(field, pose), abs(bearing(field, pose)) < VIEW))
        pictures, velocities, chunks, in_view = zip(*rows)
        return (np.array(pictures), np.array(velocities, np.float32),
                np.array(chunks, np.float32), np.array(in_view), True)

    def run(self, seed, policy, mix=0.0, noise=0.25):
        """
        Drive one episode through camera, bundle and guard, with delays drawn by its seed.

        :param policy: OnnxModel
        :param mix: share of the pieces that the policy drives; the expert drives the rest
        :param noise: share of the pieces that are disturbed
        :return: pictures (N, 3, H, W) uint8, velocities (N, 3), chunks (N, K, 3), whether the
            beacon was in view (N,), success
        """
        world, random = self._world, np.random.default_rng(seed)
        world.reset(seed)
        area_yaw = self._area_yaw()
        field = self._field(area_yaw)
        driver = Driver(policy, lambda: self._pose(area_yaw), field, random, mix, noise)
        delays = Delays(image_s=random.uniform(*IMAGE_S), inference_s=random.uniform(*INFERENCE_S))
        loop = Loop(world, self._robot, self._bundle, delays=delays,
                    inference_rate_hz=random.choice((5.0, 10.0)), model=driver)
        end_ns = world.time_ns + round(LIMIT_S * 1e9)
        while world.time_ns < end_ns:
            loop.tick()
            status = world.status(ROBOT)
            if status.success or status.failed:
                break
        return (*driver.records(), status.success)

    def _area_yaw(self):
        return self._world.odom_frame(ROBOT)[2] - self._robot.pose[2]

    def _pose(self, area_yaw):
        odometry = self._world.odometry(ROBOT)
        yaw = 2.0 * math.atan2(odometry.orientation[3], odometry.orientation[0])
        return np.array([*_turned(odometry.position, area_yaw), yaw + area_yaw])

    def _picture(self, pose):
        world = self._world
        for name, value in zip(BASE_JOINTS, pose):
            world.data.qpos[world.model.joint(f'{ROBOT}/{name}').qposadr[0]] = value
        pixels = cv2.resize(world.render(ROBOT).pixels, (WIDTH, HEIGHT),
                            interpolation=cv2.INTER_AREA)
        return pixels.transpose(2, 0, 1)

    def _field(self, area_yaw):
        truth = {name: _turned(at, area_yaw)
                 for name, (at, _) in self._world.truth(ROBOT).items()}
        crates = [(at, math.hypot(*CRATES[int(name.split('_')[1])][:2]) / 2)
                  for name, at in truth.items() if name.startswith('crate')]
        return WayField(truth['beacon'], crates, GAP + BEACON_RADIUS + FRONT, HALF)


def _disturbed_way(field, yaw, random):
    """Return poses and velocities (N, 3) of an ideal robot that is pushed now and then."""
    pose, poses, velocities, push = np.array([0.0, 0.0, yaw]), [], [], np.zeros(3)
    resting = 0
    while resting < 10 and len(poses) * DT < LIMIT_S:
        if len(poses) % PIECE == 0:
            push = random.normal(0.0, DISTURBANCE) * (random.random() < 0.4)
        wanted = twist(field, pose)
        resting += not wanted.any()
        velocity = wanted + push
        poses.append(pose)
        velocities.append(velocity)
        pose = _moved(pose, velocity, DT)
    return np.array(poses), np.array(velocities)


def _moved(pose, velocity, seconds):
    return pose + seconds * np.array([*_turned(velocity, pose[2]), velocity[2]])


def _turned(vector, yaw):
    cos, sin = math.cos(yaw), math.sin(yaw)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])
