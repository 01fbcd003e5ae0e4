"""Tests of peak finding and decoding."""
import numpy as np
from physai_ros.perception.heatmap import decode, peaks
import pytest


def maps(*spots, classes=2):
    """Return heatmap, offset and box of 12 x 16 cells, zero but for (class, row, col, score)."""
    heatmap = np.zeros((classes, 12, 16), np.float32)
    for kind, row, column, score in spots:
        heatmap[kind, row, column] = score
    return heatmap, np.zeros((2, 12, 16), np.float32), np.zeros((4, 12, 16), np.float32)


def test_nothing_above_the_threshold_is_nothing():
    assert peaks(maps((0, 3, 3, 0.39))[0], 0.4) == []


def test_best_first_and_neighbours_suppressed():
    heatmap, *_ = maps((0, 3, 3, 0.6), (0, 4, 5, 0.9), (0, 9, 9, 0.7))
    assert peaks(heatmap, 0.4) == [(0, 4, 5), (0, 9, 9)]


def test_a_plateau_is_one_peak():
    heatmap, *_ = maps((0, 3, 3, 0.8), (0, 3, 4, 0.8), (0, 4, 3, 0.8))
    assert peaks(heatmap, 0.4) == [(0, 3, 3)]


def test_classes_do_not_suppress_each_other():
    heatmap, *_ = maps((0, 3, 3, 0.8), (1, 3, 3, 0.6))
    assert peaks(heatmap, 0.4) == [(0, 3, 3), (1, 3, 3)]


def test_peaks_at_the_rim():
    heatmap, *_ = maps((0, 0, 0, 0.8), (1, 11, 15, 0.6))
    assert peaks(heatmap, 0.4) == [(0, 0, 0), (1, 11, 15)]


def test_a_whole_map_above_the_threshold_is_still_quick():
    assert len(peaks(np.ones((3, 60, 80), np.float32), 0.4)) < 200


def test_decode_in_pixels():
    heatmap, offset, box = maps((1, 2, 5, 0.9))
    offset[:, 2, 5] = (0.5, 0.25)
    box[:, 2, 5] = (1.0, 0.5, 2.0, 3.0)
    (kind, score, anchor, edges), = decode(heatmap, offset, box, 4, 0.4)
    assert (kind, score) == (1, pytest.approx(0.9))
    assert anchor.tolist() == [21.5, 8.5]
    assert edges.tolist() == [17.5, 6.5, 29.5, 20.5]


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_values_that_are_not_finite_are_left_out(bad):
    heatmap, offset, box = maps((0, 2, 5, 0.9), (0, 8, 5, 0.9), (0, 8, 12, 0.9))
    heatmap[0, 5, 1] = np.nan
    offset[0, 2, 5] = bad
    box[3, 8, 5] = bad
    assert [a.tolist() for _, _, a, _ in decode(heatmap, offset, box, 4, 0.4)] == [[47.5, 31.5]]
