"""
Fuzz the guard: random robots, chunks, clocks and faults; observers check what is published.

Run ``python test/fuzz_guard.py --ticks 10000000``. It can be stopped at any time and goes on where
it was (``--state FILE``). Each episode is repeatable by its number (``--episode N``).
"""
import argparse
from functools import partial
import json
import multiprocessing
from pathlib import Path
import sys
import time

sys.path[:0] = [str(Path(__file__).resolve().parent),
                str(Path(__file__).resolve().parent / 'unit'),
                str(Path(__file__).resolve().parents[1])]

from fuzz_zones import recover, ZonesBench  # noqa: E402, I100
from guard_bench import Bench  # noqa: E402, I100
import numpy as np  # noqa: E402, I100
from physai_ros.guard.states import ENGAGED, HOLDING  # noqa: E402
from test_guard_properties import (  # noqa: E402, I100
    any_base, any_limits, anything, scattered)

EVENTS = 400         # in an episode, each followed by 1 to 4 ticks


class Swing:
    """Targets that are easy to follow: a slow swing about the pose of the start."""

    def __init__(self, rng, bench):
        lim, self._centre = bench.joints, bench.position.copy()
        self._pace = rng.uniform(0.5, 4.0, len(lim.names))
        room = np.minimum(lim.upper - self._centre, self._centre - lim.lower)
        w = self._pace
        self._size = rng.random(len(lim.names)) * np.minimum.reduce(
            [room, lim.velocity / w / 2, lim.acceleration / w ** 2 / 4, lim.jerk / w ** 3 / 8,
             np.full(len(w), 0.3)])

    def __call__(self, rng, bench):
        """Return targets (20, J), 50 ms apart."""
        times_s = (bench.now + np.arange(20)[:, None] * 50_000_000) / 1e9
        return self._centre + self._size * np.sin(self._pace * times_s)


def episode(number: int) -> dict:
    """
    Run one episode.

    :return: ``ticks``, ``published`` trajectories and twists, ``violations`` (0 or 1) and what;
        ``near_zones``: ticks in which a base drove within 0.1 m of its stop zone
    """
    rng = np.random.default_rng(number)
    joints = any_limits(rng, int(rng.integers(1, 4)))
    base = any_base(rng) if rng.random() < 0.5 else None
    zoned = base is not None and number // 4 % 2 == 1
    bench = (partial(ZonesBench, np.random.default_rng([number, 1])) if zoned else Bench)(
        joints, base, start=rng.uniform(joints.lower, joints.upper),
        commit_s=float(rng.choice([0.02, 0.04, 0.1])),
        stop_time_s=float(rng.choice([0.2, 0.3, 1.0])))
    bench.publishers = 1 + number // 2 % min(2, len(joints.names))
    targets = Swing(rng, bench) if number % 2 else scattered
    ticks, problem = 0, ''
    try:
        bench.engage()
        for _ in range(EVENTS):
            if (zoned or targets is not scattered) and rng.random() < 0.8:
                bench.chunk(targets(rng, bench))
                if zoned:
                    if bench.guard.state not in (ENGAGED, HOLDING) and rng.random() < 0.2:
                        recover(bench)
                    bench.twist_chunk(bench.wander(bench.rng))
            else:
                anything(rng, bench, targets)
            count = int(rng.integers(1, 5))
            dt = 10 if zoned and number // 8 % 2 else int(rng.choice([9, 10, 10, 11, 25]))
            bench.tick(count, dt=dt * 1_000_000)
            ticks += count
            assert np.isfinite(bench.position).all() and np.isfinite(bench.twist).all()
        bench.tick(300)
        assert not bench.velocity.any() and not bench.twist.any(), 'does not come to rest'
        bench.check_twists()
    except Exception as error:  # noqa: B902
        problem = f'{type(error).__name__}: {error} at tick {ticks}'
    return {'ticks': ticks, 'published': bench.observer.checked + bench.twists_checked,
            'violations': int(bool(problem)), 'problem': problem,
            'near_zones': bench.zones_observer.near if zoned else 0}


def main():
    """Run episodes until so many ticks are done; tell the progress."""
    parser = argparse.ArgumentParser(description='Fuzz the guard.')
    parser.add_argument('--ticks', type=int, default=10_000_000)
    parser.add_argument('--processes', type=int, default=multiprocessing.cpu_count())
    parser.add_argument('--state', type=Path, default=Path('fuzz_guard.json'))
    parser.add_argument('--episode', type=int, help='run this one alone')
    arguments = parser.parse_args()
    if arguments.episode is not None:
        print(episode(arguments.episode))
        return 0
    done = {'episodes': 0, 'ticks': 0, 'published': 0, 'near_zones': 0, 'violations': 0,
            'problems': {}}
    if arguments.state.is_file():
        done = json.loads(arguments.state.read_text())
    with multiprocessing.get_context('spawn').Pool(arguments.processes) as pool:
        while done['ticks'] < arguments.ticks:
            first = done['episodes']
            numbers = range(first, first + 20 * arguments.processes)
            begin = time.monotonic()
            for number, result in zip(numbers, pool.imap(episode, numbers)):
                for name in ('ticks', 'published', 'near_zones', 'violations'):
                    done[name] = done.get(name, 0) + result[name]
                done['episodes'] += 1
                if result['problem']:
                    done['problems'][str(number)] = result['problem']
            arguments.state.write_text(json.dumps(done, indent=1) + '\n')
            rate = 20 * arguments.processes * 2.5 * EVENTS / (time.monotonic() - begin)
            print(f'{done["ticks"]} of {arguments.ticks} ticks, {done["published"]} published, '
                  f'{done["violations"]} violations, {rate:.0f} ticks/s', flush=True)
    return 1 if done['violations'] else 0


if __name__ == '__main__':
    sys.exit(main())
