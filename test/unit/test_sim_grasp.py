"""A hand lifts and carries the workpiece by friction alone."""
import mujoco
import numpy as np
from physai_ros.sim import World
import pytest
from sim_worlds import HONDA, honda, run, to_point

ARM = ('shoulder_pitch', 'shoulder_roll', 'shoulder_yaw', 'elbow', 'wrist_yaw', 'wrist_pitch',
       'wrist_roll')


class Hand:
    """Moves the tcp on that side of the robot where the workpiece stands, pointing down."""

    def __init__(self, world):
        self.world, self.model = world, world.model
        self.side = 'left' if world.truth(HONDA)['workpiece'][0][1] > 0 else 'right'
        self.names = world.joint_state(HONDA).names
        self.goal = world.joint_state(HONDA).position.copy()
        self.columns = [self.names.index(f'{self.side}_{joint}') for joint in ARM]
        self.finger = self.names.index(f'{self.side}_gripper')
        self.tcp = self.model.body(f'{HONDA}/{self.side}_tcp').id

    def move(self, target, seconds):
        self.goal[self.columns] = self._solve(np.asarray(target))
        self._go(seconds)

    def grip(self, opening):
        self.goal[self.finger] = opening
        self._go(0.5)

    def _go(self, seconds):
        assert self.world.set_trajectory(
            HONDA, to_point(self.names, self.goal, seconds)) is None
        run(self.world, seconds + 0.05)

    def _solve(self, target):
        """Return the arm's joint positions by damped least squares."""
        model, data = self.model, mujoco.MjData(self.model)
        joints = [model.joint(f'{HONDA}/{self.side}_{joint}') for joint in ARM]
        address, dof = [j.qposadr[0] for j in joints], [j.dofadr[0] for j in joints]
        data.qpos[:] = self.world.data.qpos
        data.qpos[address] = self.goal[self.columns]
        jacobian = np.zeros((6, model.nv))
        for _ in range(60):
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            approach = data.xmat[self.tcp].reshape(3, 3)[:, 0]
            error = np.concatenate([target - data.xpos[self.tcp],
                                    np.cross(approach, [0.0, 0.0, -1.0])])
            mujoco.mj_jacBody(model, data, jacobian[:3], jacobian[3:], self.tcp)
            j = jacobian[:, dof]
            data.qpos[address] += j.T @ np.linalg.solve(j @ j.T + 1e-4 * np.eye(6), error)
        assert np.linalg.norm(error) < 2e-3
        return data.qpos[address]


@pytest.mark.parametrize('seed', [1, 3])
def test_picks_up_carries_and_puts_down(seed):
    world = World([honda()], seed=seed, cameras=False)
    piece, tray = world.truth(HONDA)['workpiece'][0], world.truth(HONDA)['tray'][0]
    hand = Hand(world)
    hand.move(piece + (0, 0, 0.12), 1.2)
    hand.move(piece + (0, 0, 0.005), 0.8)
    hand.grip(0.0)
    state = world.joint_state(HONDA)
    assert state.position[hand.finger] == pytest.approx(0.022, abs=0.0015)   # stopped by it
    assert 40 <= abs(state.effort[hand.finger]) <= 60          # the two fingers' 20-30 N each
    hand.move(piece + (0, 0, 0.15), 0.8)
    assert world.truth(HONDA)['workpiece'][0][2] == pytest.approx(0.98, abs=0.005)
    assert world.status(HONDA).text == 'carrying the workpiece'
    run(world, 1.0)
    assert world.truth(HONDA)['workpiece'][0][2] == pytest.approx(0.98, abs=0.005)    # no slip
    hand.move(tray + (0, 0, 0.17), 1.0)
    hand.move(tray + (0, 0, 0.03), 0.8)
    hand.grip(0.045)
    hand.move(tray + (0, 0, 0.2), 0.8)
    run(world, 0.5)
    status = world.status(HONDA)
    assert status.success and status.collisions == 0
