"""What the robot reports of itself, and how old that is."""
from dataclasses import dataclass, replace
from math import isfinite
from typing import Optional

import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import JointChunk, JointState, NS_PER_S, Odometry
from physai_ros.guard.agreement import Agreement, NEVER
from physai_ros.guard.leaps import Leaps
from physai_ros.guard.states import Trip

TURN = 2.0 * np.pi
RECENT_NS = 300_000_000


class MeasuredJoints:
    """
    The latest position and velocity of each joint, by name, from one or several publishers.

    ``position``, ``velocity``, ``effort`` (J,), the last NaN where none is reported;
    ``oldest_ns``: stamp of the joint seen longest ago. A joint whose velocity has always been NaN
    has no sensor for it (so a joint_state_broadcaster says it): it counts as zero. The arrays are
    never written to once they are there. Continuous joints are counted on from where they were
    seen first, also where their driver wraps them. A message that is doubted is not taken.

    :param names: joints that count; others in a message are ignored
    :param continuous: (J,) bool, None: no joint is
    :param agreement: of the messages with each other, None: it is not looked for
    :param leaps: what to doubt, None: nothing
    """

    def __init__(self, names, continuous: Optional[np.ndarray] = None,
                 agreement: Optional[Agreement] = None, leaps: Optional[Leaps] = None):
        self.names, self._agreement, self._leaps = tuple(names), agreement, leaps
        self._continuous = None if continuous is None or not continuous.any() else continuous
        self._seen, self._arriving = np.zeros(len(names), dtype=bool), Arriving()
        self._place = {name: i for i, name in enumerate(self.names)}
        self._orders = {}
        self.position, self.velocity = np.zeros(len(names)), np.zeros(len(names))
        self.effort = np.full(len(names), np.nan)
        self._no_velocity, self._any_without = np.ones(len(names), dtype=bool), True
        self._stamps_ns = np.empty(len(names), dtype=np.int64)
        self._forget()

    def update(self, state: JointState):
        """
        Take a message.

        :raises GuardError: for fields of different lengths
        :raises Trip: for a position or velocity that is not finite; nothing is taken then
        """
        names = state.names if type(state.names) is tuple else tuple(state.names)
        source, target, whole = self._order(names)
        position = np.asarray(state.position, dtype=float)
        velocity = state.velocity
        velocity = np.zeros(len(position)) if velocity is None else np.asarray(velocity, float)
        if position.shape != (len(names),) or velocity.shape != position.shape:
            raise GuardError('joint_states: lengths of name, position, velocity',
                             (len(names), position.shape, velocity.shape), 'the same')
        if state.effort is not None and len(state.effort) != len(names):
            raise GuardError('joint_states: length of effort', len(state.effort), len(names))
        position, velocity = position[source], velocity[source]
        if self._any_without and state.velocity is not None:
            self._no_velocity[target] &= np.isnan(velocity)
            self._any_without = bool(self._no_velocity.any())
        if not isfinite(position.sum() + velocity.sum()):
            velocity = np.where(self._no_velocity[target] & np.isnan(velocity), 0.0, velocity)
            self._check_finite(position, velocity, target)
        stamp_ns, stamps = state.stamp_ns, self._stamps_ns
        if self._continuous is not None:
            turns = self._continuous[target] & self._seen[target]
            position = np.where(turns, beside(position, self.position[target]), position)
            self._seen[target] = True
        self._arriving.heard(stamp_ns)
        if self._agreement is not None:
            self._agreement.look(target, position, stamp_ns)
        if stamp_ns < self._newest_ns and (stamps[target] > stamp_ns).any():
            return  # overtaken by a newer one
        if self._leaps and self._leaps.doubt(position, stamp_ns - stamps[target], target):
            return
        if whole:
            self.position, self.velocity = position, velocity
            self.effort = self._effort(state, source)
            stamps[:] = self.oldest_ns = self._newest_ns = stamp_ns
            return
        self.position = _put(self.position, target, position)
        self.velocity = _put(self.velocity, target, velocity)
        self.effort = _put(self.effort, target, self._effort(state, source))
        stamps[target] = stamp_ns
        self.oldest_ns, self._newest_ns = int(stamps.min()), int(stamps.max())

    def counted_on(self, chunk: JointChunk) -> JointChunk:
        """Return a chunk whose continuous joints begin within half a turn of where they are."""
        if self._continuous is None:
            return chunk
        rows = np.array(chunk.positions, dtype=float)
        for column, name in enumerate(chunk.names):
            place = self._place[name]
            if self._continuous[place]:
                path = np.unwrap(rows[:, column])
                rows[:, column] = path - path[0] + beside(path[0], self.position[place])
        return replace(chunk, positions=rows)

    @staticmethod
    def _effort(state, source):
        return np.full(len(source), np.nan) if state.effort is None else \
            np.asarray(state.effort, dtype=float)[source]

    def _check_finite(self, position, velocity, target):
        sound = np.isfinite(position) & np.isfinite(velocity)
        if not sound.all():
            k = int(np.argmin(sound))
            raise Trip('non_finite', f'joint_states: {self.names[target[k]]}',
                       (float(position[k]), float(velocity[k])), 'finite position and velocity')

    def clear(self):
        """Forget everything: the clock was set back."""
        self._forget()
        if self._agreement is not None:
            self._agreement.reset()

    def _forget(self):
        self._stamps_ns[:] = self.oldest_ns = self._newest_ns = NEVER

    def stale(self, now_ns: int, max_age_ns: int, ahead_ns: int) -> Optional[str]:
        """
        Return which joint has no fresh state, or is said to be in two places, or None.

        A state from the future is forgotten, else nothing would count until its time has come.
        """
        if now_ns - self.oldest_ns <= max_age_ns and self._newest_ns - now_ns <= ahead_ns:
            return self._agreement and self._agreement.problem(now_ns)
        age = now_ns - self._stamps_ns
        stale = (age > max_age_ns) | (age < -ahead_ns)
        why = self._arriving.why(now_ns, max_age_ns)
        if self._newest_ns - now_ns > ahead_ns:
            self._forget()
        return f'joint_states: no fresh state of {self.names[int(np.argmax(stale))]}{why}'

    def leaping(self) -> Optional[str]:
        """Return a joint whose newest state is doubted, or None."""
        k = self._leaps and self._leaps.doubted()
        return None if k is None else self.names[k]

    def _order(self, names):
        """Return where joints are in a message and in here, and whether all are in it."""
        order = self._orders.get(names)
        if order is None:
            pairs = [(k, self._place[name]) for k, name in enumerate(names) if name in self._place]
            if len({i for _, i in pairs}) != len(pairs):
                raise GuardError('joint_states: names', list(names), 'each joint once')
            pairs.sort(key=lambda pair: pair[1])
            source, target = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
            order = source, target, len(pairs) == len(self.names)
            self._orders = {**dict(list(self._orders.items())[-15:]), names: order}
        return order


