"""One thing to go wrong: how it is done and undone, and what has to become of it."""
from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional


@dataclass(frozen=True)
class Bounds:
    """
    What is asked for; None: nothing is.

    :param detected_ms: until a node says so, on ``command/state`` or /diagnostics
    :param rest_ms: until the robot is at rest
    :param recovered_ms: from the end of the fault until all nodes are active and the robot works
    """

    detected_ms: Optional[float] = None
    rest_ms: Optional[float] = None
    recovered_ms: Optional[float] = 10_000.0
    violations: int = 0


@dataclass(frozen=True)
class Setup:
    """
    The bring-up that a fault needs; faults that need the same share one.

    :param proxy: full name of the one topic that passes through the proxy, '' for none
    :param use_sim_time: the nodes follow a /clock that passes through the proxy
    :param full_disk: what the processes write goes to a file system that can be filled
    """

    proxy: str = ''
    use_sim_time: bool = False
    full_disk: bool = False


@dataclass(frozen=True)
class Fault:
    """
    A fault.

    :param name: dotted, for example ``kill.command``
    :param inject: makes it happen, given a :class:`~physai_ros.faults.session.Session`; returns
        when it begins (monotonic, ns), None for at once
    :param lift: ends it, after ``hold_s``; a fault without an end recovers from its beginning
    :param rests: the robot is still there to come to rest
    :param process: the node that has to be a new process afterwards, or None
    """

    name: str
    inject: Callable
    bounds: Bounds
    lift: Optional[Callable] = None
    hold_s: float = 1.5
    setup: Setup = field(default_factory=Setup)
    rests: bool = True
    process: Optional[str] = None


@dataclass(frozen=True)
class Row:
    """
    What was measured; times in ms, None where nothing was to be measured or it did not happen.

    :param missed: names of the bounds that were not met
    :param load: of the machine, one-minute average
    """

    robot: str
    fault: str
    detected_ms: Optional[float]
    rest_ms: Optional[float]
    recovered_ms: Optional[float]
    violations: int
    violations_seen: Mapping[str, int]
    missed: tuple
    load: float


def missed(row: Mapping[str, Optional[float]], bounds: Bounds) -> tuple:
    """Return the names of the bounds that a row's values do not meet."""
    return tuple(name for name in ('detected_ms', 'rest_ms', 'recovered_ms', 'violations')
                 if getattr(bounds, name) is not None
                 and (row[name] is None or row[name] > getattr(bounds, name)))
