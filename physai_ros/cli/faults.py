"""``physai faults``: break a simulated bring-up in every known way, and measure what follows."""
import argparse
import os
from pathlib import Path
import signal

from physai_ros import bringup
from physai_ros.core.errors import ConfigError
from physai_ros.robots import load_fleet
from physai_ros.supervise import domain


def add_arguments(parser):
    """Add the options."""
    fleet = next(a.default for a in bringup.ARGUMENTS if a.name == 'fleet')
    parser.add_argument('--fleet', default=fleet, metavar='FLEET', help='fleet file [%(default)s]')
    parser.add_argument('--robot', action='append', metavar='NAME',
                        help='robot of the fleet, may be given several times [all]')
    parser.add_argument('--only', nargs='+', default=[], metavar='NAME',
                        help='faults by name or pattern, for example kill.* [all]')
    parser.add_argument('--list', action='store_true', help='tell the names of the faults')
    parser.add_argument('--cycles', type=int, metavar='N',
                        help='instead: kill and restart the nodes in turn, N times a robot')
    parser.add_argument('--resume', metavar='FILE',
                        help='with --cycles: where to keep count, and to go on from')
    parser.add_argument('--realtime', action=argparse.BooleanOptionalAction, default=True,
                        help='real-time priority for command and manager, a high one for the '
                             'simulated world, where permitted [on]')
    parser.add_argument('--domain', metavar='N', default=os.environ.get('ROS_DOMAIN_ID'),
                        help='ROS domain [ROS_DOMAIN_ID, else 0]')
    parser.add_argument('--json', metavar='OUT', type=Path, help='write the rows to this file')
    parser.add_argument('--markdown', metavar='PAGE', type=Path,
                        help='replace the table in this page')


def run(arguments) -> int:
    """
    Run the suite.

    :return: 0 when every bound is met, 1 otherwise
    :raises PhysaiError: when the robots cannot be brought up
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    number = domain.parse(arguments.domain)
    os.environ.update(bringup.environment(os.environ))
    from physai_ros.faults.subject import subject
    known = tuple(load_fleet(arguments.fleet).robots)
    names = arguments.robot or known
    for name in names:
        if name not in known:
            raise ConfigError('--robot', name, f'one of {", ".join(known)}')
    robots = [subject(arguments.fleet, name) for name in names]
    if arguments.cycles:
        return _cycles(arguments, robots, number)
    return _suite(arguments, robots, number)


def _cycles(arguments, robots, number) -> int:
    from physai_ros.faults.cycles import Tally, turn
    tally = Tally.load(arguments.resume)
    for robot in robots:
        for text in turn(robot, arguments.fleet, number, arguments.cycles, tally,
                         arguments.realtime):
            print(text, flush=True)
    print(tally.summary())
    return 0 if tally.clean else 1


def _suite(arguments, robots, number) -> int:
    from physai_ros.faults import report, suite
    chosen = [(robot, suite.chosen(robot, arguments.only)) for robot in robots]
    if arguments.list:
        for robot, faults in chosen:
            print(*(f'{robot.name} {fault.name}' for fault in faults), sep='\n')
        return 0
    rows, total = [], sum(len(faults) for _, faults in chosen)
    try:
        for robot, faults in chosen:
            for row in suite.run(robot, arguments.fleet, number, faults, arguments.realtime):
                rows.append(row)
                print(f'{len(rows)}/{total} {report.line(row)}', flush=True)
    finally:
        if arguments.json:
            report.write_json(arguments.json, rows)
    if arguments.markdown:
        report.write_markdown(arguments.markdown, rows)
    failed = sum(bool(row.missed) for row in rows)
    print(f'{len(rows)} faults, {failed} with a missed bound')
    return 1 if failed else 0
