"""What comes in: a chunk or a state that is wrong is refused, and the reason says what."""
from guard_bench import base_limits, Bench, limits, MS
import numpy as np
from physai_ros.core.types import BaseChunk, JointChunk, JointState, Odometry
from physai_ros.guard.states import FAULTED, HOLDING, Trip
import pytest

ZERO = np.zeros((5, 2))


@pytest.fixture
def bench():
    """Return an engaged guard of two joints and a base that follow."""
    bench = Bench(limits(2), base_limits()).engage()
    bench.hold_chunk([0.0, 0.0], steps=20)
    bench.tick()
    return bench


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('step, joint', [(0, 0), (4, 1)])
def test_one_number_that_is_not_finite_refuses_the_chunk_and_latches(bench, value, step, joint):
    rows = ZERO.copy()
    rows[step, joint] = value
    bench.now += MS
    error = bench.chunk(rows)
    assert isinstance(error, Trip) and error.fault == 'non_finite'
    assert f'j{joint} at step {step}' in str(error)
    assert bench.guard.state == FAULTED and bench.guard.faults == {'non_finite': 1}
    bench.now += MS
    assert bench.hold_chunk([0.0, 0.0]) is None
    assert bench.tick().state == FAULTED


def test_a_base_chunk_is_gated_too(bench):
    error = bench.twist_chunk([[0.1, 0, 0], [0, 0, np.nan]])
    assert error.fault == 'non_finite' and 'angular_z at step 1' in str(error)


@pytest.mark.parametrize('rows, names, message', [
    (np.zeros((0, 2)), None, 'steps is 0; expected 1 to 1000'),
    (np.zeros((1001, 2)), None, 'steps is 1001; expected 1 to 1000'),
    (np.zeros((5, 3)), None, r'shape is \(5, 3\); expected \(steps, 2\)'),
    (np.zeros(5), None, r'shape is \(5,\)'),
    (np.zeros((5, 2)), ('j0', 'j2'), r"\['j2'\]; expected some of j0, j1"),
    (np.zeros((5, 2)), ('j1', 'j1'), r"\['j1'\]; expected each joint once"),
    (np.zeros((5, 0)), ('',) * 0 or None, r'shape is \(5, 0\)'),
    (np.zeros((5, 2)), (1, 2), 'strings'),
])
def test_a_misshaped_or_misnamed_chunk_is_refused_without_a_fault(bench, rows, names, message):
    bench.now += MS
    error = bench.chunk(rows, names)
    assert not isinstance(error, Trip)
    pytest.raises(type(error), _throw, error).match(message)
    assert bench.guard.fault is None and bench.guard.counters['refused'] == 1


def _throw(error):
    raise error


@pytest.mark.parametrize('chunk, message', [
    (JointChunk(0, 0, ('j0', 'j1'), ZERO), 'dt_ns is 0'),
    (JointChunk(0, 0.05, ('j0', 'j1'), ZERO), 'dt_ns is 0.05'),
    (JointChunk(0, 2 ** 62, ('j0', 'j1'), ZERO), 'dt_ns is 4611686018427387904'),
    (BaseChunk(0, 10 ** 12 + 1, np.zeros((5, 3))), 'dt_ns is 1000000000001'),
    (JointChunk(10 ** 12, 50 * MS, ('j0', 'j1'), ZERO), 'ahead of the clock'),
    (JointChunk(0, 50 * MS, ('j0', 'j1'), [[None, 'x']]), 'rows of numbers'),
    (BaseChunk(0, 50 * MS, np.zeros((3, 2))), r'\(steps, 3\)'),
    ('hello', 'chunk: str'),
])
def test_other_malformed_chunks_are_refused(bench, chunk, message):
    error = bench.guard.on_chunk(chunk, bench.now)
    pytest.raises(type(error), _throw, error).match(message)
    assert bench.tick().state == 'engaged'


def test_a_chunk_for_a_part_that_the_robot_lacks_is_refused():
    error = Bench(limits(2)).twist_chunk(np.zeros((3, 3)))
    assert 'BaseChunk' in str(error)


def test_a_stream_of_refused_chunks_is_silence(bench):
    for _ in range(100):
        bench.chunk(ZERO, ('j0', 'nose'))
        outcome = bench.tick()
    assert outcome.state == HOLDING and bench.guard.fault is None


def test_a_small_exceedance_is_clamped_and_counted():
    bench = Bench(limits(2, 2.0), start=[1.9, 0.0]).engage()
    assert bench.hold_chunk([2.1, 0.0], steps=20) is None
    bench.tick(80)
    assert bench.guard.counters['clamped'] == 20
    assert bench.position == pytest.approx([1.995, 0.0], abs=1e-4)


