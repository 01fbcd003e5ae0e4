"""How a node's process is scheduled, as its parameters say."""
import os
from pathlib import Path
import signal

import pytest


def threads(process):
    return [int(entry.name) for entry in Path(f'/proc/{process.pid}/task').iterdir()]


def test_every_thread_steps_back_and_keeps_to_its_processors(graph):
    cpu = max(os.sched_getaffinity(0))
    process = graph.start('state_publisher', '/two1', scheduling__nice=3,
                          scheduling__cpus=str(cpu))
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert len(threads(process)) > 1
    for thread in threads(process):
        assert os.getpriority(os.PRIO_PROCESS, thread) == min(mine + 3, 19)
        assert os.sched_getaffinity(thread) == {cpu}


def test_real_time_where_it_is_permitted_else_a_reason(graph, capfd):
    process = graph.start('state_publisher', '/two1', scheduling__fifo_priority=20,
                          scheduling__lock_memory=True)
    policies = {os.sched_getscheduler(thread) for thread in threads(process)}
    locked = 'VmLck:\t       0 kB' not in Path(f'/proc/{process.pid}/status').read_text()
    graph.end('two1/state_publisher', signal.SIGTERM)
    said = capfd.readouterr().err
    assert (os.SCHED_FIFO in policies) != ('scheduling.fifo_priority 20: ' in said)
    assert locked != ('scheduling.lock_memory True: ' in said)


def test_processors_that_are_no_numbers_are_refused(graph):
    process = graph.launch('state_publisher', '/two1', scheduling__cpus='all')
    assert process.wait(20) == 2


@pytest.mark.parametrize('executable, nice', [('perception', 5), ('policy', 5), ('manager', 0)])
def test_what_is_slow_steps_back_for_what_is_urgent(executable, nice):
    module = pytest.importorskip(f'physai_ros.nodes.{executable}_node')
    node = next(thing for name, thing in vars(module).items()
                if name.lower() == f'{executable}node')
    assert node.NICE == nice
