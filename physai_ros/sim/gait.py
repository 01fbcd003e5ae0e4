"""The trot that shows a legged base's velocity: foot paths and the joint angles for them."""
import math
from typing import Optional

import numpy as np

LEGS = ('front_left', 'front_right', 'rear_left', 'rear_right')
PHASE = np.array([0.0, 0.5, 0.5, 0.0])        # of a step, diagonal pairs together
JOINTS = ('hip_roll', 'hip_pitch', 'knee')
FREQUENCY = 2.0                               # steps a second of each leg
LIFT = 0.05                                   # m
FULL_LIFT_SPEED = 0.15                        # m/s of a foot from which it lifts fully
SETTLING = 0.15                               # s in which the trot starts and ends


class Gait:
    """
    Joint angles of four legs over time.

    Legs hang down along -z at zero; hip roll turns about x, hip pitch and knee about y.

    :param hips: (4, 2) where the feet stand in the root's frame, m
    :param thigh: length of the upper leg, m; ``shin`` of the lower leg
    :param stance: (4, 3) joint angles at rest, rad
    """

    def __init__(self, hips, thigh: float, shin: float, stance):
        self._hips, self._thigh, self._shin = np.asarray(hips), thigh, shin
        self._stance = np.asarray(stance)
        pitch, knee = self._stance[:, 1], self._stance[:, 2]
        self._forward = -thigh * np.sin(pitch) - shin * np.sin(pitch + knee)
        self._down = thigh * np.cos(pitch) + shin * np.cos(pitch + knee)
        self._bend = np.where(knee < 0, -1.0, 1.0)
        self.reset()

    @classmethod
    def of(cls, description, stance) -> Optional['Gait']:
        """Return the gait of a robot whose legs are named like ours, else None."""
        joints = description.joints
        names = [f'{leg}_{joint}' for leg in LEGS for joint in JOINTS]
        feet = [f'{leg}_foot_link' for leg in LEGS]
        ends = {j.child: j for j in joints.values()}
        if any(n not in joints for n in names) or any(f not in ends for f in feet):
            return None
        hips = [np.add(joints[f'{leg}_hip_roll'].origin_xyz,
                       joints[f'{leg}_hip_pitch'].origin_xyz)[:2] for leg in LEGS]
        thigh = abs(joints[f'{LEGS[0]}_knee'].origin_xyz[2])
        shin = abs(ends[feet[0]].origin_xyz[2])
        rest = [[stance.get(f'{leg}_{joint}', 0.0) for joint in JOINTS] for leg in LEGS]
        return cls(hips, thigh, shin, rest)

    @property
    def names(self):
        """Return the joint names in the order of :meth:`step`."""
        return tuple(f'{leg}_{joint}' for leg in LEGS for joint in JOINTS)

    def reset(self):
        """Stand still."""
        self._time, self._activity = 0.0, 0.0

    def step(self, velocity, dt: float) -> np.ndarray:
        """
        Return the joint angles (12,) after ``dt`` s at a base velocity.

        :param velocity: (3,) forward, left, turning: m/s, m/s, rad/s
        """
        vx, vy, wz = velocity
        over = np.stack([vx - wz * self._hips[:, 1], vy + wz * self._hips[:, 0]], axis=1)
        speed = np.hypot(*over.T)
        moving = float(speed.max() > 0.02)
        self._activity += (moving - self._activity) * min(1.0, dt / SETTLING)
        self._time += dt if self._activity > 0.01 else 0.0
        phase = (self._time * FREQUENCY + PHASE) % 1.0
        swing = phase >= 0.5
        share = (phase % 0.5) * 2
        path = np.where(swing, -np.cos(math.pi * share), 1 - 2 * share) * self._activity
        offset = over * (path / (4 * FREQUENCY))[:, None]
        lift = LIFT * self._activity * np.clip(speed / FULL_LIFT_SPEED, 0.4, 1.0)
        down = self._down - np.where(swing, np.sin(math.pi * share), 0.0) * lift
        return self._reach(self._forward + offset[:, 0], offset[:, 1], down)

    def _reach(self, forward, left, down) -> np.ndarray:
        """Return the angles that put the feet ``forward``, ``left``, ``down`` of their hips."""
        roll = np.arctan2(left, down)
        depth = np.hypot(left, down)
        reach = np.hypot(forward, depth)
        a, b = self._thigh, self._shin
        cosine = (reach ** 2 - a ** 2 - b ** 2) / (2 * a * b)
        knee = self._bend * np.arccos(np.clip(cosine, -1.0, 1.0))
        pitch = np.arctan2(-forward, depth) - np.arctan2(b * np.sin(knee), a + b * np.cos(knee))
        angles = np.stack([self._stance[:, 0] + roll, pitch, knee], axis=1)
        return angles.reshape(-1)
