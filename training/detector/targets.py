"""
From labels to the maps that the network should return.

A label is a row of 8 float32: class, visible share in 0..1, anchor (u, v), which may be out of the
picture, and box (left, top, right, bottom), cut off by its rim, in pixels.
"""
import numpy as np
import torch
from training.detector.classes import IGNORED_VISIBLE, MIN_VISIBLE
from training.detector.network import STRIDE

LABEL = 8


def crop_labels(labels: np.ndarray, left: int, top: int, width: int, height: int) -> np.ndarray:
    """Return the labels, in pixels of a crop, of objects whose anchor is inside it."""
    moved = labels - np.array((0, 0, *(left, top) * 3), np.float32)
    u, v = moved[:, 2], moved[:, 3]
    moved = moved[(u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)]
    moved[:, 4::2] = np.clip(moved[:, 4::2], -0.5, width - 0.5)
    moved[:, 5::2] = np.clip(moved[:, 5::2], -0.5, height - 0.5)
    return moved


def draw(labels, classes: int, width: int, height: int):
    """
    Draw the targets of one picture.

    :param labels: (N, 8)
    :return: ``heatmap`` (C, h, w): a Gaussian with 1 at each anchor; ``wanted`` (C, h, w): 0 where
        hardly visible objects make the heatmap unknown; ``values`` (6, h, w): offset and box, and
        ``weight`` (h, w): 1 where they are known
    """
    rows, columns = height // STRIDE, width // STRIDE
    heatmap = np.zeros((classes, rows, columns), np.float32)
    wanted = np.ones_like(heatmap)
    values = np.zeros((6, rows, columns), np.float32)
    weight = np.zeros((rows, columns), np.float32)
    y, x = np.mgrid[:rows, :columns]
    for kind, visible, *numbers in labels:
        u, v, left, top, right, bottom = (np.array(numbers) + 0.5) / STRIDE
        column, row = min(int(u), columns - 1), min(int(v), rows - 1)
        distance = (x - column) ** 2 + (y - row) ** 2
        if visible < MIN_VISIBLE:
            if visible > IGNORED_VISIBLE:
                wanted[int(kind)][distance <= 9] = 0.0
            continue
        sigma = np.clip(min(right - left, bottom - top) / 6.0, 0.7, 1.5)
        heatmap[int(kind)] = np.maximum(heatmap[int(kind)],
                                        np.exp(-distance / (2.0 * sigma ** 2)))
        near = distance <= 2
        weight[near] = 1.0
        values[:, near] = np.stack([u - x[near], v - y[near], *(
            np.full(near.sum(), max(edge, 0.0)) for edge in (u - left, v - top, right - u,
                                                             bottom - v))])
    return heatmap, wanted, values, weight


def loss(outputs, heatmap, wanted, values, weight):
    """
    Return focal loss of the heatmap, L1 of offset and box.

    Source of the first: Law and Deng, CornerNet, 2018, equation 1 (alpha 2, beta 4).
    """
    logits, offset, box = outputs
    score = torch.sigmoid(logits).clamp(1e-4, 1.0 - 1e-4)
    hit = (heatmap == 1.0).float()
    count = hit.sum().clamp(min=1.0)
    gain = hit * (1.0 - score) ** 2 * torch.log(score)
    pain = (1.0 - hit) * (1.0 - heatmap) ** 4 * score ** 2 * torch.log(1.0 - score)
    focal = -((gain + pain) * wanted).sum() / count
    known = weight.sum().clamp(min=1.0)
    shift = ((offset - values[:, :2]).abs().sum(1) * weight).sum() / known
    edges = ((box - values[:, 2:]).abs().sum(1) * weight).sum() / known
    return focal + shift + 0.1 * edges
