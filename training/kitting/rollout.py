"""Kinematic rollouts of the kitting task, thousands at a time: the states to learn from."""
from dataclasses import dataclass

import torch

from .expert import Expert, GRIPPER_SPEED, OPEN

RADIUS = 0.022
DT = 0.05
STEPS = 20


@dataclass
class State:
    """q (B, 16) measured; piece (B, 3) true; seen, tray (B, 3) as perceived; held (B, 2)."""

    q: torch.Tensor
    piece: torch.Tensor
    seen: torch.Tensor
    tray: torch.Tensor
    held: torch.Tensor

    def __getitem__(self, rows):
        return State(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class Cell:
    """Ideal arms, grippers that close on a cylinder, and a camera with errors."""

    def __init__(self, expert: Expert, generator: torch.Generator):
        self.expert, self.random = expert, generator

    def uniform(self, count, low, high):
        """Return (count,) uniform samples."""
        return low + (high - low) * torch.rand(count, generator=self.random)

    def normal(self, *shape, sigma):
        """Return normal samples of a standard deviation."""
        return sigma * torch.randn(*shape, generator=self.random)

    def start(self, count) -> State:
        """Return states at the beginning of an episode, near home."""
        thing = self.workpiece(count)
        tray = torch.tensor([0.47, 0.0, 0.82]) + self.normal(count, 3, sigma=0.008)
        q = self.expert.home + self.normal(count, 16, sigma=0.05)
        q[:, 7::8] = OPEN
        seen = thing + self.normal(count, 3, sigma=0.003)
        seen[:, 2] = 0.835
        return State(q, thing, seen, tray, torch.zeros(count, 2, dtype=torch.bool))

    def workpiece(self, count):
        """Return places (count, 3) of a workpiece on the bench, beside the tray."""
        side = torch.where(torch.rand(count, generator=self.random) < 0.5, 1.0, -1.0)
        return torch.stack([self.uniform(count, 0.30, 0.64),
                            side * self.uniform(count, 0.16, 0.50),
                            torch.full((count,), 0.835)], 1)

    def renew(self, state: State, chance: float):
        """Replace, with some chance, a workpiece that is in the tray by one on the bench."""
        count = len(state.piece)
        placed = (state.piece - state.tray)[:, :2].norm(dim=1) < 0.08
        new = placed & ~state.held.any(1) & (
            torch.rand(count, generator=self.random) < chance)
        state.piece[new] = self.workpiece(count)[new]

    def advance(self, state: State, target) -> State:
        """Return the state one DT later, the arms having reached their targets."""
        q = torch.minimum(torch.maximum(target, self.expert.lower), self.expert.upper)
        q[:, 7::8] = state.q[:, 7::8]
        thing, held = state.piece.clone(), state.held.clone()
        for side in range(2):
            column = 8 * side + 7
            tip = self.expert.chains[side](q[:, 8 * side:8 * side + 7])[0]
            around = ((tip - thing)[:, :2].norm(dim=1) < 0.02) & (
                (tip[:, 2] - thing[:, 2]).abs() < 0.03)
            goal = target[:, column]
            finger = state.q[:, column]
            finger = finger + (goal - finger).clamp(-GRIPPER_SPEED * DT, GRIPPER_SPEED * DT)
            between = held[:, side] | around
            stop = torch.where(between, RADIUS, 0.0)
            closing = goal < finger + 1e-4
            finger = torch.where(closing & between, finger.clamp(min=stop), finger)
            q[:, column] = finger
            held[:, side] = between & (finger < RADIUS + 0.001)
            grip = held[:, side, None] & state.held[:, side, None]
            thing = torch.where(grip, tip - torch.tensor([0.0, 0.0, 0.01]), thing)
        dropped = ~held.any(1) & state.held.any(1)
        thing[dropped, 2] = 0.835
        return State(q, thing, state.seen, state.tray, held)

    def perceive(self, state: State, hidden, bias) -> State:
        """
        Renew what the camera sees; a held object is seen wrongly, or as it was (hidden).

        :param bias: (B, 2) metres, the camera's constant error in an episode
        """
        noise = self.normal(*state.piece.shape, sigma=0.002)
        lifted = (state.piece[:, 2:] - 0.835).clamp(min=0.0)
        # a point above the support plane is projected beyond it, away from the camera
        shift = torch.cat([0.9 * lifted, 1.2 * state.piece[:, 1:2] * lifted], 1)
        seen = torch.cat([state.piece[:, :2] + shift + bias, torch.full_like(lifted, 0.835)], 1)
        fresh = torch.where(hidden[:, None], state.seen, seen + noise)
        fresh[:, 2] = 0.835
        return State(state.q, state.piece, fresh, state.tray, state.held)

    def label(self, state: State):
        """Return the expert's chunk (B, STEPS, 16) from each state, with ideal execution."""
        targets = []
        for _ in range(STEPS):
            target = self.expert.step(state.q, state.seen, state.tray, DT)
            targets.append(target)
            state = self.advance(state, target)
        return torch.stack(targets, 1)


def collect(cell: Cell, count: int, steps: int, act, keep: float, noise: float, progress=None):
    """
    Run ``count`` episodes of ``steps`` and return the states met and the expert's chunks there.

    :param act: function of a State that returns targets (B, 16): expert or policy
    :param keep: share of the states that are kept
    :param noise: standard deviation (rad) of the disturbance that half of the steps receive
    """
    inputs, chunks = [], []
    state = cell.start(count)
    bias = cell.normal(count, 2, sigma=0.003)
    hidden = torch.rand(count, generator=cell.random) < 0.5
    for _ in range(steps):
        chosen = state[torch.rand(count, generator=cell.random) < keep]
        inputs.append(torch.cat([chosen.q, chosen.seen, chosen.tray], 1))
        chunks.append(cell.label(chosen))
        target = act(state)
        kick = cell.normal(count, 16, sigma=noise)
        kick[:, 7::8] = 0.0
        kick[torch.rand(count, generator=cell.random) < 0.5] = 0.0
        state = cell.advance(state, target + kick)
        flip = torch.rand(count, generator=cell.random) < 0.05
        hidden = torch.where(flip, ~hidden, hidden) & state.held.any(1)
        cell.renew(state, chance=0.02)
        state = cell.perceive(state, hidden, bias)
        if progress is not None:
            progress.update(1)
    return torch.cat(inputs), torch.cat(chunks)
