"""The whole suite: robot by robot, bring-up by bring-up, fault by fault."""
from contextlib import ExitStack
from fnmatch import fnmatch
from itertools import groupby
import os
from pathlib import Path
from typing import Iterator, List, Sequence

from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.faults.catalogue import catalogue
from physai_ros.faults.fault import Fault, Row, Setup
from physai_ros.faults.machine import Disk
from physai_ros.faults.session import Session
from physai_ros.faults.subject import Subject, Way
from physai_ros.faults.trial import trial

CLOCK = Way('/clock', 'rosgraph_msgs/msg/Clock', 'SENSOR_OUT', ('sim',))


def chosen(robot: Subject, patterns: Sequence[str]) -> List[Fault]:
    """
    Return the faults of a robot whose names match any pattern; all without patterns.

    :raises ConfigError: when none does
    """
    faults = catalogue(robot)
    found = [fault for fault in faults
             if not patterns or any(fnmatch(fault.name, pattern) for pattern in patterns)]
    if not found:
        raise ConfigError('--only', list(patterns), 'names or patterns of faults such as '
                          + ', '.join(sorted({f'{f.name.split(".")[0]}.*' for f in faults})))
    return found


def run(robot: Subject, fleet: Path, domain: int, faults: Sequence[Fault],
        realtime: bool = False) -> Iterator[Row]:
    """
    Yield a row a fault; a robot that does not work again after one is brought up anew.

    :param domain: ROS domain
    :param realtime: see :class:`~physai_ros.faults.session.Session`
    """
    for setup, group in groupby(faults, key=lambda fault: fault.setup):
        waiting = list(group)
        while waiting:
            with ExitStack() as stack:
                session = open_session(stack, robot, fleet, domain, setup, realtime)
                while waiting:
                    row = _tried(session, waiting.pop(0))
                    yield row
                    if row.recovered_ms is None:
                        break


def open_session(stack: ExitStack, robot: Subject, fleet: Path, domain: int,
                 setup: Setup, realtime: bool = False) -> Session:
    """Return a session at work, as a fault needs it; the stack ends it."""
    disk = None
    if setup.full_disk:
        disk = Disk()
        stack.callback(disk.close)
    ways = [way for way in (*robot.ways(), CLOCK) if robot.topic(way.topic) == setup.proxy]
    session = Session(robot, fleet, domain, ways, setup.use_sim_time,
                      {'ROS_LOG_DIR': str(disk.folder)} if disk else {}, realtime)
    session.disk = disk
    return stack.enter_context(session)


def _tried(session, fault) -> Row:
    try:
        return trial(session, fault)
    except PhysaiError as error:
        return Row(session.robot.name, fault.name, None, None, None, 0, {}, (str(error),),
                   round(os.getloadavg()[0], 1))
