"""Each kind of output: what its numbers mean, and what they start from."""
from bundle_examples import manifest
from hypothesis import given, strategies
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError, StaleError
from physai_ros.core.types import JointState
import pytest

MS = 1_000_000
POSE = np.array([1.0, 2.0])


def outputs(chunk=2, **kinds):
    return manifest(outputs={name: {'chunk': chunk, **kind} for name, kind in kinds.items()},
                    timing={'deadline_s': 0.05 * chunk})


def joints(kind, **fields):
    return {'kind': kind, 'joints': ['a', 'b'], **fields}


def decoded(kind, rows, references=None):
    """Return the chunk of one output that answers these rows."""
    content = outputs(len(rows), u=kind)
    references = {'outputs.u': POSE} if references is None else references
    return Decoder(content).decode({'u': np.float32([rows])}, 0, references)[0]


def test_delta_from_the_pose_or_step_by_step():
    rows = [[0.5, 0], [0.25, 1]]
    assert decoded(joints('joint_delta'), rows).positions.tolist() == [[1.5, 2], [1.25, 3]]
    stepwise = decoded(joints('joint_delta', steps='from_step_before', scale=2), rows)
    assert stepwise.positions.tolist() == [[2, 2], [2.5, 4]]


def test_velocities_become_positions_after_each_period():
    chunk = decoded(joints('joint_velocity'), [[1, 0], [2, -4]])
    np.testing.assert_allclose(chunk.positions, [[1, 2], [1.05, 2], [1.15, 1.8]])


def test_targets_stay_within_their_bounds_and_do_not_wind_up():
    rows = [[2, 1], [-0.5, 0], [3, -9]]
    bound = {'within': [[0, 1.5], [2.0, 2.5]]}
    assert decoded(joints('joint_delta', **bound), rows).positions.tolist() == [
        [2, 2.5], [0.5, 2], [2, 1.5]]
    stepwise = decoded(joints('joint_delta', steps='from_step_before', **bound), rows)
    assert stepwise.positions.tolist() == [[2, 2.5], [1.5, 2.5], [2, 1.5]]
    velocity = decoded(joints('joint_velocity', scale=20, **bound), rows)
    assert velocity.positions.tolist() == [[1, 2], [2, 2.5], [1.5, 2.5], [2, 1.5]]
    plain = decoded(joints('joint_position', unit='deg', within=[-1, 1]), [[90, -30]] * 2)
    np.testing.assert_allclose(plain.positions[0], [1, -np.pi / 6])
    decoder = Decoder(outputs(1, u=joints('joint_delta', relative_to='previous_target', **bound)))
    found = [decoder.decode({'u': np.float32([[delta, 0]])}, k * 50 * MS, {'outputs.u': POSE})[0]
             for k, delta in enumerate((5, 5, -0.25))]
    assert [chunk.positions[0, 0] for chunk in found] == [2, 2, 1.75]


@pytest.mark.parametrize('within', [[1, 1], [[0, 0, 0], 1], [[0, 2], [1, 1]]])
def test_impossible_bounds(within):
    with pytest.raises(InvalidBundleError, match='within'):
        outputs(1, u=joints('joint_position', within=within))


def test_gripper_opens_from_closed_to_open():
    gripper = {'kind': 'gripper', 'joints': ['g'], 'closed': 0.04, 'open': 0.0}
    rows = [[0], [1], [0.25], [-3], [7]]
    assert decoded(gripper, rows).positions[:, 0].tolist() == [0.04, 0, 0.03, 0.04, 0]
    inverted = decoded({**gripper, 'fractions': [100, 0]}, [[100], [0], [25]])
    np.testing.assert_allclose(inverted.positions[:, 0], [0.04, 0, 0.01])


def test_some_axes_of_a_base():
    chunk = decoded({'kind': 'base_twist', 'axes': ['wz', 'vx'], 'scale': [2, 1]}, [[1, 3]])
    assert chunk.twists.tolist() == [[3, 0, 2]] * 3


def test_split():
    split = {'kind': 'split', 'normalise': {'mean': [0, 0, 10, 0], 'std': [1, 1, 2, 1]}, 'parts': [
        joints('joint_position', offset=[5, 6]),
        {'kind': 'gripper', 'joints': ['g'], 'closed': 0, 'open': 1, 'fractions': [0, 20]},
        {'kind': 'base_twist', 'axes': ['vx'], 'clip': [-1, 1]}]}
    content = outputs(1, u=split)
    assert content.outputs['u'].tensor_shapes == ((1, 1, 4), (1, 4))
    assert [place for place, _ in content.parts()] == [
        'outputs.u.parts[0]', 'outputs.u.parts[1]', 'outputs.u.parts[2]']
    arm, base = Decoder(content).decode({'u': np.float32([[1, 2, 0, 4]])}, 0)
    assert arm.names == ('a', 'b', 'g') and arm.positions.tolist() == [[6, 8, 0.5]] * 3
    assert base.twists.tolist() == [[1, 0, 0]] * 3


