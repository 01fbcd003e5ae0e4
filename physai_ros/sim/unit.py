"""One robot in the world: its controllers, its senses, its scene and its task."""
from typing import Dict

import mujoco
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import Imu, JointState, Odometry
from physai_ros.sim.arm import Arm
from physai_ros.sim.base import PlanarBase
from physai_ros.sim.place import Place, yaw_quaternion
from physai_ros.sim.tasks import InspectionTask, KittingTask

IMU_FRAME = 'imu_link'


class Unit:
    """
    The handles of one robot.

    :param robot: SimRobot
    :param part: its RobotPart
    :param scene: its bound scene, or None
    """

    def __init__(self, model, robot, part, scene, step_ns: int):
        self.robot, self.part, self.scene = robot, part, scene
        self.prefix, self.place = f'{robot.name}/', Place(*robot.pose)
        self._model = model
        self.names = part.description.actuated
        joints = [model.joint(self.prefix + name) for name in self.names]
        self._qpos = np.array([j.qposadr[0] for j in joints])
        self._dof = np.array([j.dofadr[0] for j in joints])
        self._actuators = np.array([model.actuator(self.prefix + n).id for n in self.names])
        self._root = model.body(self.prefix + part.root).id
        links = part.description.links
        self._imu_frame = IMU_FRAME if IMU_FRAME in links else part.description.root
        self._imu = (model.body(self.prefix + IMU_FRAME).id if IMU_FRAME in links
                     else self._root)
        profile = robot.profile
        self.arm = self.base = None
        if profile.arm is not None:
            self.arm = Arm(model, self.prefix, profile, joint_limits(part.description, profile),
                           step_ns)
        if profile.base is not None:
            self.base = PlanarBase(model, self.prefix, part.description, profile,
                                   base_limits(profile), step_ns)
        self.task = self._make_task()
        self.start = tuple(robot.pose)

    def reset(self, data, rng):
        """Start anew: rest pose, fresh scene, a heading drawn for a base with a task."""
        write_rest(self._model, data, self.robot, self.part.description)
        data.ctrl[self._actuators] = data.qpos[self._qpos]
        if self.arm is not None:
            self.arm.reset(data)
        if self.base is not None:
            yaw = rng.uniform(-np.pi, np.pi) if self.robot.task == 'inspection' else 0.0
            self.base.reset(data, yaw)
            self.start = (*self.robot.pose[:2], self.place.yaw + yaw)
            self._start_yaw = yaw
        if self.scene is not None:
            self.scene.reset(data, rng)
        if self.task is not None:
            self.task.restart()

    def place_next(self, data, rng):
        """Give the robot its next piece of work."""
        if self.robot.task == 'inspection':
            motion = self.base.motion(data)
            self.scene.place_next(data, rng, np.array([motion.x, motion.y]))
        elif self.scene is not None:
            self.scene.place_next(data, rng)
        if self.task is not None:
            self.task.restart()

    def step(self, data, now_ns: int):
        """Command all servos for the coming physics step."""
        if self.arm is not None:
            self.arm.step(data, now_ns)
        if self.base is not None:
            self.base.step(data, now_ns)

    def violated(self) -> Dict[str, int]:
        """Return the number of episodes in which a command was beyond a limit, by kind."""
        parts = {'arm': self.arm, 'base': self.base}
        return {f'{name}.{kind}': number for name, part in parts.items() if part is not None
                for kind, number in part.monitor.counts().items() if number}

    def joint_state(self, data, now_ns: int) -> JointState:
        """Return all joints but the mimicking ones, in the URDF's order."""
        return JointState(now_ns, self.names, data.qpos[self._qpos], data.qvel[self._dof],
                          data.actuator_force[self._actuators])

    def imu(self, data, now_ns: int) -> Imu:
        """
        Return orientation in the world, and angular velocity and acceleration in the imu's frame.

        The imu is in the link ``imu_link``, or in the root of a robot that has none.
        """
        mujoco.mj_rnePostConstraint(self._model, data)
        motion, change = np.zeros(6), np.zeros(6)
        kind = mujoco.mjtObj.mjOBJ_XBODY
        mujoco.mj_objectVelocity(self._model, data, kind, self._imu, motion, 1)
        mujoco.mj_objectAcceleration(self._model, data, kind, self._imu, change, 1)
        return Imu(now_ns, self._imu_frame, data.xquat[self._imu].copy(), motion[:3], change[3:])

    def odometry(self, data, now_ns: int) -> Odometry:
        """Return the pose since the last reset, z being the root's height, and the velocity."""
        if self.base is None:
            zero = np.zeros(3)
            return Odometry(now_ns, zero, yaw_quaternion(0.0), zero, zero)
        motion = self.base.motion(data)
        x, y = Place(0.0, 0.0, self._start_yaw).local(motion.x, motion.y)
        vx, vy, wz = motion.velocity
        return Odometry(now_ns, np.array([x, y, self.part.height]),
                        yaw_quaternion(motion.yaw - self._start_yaw), np.array([vx, vy, 0.0]),
                        np.array([0.0, 0.0, wz]))

    def truth(self, data) -> dict:
        """Return position (3,) and orientation (4,) in base_link of what the scene holds."""
        if self.scene is None:
            return {}
        back, found = np.zeros(4), {}
        mujoco.mju_negQuat(back, data.xquat[self._root])
        for name in self.scene.present():
            body = self._model.body(self.scene.prefix + name).id
            position, orientation = np.zeros(3), np.zeros(4)
            mujoco.mju_rotVecQuat(position, data.xpos[body] - data.xpos[self._root], back)
            mujoco.mju_mulQuat(orientation, back, data.xquat[body])
            found[name] = (position, orientation)
        return found

    def _make_task(self):
        if self.robot.task == 'inspection':
            if self.base is None:
                raise ConfigError(f'task of {self.robot.name}', 'inspection',
                                  'a profile with a base')
            return InspectionTask(self.scene, self.base, float(self.part.high[0]))
        if self.robot.task == 'kitting':
            if self.arm is None:
                raise ConfigError(f'task of {self.robot.name}', 'kitting', 'a profile with an arm')
            return KittingTask(self._model, self.scene, self._hands(), self.arm)
        return None

    def _hands(self):
        """Return (tcp body, finger address) of each ``<side>_tcp`` with a ``<side>_gripper``."""
        hands = []
        for link in self.part.description.links:
            finger = link[:-len('tcp')] + 'gripper'
            if link.endswith('tcp') and finger in self.part.description.joints:
                address = int(self._model.joint(self.prefix + finger).qposadr[0])
                hands.append((self._model.body(self.prefix + link).id, address))
        return hands


