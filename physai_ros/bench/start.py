"""Start-up time and memory of the policy node, against the least that a node process can be."""
from pathlib import Path
import time
from typing import Iterator

from physai_ros.bench.figure import Figure, summary
from physai_ros.bench.graph import Graph

PROFILE, BUNDLE = 'honda_style', 'kitting'


def measure(quick: bool) -> Iterator[Figure]:
    """Measure from the start of the process to its first message, and to an active node."""
    beats, active, memory, floor, least = [], [], [], [], []
    with Graph() as graph:
        watch = _Watch(graph)
        for _ in range(2 if quick else 10):
            process, seconds = watch.start('bench.minimal', 'minimal')
            floor.append(seconds)
            least.append(_memory_mb(process.pid))
            graph.stop(process)
            start_s = time.monotonic()
            process, seconds = watch.start('nodes.policy_node', 'policy', profile=PROFILE,
                                           bundle=BUNDLE)
            beats.append(seconds)
            graph.activate('policy')
            active.append(time.monotonic() - start_s)
            memory.append(_memory_mb(process.pid))
            graph.stop(process)
    yield summary('start.policy_first_message', 's', beats, floor)
    yield summary('start.policy_active', 's', active, floor, bundle=BUNDLE)
    yield summary('memory.policy_active', 'MB', memory, least, bundle=BUNDLE)


class _Watch:
    """Waits for the heartbeat of a process that it starts."""

    def __init__(self, graph: Graph):
        from physai_ros.adapters.qos import EVENTS
        from physai_ros.bench.tap import Tap
        from std_msgs.msg import Header
        self._graph, self._beats = graph, Tap(graph.node, Header, '/bench/heartbeat', EVENTS)

    def start(self, module, name, **parameters):
        """Return the process, and how many seconds after its start it was heard first."""
        from physai_ros.adapters.heartbeats import name_of
        self._beats.take()
        start_ns = time.time_ns()
        process, heard = self._graph.start(module, **parameters), []

        def beats():
            heard.extend(published_ns for beat, published_ns in self._beats.take()
                         if name_of(beat.frame_id) == name and published_ns > start_ns)
            return heard
        self._graph.wait(beats, f'a heartbeat of {name}')
        return process, (heard[0] - start_ns) * 1e-9


def _memory_mb(pid: int) -> float:
    """Return the proportional set size of a process."""
    for line in Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines():
        if line.startswith('Pss:'):
            return int(line.split()[1]) / 1024
    return 0.0
