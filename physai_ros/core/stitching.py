"""
The running reference: chunks of actions stitched into one line by their observation time.

A chunk replaces the tail of the reference from a splice time on; before it the earlier chunk stays
in force. Chunks are merged by the monotonic ``t_obs``, so late, doubled and reordered ones change
nothing. After the last action there is no reference: nothing is ever extrapolated.
"""
from collections import Counter
from dataclasses import dataclass
from typing import Optional, Sequence

import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import BaseChunk, JointChunk, NS_PER_S


@dataclass(frozen=True, eq=False)
class JointTargets:
    """Where joints should be at N times: ``position``, ``velocity`` (N, J), ``active`` (J,)."""

    position: np.ndarray
    velocity: np.ndarray
    active: np.ndarray


def column_index(names: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """
    Find the place of each name among the known ones.

    :param names: joints of a message, in the order of its columns
    :param known: joints of the robot, in the robot's order
    :return: (len(names),) int indices into ``known``
    :raises GuardError: for a doubled or an unknown name
    """
    place = {name: i for i, name in enumerate(known)}
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        raise GuardError('chunk: joint names', doubled[:5], 'each joint once')
    unknown = [name for name in names if name not in place]
    if unknown:
        raise GuardError('chunk: joint names', unknown[:5], f'some of {", ".join(known)}',
                         'give the chunk the joint names of the robot')
    return np.array([place[name] for name in names], dtype=np.intp)


class _Path:
    """The positions of one chunk over the robot's joints, linear between its actions."""

    def __init__(self, chunk: JointChunk, joints: Sequence[str], max_age_ns: Optional[int]):
        columns = column_index(chunk.names, joints)
        rows = np.zeros((len(chunk.positions), len(joints)))
        rows[:, columns] = chunk.positions
        if len(rows) == 1:  # a single action is in force for its own period
            rows = np.repeat(rows, 2, axis=0)
        self.active = np.zeros(len(joints), dtype=bool)
        self.active[columns] = True
        self.start_ns, self._dt_ns, self._dt = chunk.stamp_ns, chunk.dt_ns, chunk.dt_ns / NS_PER_S
        self.end_ns = chunk.stamp_ns + (len(rows) - 1) * chunk.dt_ns
        self.last_ns = self.end_ns
        if max_age_ns is not None:
            self.end_ns = min(self.end_ns, chunk.stamp_ns + max_age_ns)
        self._rows, self._steps = rows, np.diff(rows, axis=0)
        halves = (rows[:-1] + self._steps / 2) * self._dt
        self._integral = np.concatenate([np.zeros((1, len(joints))), np.cumsum(halves, axis=0)])

    def _at(self, t_ns):
        """Return segments, positions and integrals of the positions at times (N,)."""
        k, rest_ns = np.divmod(t_ns - self.start_ns, self._dt_ns)
        if k[-1] == len(self._steps):
            beyond = k == len(self._steps)
            k[beyond], rest_ns[beyond] = len(self._steps) - 1, self._dt_ns
        u, before = (rest_ns / self._dt_ns)[:, None], self._rows[k]
        here = before + u * self._steps[k]
        return k, here, self._integral[k] + (before + here) * (u * self._dt / 2)

    def sample(self, t_ns, window_ns):
        """Return mean positions and velocities (N, J) over windows around rising times (N,)."""
        half_ns = np.minimum(np.minimum(t_ns - self.start_ns, self.last_ns - t_ns),
                             window_ns // 2)
        _, first, below = self._at(t_ns - half_ns)
        k, last, above = self._at(t_ns + half_ns)
        width = (2 * half_ns / NS_PER_S)[:, None]
        at_once = half_ns == 0
        if not np.count_nonzero(at_once):
            return (above - below) / width, (last - first) / width
        width[at_once] = 1.0
        position, velocity = (above - below) / width, (last - first) / width
        position[at_once], velocity[at_once] = last[at_once], self._steps[k[at_once]] / self._dt
        return position, velocity


class _Hold:
    """The twists of one chunk, each in force for its own period (zero-order hold)."""

    def __init__(self, chunk: BaseChunk, max_age_ns: Optional[int]):
        self._twists = np.array(chunk.twists, dtype=float)
        self.start_ns, self._dt_ns = chunk.stamp_ns, chunk.dt_ns
        self.end_ns = chunk.stamp_ns + len(self._twists) * chunk.dt_ns - 1
        if max_age_ns is not None:
            self.end_ns = min(self.end_ns, chunk.stamp_ns + max_age_ns)

    def sample(self, t_ns):
        """Return the twist (3,) in force at a time."""
        return self._twists[(t_ns - self.start_ns) // self._dt_ns]


class _Reference:
    """
    Stretches of chunks, each in force from its splice time until that of the next.

    ``version`` changes whenever the reference does.
    """

    def __init__(self):
        self._stretches = []
        self.newest_ns: Optional[int] = None
        self.version = self.old = self.late = 0

    @property
    def end_ns(self) -> Optional[int]:
        """Time of the last action that is in force, or None without a reference."""
        return self._stretches[-1][1].end_ns if self._stretches else None

    def clear(self, before_ns: Optional[int] = None):
        """
        Forget everything, the newest observation time too (the clock was set back).

        :param before_ns: observations before this time will not count either, None: any may
        """
        self._stretches, self.newest_ns = [], None if before_ns is None else before_ns - 1
        self.version += 1

    def _merge(self, piece, splice_ns):
        if self.newest_ns is not None and piece.start_ns <= self.newest_ns:
            self.old += 1
            return False
        if piece.end_ns < splice_ns:
            self.late += 1
            return False
        splice_ns = max(splice_ns, piece.start_ns)
        self._stretches = [s for s in self._stretches if s[0] < splice_ns][-8:]
        self._stretches.append((splice_ns, piece))
        self.newest_ns = piece.start_ns
        self.version += 1
        return True

    def _in_force(self, t_ns):
        """Return the piece that is in force at a time and its last time, or None."""
        until_ns = None
        for start_ns, piece in reversed(self._stretches):
            if start_ns <= t_ns:
                last_ns = piece.end_ns if until_ns is None else min(piece.end_ns, until_ns)
                return (piece, last_ns) if t_ns <= last_ns else None
            until_ns = start_ns - 1
        return None


class JointReference(_Reference):
    """
    The joint positions that the policy asks for, over time.

    :param names: joints of the robot; samples come in this order
    :param max_age_ns: no action counts longer than this after its observation (None: no bound)
    """

    def __init__(self, names: Sequence[str], max_age_ns: Optional[int] = None):
        super().__init__()
        self.names = tuple(names)
        self._max_age_ns = max_age_ns

    def merge(self, chunk: JointChunk, splice_ns: int) -> bool:
        """
        Replace the reference from the splice time on by a chunk.

        :param chunk: actions for any of the robot's joints; joints that it lacks become inactive
        :param splice_ns: first time that may change, not before now + lead; actions for earlier
            times are dropped
        :return: False when the chunk is not newer than one already merged (counted in ``old``) or
            has no action left after the splice time (counted in ``late``): nothing changes then
        :raises GuardError: for doubled or unknown joint names
        """
        return self._merge(_Path(chunk, self.names, self._max_age_ns), splice_ns)

    def sample(self, t_ns: int, window_ns: int = 0, count: int = 1,
               step_ns: int = 1) -> Optional[JointTargets]:
        """
        Give the reference at a time and at those that follow in steps.

        Positions are linear between the actions and the velocity is that of the segment. With a
        window both are their means over ``t - window/2 … t + window/2``, inside the chunk in force
        at ``t`` (the window narrows at its ends, so there is no lag): this takes the steps of
        velocity out of 20 Hz actions.

        :return: positions (rad, m) and velocities (rad/s, m/s) of the joints at no more than
            ``count`` times, as long as the same chunk is in force; None before the first and after
            the last action
        """
        found = self._in_force(t_ns)
        if found is None:
            return None
        piece, last_ns = found
        times_ns = t_ns + step_ns * np.arange(min(count, (last_ns - t_ns) // step_ns + 1))
        return JointTargets(*piece.sample(times_ns, window_ns), piece.active)


class BaseReference(_Reference):
    """
    The base twists that the policy asks for, over time (zero-order hold).

    :param max_age_ns: no action counts longer than this after its observation (None: no bound)
    """

    def __init__(self, max_age_ns: Optional[int] = None):
        super().__init__()
        self._max_age_ns = max_age_ns

    def merge(self, chunk: BaseChunk, splice_ns: int) -> bool:
        """Replace the reference from the splice time on by a chunk; see `JointReference.merge`."""
        return self._merge(_Hold(chunk, self._max_age_ns), splice_ns)

    def sample(self, t_ns: int) -> Optional[np.ndarray]:
        """Give the twist (3,) in force (m/s, m/s, rad/s), or None outside the actions."""
        found = self._in_force(t_ns)
        return None if found is None else found[0].sample(t_ns)
