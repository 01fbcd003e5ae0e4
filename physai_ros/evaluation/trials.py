"""Episodes of a task: run them, count them, say how sure the count is."""
from dataclasses import asdict, dataclass
import math
from typing import Iterable, List, Optional, Tuple

from physai_ros.core.types import NS_PER_S

Z_95 = 1.959964


@dataclass(frozen=True)
class Episode:
    """
    How one episode went.

    ``time_s`` is simulated time until success, failure or the limit; ``reason`` why it failed;
    ``collisions`` and ``violations`` are counted by the simulator.
    """

    seed: int
    success: bool
    time_s: float
    collisions: int
    violations: int
    reason: Optional[str] = None


def run_episode(loop, seed: int, limit_s: float) -> Episode:
    """
    Run one episode of an evaluation.loop.Loop.

    :param seed: of the scene
    :param limit_s: simulated time after which the episode counts as failed
    """
    loop.reset(seed)
    start = loop.world.time_ns
    while True:
        loop.tick()
        status = loop.world.status(loop.name)
        time_s = (loop.world.time_ns - start) / NS_PER_S
        reason = _reason(loop, status, time_s, limit_s)
        if status.success or reason:
            return Episode(seed, status.success and not reason, time_s, status.collisions,
                           status.violations, reason)


def _reason(loop, status, time_s, limit_s):
    if status.failed:
        return status.failed
    if loop.state == 'faulted':
        return f'fault: {loop.reason}'
    if time_s >= limit_s and not status.success:
        return f'not done after {limit_s:g} s: {status.text}' + (
            f' (waiting: {loop.waiting})' if loop.waiting else '')
    return None


def wilson(successes: int, trials: int) -> Tuple[float, float]:
    """
    Return the 95 % interval of a success rate.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927).
    """
    if trials == 0:
        return 0.0, 1.0
    rate = successes / trials
    center = rate + Z_95 ** 2 / (2 * trials)
    half = Z_95 * math.sqrt(rate * (1 - rate) / trials + Z_95 ** 2 / (4 * trials ** 2))
    scale = 1 + Z_95 ** 2 / trials
    return max(0.0, (center - half) / scale), min(1.0, (center + half) / scale)


def report(robot: str, task: str, episodes: Iterable[Episode]) -> dict:
    """Return the figures of a run, ready for JSON."""
    rows: List[Episode] = list(episodes)
    successes = sum(row.success for row in rows)
    times = sorted(row.time_s for row in rows if row.success)
    return {
        'robot': robot, 'task': task,
        'success_rate': successes / len(rows) if rows else 0.0,
        'success_interval_95': wilson(successes, len(rows)),
        'episodes': len(rows),
        'median_time_s': times[len(times) // 2] if times else None,
        'violations': sum(row.violations for row in rows),
        'collisions': sum(row.collisions for row in rows),
        'per_episode': [asdict(row) for row in rows],
    }
