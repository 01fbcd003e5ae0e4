"""An arm under several joint_trajectory_controllers."""
import numpy as np
from physai_ros.faults.published import TrajectoryCheck
from physai_ros.guard.limits import joint_limits
from physai_ros.robots import load_profile, parse
from physai_ros.robots.profile import Arm, Profile
from physai_ros.sim import SimRobot, World
from pydantic import ValidationError
import pytest
from sim_worlds import HONDA, run, to_point

LIMITS = {'acceleration': {'default': 4.0}, 'jerk': {'default': 40.0}}
TWO = {'hand': ['finger'], 'arm': ['shoulder', 'elbow']}


@pytest.mark.parametrize('given, controllers, joints', [
    ({'joints': ['a', 'b']}, {'arm_controller': ('a', 'b')}, ('a', 'b')),
    ({'joints': ['a', 'b'], 'controller': 'jtc'}, {'jtc': ('a', 'b')}, ('a', 'b')),
    ({'controllers': TWO}, {name: tuple(joints) for name, joints in TWO.items()},
     ('finger', 'shoulder', 'elbow')),
    ({'controllers': TWO, 'joints': ['elbow', 'shoulder', 'finger']},
     {name: tuple(joints) for name, joints in TWO.items()}, ('elbow', 'shoulder', 'finger')),
])
def test_an_arm_has_one_controller_or_several(given, controllers, joints):
    arm = Arm(**given, **LIMITS)
    assert (arm.controllers, arm.joints) == (controllers, joints)
    assert list(arm.trajectories) == [f'{name}/joint_trajectory' for name in controllers]
    assert Arm.model_validate_json(arm.model_dump_json()) == arm


@pytest.mark.parametrize('given, message', [
    ({'controllers': TWO, 'controller': 'arm'}, 'give one of them'),
    ({'controllers': TWO, 'joints': ['finger', 'elbow']}, 'must be each of finger, elbow once'),
    ({'controllers': {'a': ['x'], 'b': ['x']}}, 'must be each of'),
    ({'controllers': {'arm-1': ['x']}}, 'letters, digits and _'),
    ({'controller': '/arm', 'joints': ['x']}, 'relative to the robot'),
    ({'controllers': {'a': ['x'], 'b': []}}, 'at least one each'),
    ({'controllers': {}}, 'controllers'),
    ({'controllers': 'arm'}, 'controllers'),
    ({'controllers': {'a': 3}}, 'controllers'),
    ({}, 'joints'),
])
def test_controllers_that_do_not_share_the_joints_are_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        Arm(**given, **LIMITS)


@pytest.fixture(scope='module')
def profile() -> Profile:
    """Return the humanoid with a controller for each side, and one for the head."""
    arm = load_profile('honda_style').arm.model_dump()
    joints = arm.pop('joints')
    sides = {side: [name for name in joints if name.startswith(side)]
             for side in ('right', 'head', 'left')}
    given = load_profile('honda_style').model_dump()
    return Profile(**{**given, 'arm': {**arm, 'joints': joints, 'controllers': sides}})


def test_each_simulated_controller_follows_its_own_trajectories(profile):
    world = World([SimRobot(HONDA, profile, profile.description(), (0.0, 0.0, 0.0), 'kitting')],
                  cameras=False)
    state, arm = world.joint_state(HONDA), profile.arm
    goal = dict(zip(state.names, state.position))
    for name, change in (('left_elbow', 0.3), ('right_elbow', -0.2), ('head_pan', 0.4)):
        goal[name] += change
    for joints in (arm.controllers['left'], arm.controllers['head']):
        there = to_point(joints, [goal[name] for name in joints], 0.6)
        assert world.set_trajectory(HONDA, there) is None
    run(world, 0.8)
    reached = dict(zip(state.names, world.joint_state(HONDA).position))
    assert reached['left_elbow'] == pytest.approx(goal['left_elbow'], abs=1e-3)
    assert reached['head_pan'] == pytest.approx(goal['head_pan'], abs=1e-3)
    assert reached['right_elbow'] == pytest.approx(goal['right_elbow'] + 0.2, abs=1e-3)
    assert world.status(HONDA).violations == 0
    whole = to_point(arm.joints, [goal[n] for n in arm.joints], 0.6)
    assert 'are not those of the controller' in world.set_trajectory(HONDA, whole)
    world.close()


def test_what_is_published_to_each_controller_is_judged_by_its_joints_limits(profile):
    limits = joint_limits(parse(profile.description()), profile)
    check = TrajectoryCheck(limits, profile.arm.controllers.values())
    home = np.array([profile.arm.home[name] for name in profile.arm.joints])
    whole = to_point(profile.arm.joints, home, 0.6)
    for joints in profile.arm.controllers.values():
        check.sample(whole.of(joints))
    assert not check.found
    check.sample(whole)
    assert check.found == {'names': 1}
    far = np.where(np.array(profile.arm.joints) == 'head_pan', 3.5, home)
    check.sample(to_point(profile.arm.joints, far, 0.6).of(profile.arm.controllers['head']))
    assert check.found == {'names': 1, 'position': 1}
