"""The bench with arms anywhere over it: searching, grasping, carrying, letting go."""
import mujoco
import numpy as np
from training.detector.stage import Stage

SIDES = ('left', 'right')
ARM = ('shoulder_pitch', 'shoulder_roll', 'shoulder_yaw', 'elbow', 'wrist_yaw', 'wrist_pitch',
       'wrist_roll')
BENCH_TOP, HALF_HEIGHT, RADIUS = 0.80, 0.035, 0.022
IK_STEPS, IK_DAMPING, IK_STEP = 40, 0.05, 0.3


class KittingStage(Stage):
    """The humanoid at its bench; positions below are in its ``base_link``."""

    def __init__(self, alone: bool = False):
        super().__init__('kitting', alone)
        self._piece = int(self.model.joint(f'{self.name}/scene/workpiece').qposadr[0])

    def arrange(self, rng):
        """Choose a moment of the task, or an odd one."""
        wide = 0.25 if rng.random() < 0.2 else 0.03
        self.joint('head_pan', self.profile.arm.home['head_pan'] + rng.uniform(-wide, wide))
        self.joint('head_tilt', self.profile.arm.home['head_tilt'] + rng.uniform(-wide, wide))
        for side in SIDES:
            self._shake(side, rng, 0.08)
        moments = (self._idle, self._reach, self._carry, self._done, self._odd)
        moments[rng.choice(len(moments), p=(0.2, 0.35, 0.2, 0.1, 0.15))](rng)

    def _idle(self, rng):
        """Leave the arms at home."""

    def _reach(self, rng):
        """Hold a hand at or above the workpiece, the fingers round it."""
        x, y, z = self._piece_position()
        side = 'left' if y > 0 else 'right'
        above = abs(rng.normal(0.0, 0.08)) + 0.01
        aside = rng.normal(0.0, 0.02 + 0.5 * above, 2) * (above > 0.04)
        self._hand(side, (x + aside[0], y + aside[1], z + above), rng)
        self._gripper(side, rng.uniform(RADIUS, 0.045))

    def _carry(self, rng):
        """Put the workpiece between the fingers of a hand on its way to the tray."""
        side = SIDES[rng.integers(2)]
        x, y, _ = self._piece_position()
        start = np.array((x, abs(y) * (1 if side == 'left' else -1)))
        way = start + rng.uniform(0.0, 1.0) * (self._tray_position()[:2] - start)
        self._hand(side, (*way, BENCH_TOP + rng.uniform(0.04, 0.30)), rng)
        self._gripper(side, RADIUS)
        tcp = self.body(f'{side}_tcp')
        down = self.data.xmat[tcp].reshape(3, 3)[:, 0]
        self._put_in_world(self.data.xpos[tcp] + rng.uniform(-0.012, 0.02) * down, rng, -down)

    def _done(self, rng):
        """Put the workpiece into the tray, the hand on its way back."""
        tray = self._tray_position()
        spot = tray[:2] + rng.uniform(-1, 1, 2) * (0.075, 0.065)
        self._put((*spot, BENCH_TOP + 0.004 + HALF_HEIGHT), rng)
        side = SIDES[rng.integers(2)]
        self._hand(side, (*(spot + rng.normal(0.0, 0.05, 2)), BENCH_TOP + rng.uniform(0.1, 0.3)),
                   rng)
        self._gripper(side, 0.045)

    def _odd(self, rng):
        """Leave hands anywhere, the workpiece lying about, out of sight or anywhere."""
        for side, sign in zip(SIDES, (1, -1)):
            if rng.random() < 0.6:
                self._hand(side, (rng.uniform(0.3, 0.65), sign * rng.uniform(0.0, 0.5),
                                  BENCH_TOP + rng.uniform(0.08, 0.4)), rng, tilt=0.3)
            self._gripper(side, rng.uniform(0.0, 0.045))
        case = rng.random()
        spot = (rng.uniform(0.26, 0.78), rng.uniform(-0.62, 0.62))
        if case < 0.25:
            yaw = rng.uniform(-np.pi, np.pi)
            self._put((*spot, BENCH_TOP + RADIUS), rng, (np.cos(yaw), np.sin(yaw), 0.0))
        elif case < 0.5:
            self._put((0.0, 0.0, -5.0), rng)
        else:
            self._put((*spot, BENCH_TOP + HALF_HEIGHT), rng)

    def _piece_position(self):
        return self.world.truth(self.name)['workpiece'][0]

    def _tray_position(self):
        return self.world.truth(self.name)['tray'][0]

    def _put(self, position, rng, axis=(0.0, 0.0, 1.0)):
        """Put the workpiece somewhere, its axis along ``axis``."""
        origin = self.place.point((0.0, 0.0, 0.0))
        self._put_in_world(self.place.point(position), rng, self.place.point(axis) - origin)

    def _put_in_world(self, position, rng, axis):
        quaternion, turned, spun = np.zeros(4), np.zeros(4), rng.uniform(-np.pi, np.pi)
        mujoco.mju_quatZ2Vec(turned, np.array(axis, float))
        mujoco.mju_mulQuat(quaternion, turned, np.array(
            (np.cos(spun / 2), 0.0, 0.0, np.sin(spun / 2))))
        self.data.qpos[self._piece:self._piece + 3] = position
        self.data.qpos[self._piece + 3:self._piece + 7] = quaternion

    def _shake(self, side, rng, spread):
        for joint in ARM:
            name = f'{side}_{joint}'
            self.joint(name, self.profile.arm.home[name] + rng.normal(0.0, spread))

    def _gripper(self, side, opening):
        self.joint(f'{side}_gripper', opening)
        self.joint(f'{side}_gripper_mimic', opening)

    def _hand(self, side, position, rng, tilt=0.08):
        """Bring a hand to a position, pointing down but for a tilt: damped least squares."""
        joints = [self.model.joint(f'{self.name}/{side}_{j}') for j in ARM]
        qpos, dofs = [j.qposadr[0] for j in joints], [j.dofadr[0] for j in joints]
        limits = np.array([j.range for j in joints]).T
        tcp, wanted = self.body(f'{side}_tcp'), _pointing_down(rng, tilt, self.place.yaw)
        goal = self.place.point(position)
        jacobian = np.zeros((6, self.model.nv))
        for _ in range(IK_STEPS):
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_comPos(self.model, self.data)
            mujoco.mj_jacBody(self.model, self.data, jacobian[:3], jacobian[3:], tcp)
            is_now = self.data.xmat[tcp].reshape(3, 3)
            r = wanted @ is_now.T
            turn = 0.5 * np.array((r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]))
            error = np.concatenate([goal - self.data.xpos[tcp], 0.3 * turn])
            j = jacobian[:, dofs] * np.array((1, 1, 1, 0.3, 0.3, 0.3))[:, None]
            step = j.T @ np.linalg.solve(j @ j.T + IK_DAMPING ** 2 * np.eye(6), error)
            self.data.qpos[qpos] = np.clip(
                self.data.qpos[qpos] + np.clip(step, -IK_STEP, IK_STEP), *limits)
        mujoco.mj_kinematics(self.model, self.data)


def _pointing_down(rng, tilt, yaw) -> np.ndarray:
    """Return a tcp orientation (3, 3): x down within ``tilt`` rad, fingers mostly across."""
    x = np.array((*rng.normal(0.0, tilt, 2), -1.0))
    x /= np.linalg.norm(x)
    yaw += rng.uniform(-np.pi, np.pi) if rng.random() < 0.3 else rng.normal(np.pi / 2, 0.6)
    y = np.array((np.cos(yaw), np.sin(yaw), 0.0))
    y -= x * (x @ y)
    y /= np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)