def test_a_gross_exceedance_is_a_fault(bench):
    bench.now += MS
    error = bench.chunk(ZERO + [[0.0, 57.3]])
    assert error.fault == 'limit'
    assert 'j1 at step 0 is 57.3; expected -2 to 2' in str(error)
    assert bench.guard.state == FAULTED


def test_prismatic_joints_have_their_own_tolerance():
    bench = Bench(limits(1, 0.1, prismatic=[True]))
    assert bench.hold_chunk([0.119]) is None
    bench.now += MS
    assert bench.hold_chunk([0.121]).fault == 'limit'


def test_twists_are_clamped_and_degrees_are_a_fault(bench):
    assert bench.twist_chunk([[0.7, 0.1, -1.6]] * 5) is None
    assert bench.guard.counters['clamped'] == 15
    bench.now += MS
    assert bench.twist_chunk([[0.1, 0.0, 45.0]] * 5).fault == 'limit'


def test_a_measured_state_that_is_not_finite_is_a_fault(bench):
    error = bench.guard.on_joint_state(JointState(
        bench.now, ('j0', 'j1'), np.array([0.0, np.nan]), np.zeros(2)))
    assert error.fault == 'non_finite' and 'j1' in str(error)
    assert bench.guard.state == FAULTED
    assert not np.isnan(bench.tick().trajectory is not None and bench.position).any()


def test_a_joint_without_a_velocity_sensor_may_say_so_with_nan():   # joint_state_broadcaster
    bench = Bench(limits(2))
    bench.report = False

    def measured(*velocity):
        return bench.guard.on_joint_state(JointState(
            bench.now, bench.joints.names, np.array([0.3, 0.1]), np.array(velocity)))
    assert measured(np.nan, 0.0) is None
    bench.guard.engage(bench.now)
    assert bench.guard.tick(bench.now).trajectory.positions[-1].tolist() == [0.3, 0.1]
    assert measured(np.nan, np.nan).fault == 'non_finite'           # j1 had one


@pytest.mark.parametrize('velocity', [[np.inf, 0.0], [-np.inf, np.nan]])
def test_an_infinite_velocity_is_a_fault(velocity):
    error = Bench(limits(2)).guard.on_joint_state(JointState(
        0, ('j0', 'j1'), np.zeros(2), np.array(velocity)))
    assert error.fault == 'non_finite'


def test_one_stamp_from_the_future_does_not_silence_what_comes_after_it():
    bench = Bench(limits(2), base_limits()).engage()
    hour = 3600 * 10 ** 9
    bench.guard.on_joint_state(JointState(bench.now + hour, ('j0', 'j1'), np.zeros(2)))
    bench.guard.on_odometry(Odometry(
        bench.now + hour, np.zeros(3), np.zeros(4), np.zeros(3), np.zeros(3)))
    assert 'no fresh' in bench.tick().reason
    bench.hold_chunk([0.0, 0.0])
    assert bench.tick(3).state == 'engaged'


def test_odometry_that_is_not_finite_is_a_fault(bench):
    error = bench.guard.on_odometry(Odometry(
        bench.now, np.zeros(3), np.zeros(4), np.array([np.inf, 0, 0]), np.zeros(3)))
    assert error.fault == 'non_finite' and bench.guard.state == FAULTED


def test_joint_states_are_matched_by_name_and_may_come_in_parts():
    bench = Bench(limits(2))
    bench.report = False
    guard = bench.guard
    guard.on_joint_state(JointState(bench.now, ('wheel', 'j1'), np.array([9.0, 0.5])))
    assert 'no fresh state of j0' in str(guard.objection(bench.now))
    guard.on_joint_state(JointState(bench.now, ('j0',), np.array([0.25])))
    guard.engage(bench.now)
    assert guard.tick(bench.now).trajectory.positions[0].tolist() == [0.25, 0.5]


def test_a_joint_state_that_was_overtaken_is_not_taken():
    bench = Bench(limits(1))
    guard = bench.guard
    guard.on_joint_state(JointState(bench.now, ('j0',), np.array([0.5])))
    guard.on_joint_state(JointState(bench.now - MS, ('j0',), np.array([0.1])))
    guard.engage(bench.now)
    assert guard.tick(bench.now).trajectory.positions[0].tolist() == [0.5]


@pytest.mark.parametrize('state, message', [
    (JointState(0, ('j0', 'j1'), np.zeros(3)), 'lengths'),
    (JointState(0, ('j0', 'j1'), np.zeros(2), np.zeros(1)), 'lengths'),
    (JointState(0, ('j0', 'j0'), np.zeros(2)), 'each joint once')])
def test_a_malformed_joint_state_is_refused(bench, state, message):
    assert message in str(bench.guard.on_joint_state(state))
    assert bench.guard.fault is None
