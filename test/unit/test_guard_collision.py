"""The guard keeps links apart and inside the workspace: looked ahead, held, left again."""
from guard_bench import Bench, limits
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.build import outside, parts
from physai_ros.guard.collision import Clearance
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
from physai_ros.robots import load_profile, parse
from physai_ros.robots.profile import Workspace
import pytest

MARGIN = 0.01


def link(name, y):
    return f"""<link name="{name}"><collision><origin xyz="0.2 {y} 0"/>
        <geometry><box size="0.4 0.1 0.1"/></geometry></collision></link>"""


def joint(name, parent, child, xyz, kind='revolute'):
    return f"""<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>
        <origin xyz="{xyz}"/><axis xyz="0 0 1"/>
        <limit lower="-3" upper="3" velocity="2" effort="1"/></joint>"""


def sliding(name, child, y):
    """Return a joint that slides along y."""
    return joint(name, 'root', child, f'0 {y} 0', 'prismatic').replace('0 0 1', '0 1 0')


# Two arms in the plane, 0.6 m apart, each one link that turns and a short one that follows it.
PINCERS = parse('<robot name="r"><link name="root"/>'
                + link('left', 0) + link('left_tip', 0) + link('right', 0)
                + joint('l', 'root', 'left', '0 0.3 0') + joint('r', 'root', 'right', '0 -0.3 0')
                + joint('lt', 'left', 'left_tip', '0.41 0 0') + '</robot>')
JOINTS = ('l', 'r', 'lt')


def clearance(space=None, allowed=(), joints=JOINTS):
    bodies = Bodies(PINCERS, joints, outside(space or Workspace()))
    top = np.full(len(joints), 3.0)
    return Clearance(bodies, -top, top, MARGIN, allowed)


def pincers(start, **more):
    lim = limits(3, 3.0)
    object.__setattr__(lim, 'names', JOINTS)
    return Bench(lim, start=start, clearance=clearance(**more), jump_tolerance_rad=4.0)


def gap(position):
    """Return the distance of the two arms, by coal alone."""
    bodies = Bodies(PINCERS, JOINTS, {})
    names = list(bodies.names)
    right = names.index('right')
    bodies.watch([(names.index(name), right) for name in ('left', 'left_tip')])
    bodies.place(np.asarray(position, float))
    return bodies.distances().min()


def within(distance):
    """Return a pose in which the arms are nearly so near."""
    near = [-0.6, 0.6, 0.0]
    while gap(near) > distance:
        near = [near[0] - 0.002, near[1], 0.0]
    return near


def drive(bench, target, ticks):
    for _ in range(ticks):
        bench.hold_chunk(target)
        outcome = bench.tick()
    return outcome


def test_it_holds_before_links_touch_and_goes_on_when_the_way_is_free():
    bench = pincers([0.5, -0.5, 0.0]).engage()
    outcome = drive(bench, [-0.9, 0.9, 0.0], 200)
    assert (outcome.state, outcome.reason) == (HOLDING, 'collision ahead: left and right')
    assert MARGIN - 1e-3 < gap(bench.position) < 0.05
    outcome = drive(bench, [0.3, 0.0, 0.0], 200)
    assert outcome.state == ENGAGED
    assert bench.position == pytest.approx([0.3, 0.0, 0.0], abs=1e-3)


def test_no_published_state_touches_whatever_is_asked_for():
    rng, bench = np.random.default_rng(4), pincers([0.5, -0.5, 0.0]).engage()
    least = np.inf
    for _ in range(60):
        bench.hold_chunk(rng.uniform([-1.5, -0.5, -2], [0.5, 1.5, 2]))
        for _ in range(10):
            outcome = bench.tick()
        least = min(least, *(gap(row) for row in outcome.trajectory.positions[::4]))
    assert bench.guard.counters['braked_for_collision'] > 5
    assert MARGIN - 3e-4 <= least < 2 * MARGIN


def test_a_start_that_is_too_near_is_left_but_not_made_worse():
    near = within(0.004)
    bench = pincers(near).engage()
    assert drive(bench, [near[0] - 0.3, near[1], 0.0], 60).state == HOLDING
    assert gap(bench.position) > gap(near) - 2e-4
    assert drive(bench, [0.0, 0.0, 0.0], 200).state == ENGAGED
    assert bench.position == pytest.approx([0, 0, 0], abs=1e-3)