def test_a_shorter_chunk_beside_a_longer_one_stays_where_it_ends():
    content = outputs(2, v=joints('joint_velocity'),
                      p={'kind': 'joint_position', 'joints': ['c']})
    chunk, = Decoder(content).decode({'v': np.zeros((1, 2, 2)), 'p': np.float32([[[7], [8]]])},
                                     0, {'outputs.v': POSE})
    assert chunk.positions[:, 2].tolist() == [7, 8, 8]


@pytest.mark.parametrize('parts, message', [
    ([joints('joint_position'), joints('joint_delta')], 'u.parts[0] moves it too'),
    ([joints('joint_position', chunk=2)], 'parts without chunk'),
    ([{'kind': 'split', 'parts': []}], 'split'),
    ([{'kind': 'gripper', 'joints': ['g'], 'closed': 1, 'open': 1}], 'another position'),
])
def test_impossible_parts(parts, message):
    with pytest.raises(InvalidBundleError) as error:
        outputs(u={'kind': 'split', 'parts': parts})
    assert message in str(error.value)


def test_a_relative_output_measures_its_joints_in_its_own_order():
    content = manifest(inputs={'x': [{'term': 'constant', 'numbers': 1}]},
                       outputs={'u': joints('joint_delta')},
                       timing={'max_age_s': {'joint_position': 0.03}, 'deadline_s': 0.05})
    assembler = Assembler(content)
    with pytest.raises(StaleError, match='outputs.u .joint_position from joint_states. has no'):
        assembler.assemble(0)
    assembler.feed('joint_states', JointState(0, ('b', 'z', 'a'), np.array([2.0, 9.0, 1.0])))
    assert assembler.assemble(30 * MS).references['outputs.u'].tolist() == [1, 2]
    with pytest.raises(StaleError, match='0.031 s'):
        assembler.assemble(31 * MS)


def test_without_a_reference_nothing_is_decoded():
    with pytest.raises(BundleError, match='the reference of outputs.u'):
        decoded(joints('joint_delta'), [[0, 0]], {})


def test_the_previous_target_is_continued_while_it_lasts():
    kind = joints('joint_delta', relative_to='previous_target')
    decoder = Decoder(outputs(3, u=kind))
    rows, measured = np.float32([[[1, 0], [2, 0], [3, 0]]]), {'outputs.u': POSE}

    def first(t_ms, references=measured):
        return decoder.decode({'u': rows}, t_ms * MS, references)[0].positions[0].tolist()

    assert first(0) == [2, 2]              # nothing before: the measured pose
    assert first(50) == [3, 2]             # the target for 0 ms was 2
    assert first(75) == [3.5, 2]           # 2.5 between its reference and its step of 50 ms
    np.testing.assert_allclose(first(200), [6, 2])    # 5 between its steps of 125 and 175 ms
    assert first(2000) == [2, 2]           # long over: the measured pose
    assert first(1000) == [2, 2]           # the clock was set back
    decoder.reset()
    assert first(1050) == [2, 2]


def test_an_average_goes_on_from_the_chunk_before():
    decoder = Decoder(outputs(2, u=joints('joint_position', moving_average=0.5)))
    first = [decoder.decode({'u': np.float32([[[3, 2], [3, 2]]])}, k * 50 * MS,
                            {'outputs.u': POSE})[0].positions[:, 0].tolist() for k in range(3)]
    assert first == [[2, 2.5], [2.5, 2.75], [2.75, 2.875]]


def test_single_deltas_add_up_however_the_ticks_jitter():
    decoder = Decoder(outputs(1, u=joints('joint_delta', relative_to='previous_target')))
    random = np.random.default_rng(0)
    for k in range(1, 101):
        now_ns = k * 50 * MS + round(random.normal(0.0, 4 * MS))
        chunk, = decoder.decode({'u': np.float32([[[0.01, 0]]])}, now_ns, {'outputs.u': POSE})
    np.testing.assert_allclose(chunk.positions[0], POSE + [1.0, 0.0], atol=1e-5)
    later, = decoder.decode({'u': np.float32([[[0.01, 0]]])}, now_ns + 149 * MS,
                            {'outputs.u': POSE})      # it was held until then
    np.testing.assert_allclose(later.positions[0], POSE + [1.01, 0.0], atol=1e-5)


