"""Actuators: position servos on joints, velocity servos under a planar base, and their gains."""
import math

import mujoco
import numpy as np
from physai_ros.sim.robot_spec import BASE_JOINTS

SERVO_RATE = 60.0          # natural frequency of a joint servo, rad/s, critically damped
BASE_TIME = 0.02           # time constant of the base's velocity servo, s
BASE_ACCELERATION = 8.0    # what the base's motors can do, m/s^2 or rad/s^2 of its whole inertia
PUSH = 60.0                # N of a sliding joint whose URDF gives no effort
FULL_FORCE_ERROR = 0.012   # position error at which a gripper pushes with all its force, m


def add_actuators(spec: mujoco.MjSpec, description):
    """Add a servo named after its joint to each actuated joint, gains still to be tuned."""
    for name in description.actuated:
        joint = description.joints[name]
        actuator = _servo(spec, name)
        if joint.effort:
            actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
            actuator.forcerange = [-joint.effort, joint.effort]
        if joint.lower is not None:
            actuator.ctrllimited = mujoco.mjtLimited.mjLIMITED_TRUE
            # the set point runs ahead of the reference by the velocity feed-forward
            margin = 0.05 * (joint.velocity or 1.0) + 0.01
            actuator.ctrlrange = [joint.lower - margin, joint.upper + margin]
    if spec.joint(BASE_JOINTS[0]) is not None:
        for name in BASE_JOINTS:
            _servo(spec, name)


def _servo(spec, joint):
    actuator = spec.add_actuator(name=joint, target=joint,
                                 trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.gaintype = mujoco.mjtGain.mjGAIN_FIXED
    actuator.biastype = mujoco.mjtBias.mjBIAS_AFFINE
    return actuator


def tune(model: mujoco.MjModel, data: mujoco.MjData, prefix: str):
    """
    Write the gains of a robot's servos from the inertia that each joint sees.

    :param data: posed; its configuration is the one that the gains are meant for
    :param prefix: the robot's prefix in the model, e.g. ``honda1/``
    """
    mujoco.mj_fwdPosition(model, data)
    dense = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, dense)
    inertia = np.diag(dense)
    for actuator in range(model.nu):
        name = model.actuator(actuator).name
        if not name.startswith(prefix):
            continue
        joint = model.actuator_trnid[actuator, 0]
        mass = inertia[model.jnt_dofadr[joint]]
        if name[len(prefix):] in BASE_JOINTS:
            _velocity_gains(model, actuator, mass)
        elif model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE:
            force = model.actuator_forcerange[actuator, 1] or PUSH
            stiffness = force / FULL_FORCE_ERROR
            _position_gains(model, actuator, stiffness, 2 * mass)
        else:
            _position_gains(model, actuator, mass * SERVO_RATE ** 2, mass)


def lead(model: mujoco.MjModel, actuators: np.ndarray) -> np.ndarray:
    """Return damping over stiffness (s): set point = position + lead * velocity has no lag."""
    return model.actuator_biasprm[actuators, 2] / model.actuator_biasprm[actuators, 1]


def _position_gains(model, actuator, stiffness, mass):
    model.actuator_gainprm[actuator, 0] = stiffness
    model.actuator_biasprm[actuator, 1] = -stiffness
    model.actuator_biasprm[actuator, 2] = -2 * math.sqrt(stiffness * mass)


def _velocity_gains(model, actuator, mass):
    model.actuator_gainprm[actuator, 0] = mass / BASE_TIME
    model.actuator_biasprm[actuator, 2] = -mass / BASE_TIME
    model.actuator_forcelimited[actuator] = 1
    model.actuator_forcerange[actuator] = np.array([-1.0, 1.0]) * mass * BASE_ACCELERATION
