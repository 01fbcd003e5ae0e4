"""The trajectory controller against the behaviour of Jazzy's joint_trajectory_controller."""
import numpy as np
from physai_ros.core.types import JointTrajectory
from physai_ros.sim.trajectory import TrajectoryController
import pytest

MS = 1_000_000
S = 1000 * MS


def message(times_s, positions, velocities=None, accelerations=None, stamp_ns=0, names=('a', 'b')):
    return JointTrajectory(stamp_ns, names, np.array([round(t * S) for t in times_s]),
                           np.array(positions, float), velocities, accelerations)


@pytest.fixture
def controller():
    made = TrajectoryController(('a', 'b'), period_ns=2 * MS)
    made.hold(np.array([1.0, -1.0]))
    return made


def sample(controller, t_s, position=(0.0, 0.0), velocity=(0.0, 0.0)):
    """Return the reference position at a time: the controller aims at the end of its cycle."""
    state = controller.update(round(t_s * S) - controller.period_ns, np.array(position),
                              np.array(velocity))
    return state[0].tolist()


def test_holds_until_the_first_trajectory(controller):
    position, velocity, acceleration = controller.update(5 * S, np.zeros(2), np.zeros(2))
    assert position.tolist() == [1.0, -1.0]
    assert velocity.tolist() == acceleration.tolist() == [0.0, 0.0]


def test_stamp_zero_starts_in_the_cycle_that_takes_it(controller):
    assert controller.accept(message([1.0], [[2.0, 0.0]]), 10 * S) is None
    sample(controller, 20.002)
    assert sample(controller, 20.5) == pytest.approx([1.0, 0.0])
    assert sample(controller, 21.0) == [2.0, 0.0]


def test_positions_only_are_linear(controller):
    controller.accept(message([1.0, 2.0], [[1.0, 0.0], [3.0, 0.0]], stamp_ns=S), S)
    sample(controller, 1.002)
    assert [sample(controller, t)[0] for t in (1.5, 2.25, 2.75)] == pytest.approx([0.5, 1.5, 2.5])
    assert controller.update(round(2.5 * S), np.zeros(2), np.zeros(2))[1] == pytest.approx(
        [2.0, 0.0])


def test_velocities_make_it_cubic(controller):
    still = np.zeros((2, 2))
    controller.accept(message([0.0, 1.0], [[0.0, 0.0], [1.0, 0.0]], still, stamp_ns=S), S)
    expected = [3 * t * t - 2 * t ** 3 for t in (0.25, 0.5, 0.75)]
    assert [sample(controller, 1 + t)[0] for t in (0.25, 0.5, 0.75)] == pytest.approx(expected)


def test_accelerations_make_it_quintic(controller):
    still = np.zeros((2, 2))
    controller.accept(message([0.0, 2.0], [[0.0, 0.0], [1.0, 0.0]], still, still, stamp_ns=S), S)
    expected = [10 * t ** 3 - 15 * t ** 4 + 6 * t ** 5 for t in (0.25, 0.5, 0.75)]
    assert [sample(controller, 1 + 2 * t)[0] for t in (0.25, 0.5, 0.75)] == pytest.approx(expected)


def test_quintic_reproduces_its_end_states(controller):
    rng = np.random.default_rng(0)
    p, v, a = rng.normal(size=(3, 3, 2))
    v[-1] = 0.0
    controller.accept(message([0.0, 0.3, 1.0], p, v, a, stamp_ns=S), S)
    for k, t in ((0, 0.0), (1, 0.3)):
        state = controller.update(S + round(t * S) - 2 * MS, np.zeros(2), np.zeros(2))
        for got, expected in zip(state, (p[k], v[k], a[k])):
            assert got == pytest.approx(expected, abs=1e-9)


def test_stamp_in_the_past_is_evaluated_in_the_middle(controller):
    controller.accept(message([0.0, 1.0, 2.0], [[0, 0], [1, 0], [3, 0]], stamp_ns=S),
                      round(2.4 * S))
    assert sample(controller, 2.5)[0] == pytest.approx(2.0)


def test_before_the_first_point_it_runs_from_the_measured_state(controller):
    controller.accept(message([0.0], [[1.0, 0.0]], np.zeros((1, 2)), stamp_ns=2 * S), S)
    sample(controller, 1.002, position=(0.4, 0.0), velocity=(0.2, 0.0))
    c2, c3 = 3 * 0.6 - 2 * 0.2, -2 * 0.6 + 0.2
    assert sample(controller, 1.5)[0] == pytest.approx(0.4 + 0.1 + c2 / 4 + c3 / 8)


def test_a_new_trajectory_replaces_the_running_one_at_once(controller):
    controller.accept(message([0.0, 1.0], [[0, 0], [1, 0]], stamp_ns=S), S)
    assert sample(controller, 1.5)[0] == pytest.approx(0.5)
    controller.accept(message([0.0, 1.0], [[7, 0], [8, 0]], stamp_ns=S), round(1.5 * S))
    assert sample(controller, 1.5)[0] == pytest.approx(7.5)


def test_stays_at_the_last_point_without_a_time_out(controller):
    controller.accept(message([0.0, 1.0], [[0, 0], [1, 2]], stamp_ns=S), S)
    state = controller.update(9000 * S, np.zeros(2), np.zeros(2))
    assert [x.tolist() for x in state] == [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0]]


def test_joints_are_matched_by_name(controller):
    controller.accept(message([1.0], [[5.0, 6.0]], names=('b', 'a')), S)
    sample(controller, 2.0)
    assert sample(controller, 9.0) == [6.0, 5.0]


@pytest.mark.parametrize('change, reason', [
    ({'names': ('a',), 'positions': [[1.0]]}, 'not those of the controller'),
    ({'names': ('a', 'x')}, 'not those of the controller'),
    ({'names': ('a', 'a')}, 'not those of the controller'),
    ({'times_s': [], 'positions': np.zeros((0, 2))}, 'without points'),
    ({'times_s': [1.0, 1.0], 'positions': [[0, 0], [1, 1]]}, 'strictly increase'),
    ({'times_s': [1.0, 0.5], 'positions': [[0, 0], [1, 1]]}, 'strictly increase'),
    ({'stamp_ns': S}, 'ends 8.000 s ago'),
    ({'positions': [[1.0, 2.0, 3.0]]}, 'shape'),
    ({'positions': [[1.0, np.nan]]}, 'not finite'),
    ({'velocities': [[0.0, np.inf]]}, 'not finite'),
    ({'velocities': [[0.0, 0.1]]}, 'velocity of the last point'),
    ({'accelerations': [[0.0, 0.0]]}, 'accelerations without velocities'),
])
def test_ignores_what_it_cannot_follow(controller, change, reason):
    parts = {'times_s': [1.0], 'positions': [[0.0, 0.0]], **change}
    assert reason in controller.accept(message(**parts), 10 * S)
    assert sample(controller, 10.0) == [1.0, -1.0]


def test_an_end_just_now_is_not_in_the_past(controller):
    assert controller.accept(message([1.0], [[0.0, 0.0]], stamp_ns=S), 2 * S) is None


def test_a_refused_trajectory_leaves_the_running_one(controller):
    controller.accept(message([0.0, 1.0], [[0, 0], [1, 0]], stamp_ns=S), S)
    assert controller.accept(message([1.0], [[np.nan, 0.0]]), S) is not None
    assert sample(controller, 1.5)[0] == pytest.approx(0.5)
