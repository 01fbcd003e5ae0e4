"""Clocks that are set while a robot moves."""
from physai_ros.core.steady import READS, SETTLE_NS, simultaneous, SteadyTime
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


def test_a_simulator_that_paused_is_followed_at_once():
    time = SteadyTime(simulated=True)
    run(time, 0, 1.0)
    assert run(time, 11 * S, 0.5, -10 * S)[0] == 1 * S and time.jumped == ''
    assert run(time, 21 * S, 0.5, -19 * S)[0] == 2 * S and time.jumped == ''
    assert run(time, 22 * S, 0.5, -14 * S)[0] == 3 * S and time.jumped


def test_a_simulator_that_begins_anew_has_jumped():
    time = SteadyTime(simulated=True)
    run(time, 0, 3.0)
    assert run(time, 3 * S, 0.5, -3 * S)[0] == 3 * S and time.jumped
    assert run(time, 4 * S, 0.5, -3 * S)[0] == 1 * S and not time.jumped


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


class Interrupted:
    """Two clocks of the same time, read by a process that is interrupted after some reads."""

    def __init__(self, pauses_ns):
        self.now_ns, self.reads, self._pauses_ns = 0, 0, dict(pauses_ns)

    def __call__(self):
        self.now_ns += 1000 + self._pauses_ns.get(self.reads, 0)
        self.reads += 1
        return self.now_ns


@pytest.mark.parametrize('pauses_ns, reads', [
    ({}, 3), ({1: 6 * MS}, 6), ({2: 6 * MS}, 6), ({1: 6 * MS, 4: 8 * MS, 7: MS}, 12)])
def test_an_interruption_between_two_clocks_is_no_difference_of_them(pauses_ns, reads):
    time = Interrupted(pauses_ns)
    clock_ns, steady_ns = simultaneous(time, time)
    assert 0 < clock_ns - steady_ns < 10_000 and time.reads == reads


def test_where_every_pair_is_interrupted_the_narrowest_counts():
    pauses_ns = {3 * k + 1: (5 - k) * MS for k in range(READS)}
    clock_ns, steady_ns = simultaneous(*[Interrupted(pauses_ns)] * 2)
    assert clock_ns - steady_ns == MS + 1000
