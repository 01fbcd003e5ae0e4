"""
What delay, jitter, loss, doubling and reordering of chunks do to the motion that comes out.

A policy of which everything is known looks as the real one does; its chunks travel as told,
through the real guard, to joints that follow the published trajectories. The first joint is a
*clock*: it is told to be at ``SPEED`` times the time that an action is meant for, so where it is
tells which action is being executed. The others wander, and each chunk contradicts the one before.
"""
from dataclasses import dataclass
import heapq

import numpy as np
from physai_ros.core.types import JointChunk, JointState, NS_PER_S
from physai_ros.evaluation.transit import Transit
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.guard import Guard
from physai_ros.guard.limits import JointLimits
from physai_ros.inference.pace import Pace

TICK_NS, DT_NS, STEPS = 10_000_000, 50_000_000, 20
PERIOD_NS, MARGIN_NS, INFERENCE_NS = 200_000_000, 80_000_000, 30_000_000
SPEED, SWING, DISPUTE = 0.4, 0.3, 0.05
START_NS, SETTLE_NS = NS_PER_S // 2, NS_PER_S
JOINTS = ('clock', 'one', 'two')
LIMITS = JointLimits(JOINTS, np.array([-2.0, -2.0, -2.0]), np.array([1e4, 2.0, 2.0]),
                     np.full(3, 2.0), np.full(3, 8.0), np.full(3, 100.0))


@dataclass
class Outcome:
    """
    What came out of a study; times in seconds.

    ``idle``: ticks without motion although a chunk that had arrived covered them. ``dry``: ticks
    for which no chunk that had arrived had an action. ``late``: ticks at which an action was
    executed later than its time plus one control period; ``worst_late_s``: the greatest lateness.
    ``acceleration``, ``jerk``: the greatest share of the limit, in all that was published.
    ``stale``: chunks that came doubled or were overtaken.
    """

    ticks: int = 0
    idle: int = 0
    dry: int = 0
    late: int = 0
    worst_late_s: float = 0.0
    acceleration: float = 0.0
    jerk: float = 0.0
    chunks: int = 0
    stale: int = 0


def config_for(transit: Transit) -> GuardConfig:
    """
    Return the guard's configuration for such a way.

    Actions are followed for long enough that two chunks in a row may be lost.
    """
    worst_s = transit.delay_s * (1.0 + transit.jitter)
    lossy_s = worst_s + 3 * PERIOD_NS / NS_PER_S + 0.1
    return GuardConfig(
        reference_max_age_s=max(GuardConfig.reference_max_age_s, lossy_s),
        take_up_max_age_s=max(GuardConfig.take_up_max_age_s, worst_s + 0.1),
        jump_tolerance_rad=100.0)  # the clock has gone on when motion is taken up again


def study(transit: Transit, seconds: float, seed=0, config: GuardConfig = None) -> Outcome:
    """
    Let the robot move for a time.

    :param config: of the guard, by default :func:`config_for` this way
    :return: see `Outcome`
    """
    return _Study(transit, seed, config or config_for(transit)).run(round(seconds * NS_PER_S))


class _Study:

    def __init__(self, transit, seed, config):
        self._transit, self._random = transit, np.random.default_rng(seed)
        self._guard = Guard(LIMITS, None, config)
        self._usable_ns = min((STEPS - 1) * DT_NS, config.ns('reference_max_age_s'))
        self._slack_ns = config.ns('commit_s') + 2 * TICK_NS
        self._pace = Pace(PERIOD_NS, DT_NS, self._usable_ns, MARGIN_NS)
        self._way, self._newest_ns, self._settled_ns = [], None, None
        self._trajectory, self._outcome = None, Outcome()

    def run(self, duration_ns):
        for now_ns in range(0, duration_ns, TICK_NS):
            self._measure(now_ns)
            if now_ns == 0:
                self._guard.engage(now_ns)
            if now_ns >= self._pace.due_ns:
                self._look(now_ns)
            while self._way and self._way[0][0] <= now_ns:
                self._deliver(heapq.heappop(self._way)[2], now_ns)
            tick = self._guard.tick(now_ns)
            if tick.state == 'faulted':
                raise self._guard.fault
            self._judge(tick, now_ns)
        self._outcome.stale = self._guard.counters['old_chunks']
        return self._outcome

    def _look(self, now_ns):
        self._pace.looked(now_ns, INFERENCE_NS)
        times = now_ns + np.arange(STEPS) * DT_NS
        rows = np.empty((STEPS, len(JOINTS)))
        rows[:, 0] = SPEED * np.maximum(times - START_NS, 0) / NS_PER_S
        for k in (1, 2):
            rows[:, k] = SWING * np.sin(k * 2.0 * times / NS_PER_S) \
                + DISPUTE * self._random.standard_normal()
        chunk = JointChunk(now_ns, DT_NS, JOINTS, rows)
        for arrival_ns in self._transit.arrivals(now_ns + INFERENCE_NS, self._random):
            heapq.heappush(self._way, (arrival_ns, self._random.random(), chunk))
        self._outcome.chunks += 1

    def _deliver(self, chunk, now_ns):
        refused = self._guard.on_chunk(chunk, now_ns)
        if refused is not None:
            raise refused
        if self._newest_ns is None or chunk.stamp_ns > self._newest_ns:
            self._newest_ns = chunk.stamp_ns

    def _measure(self, now_ns):
        position, velocity = np.zeros(len(JOINTS)), np.zeros(len(JOINTS))
        if self._trajectory is not None:
            position, velocity = _at(self._trajectory, now_ns)
        self._guard.on_joint_state(JointState(now_ns, JOINTS, position, velocity))

    def _judge(self, tick, now_ns):
        """Compare what is published with what it should be."""
        outcome, trajectory = self._outcome, tick.trajectory
        if trajectory is not None:
            self._trajectory = trajectory
            seconds = np.diff(trajectory.times_ns)[:, None] / NS_PER_S
            jerk = np.abs(np.diff(trajectory.accelerations, axis=0) / seconds)
            outcome.jerk = max(outcome.jerk, float((jerk / LIMITS.jerk).max(initial=0.0)))
            outcome.acceleration = max(outcome.acceleration, float(
                (np.abs(trajectory.accelerations) / LIMITS.acceleration).max()))
        if self._newest_ns is None:
            return
        outcome.ticks += 1
        if tick.state == 'holding':
            covered = now_ns - self._newest_ns < self._usable_ns - self._slack_ns
            outcome.idle += covered
            outcome.dry += not covered
            self._settled_ns = None
            return
        if self._settled_ns is None:
            self._settled_ns = now_ns + SETTLE_NS
        if now_ns > max(self._settled_ns, START_NS + SETTLE_NS):
            clock_s = _at(self._trajectory, now_ns)[0][0] / SPEED
            late_s = float((now_ns - START_NS) / NS_PER_S - clock_s)
            outcome.worst_late_s = max(outcome.worst_late_s, late_s)
            outcome.late += late_s > TICK_NS / NS_PER_S


def _at(trajectory, now_ns):
    when = np.clip(now_ns - trajectory.stamp_ns, 0, trajectory.times_ns[-1])
    return tuple(np.array([np.interp(when, trajectory.times_ns, column) for column in rows.T])
                 for rows in (trajectory.positions, trajectory.velocities))
