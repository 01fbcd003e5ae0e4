"""``physai import``: checkpoints of other frameworks become bundles."""
from pathlib import Path
import sys

from physai_ros.core.errors import ConfigError


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('framework', choices=['lerobot'], help='what the checkpoint is of')
    parser.add_argument('checkpoint', metavar='CHECKPOINT',
                        help='folder with config.json and model.safetensors of an ACT policy')
    parser.add_argument('--output', type=Path, required=True, metavar='FOLDER',
                        help='the bundle that is written')
    parser.add_argument('--robot', metavar='PROFILE', help='the robot that it is for')
    parser.add_argument('--joints', default='', metavar='NAME,…',
                        help="names of the joints, in the policy's order")
    parser.add_argument('--action-joints', default='', metavar='NAME,…',
                        help='those of the action, where they differ')
    parser.add_argument('--dataset', type=Path, metavar='FOLDER',
                        help='metadata of the dataset: names of the joints, rate, robot')
    parser.add_argument('--rate', type=float, metavar='HZ',
                        help='how many actions of an answer make a second')
    parser.add_argument('--unit', default='rad', metavar='UNIT,…',
                        help='of the joints in the policy: rad, m, deg, or the size of one in rad '
                        'or m; one for all, or one for each [%(default)s]')
    parser.add_argument('--camera', action='append', default=[], metavar='NAME=TOPIC',
                        help='the topic of a camera [NAME/image_raw]')
    parser.add_argument('--name', help="of the bundle [the folder's]")
    parser.add_argument('--version', default='1.0.0', help='of the bundle [%(default)s]')
    parser.add_argument('--inputs', type=int, default=5, metavar='N',
                        help='random observations to compare it with LeRobot on [%(default)s]')


def run(arguments) -> int:
    """
    Import and tell what was made.

    :return: 0
    :raises PhysaiError: when it cannot be imported
    """
    from physai_ros.importers.lerobot import import_lerobot
    from physai_ros.importers.mapping import Wishes
    if arguments.inputs < 1:
        raise ConfigError('--inputs', arguments.inputs, 'at least 1')
    wishes = Wishes(arguments.robot, _listed(arguments.joints), _listed(arguments.action_joints),
                    arguments.rate, _listed(arguments.unit), dict(map(_pair, arguments.camera)),
                    arguments.name, arguments.version)
    bundle, parity = import_lerobot(arguments.checkpoint, arguments.output, wishes,
                                    arguments.dataset, arguments.inputs, _tell)
    print(f'{bundle.folder}: {bundle.name} {bundle.version}, '
          f'{len(bundle.model_bytes) / 1e6:.1f} MB')
    print(f'differs from LeRobot by at most {parity.action:.2e} rad or m over {parity.inputs} '
          'random observations')
    for problem in _problems(bundle):
        print(f'does not fit the robot yet: {problem}')
    return 0


def _problems(bundle):
    """Return what keeps the bundle from its robot, nothing where the robot is not known."""
    from physai_ros.bundle.check import preflight
    from physai_ros.core.errors import PhysaiError
    from physai_ros.robots import load_profile, parse
    try:
        profile = load_profile(bundle.manifest.robot)
    except ConfigError:
        return [f'there is no profile {bundle.manifest.robot} here (docs/robots.md)']
    try:
        preflight(bundle.manifest, None, profile, parse(profile.description()))
    except PhysaiError as error:
        return [error]
    return []


def _listed(text):
    return tuple(word.strip() for word in text.split(',') if word.strip())


def _pair(text):
    name, equals, topic = text.partition('=')
    if not (name and equals and topic):
        raise ConfigError('--camera', text, 'NAME=TOPIC, like top=head_camera/image_raw')
    return name, topic


def _tell(text):
    print(text, file=sys.stderr, flush=True)
