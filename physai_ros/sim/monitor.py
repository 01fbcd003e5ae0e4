"""
Count what a robot is commanded beyond its limits, independently of the guard.

The numbers are those of an impartial observer at the controller's output. Tolerances: velocity
2 %, acceleration 5 % and 0.02 of the velocity limit in one step (a controller that starts from the
measured state shifts the reference by its tracking error), jerk 50 % as the mean over 10 ms (a
quintic through exact states at 100 Hz overshoots between them). A jump of the position counts
unless it leads to where the joint is measured: that moves nothing. A violation is an episode: it
ends after 0.1 s without one, and each kind counts for itself.
"""
from collections import deque
from typing import Dict, Sequence

import numpy as np
from physai_ros.core.types import NS_PER_S

BLOCK = 50                # samples of one check: 0.1 s at 500 Hz
JERK_SAMPLES = 5          # window of the mean jerk: 10 ms at 500 Hz
POSITION_TOLERANCE = 1e-3             # rad or m
JUMP_TOLERANCE = (5e-3, 0.01)         # share of the velocity limit (s), and least (rad or m)
BASE_WINDOW_NS = 50_000_000
BASE_JITTER_NS = 4_000_000
BASE_PERIOD_NS = 10_000_000
TIMEOUT_NS = 500_000_000


class JointMonitor:
    """
    Check the reference of a joint controller at every physics step.

    :param lower: positions (J,) in rad or m; ``upper``, ``velocity``, ``acceleration`` and
        ``jerk`` alike
    :param dt: time between two samples, s
    """

    KINDS = ('position', 'velocity', 'acceleration', 'jerk', 'jump')

    def __init__(self, lower, upper, velocity, acceleration, jerk, dt: float):
        self._lower = np.asarray(lower) - POSITION_TOLERANCE
        self._upper = np.asarray(upper) + POSITION_TOLERANCE
        self._velocity, self._acceleration, self._jerk = (
            np.asarray(x, float) for x in (velocity, acceleration, jerk))
        self._dt = dt
        self.reset()

    def reset(self):
        """Forget what was seen and counted."""
        self.episodes = dict.fromkeys(self.KINDS, 0)
        self.forget(0)

    def forget(self, samples: int = BLOCK):
        """Go on after so many samples: until then the reference makes up for lost time."""
        self._samples, self._skip = [], samples
        self._active = np.zeros(len(self.KINDS), bool)

    def sample(self, position, velocity, acceleration, measured):
        """Note one reference and the position measured with it, each (J,)."""
        if self._skip:
            self._skip -= 1
            return
        self._samples.append((position, velocity, acceleration, measured))
        if len(self._samples) == BLOCK + JERK_SAMPLES:
            self._check()

    def counts(self) -> Dict[str, int]:
        """Return the number of episodes up to now, by kind."""
        if len(self._samples) > JERK_SAMPLES:
            self._check()
        return self.episodes

    def _check(self):
        p, v, a, measured = np.array(self._samples).transpose(1, 0, 2)
        dt, step = self._dt, 0.02 * self._velocity
        slack = np.maximum(JUMP_TOLERANCE[0] * self._velocity, JUMP_TOLERANCE[1])
        speed_step = self._acceleration * 1.05 * dt + step
        mean_jerk = (a[JERK_SAMPLES:] - a[:-JERK_SAMPLES]) / (JERK_SAMPLES * dt)
        moved = np.diff(p, axis=0) - (v[1:] + v[:-1]) * (dt / 2)
        found = np.array([
            np.any((p < self._lower) | (p > self._upper)),
            np.any(np.abs(v) > 1.02 * self._velocity),
            np.any(np.abs(a) > 1.05 * self._acceleration)
            or np.any(np.abs(np.diff(v, axis=0)) > speed_step),
            np.any(np.abs(mean_jerk) > 1.5 * self._jerk),
            np.any((np.abs(moved) > slack) & (np.abs(p - measured)[1:] > slack))])
        for kind, new in zip(self.KINDS, found & ~self._active):
            self.episodes[kind] += int(new)
        self._active = found
        self._samples = self._samples[-JERK_SAMPLES:]


class BaseMonitor:
    """
    Check the steps from one ``cmd_vel`` to the next.

    Silence of 0.5 s counts as a command of zero. Acceleration and jerk are means over 50 ms, for
    which messages may arrive 4 ms early or late.

    :param velocity: (3,) for linear x, linear y, angular z; ``acceleration``, ``jerk`` alike
    """

    KINDS = ('velocity', 'acceleration', 'jerk')

    def __init__(self, velocity: Sequence[float], acceleration: Sequence[float],
                 jerk: Sequence[float]):
        self._velocity, self._acceleration, self._jerk = (
            np.asarray(x, float) for x in (velocity, acceleration, jerk))
        self.reset()

    def reset(self):
        """Forget what was seen and counted."""
        self.episodes = dict.fromkeys(self.KINDS, 0)
        self._seen = deque()
        self._last_ns = {}

    def counts(self) -> Dict[str, int]:
        """Return the number of episodes up to now, by kind."""
        return self.episodes

    def sample(self, stamp_ns: int, velocity: np.ndarray):
        """Note one command (3,) of a time; after a clock that was set back it comes next."""
        if self._seen and stamp_ns < self._seen[-1][0] - 2 * BASE_WINDOW_NS:
            self.age(self._seen[-1][0] - stamp_ns + BASE_PERIOD_NS)
        if not self._seen or stamp_ns - self._seen[-1][0] > TIMEOUT_NS:
            self._seen.clear()
            for age in (3, 2, 1):
                self._seen.append((stamp_ns - age * BASE_WINDOW_NS, np.zeros(3)))
        self._seen.append((stamp_ns, np.array(velocity, float)))
        while self._seen[1][0] <= stamp_ns - 2 * BASE_WINDOW_NS - BASE_JITTER_NS:
            self._seen.popleft()
        middle = self._at(stamp_ns - BASE_WINDOW_NS)
        first = self._at(stamp_ns - 2 * BASE_WINDOW_NS)
        window = BASE_WINDOW_NS / NS_PER_S
        slack = self._acceleration * (BASE_JITTER_NS / NS_PER_S)
        change = velocity - middle
        bend = change - (middle - first)
        self._note('velocity', stamp_ns, np.abs(velocity) > 1.02 * self._velocity + 1e-6)
        self._note('acceleration', stamp_ns,
                   np.abs(change) > 1.05 * self._acceleration * window + slack)
        self._note('jerk', stamp_ns, np.abs(bend) > 1.5 * self._jerk * window ** 2 + 2 * slack)

    def age(self, span_ns: int):
        """Take what was seen as so much older."""
        self._seen = deque((at_ns - span_ns, v) for at_ns, v in self._seen)
        self._last_ns = {kind: at_ns - span_ns for kind, at_ns in self._last_ns.items()}

    def _at(self, t_ns):
        """Return the command at a time, interpolated between the messages."""
        before = self._seen[0]
        for after in self._seen:
            if after[0] >= t_ns:
                break
            before = after
        span = after[0] - before[0]
        share = (t_ns - before[0]) / span if span > 0 else 1.0
        return before[1] + (after[1] - before[1]) * min(max(share, 0.0), 1.0)

    def _note(self, kind, stamp_ns, violated):
        if not np.any(violated):
            return
        if stamp_ns - self._last_ns.get(kind, -NS_PER_S) > NS_PER_S // 10:
            self.episodes[kind] += 1
        self._last_ns[kind] = stamp_ns
