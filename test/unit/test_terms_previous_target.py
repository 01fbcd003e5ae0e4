"""The target of the last answer as an observation: what the next answer starts from."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check_robot import check_joints
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.bundle.terms import PreviousTarget
from physai_ros.core.errors import BundleError, StaleError
from physai_ros.core.types import JointState
from physai_ros.robots.urdf import parse
import pytest

MS = 1_000_000
TERM = {'term': 'previous_target', 'joints': ['b', 'a']}


def bundle(*terms, output=None, **parts):
    """Return a manifest at 20 Hz of one input."""
    output = {'kind': 'joint_delta', 'joints': ['a', 'b'], **(output or {})}
    deadline_s = 0.05 * output.get('chunk', 1)
    return manifest(inputs={'x': list(terms or (TERM,))}, outputs={'u': output},
                    timing={'deadline_s': deadline_s}, **parts)


class Chain:
    """An assembler and a decoder that are fed and asked as by the policy node."""

    def __init__(self, content, prefix=''):
        self.content = content
        self.assembler, self.decoder = Assembler(content, prefix), Decoder(content)

    def measure(self, now_ms, position):
        self.assembler.feed('joint_states', JointState(
            round(now_ms * MS), ('a', 'b', 'c'), np.array([*position, 9.0])))

    def look(self, now_ms, rows=None):
        """Return what is seen, and what the answer starts from (rows of 0 lead there)."""
        now_ns = round(now_ms * MS)
        observation = self.assembler.assemble(now_ns)
        seen = observation.inputs['x'][0].tolist()
        if rows is not None:
            outputs = {'u': np.float32([rows])}
            decision = self.decoder.decide(outputs, now_ns, observation.references)
            self.decoder.settle(decision)
            self.assembler.remember(outputs, now_ns, decision.wanted)
            self.positions = decision.chunks[0].positions.tolist()
        return seen


def test_it_starts_at_the_robot_and_follows_what_was_wanted():
    chain = Chain(bundle(output={'relative_to': 'previous_target'}))
    chain.measure(1000, [1, 2])
    assert chain.look(1000, [[0.5, 0.25]]) == [2, 1]          # measured, in the order of the term
    chain.measure(1050, [1.1, 2.1])
    assert chain.look(1050, [[0.5, 0.25]]) == [2.25, 1.5]
    assert chain.positions[0] == [2, 2.5]                       # one delta on from what was seen
    chain.measure(1103, [1.2, 2.2])
    assert chain.look(1103) == [2.5, 2]                         # however the tick jitters


def test_deltas_from_the_measured_pose_show_the_target_too():
    chain = Chain(bundle(output={'relative_to': 'measured', 'scale': 0.5, 'within': [-9, 2.25]}))
    chain.measure(1000, [1, 2])
    chain.look(1000, [[1, 1]])
    chain.measure(1050, [7, 7])
    assert chain.look(1050, [[0, 0]]) == [2.25, 1.5]            # within its bounds
    chain.measure(1100, [7, 7])
    assert chain.look(1100) == [2.25, 2.25]


def test_an_answer_that_has_ended_counts_no_more():
    chain = Chain(bundle())
    chain.measure(1000, [1, 2])
    chain.look(1000, [[1, 1]])
    chain.measure(1200, [5, 6])
    assert chain.look(1200) == [3, 2]                           # it is held for 0.2 s
    chain.measure(1201, [5, 6])
    assert chain.look(1201) == [6, 5]
    chain.look(1201, [[1, 1]])
    chain.assembler.reset()
    chain.measure(1250, [5, 6])
    assert chain.look(1250) == [6, 5]


def test_the_measured_position_has_to_be_there_all_the_time():
    chain = Chain(bundle())
    chain.measure(1000, [1, 2])
    chain.look(1000, [[1, 1]])
    with pytest.raises(StaleError, match='age of inputs.x.0. .previous_target from joint_states'):
        chain.look(1150)
    with pytest.raises(StaleError, match='it has no b'):
        other = Chain(bundle())
        other.assembler.feed('joint_states', JointState(0, ('a',), np.zeros(1)))
        other.look(0)


@pytest.mark.parametrize('output, after', [
    ({'kind': 'joint_delta', 'steps': 'from_step_before'}, {50: 1, 75: 1.5, 100: 2, 175: 3.5}),
    ({'kind': 'joint_delta', 'relative_to': 'previous_target'}, {50: 1, 100: 1, 175: 1}),
    ({'kind': 'joint_velocity', 'scale': 20}, {50: 1, 100: 2, 175: 3.5}),
    ({'kind': 'joint_position'}, {25: 1, 50: 1, 175: 1}),
    ({'kind': 'joint_position', 'moving_average': 0.5}, {50: 0.5, 100: 0.75, 150: 0.875}),
    ({'kind': 'gripper', 'closed': 0.0, 'open': 2.0}, {50: 2, 100: 2}),
])
def test_of_a_chunk_it_is_the_target_of_one_period_before(output, after):
    content = bundle(output={'chunk': 4, **output})
    for later_ms, expected in after.items():
        chain = Chain(content)
        chain.measure(1000, [0, 0])
        chain.look(1000, [[1, 1]] * 4)
        chain.measure(1000 + later_ms, [9, 9])
        np.testing.assert_allclose(chain.look(1000 + later_ms), [expected] * 2)


@pytest.mark.parametrize('chunk', [1, 4])
@pytest.mark.parametrize('kind', ['joint_delta', 'joint_velocity'])
def test_what_is_seen_is_what_the_next_answer_starts_from(kind, chunk):
    chain = Chain(bundle(output={'kind': kind, 'relative_to': 'previous_target', 'chunk': chunk}))
    random, now_ms, starts = np.random.default_rng(0), 1000.0, []
    for _ in range(40):
        chain.measure(now_ms, random.normal(size=2))
        starts.append(chain.look(now_ms))
        rows = random.normal(size=(chunk, 2)).astype(np.float32)
        chain.look(now_ms, rows)
        first = np.array(chain.positions[0]) - (rows[0] if kind == 'joint_delta' else 0.0)
        np.testing.assert_allclose(first[::-1], starts[-1], atol=1e-5)
        now_ms += random.uniform(20, 90 * chunk)
    assert len(np.unique(starts, axis=0)) == 40


def test_the_operations_are_those_of_joint_position():
    chain = Chain(bundle({**TERM, 'unit': 'deg', 'offset': [90, 0], 'scale': 2},
                         {**TERM, 'form': 'cos'}))
    chain.measure(1000, [0, np.pi])
    np.testing.assert_allclose(chain.look(1000, [[np.pi, 0]]), [180, 0, -1, 1], atol=1e-5)
    chain.measure(1050, [0, 0])
    np.testing.assert_allclose(chain.look(1050), [180, 360, -1, -1], atol=1e-4)


@pytest.mark.parametrize('parts', [
    {'terms': [{**TERM, 'joints': ['a'], 'history': {'steps': 3}}]},
    {'terms': [{**TERM, 'joints': ['a'], 'lag': lag} for lag in (2, 1, 0)]},
    {'terms': [{**TERM, 'joints': ['a']}], 'history': {'x': {'steps': 3}}}])
def test_a_history_has_what_was_seen_at_each_moment(parts):
    terms = parts.pop('terms') if 'terms' in parts else []
    chain, random = Chain(bundle(*terms, **parts)), np.random.default_rng(1)
    seen = [0.0] * 3
    for k in range(12):
        now_ms = 1000 + 50 * k + random.normal(0, 4)
        chain.measure(now_ms, [k, k])
        if k:
            seen.append(k - 1 + 0.5)
        assert chain.look(now_ms, [[0.5, 0]]) == seen[-3:]


def test_the_answer_has_to_be_told():
    chain = Chain(bundle())
    with pytest.raises(BundleError, match="Pass the Decision's wanted on"):
        chain.assembler.remember({'u': np.zeros((1, 2))}, 0)


def test_joints_that_no_output_moves_are_refused():
    with pytest.raises(InvalidBundleError) as error:
        bundle({'term': 'previous_target', 'joints': ['a', 'c']})
    assert 'inputs.x[0].joints[1]' in str(error.value)
    assert "is 'c'; expected a joint that an output moves: a, b" in str(error.value)


def test_its_joints_and_numbers_are_compared_with_the_urdf():
    joints = ''.join(
        f'<link name="{n}"/><joint name="{n}" type="revolute"><parent link="base"/><child link='
        f'"{n}"/><axis xyz="0 0 1"/><limit lower="-1" upper="1" effort="1" velocity="1"/></joint>'
        for n in 'az')
    description = parse(f'<robot name="r"><link name="base"/>{joints}</robot>')
    content = bundle({**TERM, 'offset': [0, 40], 'normalise': {'mean': [0, 40], 'std': 1}})
    told = [str(problem) for problem in check_joints(content, description, Where('x', {}))]
    assert any('inputs.x[0].joints[0]' in text and "is 'b'" in text for text in told), told
    assert any('inputs.x[0].normalise.mean[1]' in text for text in told), told


def test_its_default_age_is_that_of_joint_states():
    term = PreviousTarget(joints=['a'])
    assert (term.default_max_age_s, term.source.topic) == (0.1, 'joint_states')
