"""How the operating system treats a node's process: priority, processors, memory."""
import ctypes
import os
from pathlib import Path
from typing import List, Tuple

from physai_ros.adapters.parameters import Parameter
from physai_ros.core.errors import ConfigError

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
REMEDY = 'see docs/realtime.md'


def parameters(nice: int) -> Tuple[Parameter, ...]:
    """
    Return the parameters of every node.

    :param nice: default niceness of this node
    """
    return (
        Parameter('scheduling.nice', nice, 'niceness, added to that of its starter', -39, 39),
        Parameter('scheduling.cpus', '', 'processors to run on, such as 2,3; empty: any'),
        Parameter('scheduling.fifo_priority', 0, 'SCHED_FIFO priority of all threads; 0: none',
                  0, 99),
        Parameter('scheduling.lock_memory', False, 'keep all memory that is used in RAM'),
    )


def apply(node) -> List[str]:
    """
    Set what the parameters of a node ask for, for every thread of the process.

    :return: what was not permitted, in words; the node runs on without it
    :raises ConfigError: for processors that are no list of numbers
    """
    wishes = {'scheduling.nice': (_nice, 'CAP_SYS_NICE, or RLIMIT_NICE'),
              'scheduling.cpus': (_cpus, 'processors that this process may use'),
              'scheduling.fifo_priority': (_fifo, 'CAP_SYS_NICE, or RLIMIT_RTPRIO'),
              'scheduling.lock_memory': (_lock, 'CAP_IPC_LOCK, or RLIMIT_MEMLOCK')}
    problems = []
    for name, (ask, needs) in wishes.items():
        value = node.value(name)
        try:
            ask(value)
        except OSError as error:
            problems.append(f'{name} {value}: {error.strerror}; it needs {needs}, {REMEDY}')
    return problems


def _nice(more: int):
    for thread in _threads() if more else ():
        nice = os.getpriority(os.PRIO_PROCESS, thread) + more
        os.setpriority(os.PRIO_PROCESS, thread, min(max(nice, -20), 19))


def _cpus(text: str):
    try:
        wanted = {int(number) for number in text.split(',') if number.strip()}
    except ValueError as error:
        raise ConfigError('parameter scheduling.cpus', text,
                          'numbers of processors, separated by commas') from error
    for thread in _threads() if wanted else ():
        os.sched_setaffinity(thread, wanted)


def _fifo(priority: int):
    for thread in _threads() if priority else ():
        os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))


def _lock(wanted: bool):
    if not wanted:
        return
    flags = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT
    if ctypes.CDLL(None, use_errno=True).mlockall(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _threads() -> List[int]:
    return [int(entry.name) for entry in Path('/proc/self/task').iterdir()]
