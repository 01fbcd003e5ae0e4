"""
What the joints aim at, tick by tick: the reference inside the soft limits, as a moving frame.

It does not depend on where the joints are, so it is worked out for several ticks together.
"""
from typing import Optional

import numpy as np
from physai_ros.core.stitching import JointReference, JointTargets
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.bounds import JointBounds

TICKS = 64              # that are worked out together
VELOCITY_SHARE = 0.9    # of what can be stopped before the limit: the fastest that a frame moves


class Aims:
    """
    The aims for N times: each a frame that moves with its target for one tick.

    ``position`` (N, J) of the targets, ``drift`` (N, J) velocity of the frames; ``lowest``,
    ``highest`` (N, J): velocities in them that keep the limits, ``slow`` the speed that does so in
    both directions; ``origin``, ``lead`` (N, 3, J): a state a tick before the target's time is
    seen as ``state - origin + lead``. ``active`` (J,): joints that have a target, ``idle``: not.

    :param targets: at these times
    :param bounds: of the joints
    :param period_s: of a tick
    """

    def __init__(self, targets: JointTargets, bounds: JointBounds, period_s: float):
        b = bounds
        goal = np.minimum(np.maximum(targets.position, b.soft_lower), b.soft_upper)
        room = np.minimum(b.upper - goal, goal - b.lower)
        speed = VELOCITY_SHARE * np.minimum(
            np.sqrt(b.half_knee * b.half_knee + 2 * b.acceleration * room) - b.half_knee,
            b.velocity)
        self.position, self.active, self.idle = targets.position, targets.active, ~targets.active
        self.drift = drift = np.minimum(np.maximum(targets.velocity, -speed), speed)
        self.lowest, self.highest = -b.top - drift, b.top - drift
        self.slow = b.top - np.abs(drift)
        self.origin, self.lead = np.zeros((2, len(goal), 3, goal.shape[1]))
        self.origin[:, 0], self.origin[:, 1], self.lead[:, 0] = goal, drift, drift * period_s

    def __len__(self):
        """Return how many they are."""
        return len(self.position)

    def __getitem__(self, k: int) -> 'Aim':
        """Return one of them."""
        if not 0 <= k < len(self):
            raise IndexError(k)
        return Aim(self, k)


class Aim:
    """The k-th of some aims; its attributes (J,) are those of `Aims` for its time."""

    __slots__ = ('aims', 'k')

    def __init__(self, aims: Aims, k: int):
        self.aims, self.k = aims, k

    active = property(lambda self: self.aims.active)
    idle = property(lambda self: self.aims.idle)
    position, drift, lowest, highest, slow = (
        property(lambda self, name=name: getattr(self.aims, name)[self.k])
        for name in ('position', 'drift', 'lowest', 'highest', 'slow'))

    def seen_from(self, state: np.ndarray) -> np.ndarray:
        """Return a state (3, J) a tick before the target's time in the frame."""
        return state - self.aims.origin[self.k] + self.aims.lead[self.k]


class Course:
    """
    The aims of the coming ticks.

    :param reference: that is aimed at
    :param bounds: of the joints
    :param window_ns: over which the reference is averaged
    :param period_ns: of the ticks
    """

    def __init__(self, reference: JointReference, bounds: JointBounds, window_ns: int,
                 period_ns: int):
        self._reference, self._bounds, self._window_ns = reference, bounds, window_ns
        self._period_ns = period_ns
        self._aims: Optional[Aims] = None
        self._first_ns = self._version = 0

    def prepare(self, t_ns: int):
        """Work out the aims from a time on, so that the ticks need not."""
        targets = self._reference.sample(t_ns, self._window_ns, TICKS, self._period_ns)
        self._aims = None if targets is None else Aims(
            targets, self._bounds, self._period_ns / NS_PER_S)
        self._first_ns, self._version = t_ns, self._reference.version

    def aim(self, t_ns: int) -> Optional[Aim]:
        """Return the aim for a time, None where there is no reference."""
        k, rest_ns = divmod(t_ns - self._first_ns, self._period_ns)
        if rest_ns or self._version != self._reference.version or self._aims is None \
                or not 0 <= k < len(self._aims):
            k = 0
            self.prepare(t_ns)
        return None if self._aims is None else self._aims[k]
