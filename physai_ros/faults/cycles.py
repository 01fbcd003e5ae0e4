"""Kill the nodes of a robot in turn, again and again, and keep count."""
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
import json
import os
from pathlib import Path
import signal
import time
from typing import Dict, Iterator, Optional

from physai_ros.faults.fault import Setup
from physai_ros.faults.session import Session
from physai_ros.faults.subject import Subject
from physai_ros.faults.suite import open_session
from physai_ros.faults.trial import recovery

WORK_S = 40.0
SETTLE_S = 0.3


@dataclass
class Tally:
    """What was counted, in a file that a later run goes on from."""

    path: Optional[str] = None
    cycles: Dict[str, int] = field(default_factory=dict)
    violations: Dict[str, int] = field(default_factory=dict)
    not_recovered: int = 0
    orphans: int = 0
    slowest_s: float = 0.0
    highest_load: float = 0.0

    @classmethod
    def load(cls, path: Optional[str]) -> 'Tally':
        """Return what a file holds, nothing yet when there is none."""
        if path is None or not Path(path).is_file():
            return cls(path)
        return cls(**{**json.loads(Path(path).read_text()), 'path': str(path)})

    def save(self):
        """Write the file, if there is to be one."""
        if self.path is not None:
            Path(self.path).write_text(json.dumps(asdict(self), indent=1) + '\n')

    @property
    def clean(self) -> bool:
        """Return whether nothing went wrong."""
        return not (any(self.violations.values()) or self.not_recovered or self.orphans)

    def summary(self) -> str:
        """Return everything in one line."""
        seen = ', '.join(f'{count} {what}' for what, count in sorted(self.violations.items())
                         if count)
        return (f'{sum(self.cycles.values())} cycles; violations: {seen or "none"}; '
                f'not recovered: {self.not_recovered}; orphan processes: {self.orphans}; '
                f'slowest recovery {self.slowest_s:.1f} s; highest load {self.highest_load:.1f}')


def turn(robot: Subject, fleet: Path, domain: int, count: int, tally: Tally,
         realtime: bool = False) -> Iterator[str]:
    """
    Yield a line a cycle, until ``count`` cycles of this robot are done.

    :param tally: is kept up to date
    """
    while tally.cycles.get(robot.name, 0) < count:
        with ExitStack() as stack:
            session = open_session(stack, robot, fleet, domain, Setup(), realtime)
            recovered = True
            while recovered and tally.cycles.get(robot.name, 0) < count:
                done = tally.cycles.get(robot.name, 0)
                node = robot.nodes[done % len(robot.nodes)]
                took_s = _cycle(session, node, tally)
                recovered = took_s is not None
                tally.cycles[robot.name] = done + 1
                tally.not_recovered += not recovered
                tally.slowest_s = max(tally.slowest_s, took_s or 0.0)
                tally.highest_load = max(tally.highest_load, round(os.getloadavg()[0], 1))
                tally.save()
                yield (f'{done + 1}/{count} {robot.name} {node}: '
                       f'{f"works again after {took_s:.1f} s" if recovered else "NOT BACK"}; '
                       f'{tally.summary()}')
        tally.orphans += len(session.orphans())
        tally.save()


def _cycle(session: Session, node: str, tally: Tally) -> Optional[float]:
    observer = session.observer
    session.require(lambda: observer.works() and observer.motion.moving(), WORK_S,
                    'the robot to be at work')
    before, start_ns = observer.violations, time.monotonic_ns()
    pid = session.signal(node, signal.SIGKILL)
    at_ns = recovery(session, start_ns, node, pid)
    session.wait(lambda: False, SETTLE_S)
    for who, number in observer.violations.items():
        tally.violations[who] = tally.violations.get(who, 0) + number - before[who]
    return None if at_ns is None else (at_ns - start_ns) * 1e-9
