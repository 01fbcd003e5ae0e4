"""Joints that turn for ever: counted on, whether their driver and their policy wrap or not."""
from guard_bench import Bench, limits
import numpy as np
from physai_ros.core.types import JointChunk, JointState
from physai_ros.guard.measured import MeasuredJoints
from physai_ros.guard.states import ENGAGED
import pytest


def wrapped(angle):
    return (np.asarray(angle) + np.pi) % (2 * np.pi) - np.pi


@pytest.mark.parametrize('driver_wraps', [True, False])
@pytest.mark.parametrize('policy_wraps', [True, False])
def test_half_a_turn_is_passed(driver_wraps, policy_wraps):
    bench = Bench(limits(1, np.inf, velocity=3.0), start=[3.0])

    def states():
        position = wrapped(bench.position) if driver_wraps else bench.position
        bench.guard.on_joint_state(JointState(bench.now, ('j0',), position.copy(),
                                              bench.velocity.copy()))
    bench.states = states
    bench.engage()
    for k in range(200):
        path = 3.0 + 0.01 * k + 0.05 * np.arange(10)
        bench.chunk((wrapped(path) if policy_wraps else path)[:, None])
        assert bench.tick().state == ENGAGED
    assert 4.5 < bench.position[0] < 5.0


def test_a_first_target_across_half_a_turn_is_near():
    bench = Bench(limits(1, np.inf), start=[-3.06]).engage()
    bench.hold_chunk([3.12])
    assert bench.tick().state == ENGAGED
    for _ in range(100):
        bench.hold_chunk([3.12])
        bench.tick()
    assert bench.position[0] == pytest.approx(3.12 - 2 * np.pi, abs=1e-3)


def test_only_continuous_joints_are_counted_on():
    measured = MeasuredJoints(['wheel', 'elbow'], np.array([True, False]))
    for angles in ((7.0, 3.1), (7.0 - 2 * np.pi, -3.1), (0.9, 3.1)):
        measured.update(JointState(1, ('elbow', 'wheel'), np.array(angles[::-1]), None))
    np.testing.assert_allclose(measured.position, [0.9 + 2 * np.pi, 3.1])
    chunk = measured.counted_on(JointChunk(1, 1, ('elbow', 'wheel'), np.array(
        [[3.1, 3.1], [-3.1, -3.1]])))
    np.testing.assert_allclose(chunk.positions, [[3.1, 3.1 + 2 * np.pi],
                                                 [-3.1, 4 * np.pi - 3.1]])
