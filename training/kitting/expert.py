"""
The scripted kitting expert: what to do next, as a function of what a robot can see.

It reads joint positions and perceived object positions only, has no memory, and works on batches,
so that its decisions can be learnt by a network from the same inputs. All lengths in metres in
base_link, times in seconds.
"""
from physai_ros.robots import Description, Profile
import torch

from .kinematics import Chain

SIDES = ('left', 'right')
ARM_JOINTS = ('shoulder_pitch', 'shoulder_roll', 'shoulder_yaw', 'elbow', 'wrist_yaw',
              'wrist_pitch', 'wrist_roll')
OPEN, CLOSED = 0.045, 0.008
HELD_MIN, HELD_MAX = 0.014, 0.0242
GRASP_Z, CARRY_Z, PLACE_Z = 0.845, 0.965, 0.854
TRAY_BAND_Y = 0.135
SPEED, GAIN = 0.32, 3.5
HOME_SPEED = 0.9
GRIPPER_SPEED = 0.08
DOWN = (0.0, 0.0, -1.0)


def joint_names():
    """Return the 16 joints that the policy reads and commands, left arm first."""
    return tuple(f'{side}_{joint}' for side in SIDES for joint in ARM_JOINTS + ('gripper',))


def ramp(value, low, high):
    """Return 0 below low, 1 above high and a smooth step between."""
    x = ((value - low) / (high - low)).clamp(0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


class Expert:
    """
    Reactive pick and place with either arm.

    ``step(q, workpiece, tray, dt)`` with q (B, 16), positions (B, 3) returns the next joint
    targets (B, 16); the gripper columns are commands (OPEN or CLOSED per finger).
    """

    def __init__(self, description: Description, profile: Profile):
        self.chains = [Chain(description, f'{side}_tcp',
                             [f'{side}_{joint}' for joint in ARM_JOINTS]) for side in SIDES]
        names = joint_names()
        joints = [description.joints[name] for name in names]
        self.home = torch.tensor([profile.arm.home[name] for name in names])
        self.lower = torch.tensor([joint.lower for joint in joints]) + 0.02
        self.upper = torch.tensor([joint.upper for joint in joints]) - 0.02
        self.speed = 0.8 * torch.tensor([joint.velocity for joint in joints])
        self.posture = self.home.reshape(2, 8)[:, :7]

    @torch.no_grad()
    def step(self, q, workpiece, tray, dt):
        """Return the joint targets that follow q by one step of dt."""
        parts = []
        holding = [self._holds(q, side) for side in range(2)]
        anyone = holding[0] | holding[1]
        placed = (workpiece[:, 1] - tray[:, 1]).abs() < TRAY_BAND_Y
        for side in range(2):
            mine = workpiece[:, 1] > 0 if side == 0 else workpiece[:, 1] <= 0
            picks = mine & ~placed & ~anyone
            parts.append(self._arm(q[:, 8 * side:8 * side + 8], side, workpiece, tray,
                                   picks, holding[side], dt))
        return torch.cat(parts, 1)

    @staticmethod
    def _holds(q, side):
        finger = q[:, 8 * side + 7]
        return (finger > HELD_MIN) & (finger < HELD_MAX)

    def _arm(self, q, side, workpiece, tray, picks, holds, dt):
        arm, finger = q[:, :7], q[:, 7]
        position, rotation, axes, origins = self.chains[side](arm)
        goal, grip = self._goal(position, finger, workpiece, tray, picks, holds)
        cartesian = self._reach(arm, side, goal, position, rotation, axes, origins)
        away = self._retreat(arm, side, position, rotation, axes, origins, finger)
        busy = (picks | holds)[:, None]
        rate = torch.where(busy, cartesian, away)
        columns = slice(8 * side, 8 * side + 7)
        speed = self.speed[columns]
        scale = (rate.abs() / speed).amax(1, keepdim=True).clamp(min=1.0)
        target = arm + rate / scale * dt
        target = torch.maximum(torch.minimum(target, self.upper[columns]), self.lower[columns])
        grip = torch.where(busy[:, 0], grip, torch.full_like(grip, OPEN))
        return torch.cat([target, grip[:, None]], 1)

    def _goal(self, position, finger, workpiece, tray, picks, holds):
        lateral = (position - workpiece)[:, :2].norm(dim=1)
        height = GRASP_Z + (CARRY_Z - GRASP_Z) * ramp(lateral, 0.010, 0.045)
        opened = finger > 0.036
        height = torch.where(opened | (lateral < 0.02), height, torch.full_like(height, CARRY_Z))
        pick = torch.cat([workpiece[:, :2], height[:, None]], 1)
        at_grasp = (lateral < 0.014) & (position[:, 2] < GRASP_Z + 0.012)
        over_tray = (position - tray)[:, :2].norm(dim=1)
        lifted = ramp(position[:, 2], CARRY_Z - 0.05, CARRY_Z - 0.02)
        near = 1.0 - ramp(over_tray, 0.03, 0.06)
        travel = torch.maximum(lifted, near)[:, None]
        gentle = position[:, 2] + 0.015 + 0.3 * (position[:, 2] - GRASP_Z).clamp(min=0.0)
        xy = position[:, :2] + travel * (tray[:, :2] - position[:, :2])
        drop = CARRY_Z + (PLACE_Z - CARRY_Z) * (1.0 - ramp(over_tray, 0.012, 0.05))
        place = torch.cat([xy, torch.minimum(drop, gentle)[:, None]], 1)
        at_place = (over_tray < 0.025) & (position[:, 2] < PLACE_Z + 0.008)
        goal = torch.where(holds[:, None], place, pick)
        close = torch.where(holds, ~at_place, at_grasp & picks)
        return goal, torch.where(close, CLOSED, OPEN)

    def _reach(self, arm, side, goal, position, rotation, axes, origins):
        error = goal - position
        distance = error.norm(dim=1, keepdim=True)
        linear = error * torch.minimum(torch.full_like(distance, GAIN),
                                       SPEED / distance.clamp(min=1e-6))
        pointing = rotation[:, :, 0]
        turn = torch.cross(pointing, torch.tensor(DOWN).expand_as(pointing), dim=1)
        wanted = torch.cat([linear, 3.0 * turn], 1)
        jacobian = torch.cat([torch.cross(axes, position[:, None] - origins, dim=2), axes], 2)
        jacobian = jacobian.transpose(1, 2)
        # rotation about the tool axis is free: project it out of the angular rows
        free = pointing[:, :, None] @ pointing[:, None, :]
        angular = jacobian[:, 3:] - free @ jacobian[:, 3:]
        jacobian = torch.cat([jacobian[:, :3], angular], 1)
        square = jacobian @ jacobian.transpose(1, 2) + 1e-3 * torch.eye(6)
        pseudo = jacobian.transpose(1, 2) @ torch.linalg.inv(square)
        bias = 1.5 * (self.posture[side] - arm)[:, :, None]
        return (pseudo @ (wanted[:, :, None] - jacobian @ bias) + bias)[:, :, 0]

    def _retreat(self, arm, side, position, rotation, axes, origins, finger):
        up = torch.cat([position[:, :2], torch.full_like(position[:, 2:], CARRY_Z + 0.03)], 1)
        rise = self._reach(arm, side, up, position, rotation, axes, origins)
        rise = rise * ramp(finger, 0.028, 0.040)[:, None]
        error = self.posture[side] - arm
        limit = error.abs().amax(1, keepdim=True).clamp(min=1e-6)
        home = error * torch.minimum(torch.full_like(limit, 2.0), HOME_SPEED / limit)
        outside = ramp(position[:, 2], CARRY_Z - 0.04, CARRY_Z)[:, None]
        return (1.0 - outside) * rise + outside * home
