"""No limits, no guard: every number is there, finite and positive, or an error names it."""
import math

from guard_bench import limits
from physai_ros.core.errors import ConfigError
from physai_ros.guard.build import guard_config
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.guard import Guard
from physai_ros.guard.limits import base_limits, BaseLimits, joint_limits
from physai_ros.robots.profile import Profile
from physai_ros.robots.urdf import Description, Joint
import pytest


def joint(name, kind='revolute', lower=-1.0, upper=1.0, velocity=2.0):
    """Return a joint of a URDF."""
    return Joint(name, kind, 'a', 'b', (0.0,) * 3, (0.0,) * 3, (0.0, 0.0, 1.0), lower, upper,
                 velocity)


def robot(**elbow):
    """Return a URDF with an elbow and a gripper."""
    joints = {'elbow': joint('elbow', **elbow),
              'grip': joint('grip', 'prismatic', 0.0, 0.04, 0.1)}
    return Description('r', joints, ('a', 'b'), 'a', '')


def profile(**arm):
    """Return a profile with an elbow and a gripper."""
    return Profile(name='p', urdf='p.urdf', arm={
        'joints': ['grip', 'elbow'], 'acceleration': {'default': 8.0, 'grip': 1.0},
        'jerk': {'default': 100.0}, **arm})


def test_position_and_velocity_from_the_urdf_the_rest_from_the_profile():
    found = joint_limits(robot(), profile())
    assert found.names == ('grip', 'elbow')
    assert found.lower.tolist() == [0.0, -1.0]
    assert found.upper.tolist() == [0.04, 1.0]
    assert found.velocity.tolist() == [0.1, 2.0]
    assert found.acceleration.tolist() == [1.0, 8.0]
    assert found.jerk.tolist() == [100.0, 100.0]
    assert found.prismatic.tolist() == [True, False]


@pytest.mark.parametrize('way, finger', [(0.04, True), (0.1, True), (0.25, False)])
def test_what_slides_far_is_no_finger_though_nothing_is_behind_it(way, finger):
    quill = Joint('quill', 'prismatic', 'a', 'b', (0.0,) * 3, (0.0,) * 3, (0.0, 0.0, 1.0), 0.0,
                  way, 0.1)
    found = joint_limits(Description('r', {'quill': quill}, ('a', 'b'), 'a', ''),
                         profile(joints=['quill'], acceleration={'default': 1.0},
                                 jerk={'default': 9.0}))
    assert found.grips.tolist() == [finger]


def test_a_lift_is_no_finger():
    lift = Joint('lift', 'prismatic', 'base', 'a', (0.0,) * 3, (0.0,) * 3, (0.0, 0.0, 1.0), 0.0,
                 0.3, 0.1)
    joints = {'lift': lift, **robot().joints}
    found = joint_limits(Description('r', joints, ('base', 'a', 'b'), 'base', ''),
                         profile(joints=['lift', 'grip', 'elbow']))
    assert (found.prismatic.tolist(), found.grips.tolist()) == ([True, True, False],
                                                                [False, True, False])
    assert guard_config(profile()).tracking_tolerances(found).tolist() == [0.03, math.inf, 0.3]


def test_a_continuous_joint_has_no_position_limits():
    endless = robot(kind='continuous', lower=None, upper=None)
    assert joint_limits(endless, profile()).upper.tolist() == [0.04, math.inf]


@pytest.mark.parametrize('change, message', [
    ({'lower': None}, 'URDF joint elbow <limit> lower is .missing.'),
    ({'upper': math.inf}, 'URDF joint elbow <limit> upper is inf'),
    ({'velocity': None}, 'URDF joint elbow <limit> velocity'),
    ({'velocity': 0.0}, 'velocity is 0.0; expected a number greater than zero'),
    ({'velocity': math.nan}, 'velocity is nan'),
    ({'lower': 1.0}, 'limits of elbow: lower, upper'),
])
def test_an_incomplete_urdf_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        joint_limits(robot(**change), profile())


