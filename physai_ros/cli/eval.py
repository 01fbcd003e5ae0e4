"""``physai eval``: closed-loop trials of a robot's policy in the simulator."""
from dataclasses import asdict, replace
import json
import os
from pathlib import Path
import sys

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.robots import load_fleet


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('--robot', required=True, metavar='NAME', help='robot of the fleet')
    parser.add_argument('--fleet', type=Path, default=share() / 'config' / 'fleet.yaml',
                        metavar='FILE', help='fleet file [config/fleet.yaml]')
    parser.add_argument('--bundle', help="name or folder of another bundle than the fleet's")
    parser.add_argument('--episodes', type=int, default=20, metavar='N', help='[%(default)s]')
    parser.add_argument('--seed', type=int, default=1000, metavar='S',
                        help='of the first episode; the others follow [%(default)s]')
    parser.add_argument('--json', type=Path, metavar='OUT', help='write all figures to a file')
    parser.add_argument('--ros', action='store_true',
                        help='through the real nodes and DDS, in real time')
    parser.add_argument('--limit', type=float, default=40.0, metavar='S',
                        help='simulated seconds an episode may take [%(default)s]')
    parser.add_argument('--processes', type=int, default=os.cpu_count(), metavar='P',
                        help='at the same time, without --ros [%(default)s]')
    parser.add_argument('--delay-ms', type=float, default=0.0, metavar='MS',
                        help='let chunks take so much longer to the guard, without --ros')
    parser.add_argument('--jitter', type=float, default=0.0, metavar='SHARE',
                        help='of that delay, 0 to 1: 0.5 makes it 50 %% to 150 %%')
    parser.add_argument('--loss', type=float, default=0.0, metavar='SHARE',
                        help='of chunks that get lost, 0 to 1')
    parser.add_argument('--stitching', choices=('bundle', 'replace', 'ensemble'),
                        default='bundle', help='bundle: as its manifest says; without --ros')


def run(arguments) -> int:
    """
    Run the episodes and tell the figures.

    :return: 0
    :raises PhysaiError: when they cannot be run
    """
    if arguments.episodes < 1:
        raise ConfigError('--episodes', arguments.episodes, 'at least 1')
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        raise ConfigError('--json', str(arguments.json), 'a file in an existing folder')
    from physai_ros.evaluation.loop import Delays
    from physai_ros.evaluation.simulated import Trial
    from physai_ros.evaluation.trials import report
    trial = Trial.of(load_fleet(arguments.fleet), arguments.robot, arguments.limit,
                     arguments.bundle)
    trial = replace(trial, delays=Delays(
        transit=_transit(arguments), stitching=arguments.stitching))
    seeds = range(arguments.seed, arguments.seed + arguments.episodes)
    episodes = []
    for episode in _episodes(arguments, trial, seeds):
        episodes.append(episode)
        _progress(episodes, len(seeds))
    result = report(trial.robot, trial.task, sorted(episodes, key=lambda e: e.seed))
    result.update(through_ros=arguments.ros, delays=asdict(trial.delays))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + '\n')
    _tell(result)
    return 0


def _transit(arguments):
    from physai_ros.evaluation.transit import Transit
    for name in ('jitter', 'loss'):
        if not 0.0 <= getattr(arguments, name) <= 1.0:
            raise ConfigError(f'--{name}', getattr(arguments, name), '0 to 1')
    if not 0.0 <= arguments.delay_ms <= 10_000.0:
        raise ConfigError('--delay-ms', arguments.delay_ms, '0 to 10000')
    if arguments.ros and (arguments.delay_ms or arguments.loss
                          or arguments.stitching != 'bundle'):
        raise ConfigError('--delay-ms, --loss, --stitching', None, 'a trial without --ros',
                          'the real nodes have the delays that they have')
    return Transit(arguments.delay_ms * 1e-3, arguments.jitter, arguments.loss)


def _episodes(arguments, trial, seeds):
    if arguments.ros:
        from physai_ros.cli.eval_ros import run as run_ros
        return run_ros(trial, seeds, arguments.fleet)
    from physai_ros.evaluation.simulated import run as run_simulated
    return run_simulated(trial, seeds, max(1, min(arguments.processes, len(seeds))))


def _progress(episodes, total):
    last = episodes[-1]
    outcome = 'success' if last.success else f'failed: {last.reason}'
    successes = sum(episode.success for episode in episodes)
    line = (f'{len(episodes)}/{total}  {successes} succeeded  '
            f'(seed {last.seed}: {outcome}, {last.time_s:.1f} s)')
    if sys.stderr.isatty() and last.success:
        print(f'\r\033[K{line}', end='' if len(episodes) < total else '\n', file=sys.stderr,
              flush=True)
    else:
        print(f'\r{line}' if sys.stderr.isatty() else line, file=sys.stderr, flush=True)


def _tell(result):
    low, high = result['success_interval_95']
    median = result['median_time_s']
    print(f'{result["robot"]} ({result["task"]}): success {result["success_rate"]:.1%} of '
          f'{result["episodes"]} episodes (95 % interval {low:.1%} to {high:.1%})')
    print(f'time per success: {"-" if median is None else f"{median:.1f} s"} (median)   '
          f'limit violations: {result["violations"]}   collisions: {result["collisions"]}')
