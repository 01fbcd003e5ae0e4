"""Averages of chunks, and how far chunks are apart."""
import numpy as np
from physai_ros.core.chunks import end_ns, rows_at
from physai_ros.core.types import BaseChunk, JointChunk
from physai_ros.inference.disagreement import Disagreement
from physai_ros.inference.ensemble import Ensemble
import pytest

MS = 1_000_000


def joints(stamp_ms, rows, names=('a', 'b')):
    """Return a chunk of 50 ms steps."""
    return JointChunk(stamp_ms * MS, 50 * MS, names, np.array(rows, dtype=float))


def base(stamp_ms, speeds):
    """Return a chunk of forward speeds in 50 ms steps."""
    return BaseChunk(stamp_ms * MS, 50 * MS, np.array([[v, 0, 0] for v in speeds], float))


def test_rows_between_actions():
    times = np.array([0, 25, 100, 130]) * MS
    assert rows_at(joints(0, [[0, 1], [2, 1], [4, 0]]), times)[:, 0].tolist() == [0, 1, 4, 4]
    assert rows_at(base(0, [1, 2]), times[:2])[:, 0].tolist() == [1, 1]
    assert (end_ns(joints(0, [[0, 0]] * 3)), end_ns(base(0, [1, 2]))) == (100 * MS, 100 * MS)


def test_the_oldest_chunk_weighs_most():
    ensemble = Ensemble(decay=np.log(2))
    assert ensemble.merge(joints(0, np.zeros((5, 2)))).positions.tolist() == [[0, 0]] * 5
    merged = ensemble.merge(joints(100, np.full((5, 2), 0.03)))
    assert merged.stamp_ns == 100 * MS  # the first ends at 200 ms
    assert merged.positions[:, 0] == pytest.approx([0.01, 0.01, 0.03, 0.03, 0.03])


def test_a_chunk_that_is_not_followed_is_left_out():
    ensemble = Ensemble()
    ensemble.merge(joints(0, [[0, 0], [0, 0.2], [0, 0.4], [0, 0.6]]))
    assert not ensemble.merge(joints(75, np.zeros((4, 2)))).positions.any()
    assert ensemble.merge(joints(100, np.full((4, 2), 0.1))).positions[0, 0] < 0.1


def test_times_between_the_steps_of_the_earlier_chunk():
    ensemble = Ensemble(decay=0.0)
    ensemble.merge(joints(0, [[0, 0], [0.02, 0], [0.04, 0], [0.06, 0]]))
    merged = ensemble.merge(joints(25, np.zeros((2, 2))))
    assert merged.positions[:, 0] == pytest.approx([0.005, 0.015])


def test_twists_are_averaged_apart_from_joints():
    ensemble = Ensemble(decay=0.0)
    ensemble.merge(base(0, [1, 1]))
    ensemble.merge(joints(0, [[9, 9], [9, 9]]))
    assert ensemble.merge(base(50, [3, 3])).twists[:, 0].tolist() == [2, 3]


@pytest.mark.parametrize('later', [
    joints(50, [[0.1], [0.1]], ('a',)), joints(0, [[0.1, 0.1]] * 2)])
def test_other_joints_and_a_clock_set_back_begin_anew(later):
    ensemble = Ensemble()
    ensemble.merge(joints(0, np.zeros((5, 2))))
    assert (ensemble.merge(later).positions == 0.1).all()


def test_disagreement_of_the_same_moment_by_name():
    apart = Disagreement()
    apart.add(0, joints(0, np.zeros((3, 2))))
    apart.add(1, joints(0, [[3, 0], [3, 0], [3, 0]], ('b', 'a')))
    apart.add(1, joints(10, np.full((3, 2), 99.0)))
    assert apart.read() == {'joints_rms': '2.1213', 'joints_max': '3.0000', 'joints_worst': 'b'}
    assert apart.read() == {}


def test_disagreement_whichever_answers_first_and_of_other_steps():
    apart = Disagreement()
    apart.add(1, BaseChunk(0, 100 * MS, np.array([[1.0, 0, 0], [2.0, 0, 0]])))
    apart.add(0, base(0, [1, 1, 1]))
    assert apart.read()['base_max'] == '1.0000'
