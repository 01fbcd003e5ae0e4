"""
A base that follows ``cmd_vel`` on planar joints, with diff_drive's time-out.

The maker's gait controller is stood in for: three velocity servos move the body over the floor and
the legs trot at its speed. Contacts of the body with what stands around are real.
"""
from collections import namedtuple
import math
from typing import Optional

import numpy as np
from physai_ros.core.types import NS_PER_S, Twist
from physai_ros.sim.gait import Gait
from physai_ros.sim.monitor import BaseMonitor
from physai_ros.sim.robot_spec import BASE_JOINTS
from physai_ros.sim.servo import BASE_TIME

TIMEOUT_NS = 500_000_000       # diff_drive_controller's cmd_vel_timeout
AGILITY = 2.0                  # the base can accelerate this much harder than its profile allows
GAIT_STEPS = 5                 # physics steps between two leg set points

Motion = namedtuple('Motion', 'x y yaw velocity')
Motion.__doc__ = 'Where a base is in its place (m, m, rad) and its own velocity (3,), m/s, rad/s.'


class PlanarBase:
    """
    Velocity servos, legs and limit monitor of one robot's base.

    :param prefix: the robot's prefix in the model
    :param limits: rows velocity, acceleration, jerk of linear x, linear y, angular z (3, 3)
    """

    def __init__(self, model, prefix: str, description, profile, limits, step_ns: int):
        self._most_speed = [AGILITY * v for v in limits[0]]
        self._most_change = [AGILITY * a * step_ns / NS_PER_S for a in limits[1]]
        self._step = step_ns / NS_PER_S
        joints = [model.joint(prefix + name) for name in BASE_JOINTS]
        self._qpos = slice(joints[0].qposadr[0], joints[0].qposadr[0] + 3)
        self._dof = slice(joints[0].dofadr[0], joints[0].dofadr[0] + 3)
        self._actuators = np.array([model.actuator(prefix + name).id for name in BASE_JOINTS])
        self._gait = Gait.of(description, profile.base.stance)
        self._legs = [] if self._gait is None else [
            model.actuator(prefix + name).id for name in self._gait.names]
        self.monitor = BaseMonitor(*limits)

    def reset(self, data, yaw: float):
        """Stand still at the place's origin, turned by ``yaw`` rad."""
        data.qpos[self._qpos] = (0.0, 0.0, yaw)
        data.qvel[self._dof] = 0.0
        data.ctrl[self._actuators] = 0.0
        self._wanted, self._target = [0.0] * 3, [0.0] * 3
        self._commanded_ns, self._count = -TIMEOUT_NS - 1, 0
        if self._gait is not None:
            self._gait.reset()
        self.monitor.reset()

    def accept(self, message: Twist, now_ns: int) -> Optional[str]:
        """Take a command; return None, or why it is ignored. Stamp 0 means now."""
        stamp = message.stamp_ns or now_ns
        velocity = np.array(message.velocity, float)
        if velocity.shape != (3,) or not np.all(np.isfinite(velocity)):
            return 'the velocity is not three finite numbers'
        if now_ns - stamp > TIMEOUT_NS:
            return f'the command is {(now_ns - stamp) / NS_PER_S:.3f} s old'
        self._wanted, self._commanded_ns = velocity.tolist(), stamp
        self.monitor.sample(stamp, velocity)
        return None

    def lost_time(self, lost_ns: int):
        """Take commands as so much older: time went on without this world."""
        self._commanded_ns -= lost_ns
        self.monitor.age(lost_ns)

    def step(self, data, now_ns: int):
        """Command the servos for the coming physics step."""
        alive = now_ns - self._commanded_ns <= TIMEOUT_NS
        lead = BASE_TIME / self._step
        set_point = []
        for axis in range(3):
            most, change = self._most_speed[axis], self._most_change[axis]
            wanted = min(max(self._wanted[axis], -most), most) if alive else 0.0
            change = min(max(wanted - self._target[axis], -change), change)
            self._target[axis] += change
            set_point.append(self._target[axis] + change * lead)
        vx, vy, wz = set_point
        yaw = data.qpos[self._qpos][2]
        c, s = math.cos(yaw), math.sin(yaw)
        data.ctrl[self._actuators] = (c * vx - s * vy, s * vx + c * vy, wz)
        if self._gait is not None and self._count % GAIT_STEPS == 0:
            data.ctrl[self._legs] = self._gait.step(self.motion(data).velocity,
                                                    GAIT_STEPS * self._step)
        self._count += 1

    def motion(self, data) -> Motion:
        """Return pose and velocity of the body as they are measured."""
        x, y, yaw = data.qpos[self._qpos].tolist()
        dx, dy, wz = data.qvel[self._dof].tolist()
        c, s = math.cos(yaw), math.sin(yaw)
        return Motion(x, y, yaw, np.array([c * dx + s * dy, -s * dx + c * dy, wz]))
