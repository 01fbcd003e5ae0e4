"""
The committed plan of the joints: shaped states at the control period, then the way to rest.

Each extension takes one step of Ruckig's time-optimal motion towards the moving reference, turned
into constant jerk over the tick, and keeps it only if the joint can still stop inside its limits
from there; otherwise the joint takes the next step of the stop that is already planned.
"""
from math import inf, isfinite
from typing import Optional, Tuple

import numpy as np
from physai_ros.core.types import JointTrajectory, NS_PER_S
from physai_ros.guard.aims import Aim
from physai_ros.guard.bounds import JointBounds
from physai_ros.guard.braking import Brake, stopping_speed
from physai_ros.guard.collision import Clearance
from physai_ros.guard.frame_speed import FrameSpeed
from physai_ros.guard.limits import JointLimits
from physai_ros.guard.meeting import courses, three_ticks
from physai_ros.guard.waypoints import path
from ruckig import InputParameter, Ruckig, RuckigError, Synchronization, Trajectory

# Shares of the limits that Ruckig may use; the rest lets whole ticks follow its free switching.
JERK_SHARE, ACCELERATION_SHARE = 0.8, 0.95
HISTORY_TICKS = 32
LEAST_SPEED = 1e-3   # that Ruckig is always left, rad/s or m/s


