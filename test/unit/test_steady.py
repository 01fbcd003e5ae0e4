"""Clocks that are set while a robot moves."""
from physai_ros.core.steady import SETTLE_NS, SteadyTime
import pytest

MS = 1_000_000
S = 1000 * MS
START = 1_700_000_000 * S


def run(time, steady_ns, seconds, jump_ns=0, period_ns=10 * MS):
    """Return the times, as far as the clock itself goes wrong by ``jump_ns``."""
    ticks = range(steady_ns, steady_ns + round(seconds * S), period_ns)
    return [time.now_ns(START + tick + jump_ns, tick) - START for tick in ticks]


@pytest.mark.parametrize('jump_ns', [5 * S, -5 * S, 300 * MS, -300 * MS])
def test_a_jump_of_the_clock_is_taken_only_when_the_robot_has_stopped(jump_ns):
    time = SteadyTime()
    assert run(time, 0, 1.0)[-1] == 990 * MS
    during = run(time, 1 * S, SETTLE_NS / S, jump_ns)
    assert during[0] == 1 * S and during[-1] == 1 * S + SETTLE_NS - 10 * MS
    assert time.jumped == f'the clock jumped by {jump_ns / S:+.1f} s'
    after = run(time, 1 * S + SETTLE_NS, 1.0, jump_ns)
    assert after[0] == 1 * S + SETTLE_NS + jump_ns and time.jumped == ''


def test_a_jump_that_is_taken_back_was_none():
    time = SteadyTime()
    run(time, 0, 1.0)
    run(time, 1 * S, 0.5, 5 * S)
    assert run(time, 1500 * MS, 0.5)[0] == 1500 * MS
    assert time.jumped == ''


def test_drift_and_small_steps_are_followed():
    time = SteadyTime()
    for tick in range(1000):
        steady_ns = tick * 10 * MS
        clock_ns = START + round(steady_ns * 1.2)
        assert time.now_ns(clock_ns, steady_ns) == clock_ns
    assert run(time, 10 * S, 0.1, 2 * S)[0] == 12 * S


def test_a_pause_of_the_process_is_no_jump():
    time = SteadyTime()
    run(time, 0, 1.0)
    assert run(time, 60 * S, 0.1)[0] == 60 * S
    assert time.jumped == ''
