"""Chosen frames keep to their speed, over everything that is published."""
from guard_bench import Bench, limits
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.build import parts
from physai_ros.guard.frame_speed import FrameSpeed
from physai_ros.robots import load_profile, parse
import pytest
from test_guard_collision import JOINTS, PINCERS

LIMIT = 0.25


def slow(start, **more):
    """Return a bench whose tip may move at 0.25 m/s, and what measures it."""
    lim = limits(3, 3.0, **more)
    object.__setattr__(lim, 'names', JOINTS)
    bench = Bench(lim, start=start, jump_tolerance_rad=4.0)
    speed = FrameSpeed(Bodies(PINCERS, JOINTS, {}), ('left_tip', 'right'), LIMIT)
    bench.guard._arm.shaper._frame_speed = speed
    return bench, Bodies(PINCERS, JOINTS, {})


def speeds(bodies, trajectory):
    """Return how fast the tip moves at the states of a trajectory and between them."""
    frame, h = bodies.frame('left_tip'), 0.01
    p, v, a = trajectory.positions, trajectory.velocities, trajectory.accelerations
    jerk = np.diff(a, axis=0) / h
    p, v, a = p[:-1], v[:-1], a[:-1]
    times = (0.0, 0.25 * h, 0.5 * h, 0.8 * h)
    states = [(p + t * v + t * t / 2 * a + t ** 3 / 6 * jerk, v + t * a + t * t / 2 * jerk)
              for t in times]
    return [np.linalg.norm(bodies.jacobian(frame, x) @ dx)
            for positions, velocities in states for x, dx in zip(positions, velocities)]


def test_a_fast_reference_is_followed_slowly():
    bench, bodies = slow([0.0, 0.0, 0.0])
    bench.engage()
    top = []
    for _ in range(400):
        bench.hold_chunk([1.0, -1.0, 0.5])
        top.append(max(speeds(bodies, bench.tick().trajectory)))
    assert bench.position == pytest.approx([1.0, -1.0, 0.5], abs=1e-2)
    assert 0.8 * LIMIT < max(top) <= LIMIT


@pytest.mark.parametrize('more', [{}, {'acceleration': 20.0, 'jerk': 3000.0}])
def test_whatever_is_asked_for_the_speed_is_kept(more):
    rng, (bench, bodies) = np.random.default_rng(3), slow([0.0, 0.0, 0.0], **more)
    bench.engage()
    for _ in range(40):
        bench.hold_chunk(rng.uniform(-2.5, 2.5, 3))
        for _ in range(8):
            assert max(speeds(bodies, bench.tick().trajectory)) <= LIMIT
    assert bench.guard.fault is None


@pytest.mark.parametrize('peak, over', [(2.0, False), (20.0, True)])
def test_what_is_faster_between_two_states_than_at_them_counts(peak, over):
    speed = FrameSpeed(Bodies(PINCERS, JOINTS, {}), ('left_tip',), LIMIT)
    rows = np.zeros((3, 2, 3))
    rows[1, :, 0] = 0.245 / 0.41                # m/s at the tip, at both
    rows[2, :, 0] = peak, -peak
    assert speed.exceeded(rows, 0.01) is over


def test_the_reference_arm_has_a_collaborative_mode():
    profile = load_profile('honda_style')
    description = parse(profile.description())
    assert parts(description, profile)['frame_speed'] is None
    found = parts(description, profile, collaborative=True)['frame_speed']
    assert found.limit == LIMIT
    assert {f'{side}_{part}' for side in ('left', 'right') for part in (
        'elbow_link', 'wrist_pitch_link', 'gripper_link', 'gripper_mimic_link', 'tcp')
            } == set(profile.arm.frame_speed.frames)
    bare = profile.model_copy(update={'arm': profile.arm.model_copy(update={'frame_speed': None})})
    with pytest.raises(ConfigError, match='arm.frame_speed'):
        parts(description, bare, collaborative=True)


def test_a_base_is_slow_in_collaborative_mode():
    profile = load_profile('sony_style')
    free, slow = (parts(parse(profile.description()), profile, mode)['base'].velocity
                  for mode in (False, True))
    assert np.hypot(*free[:2]) > LIMIT and np.hypot(*slow[:2]) == pytest.approx(LIMIT)
    assert slow / free == pytest.approx([slow[0] / free[0]] * 3)


def test_a_base_under_an_arm_has_no_collaborative_mode():
    arm, base = load_profile('honda_style'), load_profile('sony_style').base
    both = arm.model_copy(update={'base': base})
    with pytest.raises(ConfigError, match='base is .* carries an arm'):
        parts(parse(arm.description()), both, collaborative=True)


def test_a_frame_must_exist():
    with pytest.raises(ConfigError, match='nose'):
        FrameSpeed(Bodies(PINCERS, JOINTS, {}), ('nose',), LIMIT)
