"""Forward kinematics of one arm in torch: batched, differentiable, exportable to ONNX."""
import math

from physai_ros.robots import Description
import torch


def _rpy(roll, pitch, yaw):
    cr, sr, cp, sp = math.cos(roll), math.sin(roll), math.cos(pitch), math.sin(pitch)
    cy, sy = math.cos(yaw), math.sin(yaw)
    return torch.tensor([[cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
                         [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
                         [-sp, cp * sr, cp * cr]])


def _cross_matrix(axis):
    x, y, z = axis
    return torch.tensor([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


class Chain(torch.nn.Module):
    """
    The joints from the root link to ``tip``; fixed ones are folded into their neighbours.

    Rotation about a unit axis by Rodrigues' formula. ``forward(q)`` with q (B, J) rad returns the
    tip's position (B, 3) m, rotation (B, 3, 3), and per joint axis and origin (B, J, 3) in the
    root link.
    """

    def __init__(self, description: Description, tip: str, joints):
        super().__init__()
        by_child = {joint.child: joint for joint in description.joints.values()}
        path, link = [], tip
        while link != description.root:
            path.append(by_child[link])
            link = by_child[link].parent
        rotation, offset = torch.eye(3), torch.zeros(3)
        rotations, offsets, axes, names = [], [], [], []
        for joint in reversed(path):
            offset = offset + rotation @ torch.tensor(joint.origin_xyz)
            rotation = rotation @ _rpy(*joint.origin_rpy)
            if joint.moves:
                rotations.append(rotation)
                offsets.append(offset)
                axes.append(torch.nn.functional.normalize(torch.tensor(joint.axis), dim=0))
                names.append(joint.name)
                rotation, offset = torch.eye(3), torch.zeros(3)
        if tuple(names) != tuple(joints):
            raise ValueError(f'joints to {tip} are {names}, expected {list(joints)}')
        cross = [_cross_matrix(axis.tolist()) for axis in axes]
        self.register_buffer('rotations', torch.stack(rotations + [rotation]))
        self.register_buffer('offsets', torch.stack(offsets + [offset]))
        self.register_buffer('axes', torch.stack(axes))
        self.register_buffer('cross', torch.stack(cross))
        self.register_buffer('cross2', torch.stack([c @ c for c in cross]))

    def forward(self, q):
        """Return position, rotation, axes and origins for joint positions q (B, J)."""
        rotation = self.rotations[0].expand(q.shape[0], 3, 3)
        position = self.offsets[0].expand(q.shape[0], 3)
        axes, origins = [], []
        for i in range(self.axes.shape[0]):
            axes.append(rotation @ self.axes[i])
            origins.append(position)
            sin, cos = torch.sin(q[:, i, None, None]), torch.cos(q[:, i, None, None])
            turn = torch.eye(3) + sin * self.cross[i] + (1.0 - cos) * self.cross2[i]
            rotation = rotation @ turn
            position = position + rotation @ self.offsets[i + 1]
            rotation = rotation @ self.rotations[i + 1]
        return position, rotation, torch.stack(axes, 1), torch.stack(origins, 1)