def write_rest(model, data, robot, description):
    """Write a robot's resting joint positions, those of mimicking joints too."""
    rest = robot.profile.rest()
    for joint in description.joints.values():
        if not joint.moves:
            continue
        nearest = 0.0 if joint.lower is None else min(max(0.0, joint.lower), joint.upper)
        value = rest.get(joint.name, nearest)
        if joint.mimic is not None:
            value = joint.mimic.multiplier * rest.get(joint.mimic.joint, 0.0) + joint.mimic.offset
        data.qpos[model.joint(f'{robot.name}/{joint.name}').qposadr[0]] = value


def joint_limits(description, profile) -> np.ndarray:
    """
    Return lower, upper, velocity, acceleration, jerk of the arm's joints (5, J).

    :raises ConfigError: when the URDF or the profile lacks one
    """
    rows = []
    for name in profile.arm.joints:
        joint = description.joints.get(name)
        if joint is None or not joint.moves:
            raise ConfigError(f'arm.joints of profile {profile.name}', name,
                              'moving joints of its URDF')
        ends = ((-np.inf, np.inf) if joint.type == 'continuous' else (joint.lower, joint.upper))
        row = (*ends, joint.velocity, profile.arm.acceleration_of(name),
               profile.arm.jerk_of(name))
        if any(value is None for value in row):
            raise ConfigError(f'limits of joint {name}', row,
                              'lower, upper, velocity (URDF), acceleration and jerk (profile)')
        rows.append(row)
    return np.array(rows, float).T


def base_limits(profile) -> np.ndarray:
    """Return velocity, acceleration, jerk of linear x, linear y, angular z (3, 3)."""
    limits = profile.base.limits
    return np.array([(0.0, 0.0, 0.0) if axis is None else
                     (axis.velocity, axis.acceleration, axis.jerk)
                     for axis in (limits.linear_x, limits.linear_y, limits.angular_z)]).T
