"""What `Clearance` says of paths and poses, one call at a time, and what a guard makes of it."""
from guard_bench import Bench
import numpy as np
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.collision import Clearance
from physai_ros.guard.limits import JointLimits
from physai_ros.guard.states import ENGAGED, HOLDING
from physai_ros.guard.waypoints import path
from physai_ros.robots import parse
from test_guard_collision import JOINTS, PINCERS

MARGIN = 0.01
AXES = {'x': '1 0 0', 'y': '0 1 0'}


def joint(name, parent, child):
    return f"""<joint name="{name}" type="prismatic"><parent link="{parent}"/>
        <child link="{child}"/><axis xyz="{AXES[name]}"/>
        <limit lower="-1" upper="1" velocity="4" effort="1"/></joint>"""


def link(name, size):
    return f"""<link name="{name}"><collision><geometry><box size="{size}"/></geometry>
        </collision></link>"""


# A thin blade, 0.5 m long, and another one that slides across and along it.
BLADES = parse('<robot name="r">' + link('post', '0.004 0.5 0.5') + '<link name="slide"/>'
               + link('blade', '0.004 0.5 0.5') + joint('x', 'post', 'slide')
               + joint('y', 'slide', 'blade') + '</robot>')
LIMITS = JointLimits(('x', 'y'), [-1, -1], [1, 1], [4, 4], [30, 30], [1500, 1500], [True] * 2)


def blades():
    return Clearance(Bodies(BLADES, LIMITS.names, {}), LIMITS.lower, LIMITS.upper, MARGIN)


def gap(position):
    """Return the distance of the two blades."""
    x, y = np.maximum(np.abs(position) - [0.004, 0.5], 0.0)
    return np.hypot(x, y)


def problem(clearance, rows):
    rows = np.array(rows, dtype=float)
    return clearance.problem(rows, rows.min(axis=0), rows.max(axis=0))


def test_what_lies_between_two_rows_of_a_path_is_not_missed():
    clearance = blades()
    clearance.reset(np.array([[-0.1, 0.0]]))
    assert problem(clearance, [[-0.1, 0.0], [0.1, 0.0]]) == 'post and blade'
    assert problem(clearance, [[-0.1, 0.0], [-0.08, 0.2], [0.06, 0.3], [0.1, 0.1]])
    assert problem(clearance, [[-0.1, 0.0], [-0.08, 0.0], [-0.02, 0.4]]) is None
    assert problem(clearance, [[-0.1, 0.6], [0.1, 0.6]]) is None


def test_a_blade_does_not_pass_through_another_one_within_one_tick():
    rng = np.random.default_rng(1)
    for _ in range(12):
        start = np.array([rng.uniform(-0.9, -0.4), -0.6])
        bench = Bench(LIMITS, start=start, clearance=blades(), jump_tolerance_m=5.0).engage()
        across, along = [4.0, rng.uniform(0.1, 0.8)], np.arange(12)[:, None] * 0.05
        for _ in range(60):
            rows = np.clip(bench.position + along * across, -0.9, 0.9)
            bench.chunk(rows)
            plan = bench.tick().trajectory
            p, v = plan.positions[:6], plan.velocities[:6]
            half_way = (p[1:] + p[:-1]) / 2 + 0.01 / 8 * (v[:-1] - v[1:])
            assert min(map(gap, [*p, *half_way])) > MARGIN - 6e-4


def test_a_path_follows_the_curve_when_ticks_are_long():
    h, jerk = 0.05, np.array([40.0, -20.0])
    t = np.arange(4)[:, None] * h
    rows = np.stack([t ** 3 / 6 * jerk, t ** 2 / 2 * jerk, t * jerk])
    points = path(rows[:, 0], rows[:, 1:], h)
    t = np.arange(len(points))[:, None] * 0.01
    assert np.allclose(points, t ** 3 / 6 * jerk, rtol=0, atol=1e-12)
    assert np.array_equal(path(rows[:, 0], rows[:, 1:], 0.01), rows[0])


