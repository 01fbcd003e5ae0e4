"""The loop that looks at a running graph: a live table, or plain lines now and then."""
import time
from typing import Dict, List

from physai_ros.cli import table
from physai_ros.core.errors import ConfigError
from physai_ros.core.lifecycle import ACTIVE
from physai_ros.supervise.watchdog import Watchdog
from rich.console import Console
from rich.live import Live

PAUSE_S = 0.1
LOOK_S = 0.5
PLAIN_S = 5.0
LOG_TAIL_BYTES = 4096
DOWN = {'BACKOFF': 'crashed', 'EXITED': 'ended', 'FATAL': 'given up', 'STOPPED': 'stopped',
        'STOPPING': 'stopping', 'UNKNOWN': 'unknown'}


class Show:
    """Tell the user what happens, on a terminal or in a log."""

    def __init__(self, stream, plain: bool):
        self._live = stream.isatty() and not plain
        self._console = Console(file=stream, soft_wrap=not self._live, highlight=False)
        # since Python started; the process may be older: make sets up in it, then becomes us
        self._started_s = time.monotonic() - time.process_time()

    def age_s(self) -> float:
        """Return how long this program has run."""
        return time.monotonic() - self._started_s

    def say(self, text: str):
        """Print one line."""
        self._console.print(text, markup=False)

    def run(self, graph, monitor, daemon, logs, stop, duration_s) -> int:
        """
        Show the graph until it is asked to stop.

        :param duration_s: stop by itself after so many seconds, or None
        :return: exit code
        :raises ConfigError: when the supervisor died
        """
        watch = _Watch(graph, monitor, daemon, logs)
        ready = False
        with Live(console=self._console, auto_refresh=False, transient=False) as live:
            next_plain_s = 0.0
            while not stop.requested:
                time.sleep(PAUSE_S)
                age_s = self.age_s()
                if not watch.look():
                    continue
                if not ready and watch.working():
                    ready = True
                    self.say(f'ready: {watch.summary()} ({age_s:.1f} s)')
                if self._live:
                    live.update(table.render(
                        watch.rows, watch.robots, f'physai up, {age_s:.0f} s',
                        f'Ctrl-C stops everything; logs: {logs}'), refresh=True)
                elif age_s >= next_plain_s:
                    next_plain_s = age_s + PLAIN_S
                    for line in table.plain(watch.rows, watch.robots):
                        self.say(line)
                if duration_s is not None and age_s > duration_s:
                    return self._end(ready, watch)
        return 0

    def _end(self, ready, watch) -> int:
        if not ready:
            self.say('not ready: ' + '; '.join(table.plain(watch.rows, watch.robots)))
        return 0 if ready else 1


class _Watch:
    """The graph's rows, looked at twice a second."""

    def __init__(self, graph, monitor, daemon, logs):
        self._graph, self._monitor, self._daemon, self._logs = graph, monitor, daemon, logs
        self._pids: Dict[str, List[int]] = {}
        self._next_s = 0.0
        self._alone = {s.process: s.full_name for s in graph.specs if not s.managed}
        self._watchdog = Watchdog(daemon, self._alone)
        self.rows, self.robots = [], {}
        monitor.watch(graph.commands, graph.states)

    def look(self) -> bool:
        """Look if it is time to; return whether it was."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + LOOK_S
        if not self._daemon.running:
            raise ConfigError('process supervisor', 'gone', 'a running one',
                              f'see {self._logs}/supervisord.log')
        self._monitor.look()
        self._watchdog.look({process: self._monitor.heard_s(node)
                             for process, node in self._alone.items()})
        states = self._daemon.states()
        self.rows = [self._row(spec, states.get(spec.process))
                     for spec in self._graph.specs]
        self.robots = {name: self._monitor.doing(name) for name in self._graph.commands}
        return True

    def working(self) -> bool:
        """Return whether all nodes are active, and commands flow where robots are engaged."""
        lifecycle = [row.state == ACTIVE for row, spec in zip(self.rows, self._graph.specs)
                     if spec.managed]
        flows = all(self._monitor.commanded(robot) for robot in self._graph.commands)
        return all(lifecycle) and (flows or not self._graph.options.use_sim)

    def summary(self) -> str:
        """Return which robots are ready, in words."""
        *most, last = self._graph.commands
        names = f'{", ".join(most)} and {last}' if most else last
        doing = 'working' if self._graph.options.use_sim else 'active, not engaged'
        return f'{names} {"are" if most else "is"} {doing}'

    def _row(self, spec, process):
        name = spec.process
        pids = self._pids.setdefault(name, [])
        if process and process.pid and process.pid not in pids[-1:]:
            pids.append(process.pid)
        restarts = max(0, len(pids) - 1)
        down = DOWN.get(process.state) if process else None
        return table.node_row(spec.full_name.strip('/'), down,
                              self._monitor.status(spec.full_name), restarts,
                              self._last_words(name) if down else '')

    def _last_words(self, name) -> str:
        """Return the last line of a process's log."""
        try:
            with open(self._logs / f'{name}.log', 'rb') as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - LOG_TAIL_BYTES))
                lines = file.read().decode(errors='replace').split('\n')
        except OSError:
            return ''
        return next((line.strip() for line in reversed(lines) if line.strip()), '')
