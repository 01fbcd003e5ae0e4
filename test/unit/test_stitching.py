"""Chunks become one reference: newest observation wins, nothing is extrapolated."""
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.stitching import BaseReference, JointReference, JointTargets
from physai_ros.core.types import BaseChunk, JointChunk
import pytest

MS = 1_000_000


def joints(stamp_ms, rows, names=('a', 'b')):
    """Return a chunk of 50 ms steps."""
    return JointChunk(stamp_ms * MS, 50 * MS, names, np.array(rows, dtype=float))


def base(stamp_ms, speeds):
    """Return a chunk of forward speeds in 50 ms steps."""
    return BaseChunk(stamp_ms * MS, 50 * MS, np.array([[v, 0, 0] for v in speeds], float))


def at(reference, t_ns, window_ns=0):
    """Return the target at one time, or None."""
    targets = reference.sample(t_ns, window_ns)
    return targets and JointTargets(targets.position[0], targets.velocity[0], targets.active)


@pytest.fixture
def reference():
    """Return an empty reference for the joints a and b."""
    return JointReference(('a', 'b'))


def test_linear_between_actions_with_the_velocity_of_the_segment(reference):
    assert reference.merge(joints(0, [[0, 1], [1, 1], [3, 0]]), 0)
    half = at(reference, 25 * MS)
    assert half.position.tolist() == [0.5, 1.0]
    assert half.velocity == pytest.approx([20.0, 0.0])
    late = at(reference, 75 * MS)
    assert late.position.tolist() == [2.0, 0.5]
    assert late.velocity == pytest.approx([40.0, -20.0])


def test_ends_with_the_last_action(reference):
    reference.merge(joints(0, [[0, 0], [1, 1], [2, 2]]), 0)
    assert reference.end_ns == 100 * MS
    assert at(reference, 100 * MS).position.tolist() == [2.0, 2.0]
    assert at(reference, 100 * MS + 1) is None
    assert at(reference, -1) is None


def test_a_single_action_holds_for_its_own_period(reference):
    reference.merge(joints(0, [[1, 2]]), 0)
    assert at(reference, 50 * MS).position.tolist() == [1.0, 2.0]
    assert at(reference, 50 * MS).velocity.tolist() == [0.0, 0.0]
    assert at(reference, 50 * MS + 1) is None


def test_nothing_before_the_first_chunk(reference):
    assert reference.end_ns is None
    assert at(reference, 0) is None


def test_the_splice_keeps_what_is_before_and_replaces_what_is_after(reference):
    reference.merge(joints(0, np.zeros((10, 2))), 0)
    reference.merge(joints(60, np.ones((10, 2))), 100 * MS)
    assert at(reference, 99 * MS).position.tolist() == [0.0, 0.0]
    assert at(reference, 100 * MS).position.tolist() == [1.0, 1.0]
    assert reference.end_ns == (60 + 9 * 50) * MS


def test_a_shorter_chunk_cuts_the_tail(reference):
    reference.merge(joints(0, np.zeros((10, 2))), 0)
    reference.merge(joints(10, np.ones((4, 2))), 50 * MS)
    assert at(reference, 160 * MS).position.tolist() == [1.0, 1.0]
    assert at(reference, 161 * MS) is None


def test_doubled_and_overtaken_chunks_change_nothing(reference):
    reference.merge(joints(100, np.ones((5, 2))), 100 * MS)
    assert not reference.merge(joints(100, np.zeros((5, 2))), 110 * MS)
    assert not reference.merge(joints(50, np.zeros((9, 2))), 110 * MS)
    assert reference.old == 2
    assert at(reference, 200 * MS).position.tolist() == [1.0, 1.0]


def test_a_chunk_with_no_action_left_changes_nothing(reference):
    reference.merge(joints(0, np.ones((20, 2))), 0)
    assert not reference.merge(joints(10, np.zeros((3, 2))), 200 * MS)
    assert reference.late == 1
    assert at(reference, 300 * MS).position.tolist() == [1.0, 1.0]


@pytest.mark.parametrize('order', [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 0, 2, 1, 2)])
def test_any_order_of_arrival_ends_in_the_newest(order):
    reference = JointReference(('a', 'b'))
    for k in order:
        reference.merge(joints(10 * k, np.full((5, 2), k)), 40 * MS)
    assert at(reference, 120 * MS).position.tolist() == [2.0, 2.0]
    assert reference.end_ns == 220 * MS


