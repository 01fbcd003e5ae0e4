"""Whatever arrives, what is published is finite, within every limit, and ends at rest."""
from guard_bench import Bench, limits, MS
from hypothesis import given, HealthCheck, settings, strategies as st
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.stitching import JointTargets
from physai_ros.core.types import JointState
from physai_ros.guard.aims import Aims
from physai_ros.guard.braking import Brake
from physai_ros.guard.joint_shaper import JointShaper
from physai_ros.guard.limits import BaseLimits
from physai_ros.guard.states import DISENGAGED, FAULTED

FAST = settings(deadline=None, derandomize=True, max_examples=12,
                suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2 ** 32 - 1)


def any_limits(rng, count):
    """Limits from sluggish to stiff, positions from narrow to wide."""
    return limits(count, 10 ** rng.uniform(-1.5, 1, count), 10 ** rng.uniform(-1.5, 1, count),
                  10 ** rng.uniform(-0.5, 1.7, count), 10 ** rng.uniform(0.5, 3.5, count),
                  rng.random(count) < 0.3)


def any_base(rng):
    """Limits of a base, from a heavy one to a toy; some cannot go sideways."""
    velocity = 10 ** rng.uniform(-1, 0.7, 3)
    acceleration = velocity * 10 ** rng.uniform(0, 1, 3)
    return BaseLimits(velocity * [1.0, rng.random() < 0.5, 1.0], acceleration,
                      acceleration * 10 ** rng.uniform(0.3, 2, 3))


def any_targets(rng, bench, scale):
    """Targets near and beyond the limits, smooth or wild."""
    lim = bench.joints
    steps = int(rng.integers(1, 30))
    noise = rng.normal(size=(steps, len(lim.names))) * rng.choice([0.0, 0.01, 0.3])
    path = np.cumsum(noise, axis=0) if rng.random() < 0.5 else noise
    goal = rng.uniform(lim.lower, lim.upper) * rng.choice([0.5, 1.0, 1.001])
    return np.clip(bench.position + scale * (goal - bench.position) + path,
                   lim.lower - 0.019, lim.upper + 0.019)


@FAST
@given(SEEDS)
def test_any_stream_of_chunks_is_within_limits(seed):
    rng = np.random.default_rng(seed)
    lim = any_limits(rng, int(rng.integers(1, 5)))
    bench = Bench(lim, start=rng.uniform(lim.lower, lim.upper), jump_tolerance_rad=100.0,
                  jump_tolerance_m=100.0, commit_s=float(rng.choice([0.02, 0.04, 0.1])),
                  tracking_tolerance_rad=100.0, tracking_tolerance_m=100.0).engage()
    for _ in range(25):
        if rng.random() < 0.7:
            names = [n for n in lim.names if rng.random() < 0.9] or list(lim.names[:1])
            columns = [lim.names.index(n) for n in names]
            delay = int(rng.choice([0, 20, 150])) * MS
            bench.chunk(any_targets(rng, bench, rng.random())[:, columns], tuple(names),
                        int(rng.choice([10, 33, 50])) * MS, bench.now - delay)
        bench.tick(int(rng.integers(1, 8)), dt=int(rng.choice([10, 10, 10, 7, 13, 31])) * MS)
    assert bench.observer.checked > 20
    assert bench.guard.fault is None, bench.guard.reason


@FAST
@given(SEEDS)
def test_a_stop_is_within_limits_from_any_state(seed):
    rng = np.random.default_rng(seed)
    count, h = 8, 0.01
    top = 10 ** rng.uniform(-2, 1, count)
    jerk = 10 ** rng.uniform(0, 4, count)
    acceleration = np.minimum(10 ** rng.uniform(-1, 2, count), np.sqrt(jerk * top))
    a = rng.uniform(-1, 1, count) * acceleration * (rng.random(count) < 0.8)
    v = rng.choice([rng.uniform(-1, 1, count) * top, -a * np.abs(a) / 2 / jerk])
    ramp = Brake(top + a * a / jerk, acceleration, jerk, h).ramp(np.stack([0 * v, v, a]))
    assert np.array_equal(ramp[1:, 0], [v, a]) and not ramp[1:, -1].any()
    assert (np.abs(ramp[2]) <= acceleration * (1 + 1e-9)).all()
    assert (np.abs(np.diff(ramp[2], axis=0)) <= jerk * h * (1 + 1e-9)).all()
    assert np.allclose(v + np.sum(ramp[2, 1:] + ramp[2, :-1], axis=0) * h / 2, 0, atol=1e-9)
    best = np.abs(v) / acceleration + acceleration / jerk + 2 * np.abs(a) / jerk
    assert ramp.shape[1] <= np.max(best) / h + 8


