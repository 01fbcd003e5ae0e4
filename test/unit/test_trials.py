"""Counting episodes: when one ends, what it counts as, and how sure the rate is."""
from types import SimpleNamespace

from physai_ros.evaluation.trials import Episode, report, run_episode, wilson
import pytest


class Script:
    """A loop whose world follows a script of task statuses, a second each."""

    def __init__(self, *statuses, fault_at=None):
        self.name, self.state, self.reason, self.waiting = 'r1', 'engaged', '', ''
        self.statuses, self.fault_at, self.seconds = statuses, fault_at, 0
        self.world = SimpleNamespace(time_ns=5_000_000_000, status=lambda name: self.now())

    def reset(self, seed):
        """Begin again."""
        self.seconds = 0

    def tick(self):
        """Let a second pass."""
        self.seconds += 1
        self.world.time_ns += 1_000_000_000
        if self.seconds == self.fault_at:
            self.state, self.reason = 'faulted', 'jump: too far'

    def now(self):
        """Return the status of this second; the last one stays."""
        word = self.statuses[min(self.seconds, len(self.statuses)) - 1]
        failed = 'fell' if word == 'fell' else None
        return SimpleNamespace(success=word == 'success', failed=failed,
                               collisions=2, violations=1, text='reaching')


def test_an_episode_ends_with_success():
    assert run_episode(Script('', '', 'success'), 7, 10.0) == Episode(7, True, 3.0, 2, 1)


@pytest.mark.parametrize('script, time_s, reason', [
    (Script('', 'fell'), 2.0, 'fell'),
    (Script('', '', '', fault_at=2), 2.0, 'fault: jump: too far'),
    (Script(''), 4.0, 'not done after 4 s: reaching')])
def test_an_episode_ends_with_failure(script, time_s, reason):
    episode = run_episode(script, 1, 4.0)
    assert (episode.success, episode.time_s, episode.reason) == (False, time_s, reason)


def test_success_with_a_latched_fault_is_none():
    assert not run_episode(Script('success', fault_at=1), 1, 4.0).success


@pytest.mark.parametrize('successes, trials, low, high', [
    (90, 100, 0.8256, 0.9448), (100, 100, 0.9630, 1.0), (0, 20, 0.0, 0.1611), (0, 0, 0.0, 1.0)])
def test_interval_of_a_rate(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_report_counts_all_and_times_successes():
    figures = report('r1', 'kitting', [Episode(1, True, 5.0, 0, 0), Episode(2, True, 9.0, 0, 1),
                                       Episode(3, False, 40.0, 2, 0, 'late')])
    assert figures['success_rate'] == pytest.approx(2 / 3)
    assert (figures['episodes'], figures['violations'], figures['collisions']) == (3, 1, 2)
    assert figures['median_time_s'] == 9.0
    assert figures['per_episode'][2]['reason'] == 'late'


def test_report_of_nothing():
    figures = report('r1', 'kitting', [])
    assert (figures['success_rate'], figures['median_time_s']) == (0.0, None)
