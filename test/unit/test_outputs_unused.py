"""Numbers of an output that mean nothing to the robot."""
from types import SimpleNamespace

from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check_robot import check_joints, parts
from physai_ros.bundle.flow import flow
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.core.errors import BundleError
from physai_ros.core.types import JointState
from physai_ros.inference.policy import Policy
import pytest

ARM = {'kind': 'joint_delta', 'joints': ['a', 'b'], 'scale': 0.5}
FILLED = [{'kind': 'unused', 'size': 1}, ARM, {'kind': 'unused', 'size': 29}]
CONSTANT = {'x': [{'term': 'constant', 'numbers': 1}]}
RTC = {'output': 'u', 'prefix': 'p'}
POSE = np.array([1.0, 2.0])


def content(given=FILLED, chunk=2, inputs=CONSTANT, split=None, others=None, **fields):
    outputs = {'u': {'kind': 'split', 'chunk': chunk, 'parts': given, **(split or {})},
               **(others or {})}
    return manifest(inputs=inputs, outputs=outputs, timing={'deadline_s': 0.05}, **fields)


def answer(*rows, **numbers):
    """Return an answer of rows for the arm, every other number 7 but for those given."""
    filled = np.full((1, len(rows), 32), 7.0, np.float32)
    filled[0, :, 1:3] = rows
    for place, number in numbers.items():
        filled[0, 0, int(place[1:])] = number
    return {'u': filled}


def test_they_move_nothing():
    example = content()
    assert example.outputs['u'].tensor_shapes == ((1, 2, 32),)
    chunk, = Decoder(example).decode(answer([1, 0], [2, 4]), 0, {'outputs.u.parts[1]': POSE})
    assert chunk.names == ('a', 'b') and chunk.positions.tolist() == [[1.5, 2], [2, 4]]
    loaded = SimpleNamespace(manifest=example)
    assert Policy.moves.fget(SimpleNamespace(loaded=loaded)) == {'joints'}


@pytest.mark.parametrize('place', ['n0', 'n31'])
def test_they_must_be_finite(place):
    with pytest.raises(BundleError, match=f'output u, step 0, number {place[1:]} is nan'):
        Decoder(content()).decode(answer([1, 0], [2, 4], **{place: np.nan}), 0,
                                  {'outputs.u.parts[1]': POSE})


def test_in_a_prefix_they_are_zero():
    normal = {'mean': [5.0] + [0.0] * 31, 'std': 2.0}
    assembler = Assembler(content(rtc=RTC, split={'normalise': normal}))
    assembler.feed('joint_states', JointState(0, ('a', 'b'), POSE))
    assert not assembler.assemble(0).inputs['p'].any()
    assembler.remember(answer([1, 3], [2, 4]), 0)
    assembler.feed('joint_states', JointState(50_000_000, ('a', 'b'), POSE))
    prefix = assembler.assemble(50_000_000).inputs['p'][0]
    np.testing.assert_allclose(prefix[0], [0, 2, 4] + [0] * 29)
    assert not prefix[1].any()


def test_they_are_shown_and_checked_against_no_robot():
    example = content()
    paths = [path for path, _ in parts(example)]
    assert paths == [('outputs', 'u', 'parts', n) for n in range(3)]
    robot = SimpleNamespace(joints={name: SimpleNamespace(moves=True) for name in 'ab'})
    assert not list(check_joints(example, robot, Where('policy.yaml', {})))
    drawn = flow(example, 1_000_000)
    assert drawn.columns[4][paths[2]].lines == ('unused', 'size 29', '2 steps of 0.05 s')
    assert set(drawn.columns[5]) == {('chunks', 'policy/joint_chunk')}


def test_outputs_of_different_length_may_both_have_some():
    base = {'kind': 'split', 'chunk': 4, 'parts': [{'kind': 'base_twist', 'axes': ['vx']},
                                                   {'kind': 'unused', 'size': 1}]}
    both = content(others={'v': base})
    answers = {**answer([1, 0], [2, 4]), 'v': np.ones((1, 4, 2), np.float32)}
    arm, twists = Decoder(both).decode(answers, 0, {'outputs.u.parts[1]': POSE})
    assert arm.positions.shape == (2, 2) and twists.twists.shape == (4, 3)


@pytest.mark.parametrize('given, message', [
    ([{'kind': 'unused', 'size': 3}], 'one at least that is used'),
    ([ARM, {'kind': 'unused', 'size': 3, 'scale': 2}],
     'scale = 2 is an unknown key; expected one of kind, size'),
    ([ARM, {'kind': 'unused', 'size': 0}], 'greater than or equal to 1')])
def test_impossible_ones(given, message):
    with pytest.raises(InvalidBundleError, match=message):
        content(given)


def test_only_as_a_part():
    with pytest.raises(InvalidBundleError, match="'unused'; expected one of"):
        manifest(outputs={'u': {'kind': 'unused', 'size': 3}}, timing={'deadline_s': 0.05})