def scattered(rng, bench):
    """Return targets (20, J) about the pose, each by itself."""
    return bench.position + rng.uniform(-0.3, 0.3, (20, len(bench.joints.names)))


def anything(rng, bench, targets=scattered):
    """Let something happen: mostly good chunks, else what should never happen."""
    guard, names = bench.guard, bench.joints.names
    near = targets(rng, bench)
    bad = float(rng.choice([np.nan, np.inf, 1e308, -1e308, 5e-324]))
    spoiled = np.where(rng.random(near.shape) < 0.05, bad, near)
    kind = rng.integers(0, 40)
    if kind < 20:
        bench.chunk(np.clip(near, bench.joints.lower - 0.019, bench.joints.upper + 0.019))
        top = 1.0 if bench.base is None else bench.base.velocity
        bench.twist_chunk(rng.uniform(-1.5, 1.5, (10, 3)) * top)
    elif kind < 30:
        event = [
            lambda: bench.chunk(spoiled), lambda: bench.chunk(near[:0]),
            lambda: bench.chunk(near, ('nose', *names[1:])), lambda: bench.chunk(near[:, 1:]),
            lambda: bench.twist_chunk(rng.uniform(-1, 1, (3, 3)) * bad),
            lambda: guard.on_estop(bool(rng.integers(2))),
            lambda: guard.on_joint_state(JointState(
                bench.now, names, np.where(np.arange(len(names)) == 0, np.nan, near[0]))),
            lambda: setattr(bench, 'report', not bench.report),
            lambda: guard.disengage(bench.now), lambda: guard.stop(bench.now)]
        event[kind - 20]()
    elif kind < 32:
        bench.leap(int(rng.choice([-700, 90, 300, 5000])) * MS)
    elif kind < 36:
        try:
            guard.on_estop(False)
            guard.reset_fault(bench.now)
        except GuardError:
            pass
    engage(rng, bench)


def engage(rng, bench):
    """Try to engage now and then; it starts from the measured state."""
    if bench.guard.state == DISENGAGED and rng.random() < 0.5:
        bench.report = True
        try:
            bench.engage()
            bench.observer.forget()
        except GuardError:
            pass


@FAST
@given(SEEDS)
def test_whatever_happens_it_stays_within_limits_and_comes_to_rest(seed):
    rng = np.random.default_rng(seed)
    bench = Bench(limits(3), any_base(rng), start=rng.uniform(-1.9, 1.9, 3)).engage()
    for _ in range(60):
        anything(rng, bench)
        bench.tick(int(rng.integers(1, 5)), dt=int(rng.choice([9, 10, 11, 25])) * MS)
        assert np.isfinite(bench.position).all() and np.isfinite(bench.twist).all()
        assert (bench.guard.fault is None) == (bench.guard.state != FAULTED)
    bench.tick(250)
    assert not bench.velocity.any() and not bench.twist.any()
    bench.check_twists()


@FAST
@given(SEEDS)
def test_a_reachable_target_is_reached_nearly_as_fast_as_possible(seed):
    rng = np.random.default_rng(seed)
    lim = limits(4, 1.0, rng.uniform(1, 4, 4), rng.uniform(3, 20, 4), rng.uniform(30, 1000, 4))
    shaper = JointShaper(lim, np.full(4, 0.005), 10 * MS)
    start, goal = rng.uniform(-0.99, 0.99, (2, 4))
    shaper.start(0, start, np.zeros(4))
    far = np.abs(goal - start)
    best = far / lim.velocity + np.sqrt(far / lim.acceleration) + np.cbrt(far / lim.jerk)
    aim, = Aims(JointTargets(goal[None], np.zeros((1, 4)), np.ones(4, dtype=bool)),
                shaper.bounds, 0.01)
    for _ in range(int(np.max(2.0 * best) * 100) + 20):
        shaper.extend(aim)
    assert np.allclose(shaper.rest_position, goal, rtol=0, atol=1e-9)
