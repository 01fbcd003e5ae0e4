"""
Plain data that flows through the chain, free of ROS.

Stamps are integer nanoseconds, lengths metres, angles radians, axes REP-103. Quaternions are
``(w, x, y, z)`` as in transforms3d. Arrays are float64 and treated as read-only. ``J`` is a number
of joints, ``K`` of steps, ``H``/``W`` of pixels.
"""
from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, eq=False)
class JointState:
    """Measured joints: ``names`` (J), ``position``/``velocity``/``effort`` (J,) or None."""

    stamp_ns: int
    names: Tuple[str, ...]
    position: np.ndarray
    velocity: Optional[np.ndarray] = None
    effort: Optional[np.ndarray] = None


@dataclass(frozen=True, eq=False)
class Image:
    """A picture: ``pixels`` (H, W, 3) uint8 RGB, in the optical frame ``frame_id``."""

    stamp_ns: int
    frame_id: str
    pixels: np.ndarray


@dataclass(frozen=True, eq=False)
class CameraModel:
    """Pinhole intrinsics: ``k`` (3, 3) in pixels, plumb_bob ``d`` (5,), size in pixels."""

    width: int
    height: int
    k: np.ndarray
    d: np.ndarray


@dataclass(frozen=True, eq=False)
class Imu:
    """Orientation (4,), angular velocity (3,) rad/s, linear acceleration (3,) m/s^2, own frame."""

    stamp_ns: int
    frame_id: str
    orientation: np.ndarray
    angular_velocity: np.ndarray
    linear_acceleration: np.ndarray


@dataclass(frozen=True, eq=False)
class Odometry:
    """Pose in the odom frame and twist in the base frame: ``linear``, ``angular`` (3,)."""

    stamp_ns: int
    position: np.ndarray
    orientation: np.ndarray
    linear: np.ndarray
    angular: np.ndarray


@dataclass(frozen=True, eq=False)
class Detection:
    """A box in the image: ``center`` (u, v) and ``size`` (w, h) in pixels of the raw image."""

    class_id: str
    score: float
    center: Tuple[float, float]
    size: Tuple[float, float]


@dataclass(frozen=True, eq=False)
class Object3D:
    """An object: ``position`` (3,), ``orientation`` (4,), ``size`` (3,) metres."""

    class_id: str
    score: float
    position: np.ndarray
    orientation: np.ndarray
    size: np.ndarray


@dataclass(frozen=True, eq=False)
class Objects:
    """All objects seen in one picture, in ``frame_id``; stamp is that of the picture."""

    stamp_ns: int
    frame_id: str
    items: Tuple[Object3D, ...]


@dataclass(frozen=True, eq=False)
class JointChunk:
    """
    Joint targets of one inference: row k of ``positions`` (K, J) is for ``stamp + k dt``.

    ``spoiled``: which other number of its message is not finite, in words, '' for none
    """

    stamp_ns: int
    dt_ns: int
    names: Tuple[str, ...]
    positions: np.ndarray
    spoiled: str = ''


@dataclass(frozen=True, eq=False)
class BaseChunk:
    """
    Base twists of one inference: row k of ``twists`` (K, 3) is (vx, vy, wz), base_link.

    ``spoiled``: which other number of its message is not finite, in words, '' for none
    """

    stamp_ns: int
    dt_ns: int
    twists: np.ndarray
    spoiled: str = ''


@dataclass(frozen=True, eq=False)
class JointTrajectory:
    """
    A trajectory for a joint_trajectory_controller.

    ``times_ns`` (K,) are offsets from ``stamp_ns``, strictly increasing; ``positions``,
    ``velocities`` and ``accelerations`` are (K, J).
    """

    stamp_ns: int
    names: Tuple[str, ...]
    times_ns: np.ndarray
    positions: np.ndarray
    velocities: np.ndarray
    accelerations: np.ndarray

    def of(self, names: Tuple[str, ...]) -> 'JointTrajectory':
        """Return the part of some of its joints, in their order; every row has velocities."""
        if names == self.names:
            return self
        columns = [self.names.index(name) for name in names]
        return JointTrajectory(
            self.stamp_ns, names, self.times_ns, self.positions[:, columns],
            self.velocities[:, columns], self.accelerations[:, columns])


@dataclass(frozen=True, eq=False)
class Twist:
    """A base command: ``velocity`` (3,) = (vx, vy, wz) in m/s, m/s, rad/s, base_link."""

    stamp_ns: int
    velocity: np.ndarray


@dataclass(frozen=True, eq=False)
class Motion:
    """A velocity in ``frame_id``: ``linear`` (3,) m/s, ``angular`` (3,) rad/s."""

    stamp_ns: int
    frame_id: str
    linear: np.ndarray
    angular: np.ndarray


@dataclass(frozen=True, eq=False)
class Pose:
    """A pose in ``frame_id``: ``position`` (3,), ``orientation`` (4,)."""

    stamp_ns: int
    frame_id: str
    position: np.ndarray
    orientation: np.ndarray


@dataclass(frozen=True, eq=False)
class Wrench:
    """What acts at the origin of ``frame_id``, along its axes: ``force``, ``torque`` (3,)."""

    stamp_ns: int
    frame_id: str
    force: np.ndarray
    torque: np.ndarray


@dataclass(frozen=True, eq=False)
class Scan:
    """
    Distances (N,) in metres at ``angle_min + n angle_step`` (rad) around z of ``frame_id``.

    Distances mean what REP 117 says: inf is nothing seen, -inf too close, NaN no measurement.
    """

    stamp_ns: int
    frame_id: str
    angle_min: float
    angle_step: float
    range_min: float
    range_max: float
    ranges: np.ndarray


@dataclass(frozen=True, eq=False)
class Joy:
    """A joystick: ``axes`` (A,) from -1 to 1, ``buttons`` (B,) 0 or 1."""

    stamp_ns: int
    axes: np.ndarray
    buttons: np.ndarray


@dataclass(frozen=True, eq=False)
class Depth:
    """A depth picture: ``metres`` (H, W) float32 along z of the optical frame, NaN for unknown."""

    stamp_ns: int
    frame_id: str
    metres: np.ndarray
