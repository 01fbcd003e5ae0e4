"""Moments of the past: which sample stands for each, and when there is no observation."""
from bundle_examples import manifest
from hypothesis import given, settings, strategies
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.bundle.terms import Source
from physai_ros.core.errors import StaleError
from physai_ros.core.types import Image, JointState
import pytest

MS = 1_000_000


def one_joint(history=None, whole=None, rate_hz=100, max_age_s=0.05, **fields):
    """Return an assembler of one joint at 100 Hz."""
    term = {'term': 'joint_position', 'joints': ['a'], 'max_age_s': max_age_s, **fields}
    if history:
        term['history'] = history
    parts = {'history': {'x': whole}} if whole else {}
    return Assembler(manifest(rate_hz=rate_hz, inputs={'x': [term]}, timing={'deadline_s': 0.1},
                              **parts))


def feed(assembler, *samples):
    for stamp_ms, value in samples:
        assembler.feed('joint_states', JointState(round(stamp_ms * MS), ('a',),
                                                  np.array([float(value)])))


def seen(assembler, now_ms):
    return assembler.assemble(round(now_ms * MS)).inputs['x'].tolist()


RAMP = [(t, t) for t in range(1000, 1060, 5)]


@pytest.mark.parametrize('history, expected', [
    ({'steps': 3}, [1035, 1045, 1055]),
    ({'steps': 3, 'order': 'newest_first'}, [1055, 1045, 1035]),
    ({'steps': 3, 'stride': 2}, [1015, 1035, 1055]),
    ({'steps': 1}, [1055]),
])
def test_steps_stride_and_order(history, expected):
    for kind in ({'history': history}, {'whole': history}):
        assembler = one_joint(**kind)
        feed(assembler, *RAMP)
        assert seen(assembler, 1055) == [expected]


def test_an_axis_of_its_own():
    for kind in ('history', 'whole'):
        assembler = one_joint(**{kind: {'steps': 2, 'stack': 'axis'}})
        feed(assembler, *RAMP)
        assert seen(assembler, 1055) == [[[1045], [1055]]]


@pytest.mark.parametrize('align, expected', [
    ('latest', [1040, 1055]), ('nearest', [1045, 1055]), ('interpolate', [1043, 1055])])
def test_alignment(align, expected):
    assembler = one_joint({'steps': 2}, align=align)
    feed(assembler, *RAMP)
    assert seen(assembler, 1053) == [expected if align == 'latest' else
                                     [expected[0], {'nearest': 1055, 'interpolate': 1053}[align]]]


def test_interpolation_holds_the_newest_and_never_extrapolates():
    assembler = one_joint(align='interpolate')
    feed(assembler, *RAMP)
    assert seen(assembler, 1080) == [[1055]]
    with pytest.raises(StaleError):
        seen(assembler, 1106)


def test_at_the_start_the_first_sample_is_repeated_or_waited_for():
    assembler = one_joint({'steps': 3})
    feed(assembler, (1000, 1))
    assert seen(assembler, 1000) == [[1, 1, 1]]
    feed(assembler, (1010, 2))
    assert seen(assembler, 1010) == [[1, 1, 2]]
    assembler = one_joint({'steps': 3, 'start': 'wait'})
    feed(assembler, (1000, 1), (1010, 2))
    with pytest.raises(StaleError, match='the history of inputs.x.0.'):
        seen(assembler, 1010)
    feed(assembler, (1020, 3))
    assert seen(assembler, 1020) == [[1, 2, 3]]


def test_a_gap_must_leave_the_history():
    assembler = one_joint({'steps': 3}, max_age_s=0.015)
    feed(assembler, (1000, 0), (1010, 1), (1050, 5))
    with pytest.raises(StaleError, match='is 0.020 s; expected at most 0.015 s'):
        seen(assembler, 1050)
    feed(assembler, (1060, 6))
    with pytest.raises(StaleError):
        seen(assembler, 1060)
    feed(assembler, (1070, 7))
    assert seen(assembler, 1070) == [[5, 6, 7]]


def test_samples_that_come_late_find_their_place():
    assembler = one_joint({'steps': 3})
    feed(assembler, (1000, 0), (1020, 2), (1010, 1), (1020, 22))
    assert seen(assembler, 1020) == [[0, 1, 22]]


