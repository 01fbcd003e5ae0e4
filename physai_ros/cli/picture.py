"""``physai picture``: a picture of the fleet at work in the simulator."""
from pathlib import Path

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.robots import load_fleet


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('out', type=Path, nargs='?', default=Path('docs/images/cell.png'),
                        metavar='OUT', help='PNG file to write [%(default)s]')
    parser.add_argument('--fleet', type=Path, default=share() / 'config' / 'fleet.yaml',
                        metavar='FILE', help='fleet file [config/fleet.yaml]')
    parser.add_argument('--seed', type=int, default=5, help='of the scene [%(default)s]')
    parser.add_argument('--at', type=float, default=3.0, metavar='S',
                        help='after so many simulated seconds of work [%(default)s]')
    parser.add_argument('--size', type=int, nargs=2, default=(1280, 720), metavar=('W', 'H'),
                        help='pixels [1280 720]')


def run(arguments) -> int:
    """
    Let the robots work for a while and write the picture.

    :return: 0
    :raises PhysaiError: when the fleet cannot be simulated or the file not be written
    """
    if not arguments.out.absolute().parent.is_dir():
        raise ConfigError('OUT', str(arguments.out), 'a file in an existing folder')
    import cv2
    from physai_ros.evaluation.loop import TICK_STEPS
    from physai_ros.evaluation.simulated import Trial
    from physai_ros.sim import World
    fleet = load_fleet(arguments.fleet)
    trials = [Trial.of(fleet, name, 0.0) for name in fleet.robots]
    world = World([t.simulated(fleet.robots[t.robot].pose) for t in trials], arguments.seed)
    loops = [trial.loop(world) for trial in trials]
    while world.time_ns < arguments.at * 1e9:
        for loop in loops:
            loop.control()
        for _ in range(TICK_STEPS):
            world.step()
    picture = world.overview(*arguments.size)
    if not cv2.imwrite(str(arguments.out), picture[:, :, ::-1]):
        raise ConfigError('OUT', str(arguments.out), 'a file that can be written, ending in .png')
    print(f'{arguments.out}: ' + '; '.join(
        f'{loop.name} {world.status(loop.name).text}' for loop in loops))
    return 0