def test_links_do_not_creep_nearer_by_beginning_anew():
    for distance in (0.0095, MARGIN - 1e-9):
        clearance, pose = blades(), np.array([-0.004 - distance, 0.0])
        for _ in range(100):
            clearance.reset(pose[None])
            nearer = pose + [9e-5, 0.0]
            if problem(clearance, [pose, nearer]) is None:
                pose = nearer
        assert distance - 1.1e-4 < gap(pose) <= distance
        assert problem(clearance, [pose, pose - [0.05, 0.0]]) is None


def test_a_pair_that_was_moved_by_hand_begins_anew():
    clearance = blades()
    for distance in (0.009, 0.005, 0.007):
        pose = np.array([-0.004 - distance, 0.0])
        clearance.reset(pose[None])
        assert problem(clearance, [pose, pose]) is None
        assert problem(clearance, [pose, pose + [2e-4, 0.0]]) == 'post and blade'


def test_a_bar_is_left_when_the_whole_way_to_the_reference_is_clear():
    bench = Bench(LIMITS, start=[-0.3, 0.0], clearance=blades(), jump_tolerance_m=5.0).engage()
    states = []
    for _ in range(300):
        bench.hold_chunk([0.3, 0.0])
        states.append(bench.tick().state)
    assert states.count(HOLDING) > 200
    assert HOLDING not in states[:5] and ENGAGED not in states[-150:]
    bench.hold_chunk([-0.3, 0.2])
    assert bench.tick(5).state == ENGAGED


def test_a_step_into_the_margin_is_not_pardoned():
    clearance = blades()
    clearance.reset(np.array([[-0.1, 0.0]]))
    inside = [-0.004 - MARGIN / 2, 0.0]
    assert problem(clearance, [inside, inside]) == 'post and blade'
    assert problem(clearance, [[-0.016, 0.0], inside]) == 'post and blade'
    edge = [-0.004 - MARGIN + 5e-5, 0.0]
    assert problem(clearance, [edge, edge]) is None


def test_a_robot_that_begins_in_motion_may_stop_too_near_and_leaves_again():
    way = np.stack([-0.004 - np.linspace(0.02, 0.005, 16), np.zeros(16)], axis=1)
    clearance = blades()
    clearance.reset(way)
    for k in range(14):         # refused on the way, because it would come into the margin
        assert problem(clearance, [way[k], way[k + 1], [-0.0085, 0.0]]) == 'post and blade'
    rest, away = way[-1], [-0.1, 0.0]
    assert problem(clearance, [rest, rest + [2e-4, 0.0]]) == 'post and blade'
    assert clearance.in_the_way(rest, np.array(away)) is None
    assert problem(clearance, [rest, away]) is None
    assert problem(clearance, [away, away]) is None
    assert problem(clearance, [[-0.02, 0.0], way[-2]]) == 'post and blade'


def test_a_boundary_touches_when_it_is_left_by_more_than_what_is_permitted():
    space = {'wall': ((-1.0, 0.0, 0.0), -0.3)}
    clearance = Clearance(Bodies(BLADES, LIMITS.names, space), LIMITS.lower, LIMITS.upper, MARGIN)
    clearance.reset(np.array([[0.2, 0.0]]))
    assert clearance.contact(np.array([0.298 + 1.5e-4, 0.0])) is None
    assert clearance.contact(np.array([0.298 + 2.5e-4, 0.0])) == 'blade and wall'


def test_an_arm_that_is_led_against_a_plane_holds():
    normal = [-0.9168624709909456, -0.14166536009217792, 0.3732212949957852]
    clear = Clearance(Bodies(PINCERS, JOINTS, {'wall': (normal, -0.7)}),
                      [-3.0] * 3, [3.0] * 3, MARGIN)
    joints = JointLimits(JOINTS, [-3] * 3, [3] * 3, [2] * 3, [6] * 3, [60] * 3)
    start = [-0.6372794787085718, -0.658254869001698, 1.4682254666713472]
    bench = Bench(joints, start=start, clearance=clear, jump_tolerance_rad=10.0).engage()
    for _ in range(250):
        bench.hold_chunk([2.2973551089659487, -1.8418718872722173, -0.47974600010415624])
        outcome = bench.tick()
    assert outcome.text == 'holding: collision ahead: left_tip and wall'