@pytest.mark.parametrize('every', [1, 3, 4, 8])
@pytest.mark.parametrize('kind, rows', [
    (joints('joint_delta', steps='from_step_before'), np.full(8, 0.1)),
    (joints('joint_delta', steps='from_reference'), 0.1 * np.arange(1, 9)),
    (joints('joint_velocity', scale=2), np.ones(8))])
def test_an_answer_that_comes_sooner_moves_no_faster(kind, rows, every):
    decoder = Decoder(outputs(8, u={**kind, 'relative_to': 'previous_target'}))
    first = 1.0 if kind['kind'] == 'joint_velocity' else 1.1
    for k in range(0, 24, every):
        chunk, = decoder.decode({'u': np.float32([np.stack([rows, rows], 1)])}, k * 50 * MS,
                                {'outputs.u': POSE})
        np.testing.assert_allclose(chunk.positions[:, 0],
                                   first + 0.1 * (k + np.arange(len(chunk.positions))), atol=1e-6)


def test_the_motion_of_a_frame_continues_as_that_of_joints():
    asked = []

    def solver(output, moves, reference):
        asked.append(reference.tolist())
        return reference + np.cumsum(moves[:, :2], axis=0)

    for kind, expected in (({'kind': 'frame_delta', 'rotation': False}, [[1, 2], [2, 2]]),
                           ({'kind': 'frame_pose', 'rotation': 'rotation_vector'},
                            [[1, 2], [3, 2]])):
        width = 3 if kind['kind'] == 'frame_delta' else 6
        decoder = Decoder(outputs(4, u=joints(frame='tool', relative_to='previous_target',
                                              **kind)), solver)
        asked.clear()
        rows = {'u': np.float32([[[1] + [0] * (width - 1)] * 4])}
        for t_ms in (0, 50):
            decoder.decode(rows, t_ms * MS, {'outputs.u': POSE})
        assert asked == expected


STEPS = strategies.lists(strategies.lists(strategies.floats(-3, 3, width=32), min_size=2,
                                          max_size=2), min_size=1, max_size=5)
KINDS = strategies.sampled_from([
    joints('joint_position', unit='deg'), joints('joint_delta'),
    joints('joint_delta', steps='from_step_before', scale=3, offset=1),
    {'kind': 'base_twist', 'axes': ['wz', 'vy'], 'scale': 0.5}])


@given(STEPS, KINDS)
def test_what_rtc_needs_can_be_turned_back(rows, kind):
    output = outputs(len(rows), u=kind).outputs['u']
    rows = np.array(rows)
    actions = output.actions(rows, 0.05, POSE)
    np.testing.assert_allclose(output.to_rows(actions, POSE), rows, atol=1e-6)


@given(strategies.permutations(range(6)), strategies.permutations(range(6)),
       strategies.lists(strategies.floats(-3.0, 3.0, width=32), min_size=6, max_size=6))
def test_identity_bit_for_bit_with_joints_in_any_order(manifest_order, message_order, values):
    names = [f'j{n}' for n in range(6)]
    wanted = [names[n] for n in manifest_order]
    content = manifest(
        inputs={'x': [{'term': 'joint_position', 'joints': wanted}]},
        outputs={'u': {'kind': 'joint_position', 'joints': wanted}}, timing={'deadline_s': 0.05})
    assembler = Assembler(content)
    assembler.feed('joint_states', JointState(0, tuple(names[n] for n in message_order),
                                              np.array([values[n] for n in message_order])))
    chunk, = Decoder(content).decode({'u': assembler.assemble(0).inputs['x']}, 0)
    found = dict(zip(chunk.names, chunk.positions[0]))
    assert np.array([found[name] for name in names]).tobytes() == np.array(values).tobytes()


def test_averaged_targets_begin_where_the_joints_are():
    average = joints('joint_position', moving_average=0.25, within=[0, 2.5])
    rows = [[3, 2], [3, 4], [3, 4]]
    expected, target = [], POSE
    for row in rows:
        target = np.clip(0.25 * np.array(row) + 0.75 * target, 0, 2.5)
        expected.append(target)
    np.testing.assert_allclose(decoded(average, rows).positions, expected)
    decoder = Decoder(outputs(1, u=average))
    for k, row in enumerate(rows):
        chunk, = decoder.decode({'u': np.float32([row])}, k * 50 * MS, {'outputs.u': POSE})
        np.testing.assert_allclose(chunk.positions[0], expected[k])


@pytest.mark.parametrize('fields, message', [
    ({'moving_average': 0}, 'moving_average'), ({'moving_average': 1.5}, 'moving_average'),
    ({'topic': 'hand/joint_states'}, 'moving_average')])
def test_impossible_averages(fields, message):
    with pytest.raises(InvalidBundleError, match=message):
        outputs(1, u=joints('joint_position', **fields))
