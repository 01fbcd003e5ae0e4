"""Chunks through bad connections: the delay study, for minutes of simulated time."""
from typing import Iterator

from physai_ros.bench.figure import Figure
from physai_ros.evaluation.delay_study import study
from physai_ros.evaluation.transit import Transit

DELAYS_S = (0.0, 0.1, 0.2, 0.3)
JITTER, LOSS, DOUBLING = 0.5, 0.05, 0.05
TOLERANCE = 1e-6


def measure(quick: bool) -> Iterator[Figure]:
    """Measure late actions, idle ticks, and the motion's share of its limits, for each delay."""
    seconds = 10.0 if quick else 300.0
    for delay_s in DELAYS_S:
        name = f'delays.{delay_s * 1e3:.0f}_ms'
        found = study(Transit(delay_s, JITTER, LOSS, DOUBLING), seconds)
        more = {'jitter': JITTER, 'loss': LOSS, 'doubling': DOUBLING, 'simulated_s': seconds,
                'chunks': found.chunks, 'stale_chunks': found.stale, 'dry_ticks': found.dry}
        for what, unit, value, bound in (
                ('late_actions', 'ticks', found.late, 0.0),
                ('idle_ticks', 'ticks', found.idle, 0.0),
                ('worst_lateness', 'ms', round(found.worst_late_s * 1e3, 6), 10.0),
                ('acceleration', 'of limit', found.acceleration, 1.0 + TOLERANCE),
                ('jerk', 'of limit', found.jerk, 1.0 + TOLERANCE)):
            yield Figure(f'{name}.{what}', unit, float(value), count=found.ticks,
                         at_most={'p50': bound}, more=more)
