"""The detector's network: three scales down, one way up, three maps at a quarter of the size."""
import torch
from torch import nn
from torch.nn.functional import interpolate

STRIDE = 4
WIDTHS = (16, 24, 48, 64)


class CentreNet(nn.Module):
    """
    Anchors, offsets and boxes of all objects in a picture.

    Input (N, H, W, 3) uint8 RGB, H and W multiples of 16. Outputs, with h = H / 4 and w = W / 4:
    ``heatmap`` (N, C, h, w) logits, or scores in 0..1 when ``export`` is set; ``offset``
    (N, 2, h, w) of the anchor in its cell; ``box`` (N, 4, h, w) left, top, right and bottom edge
    from the anchor, in cells.

    :param classes: number of classes C
    """

    def __init__(self, classes: int):
        super().__init__()
        a, b, c, d = WIDTHS
        self.classes = classes
        self.export = False
        self.stem = nn.Sequential(_block(3, a, 2), _block(a, b, 2))
        self.middle = nn.Sequential(_block(b, c, 2), _block(c, c))
        self.deep = nn.Sequential(_block(c, d, 2), _block(d, d), _block(d, d, dilation=2),
                                  _block(d, d, dilation=4))
        self.deep_up = nn.Conv2d(d, c, 1)
        self.middle_up = nn.Sequential(_block(c, c), nn.Conv2d(c, b, 1))
        self.head = nn.Sequential(_block(b, b), nn.Conv2d(b, classes + 6, 1))
        nn.init.constant_(self.head[-1].bias[:classes], -4.6)

    def forward(self, image):
        """Return heatmap, offset and box."""
        x = image.permute(0, 3, 1, 2).float() * (2.0 / 255.0) - 1.0
        quarter = self.stem(x)
        eighth = self.middle(quarter)
        eighth = eighth + _twice(self.deep_up(self.deep(eighth)))
        maps = self.head(quarter + _twice(self.middle_up(eighth)))
        heatmap, offset, box = torch.split(maps, (self.classes, 2, 4), dim=1)
        return torch.sigmoid(heatmap) if self.export else heatmap, offset, box


def _block(inputs, outputs, stride=1, dilation=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _twice(x):
    return interpolate(x, scale_factor=2, mode='nearest')