def test_an_unknown_joint_and_missing_profile_limits_are_refused():
    with pytest.raises(ConfigError, match='arm.joints: wrist.*elbow, grip'):
        joint_limits(robot(), profile(joints=['grip', 'wrist']))
    with pytest.raises(ConfigError, match='arm.jerk of elbow'):
        joint_limits(robot(), profile(jerk={'grip': 10.0}))


def test_a_base_axis_that_is_left_out_cannot_move():
    axis = {'velocity': 0.5, 'acceleration': 1.0, 'jerk': 8.0}
    found = base_limits(Profile(name='p', urdf='p.urdf', base={
        'limits': {'linear_x': axis, 'angular_z': axis}}))
    assert found.velocity.tolist() == [0.5, 0.0, 0.5]
    assert joint_limits(robot(), Profile(name='p', urdf='p.urdf')) is None
    assert base_limits(profile()) is None


def test_bad_base_limits_are_refused():
    with pytest.raises(ConfigError, match='linear_x.jerk is 0.0'):
        BaseLimits((1, 1, 1), (1, 1, 1), (0, 1, 1))
    with pytest.raises(ConfigError, match='shape of jerk'):
        BaseLimits((1, 1, 1), (1, 1, 1), (1, 1))


def test_there_is_no_guard_without_limits():
    with pytest.raises(ConfigError, match='nothing is activated without them'):
        Guard(None, None)


@pytest.mark.parametrize('change', [
    {'commit_s': math.nan}, {'commit_s': 0.001}, {'jump_tolerance_rad': -1.0},
    {'control_period_s': 0.0}, {'control_period_s': 1.0}, {'twist_limit_ratio': 0.5},
    {'max_steps': 0}, {'tracking_tolerance': {'j0': math.inf}}])
def test_the_configuration_is_checked(change):
    with pytest.raises(ConfigError, match=next(iter(change))):
        GuardConfig(**change)


def test_prismatic_joints_and_named_ones_are_exempt_from_tracking():
    joints = limits(3, prismatic=[False, False, True])
    found = GuardConfig(tracking_tolerance={'j1': 0.1}).tracking_tolerances(joints)
    assert found.tolist() == [0.3, 0.1, math.inf]
    own = GuardConfig(tracking_tolerance={'j1': 0.1}).following_tolerances(joints)
    assert own.tolist() == [0.05, 0.1, math.inf]
    found = GuardConfig(tracking_exempt=('j0',)).tracking_tolerances(joints)
    assert found.tolist() == [math.inf, 0.3, 0.03]
    with pytest.raises(ConfigError, match='j9'):
        GuardConfig(tracking_exempt=('j9',)).tracking_tolerances(joints)


def test_the_profile_says_how_joints_are_tracked():
    found = guard_config(profile(tracking_exempt=['elbow'], tracking_tolerance={'grip': 0.01}),
                         tracking_time_s=0.1)
    assert found.tracking_time_s == 0.1
    joints = joint_limits(robot(), profile())
    assert found.tracking_tolerances(joints).tolist() == [0.01, math.inf]
    assert guard_config(profile()).tracking_tolerances(joints).tolist() == [math.inf, 0.3]
    assert guard_config(Profile(name='p', urdf='p.urdf')) == GuardConfig()


@pytest.mark.parametrize('change, message', [
    ({'tracking_exempt': ['wrist']}, 'tracking_exempt of wrist: not in arm.joints'),
    ({'tracking_exempt': ['default']}, 'tracking_exempt of default: not in arm.joints'),
    ({'tracking_tolerance': {'default': 1.0}}, 'tracking_tolerance of default: not in arm.joints'),
    ({'tracking_tolerance': {'elbow': 0.0}}, 'greater than 0'),
    ({'tracking_tolerance': {'elbow': math.inf}}, 'finite'),
    ({'tracking_exempt': ['elbow'], 'tracking_tolerance': {'elbow': 0.1}},
     'tracking of elbow: give a tolerance or exempt it')])
def test_how_no_joint_can_be_tracked_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        profile(**change)
