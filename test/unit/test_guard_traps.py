"""Documented failures of other systems, each named after its cause: not with this guard."""
from guard_bench import base_limits, Bench, limits, MS, TICK
import numpy as np
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
import pytest


def wave(bench, stamp=None, steps=20):
    """Send a slow sine from now on, as of an observation."""
    stamp = bench.now if stamp is None else stamp
    t = (stamp - 1_000_000_000) / 1e9 + 0.05 * np.arange(steps)[:, None]
    return bench.chunk(np.broadcast_to(0.4 * np.sin(t), (steps, len(bench.joints.names))),
                       stamp=stamp)


@pytest.mark.parametrize('steps, age_s', [(4, 0.6), (40, 0.6), (40, 0.3)])
def test_stale_camera_robot_keeps_moving(steps, age_s):          # grabette #89, tinynav #238
    bench = Bench(limits(1), reference_max_age_s=age_s).engage()
    for _ in range(20):
        stamp = bench.now
        bench.chunk(0.5 * (stamp - 1_000_000_000) / 1e9 + 0.025 * np.arange(steps)[:, None],
                    stamp=stamp)
        bench.tick()
    over = stamp + min((steps - 1) * 50 * MS, round(age_s * 1e9))
    while bench.tick().state == ENGAGED:
        pass
    plan = bench.trajectory
    times = plan.stamp_ns + plan.times_ns
    braking = plan.accelerations[:, 0] < -0.5
    assert braking.any() and times[np.argmax(braking)] <= over + 40 * MS
    bench.tick(40)
    assert bench.guard.state == HOLDING and not bench.velocity.any()


@pytest.mark.parametrize('late_ms', [0, 80, 160, 400])
def test_a_wrong_latency_estimate_makes_no_jump(late_ms):        # lerobot #4223, #4454
    bench = Bench(limits(2)).engage()
    for k in range(30):
        wave(bench, bench.now - (late_ms if k % 3 else 0) * MS)
        bench.tick(7)                           # the observer checks every seam
    assert bench.guard.fault is None


def test_a_latency_that_leaps_makes_no_jump():                   # lerobot #4454
    rng, bench = np.random.default_rng(0), Bench(limits(2)).engage()
    for _ in range(60):
        wave(bench, bench.now - int(rng.integers(0, 500)) * MS)
        bench.tick(int(rng.integers(1, 15)))
    assert bench.guard.fault is None
    assert bench.guard.counters['old_chunks'] > 5


def test_the_first_action_is_far_from_the_pose():                # lerobot #3954
    bench = Bench(limits(2)).engage()
    bench.hold_chunk([0.0, 0.8])
    outcome = bench.tick()
    assert outcome.state == FAULTED and outcome.reason.startswith('jump: j1')
    assert outcome.trajectory is None


def test_the_joint_order_of_the_model_is_not_that_of_the_robot():  # physical_ai_tools #1
    bench = Bench(limits(3)).engage()           # kuka_drivers #254
    for _ in range(80):
        bench.hold_chunk([0.3, 0.1, -0.2], names=('j2', 'j0', 'j1'))
        bench.tick()
    assert bench.position == pytest.approx([0.1, -0.2, 0.3], abs=1e-3)


def test_a_joint_the_robot_does_not_have_is_refused():           # kuka_drivers #254
    bench = Bench(limits(2)).engage()
    refused = bench.hold_chunk([0.1, 0.1], names=('j0', 'left_j1'))
    assert 'left_j1' in str(refused) and bench.tick().state == HOLDING


def test_degrees_for_radians():                                  # rl_sar #73, strands #693
    bench = Bench(limits(2)).engage()
    bench.hold_chunk([5.0, 20.0])
    outcome = bench.tick()
    assert outcome.state == FAULTED and 'check the units' in outcome.reason.lower()


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
def test_nan_goes_through_clamps(bad):              # ros_controllers #283, stretch_body #232
    bench = Bench(limits(2), base_limits()).engage()
    wave(bench)
    bench.tick(10)
    rows = np.zeros((10, 2))
    rows[9, 1] = bad                            # the last number of the chunk is enough
    bench.chunk(rows)
    assert bench.tick().state == FAULTED
    assert np.isfinite(bench.trajectory.positions).all()
    bench.tick(60)
    bench.guard.reset_fault(bench.now)
    bench.engage()
    bench.twist_chunk([[0.1, 0.0, bad]])
    assert bench.tick().state == FAULTED and not bench.twist.any()


def test_re_engaging_jumps_to_the_last_command():                # moveit2 #1885
    bench = Bench(limits(1)).engage()
    for _ in range(60):
        bench.hold_chunk([0.3])
        bench.tick()
    bench.guard.disengage(bench.now)
    bench.tick(60)
    bench.put([-0.2])                                                # moved by hand
    bench.observer.forget()
    assert bench.guard.state == DISENGAGED
    bench.engage()
    assert bench.tick().trajectory.positions == pytest.approx(np.full((5, 1), -0.2))


def test_a_chunk_counts_actions_and_not_the_time_of_its_arrival():  # wall clock for actions
    late, prompt = Bench(limits(1)).engage(), Bench(limits(1)).engage()
    for k in range(40):
        for bench, delay in ((late, 6), (prompt, 0)):
            if k % 10 == delay:
                wave(bench, bench.now - delay * TICK)
            bench.tick()
    assert late.position == pytest.approx(prompt.position, abs=0.03)
