"""A robot that does exactly what it is told, and an observer that believes nothing."""
import numpy as np
from physai_ros.core.types import BaseChunk, JointChunk, JointState, Odometry
from physai_ros.guard.guard import Guard
from physai_ros.guard.limits import BaseLimits, JointLimits

MS = 1_000_000
TICK = 10 * MS
RELATIVE = 1e-6


def limits(count=2, position=2.0, velocity=2.0, acceleration=8.0, jerk=100.0, prismatic=None):
    """Return limits of joints j0, j1, ... (scalars or arrays)."""
    full = [np.broadcast_to(np.asarray(x, float), (count,))
            for x in (-np.asarray(position), position, velocity, acceleration, jerk)]
    return JointLimits(tuple(f'j{i}' for i in range(count)), *full, prismatic)


def base_limits():
    """Return limits of a base that cannot go sideways."""
    return BaseLimits((0.6, 0.0, 1.5), (1.0, 1.0, 3.0), (8.0, 8.0, 20.0))


def check_twists(twists, limits: BaseLimits, gap_ns=100 * MS):
    """Assert that twists [(stamp, velocity)] keep the limits, where one follows on another."""
    stamps, values = np.array([stamp for stamp, _ in twists]), np.array([v for _, v in twists])
    one = 1 + RELATIVE
    assert np.isfinite(values).all() and (np.abs(values) <= limits.velocity * one).all()
    steps = np.diff(stamps)
    assert (values[1:] == values[:-1])[steps == 0].all()
    new = np.concatenate([[True], steps != 0])
    stamps, values = stamps[new], values[new]
    steps = np.diff(stamps)
    rest = np.abs(values[:-1]).max(axis=1) < 1e-9   # and before: it may set off between two ticks
    steps = np.where(rest & (steps > 0), np.maximum(steps, TICK), steps)
    joined = (steps > 0) & (steps <= gap_ns)    # else it began anew from the measured velocity
    h = np.where(joined, steps, 1)[:, None] / 1e9
    slopes = np.diff(values, axis=0) / h
    assert (np.abs(slopes) <= limits.acceleration * one + 1e-9 / h)[joined].all()
    most = limits.jerk * (h[1:] + h[:-1]) / 2 * one + 2e-9 / h[1:]
    assert (np.abs(np.diff(slopes, axis=0)) <= most)[joined[1:] & joined[:-1]].all()


class Observer:
    """Check every published trajectory by itself and against the one before."""

    def __init__(self, joints: JointLimits, commit_ns=40 * MS, stop_ns=300 * MS):
        self.limits, self.commit_ns, self.stop_ns, self.last = joints, commit_ns, stop_ns, None
        self.checked = 0

    def forget(self):
        """Accept the next trajectory from anywhere: it starts from the measured state."""
        self.last = None

    def check(self, trajectory, now_ns):
        """Assert that a trajectory is sound, within limits at all times, and ends at rest."""
        lim, one = self.limits, 1 + RELATIVE
        p, v, a = trajectory.positions, trajectory.velocities, trajectory.accelerations
        h = np.diff(trajectory.times_ns)[:, None] / 1e9
        assert trajectory.names == lim.names
        assert trajectory.times_ns[0] == 0 and (h > 0).all() and h.max() <= 0.02
        assert now_ns - TICK < trajectory.stamp_ns <= now_ns
        assert trajectory.stamp_ns + trajectory.times_ns[-1] >= now_ns + self.commit_ns
        last = trajectory.stamp_ns + int(trajectory.times_ns[-1])
        assert last <= now_ns + self.commit_ns + self.stop_ns + 2 * TICK
        assert np.isfinite([p, v, a]).all()
        assert not v[-1].any() and not a[-1].any()
        assert (p >= lim.lower - RELATIVE).all() and (p <= lim.upper + RELATIVE).all()
        assert (np.abs(v) <= lim.velocity * one).all()
        assert (np.abs(a) <= lim.acceleration * one).all()
        jerk = np.diff(a, axis=0) / h
        assert (np.abs(jerk) <= lim.jerk * one + 1e-9 / h).all()
        # Constant jerk in between: the controller's spline is this cubic, nothing bulges out.
        assert np.allclose(v[1:], v[:-1] + h * (a[:-1] + a[1:]) / 2, rtol=0, atol=1e-9)
        assert np.allclose(p[1:], p[:-1] + h * v[:-1] + h * h * (2 * a[:-1] + a[1:]) / 6,
                           rtol=0, atol=1e-9)
        turn = a[:-1] * a[1:] < 0
        peak = (v[:-1] - a[:-1] ** 2 / np.where(jerk == 0, 1, jerk) / 2)[turn]
        assert (np.abs(peak) <= (np.zeros_like(jerk) + lim.velocity)[turn] * one).all()
        self._agree(trajectory, now_ns)
        self.last, self.checked = (trajectory, now_ns), self.checked + 1

    def _agree(self, new, now_ns):
        """Assert that the states committed by the last message are in this one, unchanged."""
        if self.last is None:
            return
        old, old_now = self.last
        shift = new.stamp_ns - old.stamp_ns
        ahead = old.times_ns >= min(shift, old.times_ns[-1])
        if not (old.velocities[ahead].any() or old.accelerations[ahead].any()):
            assert np.allclose(new.positions[0], old.positions[-1], rtol=0, atol=RELATIVE)
            promised = new.times_ns <= old_now + self.commit_ns - new.stamp_ns
            assert not new.velocities[promised].any()
            return  # at rest: it may begin anew from there, once the promised time is over
        promised = (old.times_ns >= shift) & (old.times_ns <= old_now + self.commit_ns
                                              - old.stamp_ns)
        at = np.searchsorted(new.times_ns, old.times_ns[promised] - shift)
        assert (new.times_ns[at] == old.times_ns[promised] - shift).all()
        for name in ('positions', 'velocities', 'accelerations'):
            assert np.array_equal(getattr(new, name)[at], getattr(old, name)[promised])


