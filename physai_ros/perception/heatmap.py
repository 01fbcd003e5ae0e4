"""
From a centre-point network's maps to peaks.

The maps are those of Zhou, Wang and Kraehenbuehl, Objects as Points, 2019, with two changes: the
peak marks an *anchor* that is fixed to the object (and can be lifted to 3D without bias) instead
of the centre of its box, and the box is given by the distances of its four edges from the anchor.
"""
from typing import List, Tuple

import numpy as np

NEIGHBOURHOOD = 2
MAX_CANDIDATES = 200


def peaks(heatmap: np.ndarray, threshold: float) -> List[Tuple[int, int, int]]:
    """
    Find local maxima, best first.

    :param heatmap: (C, h, w) scores
    :param threshold: the least score
    :return: (class, row, column) of each cell that no better peak of its class is within two
        cells of
    """
    cells = np.argwhere(heatmap >= threshold)
    order = np.argsort(-heatmap[tuple(cells.T)], kind='stable')[:MAX_CANDIDATES]
    kept: List[Tuple[int, int, int]] = []
    for kind, row, column in cells[order].tolist():
        if all(kind != k or abs(row - r) > NEIGHBOURHOOD or abs(column - c) > NEIGHBOURHOOD
               for k, r, c in kept):
            kept.append((kind, row, column))
    return kept


def decode(heatmap: np.ndarray, offset: np.ndarray, box: np.ndarray, stride: int,
           threshold: float) -> List[Tuple[int, float, np.ndarray, np.ndarray]]:
    """
    Read the objects out of a network's maps.

    :param heatmap: (C, h, w) scores in 0..1
    :param offset: (2, h, w) of the anchor from the cell's corner, (x, y) in cells
    :param box: (4, h, w) distances of the left, top, right, bottom edge from the anchor, in cells
    :param stride: size of a cell in pixels
    :param threshold: the least score
    :return: (class, score, anchor (2,), box (left, top, right, bottom) (4,)) in pixels of the
        network's input; objects with a value that is not finite are left out
    """
    found = []
    for kind, row, column in peaks(heatmap, threshold):
        anchor = (np.array((column, row)) + offset[:, row, column]) * stride - 0.5
        edges = np.tile(anchor, 2) + np.maximum(box[:, row, column], 0.0) * stride * (-1, -1, 1, 1)
        if np.isfinite(anchor).all() and np.isfinite(edges).all():
            found.append((kind, float(heatmap[kind, row, column]), anchor, edges))
    return found
