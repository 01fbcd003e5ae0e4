"""When a policy looks next: at its rate, and earlier where the running chunk would end."""
from dataclasses import dataclass


@dataclass
class Pace:
    """
    Tells when the next observation is due.

    Looks keep to a grid of ``period_ns``. One comes earlier where the running chunk would end, or
    grow too old, before the answer to the next look is in force: refill. Where even that is not
    enough (a chunk of a single step), there is a look every step. A look that waits for a picture
    does so from ``ready_ns`` on, up to ``latest_ns``; one that does not is at ``due_ns``.

    :param period_ns: time between looks while chunks last
    :param step_ns: dt of a chunk: looks are due no closer
    :param horizon_ns: how long a chunk is of use after its observation
    :param margin_ns: from an answer until the guard follows it, at most
    """

    period_ns: int
    step_ns: int
    horizon_ns: int
    margin_ns: int
    ready_ns: int = 0
    due_ns: int = 0
    latest_ns: int = 0
    refills: int = 0
    _seen_ns: int = 0

    def looked(self, now_ns: int, latency_ns: int, accepted=True):
        """
        Take note of a look and plan the next.

        :param latency_ns: the quantile of inference latencies to be prepared for
        :param accepted: whether it became an observation that is being answered
        """
        half_ns = self.period_ns // 2
        on_grid = abs(now_ns - self.due_ns) <= half_ns
        grid_ns = (self.due_ns if on_grid else now_ns) + self.period_ns
        if accepted:
            self._seen_ns = now_ns
        end_ns = self._seen_ns + self.horizon_ns - self.margin_ns - latency_ns
        refill_ns = max(end_ns, now_ns + self.step_ns)
        self.refills += refill_ns < grid_ns
        self.due_ns = min(grid_ns, refill_ns)
        self.ready_ns = now_ns + (self.due_ns - now_ns) * 3 // 4
        self.latest_ns = refill_ns

    def too_late(self, time_ns: int) -> bool:
        """Return whether a picture that comes then is not worth waiting for."""
        return time_ns > self.due_ns + self.period_ns // 2
