"""Bad connections through the real guard: nothing late, nothing idle, no seam beyond limits."""
import numpy as np
from physai_ros.evaluation.delay_study import study
from physai_ros.evaluation.transit import Transit
from physai_ros.guard.config import GuardConfig
import pytest

SECONDS = 8.0


@pytest.mark.parametrize('delay_s', [0.0, 0.1, 0.2, 0.3])
def test_motion_through_delay_jitter_loss_doubling_and_reordering(delay_s):
    outcome = study(Transit(delay_s, 0.5, 0.05, 0.1), SECONDS, seed=3)
    assert outcome.ticks > 100 * (SECONDS - 1.5) and outcome.stale > 0
    assert (outcome.idle, outcome.dry, outcome.late) == (0, 0, 0), outcome
    assert 0.5 < outcome.jerk <= 1.0 + 1e-6 and outcome.acceleration <= 1.0 + 1e-6


def test_where_all_is_lost_the_robot_is_found_at_rest():
    outcome = study(Transit(0.1, 0.5, loss=0.9), SECONDS, seed=3)
    assert outcome.dry > 100 and outcome.idle == 0
    assert outcome.jerk <= 1.0 + 1e-6


def test_the_study_sees_a_guard_that_stands_still_for_no_reason():
    config = GuardConfig(take_up_max_age_s=0.05, jump_tolerance_rad=100.0)
    assert study(Transit(0.2), SECONDS, config=config).idle > 100


def test_ways():
    random = np.random.default_rng(0)
    assert Transit().arrivals(7, random) == [7]
    assert Transit(loss=1.0).arrivals(7, random) == []
    late = [each for _ in range(200)
            for each in Transit(1.0, 0.5, 0.1, 0.5).arrivals(0, random)]
    assert 200 < len(late) < 320
    assert 0.5e9 <= min(late) < 0.6e9 and 1.4e9 < max(late) <= 1.5e9
