"""The manager's stop of a base whose commands have ended."""
import numpy as np
from physai_ros.core.types import Twist
from physai_ros.guard.last_resort import FORGOTTEN_NS, LastResort
from physai_ros.guard.limits import BaseLimits
import pytest

PERIOD_NS = 20_000_000
LIMITS = BaseLimits([0.6, 0.3, 1.2], [2.0, 1.5, 4.0], [20.0, 15.0, 40.0])
SPEED = np.array([0.6, -0.3, 1.2])


def stop(resort, since_ns, ticks=60, late_ns=0):
    return np.array([resort.stop(since_ns + k * PERIOD_NS + late_ns * (k % 2)).velocity
                     for k in range(ticks)])


def test_it_brakes_from_the_last_command_within_the_limits():
    resort = LastResort(LIMITS, PERIOD_NS)
    resort.heard(Twist(0, SPEED))
    rows = stop(resort, 200_000_000)
    assert np.array_equal(rows[0], SPEED)
    step = np.abs(np.diff(rows, axis=0))
    assert (step <= LIMITS.acceleration * PERIOD_NS * 1e-9 + 1e-9).all()
    assert np.abs(rows[30:]).max() < 1e-9


@pytest.mark.parametrize('velocity, age_ns', [
    (SPEED, FORGOTTEN_NS), (np.array([np.nan, 0.0, 0.0]), 0), (SPEED, -1)])
def test_what_nobody_follows_any_more_is_not_continued(velocity, age_ns):
    resort = LastResort(LIMITS, PERIOD_NS)
    resort.heard(Twist(1_000_000_000 - age_ns, velocity))
    assert not stop(resort, 1_000_000_000).any()


def test_after_a_release_it_begins_anew():
    resort = LastResort(LIMITS, PERIOD_NS)
    resort.heard(Twist(0, SPEED))
    stop(resort, 0, 5)
    resort.release()
    resort.heard(Twist(1_000_000_000, 0.5 * SPEED))
    assert np.array_equal(stop(resort, 1_000_000_000, 1)[0], 0.5 * SPEED)


def test_periods_that_are_not_even_do_not_bend_the_ramp():
    resort = LastResort(LIMITS, PERIOD_NS)
    resort.heard(Twist(0, SPEED))
    at_ns = 200_000_000 + PERIOD_NS * np.arange(60) + np.resize([0, 900_000, -700_000], 60)
    rows = np.array([resort.stop(int(now_ns)).velocity for now_ns in at_ns])
    change = np.abs(np.diff(rows, axis=0)) / np.diff(at_ns)[:, None] * 1e9
    assert (change <= LIMITS.acceleration * (1 + 1e-9)).all() and not rows[-1].any()


def test_it_knows_when_it_is_done_and_what_it_said():
    resort = LastResort(LIMITS, PERIOD_NS)
    resort.heard(Twist(0, SPEED))
    assert not resort.under_way
    rows = stop(resort, 0, 10)
    assert resort.under_way
    assert resort.said(Twist(0, rows[-3])) and not resort.said(Twist(0, rows[-1] + 1e-9))
    rows = stop(resort, 10 * PERIOD_NS)
    assert not resort.under_way and not rows[-1].any()
    resort.release()
    assert not resort.under_way
