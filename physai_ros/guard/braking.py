"""
Stopping ramps of constant jerk per tick, which a spline through their states reproduces exactly.

The time-optimal stop (jerk to the acceleration -q, hold it, jerk back to zero) takes phases of any
length. Here each is rounded up to whole ticks and q lowered until the velocity ends at zero again,
so that acceleration is linear and position cubic between two ticks: the quintic that a
joint_trajectory_controller lays through positions, velocities and accelerations is that cubic.
"""
import numpy as np

SLACK = 1e-6      # of a tick: keeps a phase that fits exactly from being too short by rounding
TINY = 1e-300


class Brake:
    """
    Stopping ramps of several joints, each by itself.

    :param velocity: (J,) the highest that occurs; ``acceleration``, ``jerk`` (J,) limits
    :param period_s: length of a tick
    """

    def __init__(self, velocity, acceleration, jerk, period_s: float):
        self._h, self._acceleration, self._step = period_s, acceleration, jerk * period_s
        self._inverse = 1.0 / self._step
        self._jerk = jerk
        slowest = velocity / acceleration + 3 * acceleration / jerk
        self.longest = int(np.max(slowest) / period_s) + 8
        self._ticks = np.arange(2.0 * self.longest)[:, None]
        self._rows = np.empty((3, 2 * self.longest, len(jerk)))

    def ramp(self, state: np.ndarray) -> np.ndarray:
        """
        Compute how the joints come to rest.

        :param state: (3, J) position, velocity, acceleration (within its limit) at the start
        :return: (3, N + 1, J) the same tick by tick from the start state on, the last exactly at
            rest, N the ticks of the joint that takes longest; overwritten by the next call. Ramps
            longer than twice that from the highest velocity are cut off: not at rest
        """
        h = self._h
        sign, first, middle, last, peak = self._plan(state[1], state[2])
        total = first + middle + last
        total *= (state[1] != 0.0) | (state[2] != 0.0)
        count = int(min(total.max(), self._rows.shape[1] - 1)) + 1
        n, (p, v, a) = self._ticks[:count], self._rows[:, :count]
        start = state[2] * sign
        tail = np.minimum((n - total) * (peak / last), 0.0)
        falling = start - n * ((start + peak) / first)
        np.multiply(np.where(n < first, falling, np.maximum(tail, -peak)), sign, out=a)
        a *= n < total
        a[0], v[0], p[0] = state[2], state[1], state[0]
        np.multiply(a[1:] + a[:-1], h / 2, out=v[1:])
        np.cumsum(v, axis=0, out=v)
        v *= n < total
        np.multiply(v[:-1] + (a[:-1] + a[1:] / 2) * (h / 3), h, out=p[1:])
        np.cumsum(p, axis=0, out=p)
        return self._rows[:, :count]

    def _plan(self, velocity, acceleration):
        """Return direction, ticks of the three phases and size of the deceleration (J,)."""
        relax = np.ceil(np.abs(acceleration) * self._inverse + SLACK)
        forward = velocity + acceleration * relax * (self._h / 2)
        sign = np.where(forward < 0, -1.0, 1.0)
        v, a = velocity * sign, acceleration * sign
        peak = np.sqrt(np.maximum(self._jerk * v + a * a / 2, 0.0))
        peak = np.minimum(peak, self._acceleration)
        first = np.ceil((a + peak) * self._inverse + SLACK)
        last = np.ceil(peak * self._inverse + SLACK)
        middle, peak = self._plateau(v, a, first, last)
        steep = a + peak < -first * self._step
        if steep.any():  # already braking and all but still: let go first
            first, last = np.where(steep, relax, first), np.where(steep, 1.0, last)
            middle, peak = self._plateau(v, a, first, last)
        return sign, first, middle, last, peak

    def _plateau(self, v, a, first, last):
        """Return ticks and size of the deceleration between two phases of given ticks."""
        cap = np.minimum(np.minimum(last * self._step, first * self._step - a),
                         self._acceleration)
        lost, edges = v / self._h + a * first / 2, (first + last) / 2
        middle = np.maximum(np.ceil(lost / np.maximum(cap, TINY) - edges), 0.0)
        return middle, lost / (middle + edges)


def stopping_speed(distance, acceleration, jerk):
    """
    Return a speed (J,) from which a joint stops within a distance (J,) >= 0.

    A stop from v takes v^2/(2a) + v a/(2j) (and less below a^2/j, where a is not reached).
    """
    half_knee = acceleration * acceleration / jerk / 2
    return np.sqrt(half_knee * half_knee + 2 * acceleration * distance) - half_knee