def test_every_sample_is_asked_for_only_where_it_counts():
    assert one_joint().sources == (Source('joint_states', 'joint_state'),)
    for assembler in (one_joint({'steps': 2}), one_joint(align='nearest')):
        assert assembler.sources == (Source('joint_states', 'joint_state', every=True),)


def test_part_by_part_and_step_by_step():
    terms = [{'term': 'joint_position', 'joints': ['a'], 'history': {'steps': 2}},
             {'term': 'constant', 'numbers': [7], 'history': {'steps': 2}}]
    by_part = Assembler(manifest(rate_hz=100, inputs={'x': terms}, timing={'deadline_s': 0.1}))
    by_step = Assembler(manifest(
        rate_hz=100, inputs={'x': [{k: v for k, v in term.items() if k != 'history'}
                                   for term in terms]},
        history={'x': {'steps': 2}}, timing={'deadline_s': 0.1}))
    for assembler in (by_part, by_step):
        feed(assembler, (1000, 1), (1010, 2))
    assert seen(by_part, 1010) == [[1, 2, 7, 7]]
    assert seen(by_step, 1010) == [[1, 7, 2, 7]]


@pytest.mark.parametrize('layout, axis', [('CHW', 0), ('HWC', 2)])
def test_a_flat_history_of_pictures_stacks_channels(layout, axis):
    assembler = Assembler(manifest(inputs={'x': [
        {'term': 'image', 'topic': 't', 'size': [2, 2], 'layout': layout,
         'history': {'steps': 2}}]}))
    for stamp_ms, brightness in ((1000, 0), (1050, 255)):
        assembler.feed('t', Image(stamp_ms * MS, 'o', np.full((2, 2, 3), brightness, np.uint8)))
    picture = assembler.assemble(1050 * MS).inputs['x'][0]
    assert np.moveaxis(picture, axis, 0)[:, 0, 0].tolist() == [0, 0, 0, 1, 1, 1]


def test_the_past_alone_beside_the_present():
    now = {'term': 'joint_position', 'joints': ['a']}
    assembler = Assembler(manifest(rate_hz=100, inputs={'x': [
        now, {**now, 'lag': 1, 'history': {'steps': 3}}, {**now, 'lag': 2}]},
        timing={'deadline_s': 0.05}))
    for k in range(5):
        assembler.feed('joint_states', JointState((1000 + 10 * k) * MS, ('a',), np.array([k])))
    assert assembler.assemble(1040 * MS).inputs['x'].tolist() == [[4, 1, 2, 3, 2]]


def test_previous_actions_of_the_past():
    assembler = Assembler(manifest(
        rate_hz=100, inputs={'x': [{'term': 'previous_action', 'output': 'u', 'size': 3}]},
        outputs={'u': {'kind': 'base_twist'}}, history={'x': {'steps': 3}},
        timing={'deadline_s': 0.01}))
    rows = []
    for k in range(4):
        jitter = (0, 300_000, -300_000, 100_000)[k]
        now_ns = (1000 + 10 * k) * MS + jitter
        rows.append(assembler.assemble(now_ns).inputs['x'][0, ::3].tolist())
        assembler.remember({'u': np.float32([[k + 1, 0, 0]])}, now_ns)
    assert rows == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3]]


@pytest.mark.parametrize('history', [None, {'steps': 3, 'order': 'newest_first'}])
def test_actions_before_the_last_one(history):
    terms = [{'term': 'previous_action', 'output': 'u', 'size': 3, 'lag': lag} for lag in (1, 2)]
    assembler = Assembler(manifest(
        rate_hz=100, inputs={'x': terms}, outputs={'u': {'kind': 'base_twist'}},
        history={'x': history} if history else {}, timing={'deadline_s': 0.01}))
    moments = history['steps'] if history else 1
    for k in range(8):
        now_ns = (1000 + 10 * k) * MS + (0, 300_000, -300_000, 100_000)[k % 4]
        found = assembler.assemble(now_ns).inputs['x'][0, ::3].tolist()
        assert found == [max(k - lag - n, 0) for n in range(moments) for lag in (1, 2)]
        assembler.remember({'u': np.float32([[k + 1, 0, 0]])}, now_ns)