def test_columns_are_matched_by_name(reference):
    reference.merge(joints(0, [[1, 2], [1, 2]], ('b', 'a')), 0)
    assert at(reference, 0).position.tolist() == [2.0, 1.0]


def test_a_subset_leaves_the_other_joints_inactive(reference):
    reference.merge(joints(0, [[7], [7]], ('b',)), 0)
    assert at(reference, 0).active.tolist() == [False, True]


@pytest.mark.parametrize('names, message', [
    (('a', 'c'), r"\['c'\].*a, b"), (('a', 'a'), r"\['a'\].*once")])
def test_unknown_and_doubled_names_are_refused(reference, names, message):
    with pytest.raises(GuardError, match=message):
        reference.merge(joints(0, [[0, 0], [0, 0]], names), 0)
    assert reference.end_ns is None


def test_no_action_counts_past_its_age():
    reference = JointReference(('a', 'b'), max_age_ns=100 * MS)
    reference.merge(joints(0, np.zeros((10, 2))), 0)
    assert at(reference, 100 * MS) is not None
    assert at(reference, 100 * MS + 1) is None


def test_the_window_takes_the_mean_without_lag(reference):
    reference.merge(joints(0, [[0, 0], [1, 0], [2, 0], [3, 4], [4, 8]]), 0)
    mean = at(reference, 100 * MS, 100 * MS)
    assert mean.position == pytest.approx([2.0, 1.0])       # b: 0 to 0, then 0 to 4
    assert mean.velocity == pytest.approx([20.0, 40.0])
    for t in (0, 1, 30 * MS, 170 * MS, 200 * MS):           # a straight line stays as it is
        exact = at(reference, t, 100 * MS)
        assert exact.position[0] == pytest.approx(t / (50 * MS))
        assert exact.velocity[0] == pytest.approx(20.0)


@pytest.mark.parametrize('window_ms', [0, 7, 100])
def test_many_times_are_as_each_alone_and_end_where_the_chunk_is_no_longer_in_force(
        reference, window_ms):
    rows = np.random.default_rng(1).uniform(-1, 1, (2, 6, 2))
    reference.merge(joints(0, rows[0]), 0)
    reference.merge(joints(20, rows[1]), 131 * MS)
    for start_ms, count in ((0, 14), (130, 1), (131, 14), (270, 1), (271, 0)):
        many = reference.sample(start_ms * MS, window_ms * MS, 200, 10 * MS)
        assert (0 if many is None else len(many.position)) == count
        for k in range(count):
            one = at(reference, (start_ms + 10 * k) * MS, window_ms * MS)
            assert one.position.tolist() == many.position[k].tolist()
            assert one.velocity.tolist() == many.velocity[k].tolist()


def test_every_change_has_a_version_of_its_own(reference):
    versions = [reference.version]
    for change in (lambda: reference.merge(joints(0, np.zeros((5, 2))), 0),
                   lambda: reference.merge(joints(50, np.ones((5, 2))), 0), reference.clear):
        change()
        versions.append(reference.version)
    assert len(set(versions)) == 4


def test_forgetting_lets_an_earlier_clock_in(reference):
    reference.merge(joints(1000, np.zeros((5, 2))), 0)
    reference.clear()
    assert reference.merge(joints(0, np.ones((5, 2))), 0)


def test_base_twists_are_held_for_their_period():
    reference = BaseReference()
    reference.merge(base(0, [0.1, 0.2]), 0)
    assert reference.sample(49 * MS).tolist() == [0.1, 0.0, 0.0]
    assert reference.sample(50 * MS).tolist() == [0.2, 0.0, 0.0]
    assert reference.sample(100 * MS - 1).tolist() == [0.2, 0.0, 0.0]
    assert reference.sample(100 * MS) is None


def test_base_chunks_replace_each_other_by_observation_time():
    reference = BaseReference()
    reference.merge(base(0, [0.1] * 10), 0)
    reference.merge(base(60, [0.3] * 10), 100 * MS)
    assert not reference.merge(base(30, [0.9] * 10), 120 * MS)
    assert reference.sample(99 * MS)[0] == 0.1
    assert reference.sample(130 * MS)[0] == 0.3
