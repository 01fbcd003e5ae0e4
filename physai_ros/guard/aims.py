"""
What the joints aim at, tick by tick: the reference inside the soft limits, as a moving frame.

It does not depend on where the joints are, so it is worked out for several ticks together.
"""
from typing import NamedTuple, Optional, Sequence

import numpy as np
from physai_ros.core.stitching import JointReference, JointTargets
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.bounds import JointBounds

TICKS = 64              # that are worked out together
VELOCITY_SHARE = 0.9    # of what can be stopped before the limit: the fastest that a frame moves


class Aim(NamedTuple):
    """
    A frame that moves with the target for one tick.

    ``position`` (J,) of the target, ``active`` (J,) joints that have one, ``idle`` those that do
    not, ``drift`` (J,) velocity of the frame; ``lowest``, ``highest`` (J,): velocities in it that
    keep the limits, ``slow`` the speed that does so in both directions.
    """

    position: np.ndarray
    active: np.ndarray
    idle: np.ndarray
    drift: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    slow: np.ndarray
    origin: np.ndarray
    lead: np.ndarray

    def seen_from(self, state: np.ndarray) -> np.ndarray:
        """Return a state (3, J) a tick before the target's time in the frame."""
        return state - self.origin + self.lead


class Aims:
    """
    The aims for N times.

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
        drift = np.minimum(np.maximum(targets.velocity, -speed), speed)
        frames = np.zeros((2, len(goal), 3, goal.shape[1]))
        frames[0, :, 0], frames[0, :, 1], frames[1, :, 0] = goal, drift, drift * period_s
        self._joints, self._rows = (targets.active, ~targets.active), (
            targets.position, drift, -b.top - drift, b.top - drift, b.top - np.abs(drift), *frames)

    def __len__(self):
        """Return how many they are."""
        return len(self._rows[0])

    def __getitem__(self, k) -> Aim:
        """Return one of them."""
        position, *rest = (rows[k] for rows in self._rows)
        return Aim(position, *self._joints, *rest)


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
        self._aims: Sequence[Aim] = ()
        self._first_ns = self._version = 0

    def prepare(self, t_ns: int):
        """Work out the aims from a time on, so that the ticks need not."""
        targets = self._reference.sample(t_ns, self._window_ns, TICKS, self._period_ns)
        self._aims = () if targets is None else Aims(
            targets, self._bounds, self._period_ns / NS_PER_S)
        self._first_ns, self._version = t_ns, self._reference.version

    def aim(self, t_ns: int) -> Optional[Aim]:
        """Return the aim for a time, None where there is no reference."""
        k, rest_ns = divmod(t_ns - self._first_ns, self._period_ns)
        if rest_ns or not 0 <= k < len(self._aims) or self._version != self._reference.version:
            k = 0
            self.prepare(t_ns)
        return self._aims[k] if self._aims else None
