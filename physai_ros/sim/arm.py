"""The joints under joint_trajectory_controllers."""
from typing import Optional

import numpy as np
from physai_ros.core.types import JointTrajectory
from physai_ros.sim.monitor import JointMonitor
from physai_ros.sim.servo import lead
from physai_ros.sim.trajectory import TrajectoryController


class Arm:
    """
    Trajectory controllers, servos and limit monitor of one robot's arm joints.

    :param prefix: the robot's prefix in the model
    :param limits: of the arm's joints, rows lower, upper, velocity, acceleration, jerk (5, J)
    :param step_ns: physics step
    """

    def __init__(self, model, prefix: str, profile, limits: np.ndarray, step_ns: int):
        names = profile.arm.joints
        joints = [model.joint(prefix + name) for name in names]
        self._qpos = np.array([j.qposadr[0] for j in joints])
        self._dof = np.array([j.dofadr[0] for j in joints])
        self._actuators = np.array([model.actuator(prefix + name).id for name in names])
        self._lead = lead(model, self._actuators)
        self._controllers = [
            ([names.index(joint) for joint in joints], TrajectoryController(joints, step_ns))
            for joints in profile.arm.controllers.values()]
        self.monitor = JointMonitor(*limits, step_ns / 1e9)

    def reset(self, data):
        """Hold the joints where they are."""
        for columns, controller in self._controllers:
            controller.hold(data.qpos[self._qpos[columns]])
        data.ctrl[self._actuators] = data.qpos[self._qpos]
        self.monitor.reset()

    def accept(self, message: JointTrajectory, now_ns: int) -> Optional[str]:
        """Take a trajectory; return None, or why it is ignored."""
        best = max((controller for _, controller in self._controllers),
                   key=lambda controller: len({*controller.joints} & {*message.names}))
        return best.accept(message, now_ns)

    def step(self, data, now_ns: int):
        """Command the servos for the coming physics step."""
        measured, moving = data.qpos[self._qpos], data.qvel[self._dof]
        reference = np.empty((3, len(measured)))
        for columns, controller in self._controllers:
            reference[:, columns] = controller.update(
                now_ns, measured[columns], moving[columns])
        position, velocity, acceleration = reference
        data.ctrl[self._actuators] = position + self._lead * velocity
        self.monitor.sample(position, velocity, acceleration, measured)

    def speed(self, data) -> float:
        """Return the largest speed of a joint, rad/s or m/s."""
        return float(np.abs(data.qvel[self._dof]).max())
