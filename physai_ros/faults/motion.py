"""How a robot moves, and whether anybody told it to. Free of ROS; all times are stamps."""
from bisect import bisect_right
from collections import deque
from typing import Optional

MOVING = 0.1              # rad/s or m/s: works
REST = 0.02               # at rest
STILL_NS = 100_000_000    # for so long
UNCOMMANDED = 0.15        # faster than this without a command
EPISODE_NS = 500_000_000
STALL_NS = 100_000_000    # without a measurement: the simulated world stood still
KEEP = 30_000


class Motion:
    """
    Speeds as measured, and as last commanded.

    :param lag_ns: for so long after the last command to move a robot may move
    """

    def __init__(self, lag_ns: int):
        self._lag_ns = lag_ns
        self._stamps, self._speeds = deque(maxlen=KEEP), deque(maxlen=KEEP)
        self._commanded_ns, self._episode_ns = 0, -EPISODE_NS
        self.uncommanded = 0

    @property
    def newest_ns(self) -> int:
        """Return the stamp of the newest measurement, 0 before the first."""
        return self._stamps[-1] if self._stamps else 0

    def moving(self) -> bool:
        """Return whether the robot moved when it was measured last."""
        return bool(self._speeds) and self._speeds[-1] > MOVING

    def commanded(self, until_ns: int):
        """Take note that the robot is told to move up to this time."""
        self._commanded_ns = max(self._commanded_ns, until_ns)

    def measured(self, stamp_ns: int, speed: float):
        """Take a measurement: the largest speed of any joint or axis, rad/s or m/s."""
        if stamp_ns <= self.newest_ns:
            if self.newest_ns - stamp_ns < EPISODE_NS:
                return
            self.reset()
        if self._stamps and stamp_ns - self.newest_ns > STALL_NS:   # it does later what it should
            self._commanded_ns += stamp_ns - self.newest_ns
        self._stamps.append(stamp_ns)
        self._speeds.append(speed)
        if speed > UNCOMMANDED and stamp_ns > self._commanded_ns + self._lag_ns:
            if stamp_ns - self._episode_ns >= EPISODE_NS:
                self.uncommanded += 1
            self._episode_ns = stamp_ns

    def reset(self):
        """Forget measurements and commands: the clock was set back."""
        self._stamps.clear()
        self._speeds.clear()
        self._commanded_ns, self._episode_ns = 0, -EPISODE_NS

    def rest_ns(self, since_ns: int) -> Optional[int]:
        """Return when the robot came to rest after a time and stayed so a while, or None."""
        stamps, speeds = list(self._stamps), list(self._speeds)
        first = None
        for k in range(bisect_right(stamps, since_ns), len(stamps)):
            if speeds[k] > REST:
                first = None
            elif first is None:
                first = stamps[k]
            if first is not None and stamps[k] - first >= STILL_NS:
                return first
        return None
