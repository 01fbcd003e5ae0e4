"""``physai quantize``: a bundle in int8, and what that changes."""
from pathlib import Path
import sys

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('bundle', metavar='BUNDLE', help='name or folder')
    parser.add_argument('--output', type=Path, required=True, metavar='FOLDER',
                        help='the bundle that is written')
    parser.add_argument('--recording', type=Path, metavar='PATH',
                        help='calibrate with this in place of simulated episodes: what `ros2 bag '
                        'record -s mcap` wrote (folder or .mcap), or a .npz with an array (N, …) '
                        'for each input of the model')
    parser.add_argument('--namespace', metavar='NAME',
                        help='of the robot in the recording [the one that has all topics]')
    parser.add_argument('--remap', action='append', default=[], metavar='TOPIC:=RECORDED',
                        help='what a topic of the manifest is called in the recording')
    parser.add_argument('--frame-prefix', metavar='PREFIX',
                        help='of TF frames in the recording [NAMESPACE/]')
    parser.add_argument('--task', default='', metavar='TEXT',
                        help='what the robot was to do, where the topic task was not recorded')
    parser.add_argument('--calibration', type=int, default=8, metavar='N',
                        help='simulated episodes to calibrate with [%(default)s]')
    parser.add_argument('--episodes', type=int, default=20, metavar='N',
                        help='episodes to try it in before and after, 0 for none [%(default)s]')
    parser.add_argument('--seed', type=int, default=1000, metavar='S',
                        help='of the first of them; those before it calibrate [%(default)s]')
    parser.add_argument('--limit', type=float, default=40.0, metavar='S',
                        help='simulated seconds an episode may take [%(default)s]')
    parser.add_argument('--fleet', type=Path, default=share() / 'config' / 'fleet.yaml',
                        metavar='FILE', help='where its robot is looked up [config/fleet.yaml]')
    parser.add_argument('--robot', metavar='NAME',
                        help='robot of the fleet [the first one with its profile]')
    parser.add_argument('--keep', default='', metavar='LAYER,…',
                        help='names of layers that stay in float')
    parser.add_argument('--processes', type=int, default=1, metavar='P',
                        help='episodes at the same time [%(default)s]')


def run(arguments) -> int:
    """
    Quantise, measure and tell.

    :return: 0
    :raises PhysaiError: when it cannot be done
    """
    if arguments.episodes < 0 or arguments.calibration < 1 or arguments.processes < 1:
        raise ConfigError('--episodes, --calibration, --processes',
                          (arguments.episodes, arguments.calibration, arguments.processes),
                          'at least 0, 1 and 1')
    from physai_ros.quantize.bundle import quantise_bundle
    from physai_ros.quantize.card import success
    bundle, report = quantise_bundle(
        arguments.bundle, arguments.output, _trial(arguments), arguments.recording,
        arguments.episodes, arguments.calibration, arguments.seed, arguments.processes,
        tuple(filter(None, arguments.keep.split(','))), _tell, _naming(arguments))
    print(f'{bundle.folder}: {bundle.name} {bundle.version}, {report.layers} layers in int8, '
          f'{report.sizes[0] / 1e6:.1f} -> {report.sizes[1] / 1e6:.1f} MB, '
          f'{report.times_ms[0]:.2f} -> {report.times_ms[1]:.2f} ms')
    for name, difference in report.differences.items():
        print(f'{name}: differs by at most {difference.largest:.3g}, {difference.mean:.2g} on '
              f'average (its standard deviation is {difference.spread:.3g})')
    print(f'success: {success(report)}')
    return 0


def _naming(arguments):
    from physai_ros.quantize.topics import Naming
    pairs = [text.partition(':=') for text in arguments.remap]
    for text, (topic, _, recorded) in zip(arguments.remap, pairs):
        if not (topic and recorded):
            raise ConfigError('--remap', text, 'TOPIC:=RECORDED, imu:=/base/imu for example')
    return Naming(arguments.namespace, {topic: recorded for topic, _, recorded in pairs},
                  arguments.frame_prefix, arguments.task)


def _trial(arguments):
    """Return the trial of the bundle's robot, None where the fleet has none for it."""
    from physai_ros.bundle.files import load_bundle
    from physai_ros.evaluation.simulated import Trial
    from physai_ros.robots import load_fleet
    bundle, fleet = load_bundle(arguments.bundle), load_fleet(arguments.fleet)
    names = [name for name, robot in fleet.robots.items()
             if robot.profile == bundle.manifest.robot and robot.task is not None]
    name = arguments.robot or next(iter(names), None)
    if name is None:
        return None
    return Trial.of(fleet, name, arguments.limit, str(bundle.folder.resolve()))


def _tell(text):
    end = '' if sys.stderr.isatty() else '\n'
    start = '\r\033[K' if sys.stderr.isatty() else ''
    print(f'{start}{text}', end=end, file=sys.stderr, flush=True)
