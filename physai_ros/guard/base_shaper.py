"""The commanded base velocity: per axis within velocity, acceleration and jerk, by Ruckig."""
from typing import Callable, Optional

import numpy as np
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.braking import Brake
from physai_ros.guard.limits import AXES, BaseLimits
from ruckig import (
    ControlInterface, InputParameter, Ruckig, RuckigError, Synchronization, Trajectory)

ROUNDING = 1e-9
KNOWN = 1e-12     # a velocity that is as near is the same


class BaseShaper:
    """
    One base velocity per control period, each reachable from the one before.

    :param limits: what every published velocity, and its differences, stay within
    :param period_ns: control period
    """

    def __init__(self, limits: BaseLimits, period_ns: int):
        self.period_ns, self._h = period_ns, period_ns / NS_PER_S
        self._limits = limits
        self._brake = Brake(limits.velocity, limits.acceleration, limits.jerk, self._h)
        self._ruckig, self._motion = Ruckig(len(AXES)), Trajectory(len(AXES))
        self._input = InputParameter(len(AXES))
        self._input.control_interface = ControlInterface.Velocity
        self._input.synchronization = Synchronization.No
        self._input.max_acceleration = limits.acceleration.tolist()
        self._input.max_jerk = limits.jerk.tolist()
        self.time_ns, self.failed, self.barred, self._stop = 0, 0, 0, None
        self.velocity, self.acceleration = np.zeros(len(AXES)), np.zeros(len(AXES))

    @property
    def at_rest(self) -> bool:
        """Return whether the commanded velocity is zero and stays so."""
        return not (self.velocity.any() or self.acceleration.any())

    def start(self, now_ns: int, velocity: np.ndarray):
        """Begin at a velocity (3,), reduced to the limits, with no acceleration."""
        top = self._limits.velocity
        self.time_ns, self._stop = now_ns, None
        self.velocity, self.acceleration = np.clip(velocity, -top, top), np.zeros(len(AXES))

    def correct(self, velocity: np.ndarray, steps: int):
        """
        Have another velocity (3,) than the one that the last steps led to.

        Their jerk was right, what they began with was not: that tells the acceleration.
        """
        missed = velocity - self.velocity
        if steps and np.abs(missed).max() > KNOWN:
            top, most, self._stop = self._limits.velocity, self._limits.acceleration, None
            acceleration = np.clip(self.acceleration + missed / (steps * self._h), -most, most)
            self.acceleration = np.where(np.abs(velocity) > top, 0.0, acceleration)
            self.velocity = np.clip(velocity, -top, top)

    def step(self, target: np.ndarray, clear: Optional[Callable[[np.ndarray], bool]] = None):
        """
        Go one control period on, towards a velocity (3,).

        :param clear: function that tells whether velocities (N, 3) may be driven, tick by tick:
            those of the way to rest from the next one on. Where they may not, the next one is that
            of the stop that was clear before; None: any may
        """
        top = self._limits.velocity
        goal = np.minimum(np.maximum(target, -top), top)
        velocity, acceleration = self._plan(goal)
        sound = self._sound(velocity, acceleration)
        if sound and clear is not None:
            way = self._way(velocity, acceleration)[0]
            excess = np.abs(way).max(axis=0) - top
            if np.count_nonzero(excess > ROUNDING):
                # A stop lets go of the acceleration in whole ticks: begin with that earlier.
                most = np.maximum(np.abs(self.velocity), top - 2 * np.maximum(excess, 0.0))
                velocity, acceleration = self._plan(np.minimum(np.maximum(goal, -most), most))
                sound = self._sound(velocity, acceleration)
                way = self._way(velocity, acceleration)[0] if sound else way
                sound = sound and not np.count_nonzero(np.abs(way) > top + ROUNDING)
        self.failed += not sound
        if sound and clear is not None and not clear(way):
            self.barred, sound = self.barred + 1, False
        if sound:
            self._stop = None
        else:
            velocity, acceleration = self._next_of_stop()
        # Ruckig leaves a velocity of 1e-35 as it is, for ever.
        still = ((target == 0.0) & (np.abs(velocity) <= ROUNDING)
                 & (np.abs(acceleration) <= ROUNDING))
        self.velocity = np.where(still, 0.0, velocity)
        self.acceleration = np.where(still, 0.0, acceleration)
        self.time_ns += self.period_ns

    def _plan(self, goal):
        """Return velocity and acceleration (3,) one period on, NaN without a plan."""
        motion = self._input
        motion.current_velocity = self.velocity.tolist()
        motion.current_acceleration = self.acceleration.tolist()
        motion.target_velocity = goal.tolist()
        try:
            self._ruckig.calculate(motion, self._motion)
            _, velocity, acceleration = np.array(self._motion.at_time(self._h))
        except (RuckigError, ValueError):  # ValueError: a result that its bindings do not know
            velocity = acceleration = np.full(len(AXES), np.nan)
        return velocity, acceleration

    def _next_of_stop(self):
        """Go on with the stop that the last sound state began."""
        if self._stop is None:
            self._stop = list(self._way(self.velocity, self.acceleration).transpose(1, 0, 2))
        if len(self._stop) > 1:
            del self._stop[0]
        return self._stop[0]

    def _way(self, velocity, acceleration):
        """Return velocities and accelerations (2, N, 3) from a state to rest, tick by tick."""
        return self._brake.ramp(np.stack([velocity, velocity, acceleration]))[1:]

    def _sound(self, velocity, acceleration):
        limits, more = self._limits, 1 + ROUNDING
        change, bend = velocity - self.velocity, acceleration - self.acceleration
        return bool(((np.abs(velocity) <= limits.velocity * more + ROUNDING)
                     & (np.abs(acceleration) <= limits.acceleration * more)
                     & (np.abs(change) <= limits.acceleration * (self._h * more) + ROUNDING)
                     & (np.abs(bend) <= limits.jerk * (self._h * more) + ROUNDING)).all())
