"""A goal as seen from the base, while the base drives and after the sender has fallen silent."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.rotations import matrix
from physai_ros.bundle.terms import Context, Goal
from physai_ros.core.errors import SampleError, StaleError
from physai_ros.core.types import Pose
from pydantic import ValidationError
import pytest

S = 1_000_000_000
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])


def about_z(angle):
    return np.array([np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)])


class Driving:
    """TF with a base that drives ahead, along y of odom, 1 m a second from (1, 0, 0.2)."""

    def lookup(self, target, source, stamp_ns):
        assert (target, source) == ('base_link', 'odom')
        base = np.eye(4)
        base[:3, :3], base[:3, 3] = matrix(about_z(np.pi / 2)), (1.0, stamp_ns / S, 0.2)
        return np.linalg.inv(base)


def goal(x, y, frame='r1/odom', stamp_ns=0, orientation=UPRIGHT):
    return Pose(stamp_ns, frame, np.array([x, y, 0.0]), orientation)


def seen(sample, t_s=0.0, **fields):
    term = Goal(topic='goal', **fields)
    term.check(sample, 'r1/')
    context = Context(round(t_s * S), 1, 'r1/', transforms=Driving())
    return term.build(sample, context)


def near(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize('place, distance, bearing', [
    ((1, 3), 3, 0), ((-1, 0), 2, np.pi / 2), ((2, 0), 1, -np.pi / 2), ((1, -2), 2, np.pi),
    ((0, 1), np.sqrt(2), np.pi / 4), ((1, 0), 0, 0)])
def test_distance_and_bearing(place, distance, bearing):
    found = seen(goal(*place))
    near(np.abs(found) if bearing == np.pi else found, [distance, bearing])
    near(seen(goal(*place), axes=['bearing_cos', 'distance', 'bearing_sin']),
         [np.cos(bearing), distance, np.sin(bearing)])


def test_the_goal_comes_nearer_though_it_was_sent_long_ago():
    near(seen(goal(1, 3), 2.0), [1, 0])
    near(seen(goal(1, 3), 4.0, axes=['x', 'y', 'z']), [-1, 0, -0.2])


def test_how_the_goal_is_turned():
    sample = goal(1, 3, orientation=about_z(-np.pi / 4))
    angle = -3 * np.pi / 4
    near(seen(sample, axes=['turn', 'turn_sin', 'turn_cos']),
         [angle, np.sin(angle), np.cos(angle)])
    near(seen(sample, axes=['turn'], scale=57.29578), [-135])


def test_a_goal_in_the_frame_itself_needs_no_tf():
    near(seen(goal(0, 2, 'r1/base_link'), 3.0), [2, np.pi / 2])
    assert Goal(topic='goal').needs_transforms


def test_goals_that_are_none():
    with pytest.raises(SampleError, match='a finite number'):
        seen(goal(np.nan, 0))
    without = goal(1, 3, orientation=np.zeros(4))
    near(seen(without), [3, 0])
    with pytest.raises(SampleError, match='the length of the quaternion of goal'):
        seen(without, axes=['turn'])
    with pytest.raises(ValidationError, match='each name once'):
        Goal(topic='goal', axes=['x', 'x'])
    with pytest.raises(ValidationError, match='distance'):
        Goal(topic='goal', axes=['heading'])


def test_moments_of_the_past_and_a_sender_that_falls_silent():
    term = {'term': 'goal', 'topic': 'goal', 'axes': ['distance'], 'history': {'steps': 3}}
    assembler = Assembler(manifest(rate_hz=2, inputs={'x': [term]}, timing={'deadline_s': 0.1}),
                          'r1/', Driving())
    assembler.feed('goal', goal(1, 3, stamp_ns=S // 10))
    near(assembler.assemble(S).inputs['x'][0], [3, 2.5, 2])
    with pytest.raises(StaleError, match='goal from goal. is 1.400 s; expected at most 1.000 s'):
        assembler.assemble(3 * S // 2)


def test_two_goals_are_not_blended():
    term = {'term': 'goal', 'topic': 'goal', 'axes': ['bearing'], 'align': 'interpolate'}
    assembler = Assembler(manifest(inputs={'x': [term]}), 'r1/', Driving())
    for stamp_ns, x in ((90, 1.001), (120, 0.999)):
        assembler.feed('goal', goal(x, -2, stamp_ns=stamp_ns))
    assert abs(assembler.assemble(100).inputs['x'][0, 0]) > 3
