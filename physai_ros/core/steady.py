"""A clock that may be set, made into one that does not jump while a robot moves."""
from typing import Callable, Optional, Tuple

from physai_ros.core.types import NS_PER_S

JUMP_NS = 100_000_000
SETTLE_NS = 1_000_000_000
CLOSE_NS, READS = 100_000, 5


def simultaneous(clock: Callable[[], int], steady: Callable[[], int]) -> Tuple[int, int]:
    """
    Read two clocks at the same moment, as near as the scheduler lets it.

    A process that is interrupted between the two reads would take that time for a difference of
    the clocks: so the pair is read anew, up to READS times, until it is CLOSE_NS wide; the
    narrowest pair counts.

    :return: what ``clock`` and ``steady`` said, ns
    """
    narrowest = None
    for _ in range(READS):
        before_ns, clock_ns, after_ns = steady(), clock(), steady()
        pair = after_ns - before_ns, clock_ns, before_ns
        narrowest = pair if narrowest is None else min(narrowest, pair)
        if narrowest[0] <= CLOSE_NS:
            break
    return narrowest[1:]


class SteadyTime:
    """
    Follow a clock, but not at once where it jumps against the monotonic one.

    A controller on another computer, or a simulator, does not jump with it: what is stamped with
    the new time would lie in its future or past. So the old time goes on until the robot has had
    time to stop; then the new one is taken, unless the jump was taken back before.

    :param jump_ns: smaller steps are followed at once, and with them any drift
    :param settle_ns: how long the old time goes on
    :param simulated: the clock is a simulator's, which may pause: one that fell behind without
        being set back is followed at once, as the robot paused with it
    """

    def __init__(self, jump_ns: int = JUMP_NS, settle_ns: int = SETTLE_NS, simulated=False):
        self._jump_ns, self._settle_ns, self._simulated = jump_ns, settle_ns, simulated
        self._offset_ns: Optional[int] = None
        self._clock_ns: Optional[int] = None
        self._since_ns: Optional[int] = None
        self.jumped = ''

    def now_ns(self, clock_ns: int, steady_ns: int) -> int:
        """
        Return the time; ``jumped`` then says why it is not that of the clock, '' when it is.

        :param clock_ns: of the clock
        :param steady_ns: monotonic
        """
        offset_ns = clock_ns - steady_ns
        jump_ns = 0 if self._offset_ns is None else offset_ns - self._offset_ns
        paused = self._simulated and jump_ns < 0 and clock_ns >= self._clock_ns
        self._clock_ns = clock_ns
        if abs(jump_ns) <= self._jump_ns or paused and self._since_ns is None:
            self._since_ns = None
        elif self._since_ns is None:
            self._since_ns = steady_ns
            self.jumped = f'the clock jumped by {jump_ns / NS_PER_S:+.1f} s'
        if self._since_ns is None or steady_ns - self._since_ns >= self._settle_ns:
            self._offset_ns, self._since_ns, self.jumped = offset_ns, None, ''
            return clock_ns
        return steady_ns + self._offset_ns