class Bench:
    """A guard with its robot: joints that follow the last trajectory, a base that obeys."""

    def __init__(self, joints=None, base=None, start=None, clearance=None, zones=None,
                 **config):
        from physai_ros.guard.config import GuardConfig
        self.joints, self.config = joints, GuardConfig(**config)
        self.guard = Guard(joints, base, self.config, clearance, zones)
        self.now = 1_000_000_000
        self.observer = None if joints is None else Observer(
            joints, self.config.ns('commit_s'), self.config.ns('stop_time_s'))
        self.position = None if joints is None else np.array(
            np.zeros(len(joints.names)) if start is None else start, dtype=float)
        self.velocity = np.zeros_like(self.position) if joints is not None else None
        self.twist, self.base = np.zeros(3), base
        self.trajectory, self.twists, self.twists_checked = None, [], 0
        self.report, self.publishers = True, 1

    def leap(self, span_ns):
        """
        Set the clock.

        Where it is set back, stamps tell no order of before and after; where it is set forth, the
        joints arrive meanwhile.
        """
        self.now += span_ns
        if span_ns > 0:
            self.move()
        else:
            self.trajectory, self.velocity = None, np.zeros_like(self.velocity)
            self.observer.forget()
            self.check_twists()

    def check_twists(self):
        """Assert that the twists since the last time keep the limits."""
        if len(self.twists) > 1:
            check_twists(self.twists, self.base)
        self.twists_checked += len(self.twists)
        self.twists.clear()

    def states(self):
        """Give the guard what the robot measures now."""
        if self.joints is not None:
            for part in np.array_split(np.arange(len(self.joints.names)), self.publishers):
                self.guard.on_joint_state(JointState(
                    self.now, tuple(self.joints.names[k] for k in part), self.position[part],
                    self.velocity[part]))
        if self.base is not None:
            self.guard.on_odometry(Odometry(self.now, np.zeros(3), np.array([1.0, 0, 0, 0]),
                                            np.array([*self.twist[:2], 0.0]),
                                            np.array([0.0, 0.0, self.twist[2]])))

    def engage(self):
        """Engage with a fresh state."""
        self.states()
        self.guard.engage(self.now)
        return self

    def tick(self, count=1, dt=TICK, hold=''):
        """Let time pass: move the robot, report its state, tick; return the last outcome."""
        for _ in range(count):
            self.now += dt
            self.move()
            if self.report:
                self.states()
            outcome = self.guard.tick(self.now, hold)
            if outcome.trajectory is not None:
                self.observer.check(outcome.trajectory, self.now)
                self.trajectory = outcome.trajectory
            if outcome.twist is not None:
                self.twists.append((outcome.twist.stamp_ns, outcome.twist.velocity))
                self.twist = outcome.twist.velocity
        return outcome

    def put(self, position):
        """Move the joints by other means, and have them reported there (once more by a tick)."""
        self.trajectory, self.velocity = None, np.zeros_like(self.velocity)
        self.position = np.array(position, dtype=float)
        self.states()

    def move(self):
        """Bring the joints to where their controller wants them now."""
        if self.trajectory is not None:
            t = self.trajectory
            when = np.clip(self.now - t.stamp_ns, 0, t.times_ns[-1])
            self.position = np.array([np.interp(when, t.times_ns, c) for c in t.positions.T])
            self.velocity = np.array([np.interp(when, t.times_ns, c) for c in t.velocities.T])

    def chunk(self, positions, names=None, dt=50 * MS, stamp=None):
        """Send joint actions."""
        return self.guard.on_chunk(JointChunk(
            self.now if stamp is None else stamp, dt, names or self.joints.names,
            np.asarray(positions, float)), self.now)

    def hold_chunk(self, position, steps=10, **more):
        """Send the same joint targets, ``steps`` times 50 ms long."""
        return self.chunk(np.tile(np.asarray(position, float), (steps, 1)), **more)

    def twist_chunk(self, twists, dt=50 * MS, stamp=None):
        """Send base actions."""
        return self.guard.on_chunk(BaseChunk(self.now if stamp is None else stamp, dt,
                                             np.asarray(twists, float)), self.now)
