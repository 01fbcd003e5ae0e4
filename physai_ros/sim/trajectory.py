"""
The stock joint_trajectory_controller of Jazzy, as far as its topic interface shows it.

Written after ``ros2_controllers`` (branch jazzy), ``trajectory.cpp`` and
``joint_trajectory_controller.cpp`` in ``joint_trajectory_controller/src``, with that controller's
default parameters.
"""
from typing import Optional, Sequence, Tuple

import numpy as np
from physai_ros.core.types import JointTrajectory, NS_PER_S

# The largest end velocity that the controller takes for zero: std::numeric_limits<float>::epsilon.
ZERO_VELOCITY = float(np.finfo(np.float32).eps)

State = Tuple[np.ndarray, np.ndarray, np.ndarray]

# Hermite coefficients c0..c5 of a unit-time segment from (p0, v0, a0, p1, v1, a1), by the fields
# that both of its ends have (trajectory.cpp, interpolate_between_points).
_LINEAR = np.zeros((6, 6))
_LINEAR[:2] = [[1, 0, 0, 0, 0, 0], [-1, 0, 0, 1, 0, 0]]
_CUBIC = np.zeros((6, 6))
_CUBIC[:4] = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [-3, -2, 0, 3, -1, 0], [2, 1, 0, -2, 1, 0]]
_QUINTIC = np.array([
    [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 0.5, 0, 0, 0],
    [-10, -6, -1.5, 10, -4, 0.5], [15, 8, 1.5, -15, 7, -1], [-6, -3, -0.5, 6, -3, 0.5]])


class TrajectoryController:
    """
    Turn trajectories into the joint reference of each control cycle.

    A new trajectory replaces the running one at once. Its stamp is the time of offset zero; zero
    means the cycle that takes it up. Until its first point the reference runs on a spline from
    the state measured when it was taken up, after its last point it stays there for ever.

    :param joints: names of the controller's joints (J), the order of all states in and out
    :param period_ns: control period; the reference is for the end of the cycle
    """

    def __init__(self, joints: Sequence[str], period_ns: int):
        self.joints = tuple(joints)
        self.period_ns = period_ns
        self._hold = None
        self._pending: Optional[_Spline] = None
        self._running: Optional[_Spline] = None

    def hold(self, position: np.ndarray):
        """Drop every trajectory and stay at ``position`` (J,)."""
        zero = np.zeros(len(self.joints))
        self._hold = (np.array(position, float), zero, zero)
        self._pending = self._running = None

    def accept(self, message: JointTrajectory, now_ns: int) -> Optional[str]:
        """
        Take a trajectory for the next cycle.

        :return: None, or why the controller ignores it (the stock controller logs an error)
        """
        problem = self._problem(message, now_ns)
        if problem is None:
            order = [message.names.index(name) for name in self.joints]
            self._pending = _Spline(message, order)
        return problem

    def update(self, now_ns: int, position: np.ndarray, velocity: np.ndarray) -> State:
        """
        Return the reference position, velocity and acceleration (J,) for the end of this cycle.

        :param position: measured, (J,); used when a new trajectory is taken up
        :param velocity: measured, (J,)
        """
        if self._pending is not None:
            self._running, self._pending = self._pending, None
            self._running.start(now_ns, position, velocity)
        if self._running is None:
            return self._hold
        return self._running.sample(now_ns + self.period_ns)

    def _problem(self, message, now_ns) -> Optional[str]:
        names, count = tuple(message.names), len(message.times_ns)
        if len(names) != len(self.joints) or set(names) != set(self.joints):
            return f'joints {names} are not those of the controller, {self.joints}'
        if count == 0:
            return 'a trajectory without points'
        times = np.asarray(message.times_ns)
        if np.any(np.diff(times) <= 0) or times[0] < 0:
            return 'times from start do not strictly increase'
        if message.stamp_ns != 0 and message.stamp_ns + int(times[-1]) < now_ns:
            return f'the trajectory ends {(now_ns - message.stamp_ns - times[-1]) / 1e9:.3f} s ago'
        fields = [np.asarray(message.positions)] + [
            f for f in (_field(message.velocities), _field(message.accelerations))
            if f is not None]
        for field in fields:
            if field.shape != (count, len(names)):
                return f'a field has the shape {field.shape}, expected {(count, len(names))}'
            if not np.all(np.isfinite(field)):
                return 'a value is not finite'
        velocities = _field(message.velocities)
        if velocities is None:
            return None if len(fields) == 1 else 'accelerations without velocities'
        if np.any(np.abs(velocities[-1]) > ZERO_VELOCITY):
            return 'the velocity of the last point is not zero'
        return None


class _Spline:
    """One accepted trajectory; ``order`` sorts its columns into the controller's joints."""

    def __init__(self, message: JointTrajectory, order):
        self._start_ns = message.stamp_ns
        self._offsets = np.asarray(message.times_ns, np.int64)
        fields = (message.positions, message.velocities, message.accelerations)
        self._fields = [None if _field(f) is None else np.asarray(f, float)[:, order]
                        for f in fields]
        self._basis = (_LINEAR if self._fields[1] is None else
                       _CUBIC if self._fields[2] is None else _QUINTIC)
        self._before = None
        self._segment = (0, -1, None)

    def start(self, now_ns, position, velocity):
        """Note the state from which the first point will be approached."""
        if self._start_ns == 0:
            self._start_ns = now_ns
        self._before = (now_ns, (np.array(position), np.array(velocity), np.zeros(len(position))))

    def sample(self, t_ns: int) -> State:
        """Return the state at a time, the last point's from its time on."""
        if t_ns >= self._start_ns + int(self._offsets[-1]):
            return self._point(-1)
        begin, end, coefficients = self._segment
        if not begin <= t_ns < end:
            begin, end, coefficients = self._segment = self._find(t_ns)
        s = (t_ns - begin) / NS_PER_S
        s2 = s * s
        s3 = s2 * s
        powers = np.array(((1.0, s, s2, s3, s2 * s2, s2 * s3),
                           (0.0, 1.0, 2 * s, 3 * s2, 4 * s3, 5 * s2 * s2),
                           (0.0, 0.0, 2.0, 6 * s, 12 * s2, 20 * s3)))
        position, velocity, acceleration = powers @ coefficients
        return position, velocity, acceleration

    def _find(self, t_ns):
        """Return begin (ns), end (ns) and (6, J) coefficients of the segment that holds a time."""
        index = int(np.searchsorted(self._offsets, t_ns - self._start_ns, side='right')) - 1
        end = self._start_ns + int(self._offsets[index + 1])
        if index < 0:
            begin, first = self._before
        else:
            begin, first = self._start_ns + int(self._offsets[index]), self._point(index)
        duration = (end - begin) / NS_PER_S
        scale = duration ** np.arange(3.0)[:, None]
        ends = np.concatenate([np.stack(first) * scale, np.stack(self._point(index + 1)) * scale])
        return begin, end, (self._basis @ ends) / duration ** np.arange(6.0)[:, None]

    def _point(self, index) -> State:
        zero = np.zeros(self._fields[0].shape[1])
        return tuple(zero if f is None else f[index] for f in self._fields)


def _field(values) -> Optional[np.ndarray]:
    """Return an optional field, or None where the message leaves it out."""
    if values is None or np.size(values) == 0:
        return None
    return np.asarray(values, float)
