"""
Stopping ramps of constant jerk per tick, which a spline through their states reproduces exactly.

The time-optimal stop (jerk to the acceleration -q, hold it, jerk back to zero) takes phases of any
length. Here each is rounded up to whole ticks and q lowered until the velocity ends at zero again,
so that acceleration is linear and position cubic between two ticks: the quintic that a
joint_trajectory_controller lays through positions, velocities and accelerations is that cubic.
"""
import numpy as np

BLOCK = 64        # ticks that are integrated by one matrix product
SLACK = 1e-6      # of a tick: keeps a phase that fits exactly from being too short by rounding
TINY = 1e-300


class Brake:
    """
    Stopping ramps of several joints, each by itself.

    :param velocity: (J,) the highest that occurs; ``acceleration``, ``jerk`` (J,) limits
    :param period_s: length of a tick
    """

    def __init__(self, velocity, acceleration, jerk, period_s: float):
        self._jerk = jerk
        self._acceleration_unit = 1.0 / (jerk * period_s)
        self._velocity_unit = self._acceleration_unit / period_s
        self._highest = acceleration * self._acceleration_unit
        slowest = velocity / acceleration + 3 * acceleration / jerk
        self.longest = int(np.max(slowest) / period_s) + 8
        self._columns = np.arange(len(jerk))
        self._ticks = np.arange(2.0 * self.longest + 1)[:, None]
        self._effects = _effects(period_s)

    def ramp(self, state: np.ndarray) -> np.ndarray:
        """
        Compute how the joints come to rest.

        :param state: (3, J) position, velocity, acceleration (within its limit) at the start
        :return: (3, N + 1, J) the same tick by tick from the start state on, the last exactly at
            rest, N the ticks of the joint that takes longest. Ramps longer than twice that from
            the highest velocity are cut off: not at rest
        """
        rise, fall, ends = self._plan(state[1], state[2])
        total = ends[2]
        ticks, columns = int(min(total.max(), 2 * self.longest)), self._columns
        changes = np.zeros((ticks + 1, len(total)))  # of jerk, at the ends of the phases
        changes[0] = rise
        first, middle, last = np.minimum(ends, ticks).astype(np.intp)
        changes[first, columns] -= rise
        changes[middle, columns] += fall
        changes[last, columns] -= fall
        rows = self._integrate(state, changes, ticks)
        rows[1:] *= self._ticks[:ticks + 1] < total
        return rows

    def _integrate(self, state, changes, ticks):
        """Return the states (3, ticks + 1, J) that follow from changes of jerk at the ticks."""
        rows = np.empty((3, ticks + 1, len(self._columns)))
        jerk = 0.0
        for k in range(0, max(ticks, 1), BLOCK):
            size = min(BLOCK, ticks - k)
            causes = np.concatenate([state, changes[k:k + size]])
            causes[3:4] += jerk
            rows[:, k:k + size + 1] = self._effects[:, :size + 1, :3 + size] @ causes
            if k + size < ticks:
                state, jerk = rows[:, k + size], causes[3:].sum(axis=0)
        return rows

    def _plan(self, velocity, acceleration):
        """
        Choose the phases of each stop.

        :return: jerk of the first and the last phase (J,); (3, J) ticks at which the phases end
        """
        # In ticks and units of the jerk limit; mirrored so that the motion to stop is forward.
        v, a = velocity * self._velocity_unit, acceleration * self._acceleration_unit
        relax = np.ceil(np.abs(a) + SLACK)
        sign = np.copysign(1.0, v + a * relax / 2)
        v, a = v * sign, a * sign
        peak = np.minimum(np.sqrt(np.maximum(v + a * a / 2, 0.0)), self._highest)
        first, last = np.ceil(a + peak + SLACK), np.ceil(peak + SLACK)
        middle, peak = self._plateau(v, a, first, last)
        steep = a + peak < -first
        if steep.any():  # already braking and all but still: let go first
            first, last = np.where(steep, relax, first), np.where(steep, 1.0, last)
            middle, peak = self._plateau(v, a, first, last)
        unit = self._jerk * sign
        ends = np.array([first, middle, last])
        np.add.accumulate(ends, axis=0, out=ends)
        return -(a + peak) / first * unit, peak / last * unit, ends

    def _plateau(self, v, a, first, last):
        """Return ticks and size of the deceleration between two phases of given ticks."""
        cap = np.minimum(np.minimum(last, first - a), self._highest)
        lost, edges = v + a * first / 2, (first + last) / 2
        middle = np.maximum(np.ceil(lost / np.maximum(cap, TINY) - edges), 0.0)
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