def test_a_measured_contact_is_a_fault():
    bench = pincers([0.5, -0.5, 0.0]).engage()
    drive(bench, [0.5, -0.5, 0.0], 5)
    bench.move = lambda: None
    bench.position = np.array([-0.9, 0.9, 0.0])
    outcome = bench.tick(7)
    assert outcome.state == FAULTED
    assert outcome.reason.startswith('collision: measured pose: left and right touch')
    bench.position = np.array([0.5, -0.5, 0.0])
    bench.tick(40)
    bench.guard.reset_fault(bench.now)
    assert bench.guard.state == DISENGAGED


def test_links_that_were_too_near_at_the_start_may_not_touch_either():
    lim = limits(2, 3.0)
    object.__setattr__(lim, 'names', JOINTS[:2])
    boxes = parse('<robot name="r"><link name="root"/>' + link('left', 0) + link('right', 0)
                  + sliding('l', 'left', 0.0) + sliding('r', 'right', 0.105) + '</robot>')
    robot = Clearance(Bodies(boxes, JOINTS[:2], {}), lim.lower, lim.upper, MARGIN)
    for start, touches in ((0.0, True), (-0.02, False)):    # 5 mm apart, or in each other
        robot.reset(np.array([[0.0, start]]))
        assert robot.contact(np.array([0.0, start])) is None
        assert (robot.contact(np.array([0.0, -0.03])) is not None) == touches


def test_the_workspace_is_not_left():
    wall = Workspace(planes={'wall': {'point': [0, 0.6, 0], 'normal': [0, -1, 0]}})
    bench = pincers([0.0, 0.0, 0.0], space=wall).engage()
    outcome = drive(bench, [1.5, 0.0, 0.0], 200)
    assert outcome.state == HOLDING and outcome.reason.endswith('and workspace wall')
    tip = 0.3 + 0.81 * np.sin(bench.position[0]) + 0.05 * np.cos(bench.position[0])
    assert 0.55 < tip <= 0.6


def test_a_workspace_is_not_switched_off_with_the_pairs():
    profile = load_profile('honda_style')
    off = {'enabled': False, 'workspace': Workspace(low=(-1, -2, 0), high=(1, 2, 3))}
    collision = profile.arm.collision.model_copy(update=off)
    arm = profile.arm.model_copy(update={'collision': collision})
    with pytest.raises(ConfigError, match='collision.enabled is False'):
        parts(parse(profile.description()), profile.model_copy(update={'arm': arm}))


def test_a_box_is_six_planes():
    spaces = outside(Workspace(low=(-1, -2, 0), high=(1, 2, 3)))
    assert list(spaces) == [f'workspace {a} {s}' for s in ('low', 'high') for a in 'xyz']
    for normal, offset in spaces.values():
        assert np.dot(normal, [0.0, 0.0, 1.0]) > offset         # a point inside
        assert np.dot(normal, [9.0, 9.0, 9.0]) < offset or np.dot(normal, [-9.0] * 3) < offset


def test_each_pair_that_is_not_watched_has_a_reason():
    reasons = {str(pair): pair.reason for pair in clearance(allowed=[('left_tip', 'right')]).pairs}
    assert reasons == {
        'left and left_tip': 'neighbours: only lt moves them, within its limits',
        'left and right': '', 'left_tip and right': 'allowed by the profile'}
    reasons = {str(pair): pair.reason for pair in clearance(joints=('l', 'r')).pairs}
    assert reasons['left_tip and right'] == 'lt moves them and is not commanded'


def test_an_allowed_link_must_exist():
    with pytest.raises(ConfigError, match='elbow'):
        clearance(allowed=[('left', 'elbow')])


def test_the_reference_arm_is_clear_at_home_and_its_hands_are_watched():
    profile = load_profile('honda_style')
    found = parts(parse(profile.description()), profile)['clearance']
    watched = {(p.first, p.second) for p in found.pairs if not p.reason}
    assert ('left_gripper_link', 'right_gripper_link') in watched
    assert ('torso_link', 'left_elbow_link') in watched
    home = np.array([profile.arm.home[name] for name in profile.arm.joints])
    found.reset(home[None])
    assert found.problem(home[None], home, home) is None
    assert found.contact(home) is None
