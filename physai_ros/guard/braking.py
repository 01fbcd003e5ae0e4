"""
Stopping ramps of constant jerk per tick, which a spline through their states reproduces exactly.

The time-optimal stop (jerk to the acceleration -q, hold it, jerk back to zero) takes phases of any
length. Here each is rounded up to whole ticks and q lowered until the velocity ends at zero again,
so that acceleration is linear and position cubic between two ticks: the quintic that a
joint_trajectory_controller lays through positions, velocities and accelerations is that cubic.
"""
from array import array
from math import ceil, sqrt

import numpy as np

BLOCK = 64        # ticks that are integrated by one matrix product
SLACK = 1e-6      # of a tick: keeps a phase that fits exactly from being too short by rounding
LONGEST = 10 ** 9    # ticks; longer phases are cut off anyway


class Brake:
    """
    Stopping ramps of several joints, each by itself.

    :param velocity: (J,) the highest that occurs; ``acceleration``, ``jerk`` (J,) limits
    :param period_s: length of a tick
    """

    def __init__(self, velocity, acceleration, jerk, period_s: float):
        # In ticks and units of the jerk limit.
        unit = 1.0 / (np.asarray(jerk) * period_s)
        self._jerks = jerk.tolist()
        self._units = list(zip((unit / period_s).tolist(), unit.tolist(),
                               (acceleration * unit).tolist()))
        slowest = velocity / acceleration + 3 * acceleration / jerk
        self.longest = int(np.max(slowest) / period_s) + 8
        self._effects = _effects(period_s)

    def ramp(self, state: np.ndarray) -> np.ndarray:
        """
        Compute how the joints come to rest.

        :param state: (3, J) position, velocity, acceleration (within its limit) at the start
        :return: (3, N + 1, J) the same tick by tick from the start state on, the last exactly at
            rest, N the ticks of the joint that takes longest. Ramps longer than twice that from
            the highest velocity are cut off: not at rest
        """
        _, velocity, acceleration = state.tolist()
        phases = [_phases(v * v_unit, a * a_unit, highest) for (v_unit, a_unit, highest), v, a
                  in zip(self._units, velocity, acceleration)]
        ticks = max([phase[-1] for phase in phases])
        if ticks > 2 * self.longest:
            return self._cut_off(state, phases)
        rows = self._integrate(self._causes(state, phases, ticks), ticks)
        rows[1:, -1] = 0.0
        return rows

    def _cut_off(self, state, phases):
        """Return the first ticks of a ramp that is too long."""
        ticks = 2 * self.longest
        cut = [(rise, fall, *(min(end, ticks + 1) for end in ends))
               for rise, fall, *ends in phases]
        rows = self._integrate(self._causes(state, cut, ticks), ticks)
        rows[1:, -1] *= [phase[-1] > ticks for phase in phases]
        return rows

    def _causes(self, state, phases, ticks):
        """Return (5 + ticks, J): the start state, then the changes of jerk at each tick."""
        count = state.shape[1]
        cells, at = array('d', bytes(8 * (5 + ticks) * count)), 3 * count
        for (rise, fall, first, middle, last), jerk in zip(phases, self._jerks):
            rise, fall = rise * jerk, fall * jerk
            cells[at] = rise
            cells[at + first * count] -= rise
            cells[at + middle * count] += fall
            cells[at + last * count] -= fall
            at += 1
        causes = np.frombuffer(cells).reshape(-1, count)
        causes[:3] = state
        return causes

    def _integrate(self, causes, ticks):
        """Return the states (3, ticks + 1, J) that follow from a state and changes of jerk."""
        if ticks <= BLOCK:
            return self._effects[:, :ticks + 1, :3 + ticks] @ causes[:3 + ticks]
        rows, state, jerk = np.empty((3, ticks + 1, causes.shape[1])), causes[:3], 0.0
        for k in range(0, ticks, BLOCK):
            size = min(BLOCK, ticks - k)
            block = np.concatenate([state, causes[3 + k:3 + k + size]])
            block[3] += jerk
            rows[:, k:k + size + 1] = self._effects[:, :size + 1, :3 + size] @ block
            state, jerk = rows[:, k + size], block[3:].sum(axis=0)
        return rows


def _phases(v, a, highest):
    """
    Choose the phases of a stop, in ticks and units of the jerk limit.

    :return: jerk of the first and of the last phase; whole ticks at which the phases end
    """
    relax = ceil((a if a > 0.0 else -a) + SLACK)
    sign = 1.0 if v + a * relax / 2 >= 0.0 else -1.0  # mirrored: the motion to stop is forward
    v, a = v * sign, a * sign
    peak = v + a * a / 2
    peak = sqrt(peak) if peak > 0.0 else 0.0
    peak = peak if peak < highest else highest
    first, last = ceil(a + peak + SLACK), ceil(peak + SLACK)
    middle, peak = _plateau(v, a, first, last, highest)
    if a + peak < -first:  # already braking and all but still: let go first
        first, last = relax, 1
        middle, peak = _plateau(v, a, first, last, highest)
    middle += first
    return -(a + peak) / first * sign, peak / last * sign, first, middle, middle + last


def _plateau(v, a, first, last, highest):
    """Return ticks and size of the deceleration between two phases of given ticks."""
    cap = last if last < first - a else first - a
    cap = cap if cap < highest else highest
    lost, edges = v + a * first / 2, (first + last) / 2
    if lost <= cap * edges:
        return 0, lost / edges
    middle = ceil(lost / cap - edges) if lost < cap * LONGEST else LONGEST
    return middle, lost / (middle + edges)


def _effects(period_s):
    """Return (3, BLOCK + 1, 3 + BLOCK): what start state and changes of jerk do to each tick."""
    t = period_s * np.arange(BLOCK + 1)
    since = np.maximum(t[:, None] - t[:-1], 0.0)
    zero, one = np.zeros(len(t)), np.ones(len(t))
    return np.stack([np.column_stack([one, t, t * t / 2, since ** 3 / 6]),
                     np.column_stack([zero, one, t, since ** 2 / 2]),
                     np.column_stack([zero, zero, one, since])])


def stopping_speed(distance, acceleration, jerk):
    """
    Return a speed (J,) from which a joint stops within a distance (J,) >= 0.

    A stop from v takes v^2/(2a) + v a/(2j) (and less below a^2/j, where a is not reached).
    """
    half_knee = acceleration * acceleration / jerk / 2
    return np.sqrt(half_knee * half_knee + 2 * acceleration * distance) - half_knee


def speed_stopped_within(time_s, acceleration, jerk):
    """
    Return the speed (J,) up to which a joint stops within a time, whatever its acceleration.

    The slowest case lets go of the full acceleration first, for a/j, while it reaches that speed.
    From there it takes v/a + a/j, or 2 sqrt(v/j) where a is not reached.
    """
    left = np.maximum(time_s - acceleration / jerk, 0.0)
    reached = acceleration * (left - acceleration / jerk)
    return np.where(left > 2 * acceleration / jerk, reached, jerk * left * left / 4)
