"""The kitting policy: a small network on joint angles, hand positions and perceived objects."""
import torch

from .expert import CLOSED, Expert, OPEN
from .rollout import STEPS

WIDTH = 256


class Policy(torch.nn.Module):
    """
    ``forward(state)`` with state (B, 22) = q (16), workpiece (3), tray (3) returns (B, STEPS, 16).

    The arms' forward kinematics is a fixed layer, so that the network sees where its hands are.
    Arm targets are the present position plus a learnt offset, grippers between CLOSED and OPEN.
    """

    def __init__(self, expert: Expert):
        super().__init__()
        self.chains = torch.nn.ModuleList(expert.chains)
        self.register_buffer('home', expert.home)
        self.register_buffer('scale', 0.05 * torch.arange(1, STEPS + 1)[:, None].expand(-1, 14))
        features = 16 + 2 + 3 + 1 + 2 * 13
        self.net = torch.nn.Sequential(
            torch.nn.Linear(features, WIDTH), torch.nn.GELU(approximate='tanh'),
            torch.nn.Linear(WIDTH, WIDTH), torch.nn.GELU(approximate='tanh'),
            torch.nn.Linear(WIDTH, WIDTH), torch.nn.GELU(approximate='tanh'),
            torch.nn.Linear(WIDTH, STEPS * 16))

    def features(self, state):
        """Return (B, F) features of order one: joints, hands, their way to the objects."""
        q, workpiece, tray = state[:, :16], state[:, 16:19], state[:, 19:22]
        parts = [(q - self.home) * 2.0, (workpiece[:, :2] - 0.3) * 4.0, (tray - 0.4) * 4.0,
                 (workpiece[:, 1:2] * 20.0).clamp(-1.0, 1.0)]
        for side, chain in enumerate(self.chains):
            position, rotation = chain(q[:, 8 * side:8 * side + 7])[:2]
            finger = q[:, 8 * side + 7:8 * side + 8]
            parts += [(position - 0.6) * 2.0, rotation[:, :, 0] * 2.0,
                      _squash(position - workpiece), _squash(position - tray),
                      (finger - 0.0265) * 100.0]
        return torch.cat(parts, 1)

    def forward(self, state):
        """Return targets (B, STEPS, 16), rad and m."""
        out = self.net(self.features(state)).reshape(-1, STEPS, 16)
        q = state[:, None, :16]
        left = q[:, :, 0:7] + self.scale[:, :7] * out[:, :, 0:7]
        right = q[:, :, 8:15] + self.scale[:, 7:] * out[:, :, 8:15]
        grip = CLOSED + (OPEN - CLOSED) * torch.sigmoid(out[:, :, 7::8])
        return torch.cat([left, grip[:, :, 0:1], right, grip[:, :, 1:2]], 2)


def _squash(difference):
    """Return differences so that millimetres near zero stay visible."""
    return torch.tanh(difference * 15.0)


def loss(policy: Policy, state, chunk):
    """Return the training loss: arms scaled by the time of the step, grippers in their stroke."""
    predicted = policy(state)
    error = predicted - chunk
    arms = torch.cat([error[:, :, 0:7], error[:, :, 8:15]], 2) / policy.scale
    grips = error[:, :, 7::8] / (OPEN - CLOSED)
    return (torch.nn.functional.smooth_l1_loss(arms, torch.zeros_like(arms), beta=0.05)
            + torch.nn.functional.smooth_l1_loss(grips, torch.zeros_like(grips), beta=0.1))