def test_the_action_before_the_last_one_of_a_chunk():
    assembler = Assembler(manifest(
        rate_hz=100, outputs={'u': {'kind': 'base_twist', 'chunk': 4}},
        inputs={'x': [{'term': 'previous_action', 'output': 'u', 'size': 3, 'lag': 1}]},
        timing={'deadline_s': 0.01}))
    found = []
    for k in range(7):
        now_ns = (1000 + 10 * k) * MS
        found.append(assembler.assemble(now_ns).inputs['x'][0, 0])
        if k in (0, 3):
            rows = [[[10 * k + n, 0, 0] for n in range(4)]]
            assembler.remember({'u': np.float32(rows)}, now_ns)
    assert found == [0, 0, 0, 1, 2, 30, 31]


def naive(samples, moment, align, max_age):
    """Return the value for a moment by looking at all samples, None where there is none."""
    before = [s for s in samples if s[0] <= moment]
    after = [s for s in samples if s[0] > moment]
    if not before:
        return None
    last = before[-1]
    if align != 'latest' and after:
        following = after[0]
        if min(moment - last[0], following[0] - moment) <= max_age:
            share = (moment - last[0]) / (following[0] - last[0])
            if align == 'interpolate':
                return last[1] + share * (following[1] - last[1])
            if share > 0.5:
                return following[1]
    return last[1] if moment - last[0] <= max_age else None


@settings(max_examples=100, deadline=None)
@given(strategies.lists(strategies.integers(0, 200), min_size=1, max_size=40, unique=True),
       strategies.integers(1, 5), strategies.integers(1, 3),
       strategies.sampled_from(['latest', 'nearest', 'interpolate']),
       strategies.booleans(), strategies.randoms(use_true_random=False))
def test_whatever_arrives_in_whatever_order(stamps, steps, stride, align, newest_first, random):
    order = 'newest_first' if newest_first else 'oldest_first'
    assembler = one_joint({'steps': steps, 'stride': stride, 'order': order, 'start': 'wait'},
                          align=align, max_age_s=0.03)
    samples = sorted((stamp, float((stamp * 37) % 101)) for stamp in stamps)
    fed = samples[:]
    random.shuffle(fed)
    newest = samples[-1][0]
    feed(assembler, *fed)
    moments = [newest - n * stride * 10 for n in range(steps)]
    expected = [naive(samples, moment, align, 30) for moment in moments]
    if not newest_first:
        expected.reverse()
    if None in expected:
        with pytest.raises(StaleError):
            seen(assembler, newest)
    else:
        np.testing.assert_allclose(seen(assembler, newest)[0], expected, rtol=1e-6)


@pytest.mark.parametrize('kind', ['history', 'whole'])
def test_zeros_before_the_first_observation_whatever_was_heard_before(kind):
    assembler = one_joint(**{kind: {'steps': 3, 'start': 'zeros'}}, offset=[7])
    for now_ms, expected in ((1030, [0, 0, 1023]), (1037, [0, 1018, 1028]),     # came early
                             (1050, [1023, 1033, 1043])):
        feed(assembler, *(sample for sample in RAMP if now_ms - 30 < sample[0] <= now_ms))
        assert seen(assembler, now_ms) == [expected]
    assembler.reset()
    feed(assembler, (2000, 5))
    assert seen(assembler, 2000) == [[0, 0, -2]]


def test_zeros_for_terms_without_samples_too():
    assembler = Assembler(manifest(rate_hz=100, inputs={'x': [
        {'term': 'constant', 'numbers': [3, 4]}, {'term': 'joint_position', 'joints': ['a']}]},
        timing={'deadline_s': 0.1}, history={'x': {'steps': 2, 'start': 'zeros'}}))
    feed(assembler, (0, 1), (10, 2))
    assert seen(assembler, 10) == [[0, 0, 0, 3, 4, 2]]
    feed(assembler, (20, 5))
    assert seen(assembler, 20) == [[3, 4, 2, 3, 4, 5]]


def test_poses_relative_to_one_another_are_never_zeros():
    with pytest.raises(InvalidBundleError, match='start: zeros'):
        manifest(inputs={'x': [{'term': 'transform', 'child': 'tool', 'relative_to': 'now',
                                'history': {'steps': 2, 'start': 'zeros'}}]})
