"""Poses of a history as seen from the present one, or from the first of the episode."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.bundle.rotations import matrix
from physai_ros.core.errors import SampleError, StaleError
from physai_ros.core.types import Pose
import pytest

MS = 1_000_000
QUARTER = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])
POSE = {'term': 'pose', 'topic': 'tool', 'relative_to': 'now', 'rotation': 'rotation_vector',
        'max_age_s': 1.0}
TWO = {'steps': 2}


def assembler(transforms=None, **fields):
    term = {**POSE, 'history': TWO, **fields}
    return Assembler(manifest(rate_hz=10, inputs={'x': [term]}, timing={'deadline_s': 0.1}),
                     transforms=transforms)


def feed(which, *samples):
    """Feed (ms, x, turn about z in quarters)."""
    for stamp_ms, x, quarters in samples:
        angle = quarters * np.pi / 4
        which.feed('tool', Pose(stamp_ms * MS, 'base', np.array([x, 0.0, 0.0]),
                                np.array([np.cos(angle), 0, 0, np.sin(angle)])))


def seen(which, now_ms):
    return which.assemble(now_ms * MS).inputs['x'][0]


@pytest.mark.parametrize('order, rows', [('oldest_first', [0, 1]), ('newest_first', [1, 0])])
def test_the_past_along_the_axes_of_the_present(order, rows):
    which = assembler(history={**TWO, 'order': order, 'stack': 'axis'})
    feed(which, (1000, 1.0, 0), (1100, 3.0, 1))
    expected = np.array([[0, 2, 0, 0, 0, -np.pi / 2], [0] * 6])
    np.testing.assert_allclose(seen(which, 1100), expected[rows], atol=1e-6)


def test_a_history_of_the_whole_input():
    term = {**POSE, 'field': 'position'}
    which = Assembler(manifest(rate_hz=10, inputs={'x': [term]}, history={'x': TWO},
                               timing={'deadline_s': 0.1}))
    feed(which, (1000, 1.0, 0), (1100, 3.0, 1))
    np.testing.assert_allclose(seen(which, 1100), [0, 2, 0, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize('align', ['latest', 'nearest', 'interpolate'])
def test_the_present_is_no_motion_whichever_sample_stands_for_it(align):
    which = assembler(align=align, field='position')
    feed(which, (990, 1.0, 0), (1090, 2.0, 1), (1120, 5.0, 2))
    found = seen(which, 1100)
    np.testing.assert_allclose(found[3:], 0, atol=1e-6)
    np.testing.assert_allclose(
        found[:3], [4, 0, 0] if align == 'latest' else [0, 1, 0], atol=1e-6)


def test_take_scale_and_clip_are_for_what_was_seen():
    which = assembler(take=[1, 5], scale=[10, 1], clip=[-1, 15])
    feed(which, (1000, 1.0, 0), (1100, 3.0, 1))
    np.testing.assert_allclose(seen(which, 1100), [15, -1, 0, 0], atol=1e-6)


def test_in_a_frame_that_moves_itself():
    class Sliding:

        def lookup(self, target, source, stamp_ns):
            pose = np.eye(4)
            pose[:3, :3], pose[0, 3] = matrix(QUARTER), stamp_ns / (100 * MS)
            return pose

    which = assembler(Sliding(), frame='world', field='position')
    feed(which, (1000, 1.0, 0), (1100, 3.0, 0))
    np.testing.assert_allclose(seen(which, 1100)[:3], [-2, 1, 0], atol=1e-6)


def test_from_the_first_observation_until_a_new_episode():
    which = assembler(relative_to='start', history={'steps': 1}, field='position')
    for expected in (0.0, 4.0):
        feed(which, (1000 + 100 * int(expected), 1.0 + expected, 0))
        np.testing.assert_allclose(seen(which, 1000 + 100 * int(expected)), [expected, 0, 0])
    which.reset()
    feed(which, (1000, 7.0, 0))
    np.testing.assert_allclose(seen(which, 1000), 0)
    feed(which, (1100, 8.0, 0))
    which.reset()
    feed(which, (1000, 9.0, 0))
    np.testing.assert_allclose(seen(which, 1000), 0)


def test_a_tick_without_observation_is_no_start():
    first = {**POSE, 'relative_to': 'start', 'field': 'position'}
    patient = {'term': 'pose', 'topic': 'other', 'history': {'steps': 2, 'start': 'wait'}}
    which = Assembler(manifest(rate_hz=10, inputs={'x': [first], 'y': [patient]},
                               timing={'deadline_s': 0.1}))
    for stamp_ms, x in ((1000, 1.0), (1100, 3.0)):
        feed(which, (stamp_ms, x, 0))
        which.feed('other', Pose(stamp_ms * MS, 'base', np.zeros(3), QUARTER))
        if stamp_ms == 1000:
            with pytest.raises(StaleError, match='the history of inputs.y'):
                seen(which, stamp_ms)
    np.testing.assert_allclose(seen(which, 1100), 0)


def test_clocks_that_disagree_for_a_moment_do_not_move_the_start():
    which = assembler(relative_to='start', history={'steps': 1}, field='position')
    feed(which, (1000, 1.0, 0))
    seen(which, 1000)
    feed(which, (5000, 2.0, 0))
    with pytest.raises(StaleError, match='future'):
        seen(which, 1100)
    feed(which, (1200, 4.0, 0))
    np.testing.assert_allclose(seen(which, 1200), [3, 0, 0])


def test_a_position_needs_the_rotation_too():
    which = assembler(field='position')
    with pytest.raises(SampleError, match='the length of the quaternion of tool'):
        which.feed('tool', Pose(MS, 'base', np.zeros(3), np.zeros(4)))


def test_without_a_history_nothing_would_ever_move():
    with pytest.raises(InvalidBundleError, match=r"inputs.x\[0\].relative_to is 'now'; expected a "
                       'history'):
        assembler(history=None)
    assembler(history=None, relative_to='start')
