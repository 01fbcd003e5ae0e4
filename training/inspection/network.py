"""The inspection policy: a small convolutional network from a picture to base twists."""
import torch

from .expert import STEPS

HEIGHT, WIDTH = 96, 128
REST = 0.015
HIDDEN = 192
SOON = 12                       # steps that are mostly driven before the next answer


class Policy(torch.nn.Module):
    """
    ``forward(image, velocity)``: picture (B, 3, 96, 128) in [0, 1], measured (vx, vy, wz) (B, 3).

    Returns twists (B, STEPS, 3) in m/s, m/s, rad/s; what is below REST is stillness.
    """

    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for out, kernel in ((16, 5), (32, 3), (48, 3), (64, 3)):
            layers += [torch.nn.Conv2d(channels, out, kernel, 2, kernel // 2), torch.nn.ReLU()]
            channels = out
        self.eye = torch.nn.Sequential(*layers, torch.nn.Flatten())
        self.head = torch.nn.Sequential(
            torch.nn.Linear(64 * 6 * 8 + 3, HIDDEN), torch.nn.ReLU(),
            torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.ReLU(),
            torch.nn.Linear(HIDDEN, STEPS * 3))

    def raw(self, image, velocity):
        """Return the twists before small ones are set to zero."""
        seen = self.eye(image * 2.0 - 1.0)
        return self.head(torch.cat([seen, velocity], 1)).reshape(-1, STEPS, 3)

    def forward(self, image, velocity):
        """Return the twists of the next STEPS steps."""
        out = self.raw(image, velocity)
        return torch.sign(out) * torch.relu(out.abs() - REST)


def loss(policy, image, velocity, chunk):
    """Return the mean absolute error; turning, being larger, and later steps count half."""
    axis, step = torch.tensor([1.0, 1.0, 0.5]), torch.ones(STEPS, 1)
    step[SOON:] = 0.5
    return ((policy.raw(image, velocity) - chunk).abs() * axis * step).mean()
