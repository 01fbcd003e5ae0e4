"""What the plan of the joints stays within at every tick, so that it does so in between too."""
import numpy as np
from physai_ros.guard.braking import speed_stopped_within
from physai_ros.guard.limits import JointLimits

VELOCITY_SHARE = 0.98   # of the highest velocity: the rest lets whole ticks follow free switching
ROUNDING = 1e-9
ROUNDED_TICKS = 3       # phases of a stop are rounded up to whole ticks


class JointBounds:
    """
    Limits (J,) with what a cubic can do between two ticks taken off.

    ``least``, ``most`` (2, J): positions and velocities that a plan stays within; ``soft_lower``,
    ``soft_upper``: positions that targets stay within; ``top``: the speed that is planned with;
    ``half_knee``: half the speed from which on a stop reaches ``acceleration``.
    """

    def __init__(self, limits: JointLimits, margin, period_s, stop_s):
        span, stop_s = limits.upper - limits.lower, stop_s - ROUNDED_TICKS * period_s
        self.acceleration = np.minimum.reduce([
            limits.acceleration, np.sqrt(limits.jerk * limits.velocity), limits.jerk * stop_s / 4,
            limits.velocity / period_s / 2, 2 * span / period_s ** 2])
        self.jerk = np.minimum(limits.jerk, 2 * self.acceleration / period_s)
        self.velocity = limits.velocity - np.minimum(self.jerk * period_s / 8,
                                                     self.acceleration / 4) * period_s
        self.velocity = np.minimum(self.velocity, speed_stopped_within(
            stop_s, self.acceleration, self.jerk))
        inside = self.acceleration * period_s ** 2 / 8
        self.lower, self.upper = limits.lower + inside, limits.upper - inside
        margin = np.minimum(margin, span / 4)
        self.soft_lower = np.maximum(limits.lower + margin, self.lower)
        self.soft_upper = np.minimum(limits.upper - margin, self.upper)
        self.least = np.array([self.lower - ROUNDING, -self.velocity])
        self.most = np.array([self.upper + ROUNDING, self.velocity])
        self.top = self.velocity * VELOCITY_SHARE
        self.half_knee = self.acceleration * self.acceleration / self.jerk / 2
