"""Make one fault happen to a robot at work, and measure."""
import os
import time
from typing import Optional

from physai_ros.faults.fault import Fault, missed, Row
from physai_ros.faults.session import Session

WORK_S = 40.0             # until a robot that works is on the move
RECOVER_S = 20.0          # how long is waited, whatever the bound is
NOTICE = ('state holding', 'state faulted', 'state disengaged', 'problem')
SETTLE_S = 0.3
JUST_BEFORE_S = 0.002


def trial(session: Session, fault: Fault) -> Row:
    """
    Return what became of a fault.

    :raises PhysaiError: when the robot does not work before it
    """
    observer = session.observer
    session.require(lambda: observer.works() and observer.motion.moving(), WORK_S,
                    'the robot to be at work')
    before, pid = observer.violations, fault.process and session.pid(fault.process)
    start_ns, stamp_ns = time.monotonic_ns(), observer.motion.newest_ns
    begin_ns = fault.inject(session)
    if begin_ns is not None:
        time.sleep(max(0.0, (begin_ns - time.monotonic_ns()) * 1e-9 - JUST_BEFORE_S))
        start_ns, stamp_ns = begin_ns, observer.motion.newest_ns
    rest_ns = _rest(session, fault, stamp_ns)
    since_ns = start_ns
    if fault.lift is not None:
        session.wait(lambda: False, fault.hold_s - (time.monotonic_ns() - start_ns) * 1e-9)
        fault.lift(session)
        since_ns = time.monotonic_ns()
    recovered_ns = recovery(session, since_ns, fault.process, pid)
    session.wait(lambda: False, SETTLE_S)
    more = {who: count - before[who] for who, count in observer.violations.items()}
    values = {'detected_ms': _ms(observer.first_event_ns(start_ns, NOTICE), start_ns),
              'rest_ms': _ms(rest_ns, stamp_ns), 'recovered_ms': _ms(recovered_ns, since_ns),
              'violations': sum(more.values())}
    return Row(session.robot.name, fault.name, missed=missed(values, fault.bounds),
               load=round(os.getloadavg()[0], 1),
               violations_seen={who: count for who, count in more.items() if count}, **values)


def recovery(session: Session, since_ns: int, process: Optional[str] = None,
             pid: Optional[int] = None) -> Optional[int]:
    """
    Wait until the robot is at work again; a latched fault is cleared as an operator would.

    :param since_ns: monotonic; only what is said later counts
    :param process: node that must be another process than ``pid`` by then
    :return: when that was (monotonic), or None
    """
    observer, heard_ns, hears = session.observer, since_ns, process

    def back():
        nonlocal process, heard_ns, hears
        if process is not None:
            if session.pid(process) in (0, pid):
                return False
            process, heard_ns = None, time.monotonic_ns()
        if hears is not None:       # the new process itself, and then its manager
            if observer.heard_ns(hears) <= heard_ns:
                return False
            hears, heard_ns = None, observer.heard_ns(hears)
        if observer.state == 'faulted' or observer.was_faulted():
            observer.clear_and_engage()
        return (observer.works() and observer.motion.moving()
                and observer.heard_ns('manager') > heard_ns)
    return None if session.wait(back, RECOVER_S) is None else time.monotonic_ns()


def _rest(session, fault, stamp_ns):
    """Return the stamp at which the robot was at rest, None when it was not."""
    if not fault.rests or fault.bounds.rest_ms is None:
        return None
    session.wait(lambda: session.observer.motion.rest_ns(stamp_ns), fault.hold_s)
    return session.observer.motion.rest_ns(stamp_ns)


def _ms(at_ns, since_ns):
    return None if at_ns is None else round((at_ns - since_ns) * 1e-6, 1)