class JointShaper:
    """
    The plan of one set of joints.

    :param limits: what every published state stays within
    :param margin: (J,) rad or m that targets stay inside the position limits
    :param period_ns: spacing of the states
    :param stop_s: time in which each joint comes to rest from any state of the plan
    :param clearance: what the way to rest must keep clear of, None for nothing
    :param frame_speed: limit on the speed of frames, None for none
    :param memory_ns: how far before the last committed state the plan is remembered

    ``barred``: the pair because of which the last step brakes instead of following, or None.
    """

    def __init__(self, limits: JointLimits, margin: np.ndarray, period_ns: int,
                 clearance: Optional[Clearance] = None, stop_s: float = inf,
                 frame_speed: Optional[FrameSpeed] = None, memory_ns: int = 0):
        self.names, self.period_ns, self._clearance = limits.names, period_ns, clearance
        self.barred: Optional[str] = None
        self._frame_speed = frame_speed
        self._h = h = period_ns / NS_PER_S
        self.bounds = b = JointBounds(limits, margin, h, stop_s)
        self.braked = self.failed = self.bars = self.slowed = 0
        count = len(limits.names)
        self._ruckig, self._motion = Ruckig(count), Trajectory(count)
        self._input = InputParameter(count)
        self._input.synchronization = Synchronization.No
        self._input.max_acceleration = (b.acceleration * ACCELERATION_SHARE).tolist()
        self._input.max_jerk = (b.jerk * JERK_SHARE).tolist()
        self._input.target_position = self._input.target_velocity = [0.0] * count
        self._per_s = 1 / h
        self._accelerations = np.stack([-b.acceleration, b.acceleration])
        self._brake = Brake(limits.velocity, b.acceleration, b.jerk, h)
        self._history = HISTORY_TICKS + memory_ns // period_ns
        self._rows = np.zeros((3, 8 * self._brake.longest + 256 + 2 * self._history, count))
        self._offsets = np.arange(self._rows.shape[1], dtype=np.int64) * period_ns
        self._start_ns = self._head = self._end = 0
        self._meet = courses(h)
        self._caps = np.stack([*[b.jerk] * 3, b.acceleration] * 2)
        self._all = np.ones(count, dtype=bool)
        self._three_ticks = three_ticks(h)
        self._most = np.stack([b.jerk * JERK_SHARE] * 3 + [b.acceleration * ACCELERATION_SHARE] * 2
                              + [b.velocity] * 2)
        self._meeting, self._next = np.zeros((9, count)), np.zeros((4, count))
        self._advance = np.array([[1.0, h, h * h / 2, h ** 3 / 6], [0.0, 1.0, h, h * h / 2],
                                  [0.0, 0.0, 1.0, h]])

    @property
    def head_ns(self) -> int:
        """Time of the last committed state; what follows is the way to rest."""
        return self._start_ns + self._head * self.period_ns

    @property
    def rest_position(self) -> np.ndarray:
        """Position (J,) at which the plan ends."""
        return self._rows[0, self._end]

    def moving(self, now_ns: int) -> bool:
        """Return whether there is motion in the plan from a time on."""
        first = min(max((now_ns - self._start_ns) // self.period_ns, 0), self._end)
        return bool(self._rows[1:, first:self._end + 1].any())

    def start(self, now_ns: int, position: np.ndarray, velocity: np.ndarray):
        """
        Begin a new plan that comes to rest from a state.

        :param position: (J,), taken inside the limits
        :param velocity: (J,), reduced to what can be stopped inside the limits
        """
        b = self.bounds
        position = np.clip(position, b.lower, b.upper)
        room = np.where(velocity > 0, b.upper - position, position - b.lower)
        speed = stopping_speed(room, b.acceleration * ACCELERATION_SHARE, b.jerk * JERK_SHARE)
        speed = np.minimum(speed, b.top)
        state = np.stack([position, np.clip(velocity, -speed, speed), np.zeros(len(position))])
        ramp, ok, _ = self._ramp(state)
        state[1, ~ok] = 0.0
        if not ok.all():
            ramp = self._ramp(state)[0]
        if self._clearance is not None:
            self._clearance.reset(ramp[0])
        self._start_ns, self._head, self._end = now_ns, 0, ramp.shape[1] - 1
        self._rows[:, :ramp.shape[1]] = ramp

    def load(self, plan: JointTrajectory, head_ns: int):
        """Take over a published plan, committed up to a time."""
        count = len(plan.positions)
        self._rows[:, :count] = plan.positions, plan.velocities, plan.accelerations
        self._start_ns, self._end = plan.stamp_ns, count - 1
        self._head = min(-((plan.stamp_ns - head_ns) // self.period_ns), self._end)
        if self._clearance is not None:
            self._clearance.reset(plan.positions)

    def shift(self, delta_ns: int):
        """Move the plan in time: the clock was set by so much."""
        self._start_ns += delta_ns

    def catch_up(self, now_ns: int) -> bool:
        """
        Take what was published for the past as done; return whether that was more than committed.

        A controller that heard nothing new for longer than the committed time is on its way to
        rest along the plan: so are we.
        """
        late = -((self.head_ns - now_ns) // self.period_ns)
        if late <= 0:
            return False
        self._head = min(self._head + late, self._end)
        standing = max((now_ns - self.head_ns) // self.period_ns, 0)
        self._start_ns += standing * self.period_ns
        return True

    def extend(self, aim: Optional[Aim]):
        """Commit one more state: towards the aim for that time, or along the way to rest."""
        self._make_room()
        proposal = self.barred = None
        if aim is not None:
            proposal = self._propose(self._rows[:, self._head], aim)
            self.failed += proposal is None
        self._head += 1
        if self._head > self._end:
            self._rows[:, self._head] = self._rows[:, self._end]
            self._end = self._head
        if proposal is not None:
            ramp, ok, extent = self._ramp(proposal)
            self.braked += np.count_nonzero(ok) < len(ok)
            ok = ok & aim.active
            if np.count_nonzero(ok):
                self._follow(ramp, ok, extent)

    def at(self, t_ns: int) -> Optional[np.ndarray]:
        """Return the planned positions (J,) at a time, None before the plan's memory."""
        k, rest_ns = divmod(t_ns - self._start_ns, self.period_ns)
        if k < 0:
            return None
        rows = self._rows[0]
        if k >= self._end or not rest_ns:
            return rows[min(k, self._end)]
        return rows[k] + rest_ns / self.period_ns * (rows[k + 1] - rows[k])

    def span(self, begin_ns: int, end_ns: int) -> Tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest planned positions (J,) of a time in its memory."""
        first, last = ((t_ns - self._start_ns) // self.period_ns for t_ns in (begin_ns, end_ns))
        first = min(max(first, 0), self._end)       # at rest from then on
        rows = self._rows[0, first:min(last + 1, self._end) + 1]
        return rows.min(axis=0), rows.max(axis=0)

    def trajectory(self, now_ns: int) -> JointTrajectory:
        """Return the plan from the state at or before now until rest."""
        first = min(max((now_ns - self._start_ns) // self.period_ns, 0), self._head)
        rows = self._rows[:, first:self._end + 1].copy()
        return JointTrajectory(self._start_ns + first * self.period_ns, self.names,
                               self._offsets[:rows.shape[1]], rows[0], rows[1], rows[2])

    def _propose(self, state, aim):
        """Return the state (3, J) one tick on, or None without a sound one."""
        next_state, relative = self._next, aim.seen_from(state)
        jerk = self._soon(relative, aim)
        if jerk is None:
            jerk = self._planned(relative, *self._speeds(state, aim))
        elif np.count_nonzero(aim.idle):
            jerk = self._bounded(jerk, state[2])
        if jerk is None:
            return None
        next_state[:3], next_state[3] = state, jerk
        proposal = self._advance @ next_state
        return proposal if isfinite(proposal.sum()) else None

    def _soon(self, relative, aim):
        """
        Return the first jerk (J,) of three that meet the target, None where that is too fast.

        Where it is within Ruckig's limits for all joints, Ruckig would be there by then, too.
        """
        if self._frame_speed is not None:
            return None
        self._most[5:] = aim.slow
        course = self._three_ticks @ relative
        inside = (np.abs(course) <= self._most) | aim.idle
        return course[0] if np.count_nonzero(inside) == inside.size else None

    def _planned(self, relative, lowest, highest):
        """Return the jerk (J,) over one tick of Ruckig's motion, or None without one."""
        motion = self._input
        motion.current_position, motion.current_velocity, motion.current_acceleration = (
            relative.tolist())
        motion.min_velocity, motion.max_velocity = lowest, highest
        try:
            self._ruckig.calculate(motion, self._motion)
        except (RuckigError, ValueError):  # ValueError: a result that its bindings do not know
            return None
        return self._jerk(relative)

    def _speeds(self, state, aim):
        """Return the lowest and the highest velocities that Ruckig may use, as lists."""
        if self._frame_speed is None:
            return aim.lowest.tolist(), aim.highest.tolist()
        low, high = self._frame_speed.bounds(state[0], state[1])
        return (np.minimum(np.maximum(aim.lowest, low - aim.drift), -LEAST_SPEED).tolist(),
                np.maximum(np.minimum(aim.highest, high - aim.drift), LEAST_SPEED).tolist())

    def _jerk(self, relative):
        """Return the jerk (J,) over one tick that meets Ruckig's motion 3 or 6 ticks on."""
        at, meeting = self._motion.at_time, self._meeting
        meeting[:3], meeting[3:6], meeting[6:] = relative, at(3 * self._h), at(6 * self._h)
        course = self._meet @ meeting
        fits = (np.abs(course) <= self._caps).reshape(2, 4, -1)
        sooner, later = fits[:, :3].all(axis=1)
        instead = later > sooner
        jerk = np.where(instead, course[4], course[0])
        sound = np.where(instead, fits[1, 3], sooner & fits[0, 3])
        return jerk if np.count_nonzero(sound) == sound.size else self._bounded(jerk, relative[2])

    def _bounded(self, jerk, acceleration):
        """Return a jerk (J,) that keeps the limits of jerk and acceleration over the tick."""
        least, most = (self._accelerations - acceleration) * self._per_s
        return np.minimum(np.maximum(jerk, np.maximum(-self.bounds.jerk, least)),
                          np.minimum(self.bounds.jerk, most))

    def _ramp(self, state):
        """Return the way to rest (3, N, J), which joints may take it (J,), and its extent (J,)."""
        b = self.bounds
        ramp = self._brake.ramp(state)
        low, high = np.minimum.reduce(ramp[:2], axis=1), np.maximum.reduce(ramp[:2], axis=1)
        inside = (low >= b.least) & (high <= b.most)
        ok = self._all if np.count_nonzero(inside) == inside.size else inside.all(axis=0)
        if np.count_nonzero(ramp[1, -1]):
            ok = ok & (ramp[1, -1] == 0.0)
        return ramp, ok, (low[0], high[0])

    def _follow(self, ramp, ok, extent):
        """Put a new way to rest behind the head if it is clear, for joints that may take it."""
        rows, head, old = self._rows, self._head, self._end
        end = head + ramp.shape[1] - 1
        if np.count_nonzero(ok) < len(ok):
            longest = max(end, old)
            mixed = np.empty((3, longest - head + 1, len(self.names)))
            mixed[:, :old - head + 1] = rows[:, head:old + 1]
            mixed[:, old - head + 1:] = rows[:, old:old + 1]
            mixed[:, :end - head + 1, ok] = ramp[:, :, ok]
            mixed[:, end - head + 1:, ok] = ramp[:, -1:, ok]
            ramp, end = mixed, longest
            extent = np.minimum.reduce(mixed[0]), np.maximum.reduce(mixed[0])
        if self._frame_speed is not None and self._frame_speed.exceeded(
                np.concatenate([rows[:, head - 1:head], ramp], axis=1), self._h):
            self.slowed += 1
            return
        if self._clearance is not None:
            here = rows[0, head - 1]
            self.barred = self._clearance.problem(
                path(rows[:, head - 1], ramp, self._h), np.minimum(here, extent[0]),
                np.maximum(here, extent[1]))
            if self.barred:
                self.bars += 1
                return
        rows[:, head:end + 1], self._end = ramp, end

    def _make_room(self):
        """Drop the oldest states when the buffer is nearly full."""
        if self._head + 2 * self._brake.longest + 2 < self._rows.shape[1]:
            return
        drop = self._head - self._history
        self._rows[:, :self._end + 1 - drop] = self._rows[:, drop:self._end + 1].copy()
        self._start_ns += drop * self.period_ns
        self._head, self._end = self._head - drop, self._end - drop
