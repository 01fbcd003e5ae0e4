"""How long one tick of the guard takes, for an arm that moves, collisions looked ahead."""
import time
from typing import Iterator

import numpy as np
from physai_ros.bench.figure import Figure, summary
from physai_ros.core.types import JointChunk, JointState, NS_PER_S
from physai_ros.guard.build import parts
from physai_ros.guard.guard import Guard
from physai_ros.robots import load_profile, parse

PROFILE = 'honda_style'
TICK_NS, DT_NS, STEPS, CHUNK_EVERY = 10_000_000, 50_000_000, 20, 20
SWING, NOISE = 0.15, 0.002      # rad


def measure(quick: bool) -> Iterator[Figure]:
    """Measure two arms of seven joints that swing: smoothly, and with noise as from policies."""
    yield _figure('guard_tick', 0.0, quick, {'p50': 150.0, 'p99': 600.0})
    yield _figure('guard_tick.rough', NOISE, quick, {})


def _figure(name, noise, quick, bounds) -> Figure:
    profile = _arms_alone(load_profile(PROFILE))
    made = parts(parse(profile.description()), profile)
    guard, names = Guard(**made), made['joints'].names
    random = np.random.default_rng(0)
    home = pose = np.array([profile.arm.home[name] for name in names])
    took_us = []
    for k in range(500 if quick else 20_000):
        now_ns = NS_PER_S + k * TICK_NS
        if k % CHUNK_EVERY == 0:
            times = now_ns + np.arange(STEPS) * DT_NS
            rows = home + SWING * np.sin((times[:, None] - NS_PER_S) / NS_PER_S)
            rows += random.normal(0.0, noise, rows.shape)
            guard.on_chunk(JointChunk(now_ns, DT_NS, names, rows), now_ns)
        guard.on_joint_state(JointState(now_ns, names, pose, np.zeros(len(names))))
        if k == 0:
            guard.engage(now_ns)
        start_ns = time.perf_counter_ns()
        tick = guard.tick(now_ns)
        took_us.append((time.perf_counter_ns() - start_ns) * 1e-3)
        if tick.trajectory is not None:
            pose = tick.trajectory.positions[0]
    return summary(name, 'us', took_us, at_most=bounds,
                   joints=len(names), state=tick.state, reason=tick.reason)


def _arms_alone(profile):
    """Return a profile without grippers and head."""
    joints = tuple(name for name in profile.arm.joints
                   if 'gripper' not in name and 'head' not in name)
    return profile.model_copy(update={'arm': profile.arm.model_copy(update={
        'joints': joints, 'home': {name: profile.arm.home[name] for name in joints}})})
