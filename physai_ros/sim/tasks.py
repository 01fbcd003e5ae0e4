"""When a task is done or lost, judged from the simulator's truth."""
from dataclasses import dataclass
import math
from typing import Mapping, Optional

import numpy as np
from physai_ros.core.types import NS_PER_S
from physai_ros.sim import scene_inspection, scene_kitting
from physai_ros.sim.place import wrap


@dataclass(frozen=True)
class TaskStatus:
    """
    How a robot's task stands since the last reset or ``place_next``.

    ``success`` stays true once reached; ``failed`` says why it cannot be reached any more.
    ``collisions`` and ``violated`` (limits by kind, by the commands) are numbers of episodes since
    the last reset. ``text`` is for people.
    """

    success: bool
    failed: Optional[str]
    collisions: int
    violated: Mapping[str, int]
    text: str

    @property
    def violations(self) -> int:
        """Return the number of episodes of all kinds."""
        return sum(self.violated.values())


class Task:
    """A task that has to stay fulfilled for ``hold_s``."""

    hold_s = 0.0

    def __init__(self):
        self.restart()

    def restart(self):
        """Begin anew."""
        self.success, self.failed, self.text = False, None, 'ready'
        self._since_ns = None

    def update(self, data, now_ns: int, collision: str):
        """
        Judge the state of the world.

        :param collision: the last collision in words, empty for none
        """
        fulfilled, self.text, failed = self._judge(data, collision)
        if failed is not None and not self.success and self.failed is None:
            self.failed = failed
        if not fulfilled or self.failed is not None:
            self._since_ns = None
            return
        if self._since_ns is None:
            self._since_ns = now_ns
        self.success = self.success or now_ns - self._since_ns >= self.hold_s * NS_PER_S

    def _judge(self, data, collision):
        raise NotImplementedError


class KittingTask(Task):
    """
    The workpiece rests in the tray, the hands are open and away, the arm is still.

    :param scene: the bound KittingScene
    :param hands: by hand (tcp body, finger joint address in qpos)
    :param arm: the robot's Arm
    """

    hold_s = 0.4
    AWAY, OPEN, STILL, REST = 0.08, 0.015, 0.05, 0.02     # m, m, rad/s, m/s
    UPRIGHT = 0.5                                         # cosine

    def __init__(self, model, scene, hands, arm):
        super().__init__()
        self._piece = model.body(scene.prefix + 'workpiece')
        self._tray = model.body(scene.prefix + 'tray').id
        self._hands, self._arm = hands, arm

    def _judge(self, data, collision):
        piece = data.xpos[self._piece.id]
        offset = data.xmat[self._tray].reshape(3, 3).T @ (piece - data.xpos[self._tray])
        reach = min((float(np.linalg.norm(data.xpos[tcp] - piece)) for tcp, _ in self._hands),
                    default=math.inf)
        height = piece[2] - scene_kitting.BENCH_TOP
        if height < -0.1:
            return False, 'workpiece fell off the bench', 'workpiece fell off the bench'
        if self._inside(offset):
            moving = np.linalg.norm(data.cvel[self._piece.id]) > self.REST
            is_open = all(data.qpos[finger] > self.OPEN for _, finger in self._hands)
            done = (not moving and reach > self.AWAY and is_open
                    and self._arm.speed(data) < self.STILL)
            return done, 'workpiece in the tray' if reach > self.AWAY else 'placing', None
        if height > scene_kitting.HEIGHT / 2 + 0.01 and reach < 0.05:
            return False, 'carrying the workpiece', None
        if reach < 0.10:
            return False, 'picking', None
        if data.xmat[self._piece.id][8] < self.UPRIGHT:
            return False, 'workpiece fell over', 'workpiece fell over'
        return False, 'reaching for the workpiece', None

    @staticmethod
    def _inside(offset) -> bool:
        margin = scene_kitting.TRAY_WALL
        return (abs(offset[0]) < scene_kitting.TRAY_SIZE[0] / 2 - margin
                and abs(offset[1]) < scene_kitting.TRAY_SIZE[1] / 2 - margin
                and abs(offset[2]) < 0.03)


class InspectionTask(Task):
    """
    The robot stands 0.5 m in front of the beacon, faces it and has touched nothing.

    :param scene: the bound InspectionScene
    :param base: the robot's PlanarBase
    :param front: how far the robot reaches forward of its root, m
    """

    hold_s = 1.0
    GAP, GAP_TOLERANCE = 0.5, 0.1           # m
    FACING = math.radians(20)
    STILL, TURNING = 0.02, 0.1              # m/s, rad/s

    def __init__(self, scene, base, front: float):
        super().__init__()
        self._scene, self._base, self._front = scene, base, front

    def _judge(self, data, collision):
        if collision:
            return False, f'collision: {collision}', f'collision: {collision}'
        motion = self._base.motion(data)
        heading = np.array([math.cos(motion.yaw), math.sin(motion.yaw)])
        way = self._scene.beacon - (motion.x, motion.y)
        bearing = wrap(math.atan2(way[1], way[0]) - motion.yaw)
        gap = float(np.hypot(*(way - self._front * heading))) - scene_inspection.BEACON_RADIUS
        still = (np.hypot(*motion.velocity[:2]) < self.STILL
                 and abs(motion.velocity[2]) < self.TURNING)
        near = abs(gap - self.GAP) <= self.GAP_TOLERANCE and abs(bearing) <= self.FACING
        if near and still:
            return True, f'at the beacon, gap {gap:.2f} m', None
        word = 'approaching' if abs(bearing) < math.radians(45) else 'searching'
        return False, f'{word}, gap {gap:.2f} m', None