def beside(angles: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return angles (...,), rad, by whole turns as close as can be to others."""
    return angles + TURN * np.round((near - angles) / TURN)


def _put(values, target, new):
    values = values.copy()
    values[target] = new
    return values


class Arriving:
    """Tells states that do not come from states that come with stamps of another clock."""

    def __init__(self):
        self._stamp_ns, self._since_ns, self._waits = NEVER, NEVER, False

    def heard(self, stamp_ns: int):
        """Take note of a message, also of one that does not count."""
        self._stamp_ns, self._waits = stamp_ns, True

    def why(self, now_ns: int, max_age_ns: int) -> str:
        """Return what is to be added to the word that nothing is fresh."""
        if self._waits:
            self._since_ns, self._waits = now_ns, False
        old_ns = self._since_ns - self._stamp_ns    # when it came
        if now_ns - self._since_ns > RECENT_NS or 0 <= old_ns <= 1.5 * max_age_ns:
            return ''
        if self._stamp_ns == 0:
            return ', as their stamps are zero: the driver has to stamp them'
        side = 'behind' if old_ns > 0 else 'ahead of'
        return f', as their stamps are {side} the clock of this computer: synchronise the clocks'


class MeasuredBase:
    """The latest base velocity (3,): m/s, m/s, rad/s."""

    def __init__(self):
        self.velocity, self._arriving = np.zeros(3), Arriving()
        self.stamp_ns: Optional[int] = None

    def update(self, odometry: Odometry):
        """
        Take a message.

        :raises Trip: for a velocity that is not finite; it is not taken then
        """
        velocity = np.array([*odometry.linear[:2], odometry.angular[2]], dtype=float)
        if not np.isfinite(velocity).all():
            raise Trip('non_finite', 'odom: twist', velocity.tolist(), 'finite numbers')
        self._arriving.heard(odometry.stamp_ns)
        if self.stamp_ns is None or odometry.stamp_ns >= self.stamp_ns:
            self.velocity, self.stamp_ns = velocity, odometry.stamp_ns

    def clear(self):
        """Forget everything: the clock was set back."""
        self.stamp_ns = None

    def stale(self, now_ns: int, max_age_ns: int, ahead_ns: int) -> Optional[str]:
        """Return that there is no fresh velocity, or None; one from the future is forgotten."""
        if self.stamp_ns is not None and -ahead_ns <= now_ns - self.stamp_ns <= max_age_ns:
            return None
        newest_ns = NEVER if self.stamp_ns is None else self.stamp_ns
        why = self._arriving.why(now_ns, max_age_ns)
        if newest_ns - now_ns > ahead_ns:
            self.clear()
        return f'odom: no fresh velocity{why}'


@dataclass(frozen=True)
class Watched:
    """What a `Lasting` looks at: the fault, the words for it, and what to do about it."""

    fault: str
    what: str
    remedy: str


TRACKING = Watched('tracking', 'distance from the plan',
                   'look for what blocks it, or for a controller that is not running')
EFFORT = Watched('effort', 'effort', 'look for what the joint pushes against')


class Lasting:
    """
    Watch for values that are too large for too long.

    :param watched: what they are
    :param names: of the values; ``tolerance`` (N,) infinite where exempt
    :param time_ns: how long a value may be larger
    """

    def __init__(self, watched: Watched, names, tolerance: np.ndarray, time_ns: int):
        self._watched, self._names = watched, names
        self._tolerance, self._time_ns = tolerance, time_ns
        self._since_ns = np.full(len(names), -1, dtype=np.int64)
        self._counting = False

    def reset(self):
        """Begin anew."""
        self._since_ns[:] = -1
        self._counting = False

    def check(self, now_ns: int, values: np.ndarray):
        """
        Look at the values (N,) of a time.

        :raises Trip: when one was too large for too long
        """
        size = np.abs(values)
        away = size > self._tolerance
        if not np.count_nonzero(away):
            if self._counting:
                self.reset()
            return
        self._counting = True
        self._since_ns = np.where(away, np.where(self._since_ns < 0, now_ns, self._since_ns), -1)
        late = away & (now_ns - self._since_ns > self._time_ns)
        if late.any():
            k = int(np.argmax(late))
            raise Trip(self._watched.fault, f'{self._names[k]}: {self._watched.what}',
                       round(float(size[k]), 4),
                       f'at most {self._tolerance[k]:g} for {self._time_ns / NS_PER_S:g} s',
                       self._watched.remedy)
