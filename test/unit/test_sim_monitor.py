"""The impartial observer of limits counts episodes, and nothing that is lawful."""
import numpy as np
from physai_ros.sim.monitor import BaseMonitor, JointMonitor
import pytest

DT = 0.002
MS = 1_000_000


@pytest.fixture
def joints():
    return JointMonitor([-1.0], [1.0], velocity=[1.0], acceleration=[4.0], jerk=[40.0], dt=DT)


def feed(monitor, position, velocity, acceleration, measured=None):
    """Feed scalars or sequences of samples of one joint."""
    rows = np.broadcast_arrays(*np.atleast_1d(position, velocity, acceleration))
    for p, v, a in zip(*rows):
        monitor.sample(np.array([p]), np.array([v]), np.array([a]),
                       np.array([p if measured is None else measured]))


def sweep(seconds, jerk):
    """Return position, velocity, acceleration of a start with constant jerk."""
    t = np.arange(0, seconds, DT)
    return jerk * t ** 3 / 6, jerk * t ** 2 / 2, jerk * t


def test_lawful_motion_counts_nothing(joints):
    feed(joints, *sweep(0.1, 39.0))
    assert sum(joints.counts().values()) == 0


@pytest.mark.parametrize('kind, samples', [
    ('position', (np.full(200, 1.01), 0.0, 0.0)),
    ('velocity', (np.arange(100) * 1.1 * DT, 1.1, 0.0)),
    ('acceleration', (0.0, 0.0, np.full(100, 4.5))),
    ('jerk', sweep(0.05, 70.0)),
])
def test_each_limit_counts_once_for_a_whole_episode(joints, kind, samples):
    feed(joints, *samples)
    joints.counts()
    assert joints.episodes[kind] == 1


def test_a_jump_counts_unless_it_leads_to_the_measured_position(joints):
    feed(joints, np.repeat([0.0, 0.1], 100), 0.0, 0.0, measured=0.1)
    assert sum(joints.counts().values()) == 0
    feed(joints, np.repeat([0.1, 0.2], 100), 0.0, 0.0, measured=0.1)
    joints.counts()
    assert joints.episodes['jump'] == 1


def test_two_episodes_with_a_pause_count_twice(joints):
    feed(joints, np.repeat([1.1, 0.9, 1.1], 200), 0.0, 0.0, measured=1.1)
    joints.counts()
    assert joints.episodes['position'] == 2


def test_what_was_lost_between_two_references_is_no_violation(joints):
    feed(joints, np.full(60, 0.0), 0.0, 0.0)
    joints.forget(10)
    feed(joints, np.linspace(0.0, 0.5, 10), 5.0, 0.0, measured=0.0)
    feed(joints, np.full(100, 0.5), 0.0, 0.0, measured=0.0)
    assert sum(joints.counts().values()) == 0


@pytest.fixture
def base():
    return BaseMonitor([0.6, 0.3, 1.2], [1.0, 0.8, 2.5], [8.0, 6.0, 20.0])


def drive(monitor, speeds, period_ms=10, jitter_ms=()):
    for k, speed in enumerate(speeds):
        late = jitter_ms[k % len(jitter_ms)] if jitter_ms else 0
        monitor.sample(1_000 * MS + (k * period_ms + late) * MS, np.array([speed, 0.0, 0.0]))


def smooth(to, seconds, acceleration):
    """Return speeds at 100 Hz: jerk-limited up to an acceleration, then constant speed."""
    t = np.arange(0, seconds, 0.01)
    rise = acceleration / 8.0
    ramp = np.where(t < rise, 4 * t ** 2, acceleration * (t - rise / 2))
    return np.minimum(ramp, to)


def test_lawful_commands_count_nothing_even_when_they_jitter(base):
    drive(base, smooth(0.3, 0.4, 1.0), jitter_ms=(0, 2, 0, -2))
    assert base.episodes['velocity'] == base.episodes['acceleration'] == 0


def test_a_step_counts_once(base):
    drive(base, [0.0] * 20 + [0.5] * 50)
    assert base.episodes['acceleration'] == 1


def test_too_fast_counts(base):
    drive(base, smooth(0.8, 2.0, 0.9))
    assert base.episodes['velocity'] == 1 and base.episodes['acceleration'] == 0


def test_silence_counts_as_zero(base):
    drive(base, smooth(0.5, 2.0, 0.9))
    before = base.episodes['acceleration']
    base.sample(9_000 * MS, np.array([0.5, 0.0, 0.0]))
    assert base.episodes['acceleration'] == before + 1


def test_a_clock_that_is_set_back_is_no_violation(base):
    for k, speed in enumerate(np.linspace(0.0, 0.4, 200)):
        back_ns = 5_000 * MS if k > 100 else 0
        base.sample(10_000 * MS + 10 * MS * k - back_ns, np.array([speed, 0.0, 0.0]))
    assert sum(base.counts().values()) == 0


@pytest.mark.parametrize('told', [True, False])
def test_time_that_the_world_lost_is_no_violation(base, told):
    """Meanwhile the base was slowed down from 0.2 to 0.12 m/s, at 0.2 m/s^2."""
    speeds = [*np.linspace(0.0, 0.2, 200), *np.linspace(0.12, 0.02, 100)]
    for k, speed in enumerate(speeds):
        if k == 200 and told:
            base.age(400 * MS)
        base.sample(10_000 * MS + 10 * MS * k, np.array([speed, 0.0, 0.0]))
    assert (sum(base.counts().values()) == 0) == told
