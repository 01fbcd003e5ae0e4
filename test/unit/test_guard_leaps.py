"""Measured places that a joint cannot have got to."""
from guard_bench import Bench, limits, MS
from hypothesis import given, strategies as st
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import JointState
from physai_ros.guard.leaps import Leaps
from physai_ros.guard.states import ENGAGED, HOLDING
import pytest

SPEED, SLACK = 2.0, 0.01
BOTH = np.arange(2)
SINCE = np.full(2, 10 * MS)


def leaps():
    seen = Leaps(np.full(2, SPEED), np.full(2, SLACK))
    assert not seen.doubt(np.zeros(2), np.full(2, 2 ** 62), BOTH)       # the first of all
    return seen


def test_one_that_is_alone_is_never_taken():
    seen = leaps()
    assert seen.doubt(np.array([0.0, 0.5]), SINCE, BOTH)
    assert seen.doubted() == 1
    assert not seen.doubt(np.array([0.0, 0.01]), SINCE, BOTH)
    assert seen.doubted() is None and seen.count == 1


def test_the_next_one_confirms_it():
    seen = leaps()
    assert seen.doubt(np.array([0.5, 0.0]), SINCE, BOTH)
    assert not seen.doubt(np.array([0.51, 0.0]), SINCE, BOTH)
    assert seen.doubted() is None


def test_another_publisher_with_other_joints_neither_confirms_nor_clears():
    seen = leaps()
    assert seen.doubt(np.array([0.5]), SINCE[:1], BOTH[:1])
    assert not seen.doubt(np.array([0.0]), SINCE[1:], BOTH[1:])
    assert seen.doubted() == 0
    assert not seen.doubt(np.array([0.5]), SINCE[:1], BOTH[:1])


@pytest.mark.parametrize('since_ms', [200, 10_000])
def test_a_long_time_without_messages_excuses_no_leap(since_ms):
    assert leaps().doubt(np.array([0.0, 1.0]), np.full(2, since_ms * MS), BOTH)


@given(st.lists(st.floats(-1.4, 1.4), min_size=1, max_size=50))
def test_a_joint_within_its_limit_is_never_doubted(shares):
    seen, position = leaps(), np.zeros(2)
    for share in shares:
        position = position + share * SPEED * 0.01
        assert not seen.doubt(position, SINCE, BOTH)


def glitch(bench, by):
    """Report the first joint somewhere else, once."""
    bench.guard.on_joint_state(JointState(
        bench.now, bench.joints.names, bench.position + [by, 0.0], bench.velocity))


@pytest.mark.parametrize('by', [-1.5, -0.06, 0.3, 3.0])
def test_a_message_with_flipped_bits_moves_nothing_and_stops_nothing(by):
    bench = Bench(limits(2)).engage()
    for k in range(700):
        bench.hold_chunk([0.2, 0.1])
        assert bench.tick().state == ENGAGED
        if k % 300 == 0:                            # two of them within a short time are told
            glitch(bench, by)
    assert bench.guard.counters['doubted'] == 3
    assert np.allclose(bench.position, [0.2, 0.1], atol=1e-3)


def test_nothing_is_begun_from_a_message_that_is_doubted():
    bench = Bench(limits(2)).engage()
    bench.tick(5)
    glitch(bench, 0.3)
    bench.hold_chunk([0.3, 0.0])                    # near what was reported, not where it is
    outcome = bench.guard.tick(bench.now)
    assert outcome.state == HOLDING and not outcome.trajectory.positions.any()
    assert bench.guard.counters['doubted'] == 1


def test_a_robot_that_leaps_is_not_engaged_before_the_next_message_confirms_it():
    bench = Bench(limits(2), start=[0.1, 0.0])
    bench.states()
    bench.position = np.array([0.5, 0.0])
    bench.now += 10 * MS
    with pytest.raises(GuardError, match='cannot engage: j0 leapt'):
        bench.engage()
    bench.now += 10 * MS
    assert bench.engage().guard.state == ENGAGED
    assert np.allclose(bench.guard.tick(bench.now).trajectory.positions, [0.5, 0.0])
