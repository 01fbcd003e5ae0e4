"""Two drivers of the same joints: nothing is commanded from a pose that may be another's."""
from guard_bench import Bench, limits, MS
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import JointState
from physai_ros.guard.states import ENGAGED, HOLDING
import pytest

S = 1_000_000_000


class Rivals(Bench):
    """A bench on which somebody else says where the joints are, too."""

    def __init__(self, *arguments, said=0.25, ahead_ns=MS, every=1, first=False, **more):
        super().__init__(*arguments, **more)
        self.said, self.ahead_ns, self.every, self.first = said, ahead_ns, every, first
        self.rival, self.calls = True, 0

    def states(self):
        """Give the guard both states, in the order that is asked for."""
        self.calls += 1
        for other in (True, False) if self.first else (False, True):
            if not other:
                super().states()
            elif self.rival and self.calls % self.every == 0:
                self.guard.on_joint_state(JointState(
                    self.now + self.ahead_ns, self.joints.names,
                    np.full(len(self.joints.names), self.said), None))


@pytest.mark.parametrize('rival', [
    {}, {'first': True}, {'ahead_ns': 30 * MS}, {'ahead_ns': -30 * MS}, {'ahead_ns': 0},
    {'every': 10}, {'every': 10, 'ahead_ns': -30 * MS}])
def test_a_robot_with_two_drivers_is_not_engaged(rival):
    bench = Rivals(limits(), **rival)
    bench.tick(30)
    for _ in range(30):
        bench.tick()
        with pytest.raises(GuardError, match=r'j0 is said to be at .* and .* at once: end the'):
            bench.engage()


def test_a_second_driver_stops_the_robot_until_it_is_gone():
    bench = Rivals(limits(), said=0.5)
    bench.rival = False
    bench.engage().hold_chunk([0.1, 0.1], steps=40)
    assert bench.tick(5).state == ENGAGED
    bench.rival = True
    bench.hold_chunk([0.1, 0.1], steps=40)
    assert bench.tick(10).state == HOLDING
    reason = bench.tick(100).reason
    assert 'j0 is said to be at' in reason and bench.guard.reason == reason
    before = bench.position.copy()
    bench.rival = False
    assert bench.tick(190).state == HOLDING
    np.testing.assert_allclose(bench.position, before, atol=1e-3)
    bench.hold_chunk(bench.position, steps=40)
    assert bench.tick(30).state == ENGAGED


@pytest.mark.parametrize('leap', [0.3, -1.0])
def test_a_driver_that_starts_elsewhere_is_no_second_one(leap):
    bench = Bench(limits())
    bench.tick(10)
    bench.position = bench.position + leap
    bench.tick(10)
    bench.position = bench.position - leap
    bench.tick(10)
    assert bench.engage().guard.state == ENGAGED


def test_turns_of_a_continuous_joint_and_fast_motion_are_no_contradiction():
    bench = Bench(limits(1, np.inf))
    bench.move = lambda: None
    for k in range(200):
        angle = 2.0 * np.sin(0.05 * k)       # 0.1 rad in 50 ms
        bench.position = np.array([(angle + np.pi * 2 * (k % 2))])
        bench.tick(dt=50 * MS)
    assert bench.engage().guard.state == ENGAGED


def test_what_was_said_before_the_clock_was_set_back_is_forgotten():
    bench = Rivals(limits())
    bench.tick(30)
    bench.rival = False
    bench.leap(-S // 5)
    assert bench.tick(5) and bench.engage().guard.state == ENGAGED
