"""What ``physai up`` shows: rows of nodes and lines of robots, in colour or as plain text."""
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

OK, WARN, ERROR = 0, 1, 2
STYLES = {OK: 'green', WARN: 'yellow', ERROR: 'bold red'}
COLUMNS = ('node', 'state', 'rate [Hz]', 'latency [ms]', 'cpu [%]', 'restarts', 'remark')
NUMBERS = ('cpu [%]', 'restarts')


@dataclass(frozen=True)
class Status:
    """The last /diagnostics of a node: ``level`` 0 ok, 1 warning, 2 error."""

    level: int
    message: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One node in the table."""

    node: str
    state: str
    level: int
    rates: str = ''
    latencies: str = ''
    cpu: str = ''
    restarts: int = 0
    remark: str = ''


def node_row(node: str, down: Optional[str], status: Optional[Status], restarts: int,
             last_words: str = '') -> Row:
    """
    Return the row of a node.

    :param down: what became of its process when that does not run, else None
    :param status: its diagnostics, None when there are none or they are old
    :param last_words: of a process that does not run
    """
    if down is not None:
        return Row(node, down, ERROR, restarts=restarts, remark=last_words)
    if status is None:
        return Row(node, 'starting', OK, restarts=restarts)
    values = status.values
    return Row(node, values.get('lifecycle', 'running'), status.level,
               _figures(values, '_hz'), _figures(values, '_ms', but='_max_ms'),
               values.get('cpu_percent', ''), restarts,
               status.message if status.level else '')


def render(rows: Sequence[Row], robots: Mapping[str, str], head: str, foot: str = ''):
    """Return the live picture for a terminal."""
    table = Table(box=None, pad_edge=False, header_style='bold', expand=False)
    for name in COLUMNS:
        table.add_column(name, justify='right' if name in NUMBERS else 'left',
                         no_wrap=name in ('node', 'state'),
                         overflow='ellipsis' if name != 'remark' else 'fold')
    for row in rows:
        style = STYLES[row.level]
        table.add_row(row.node, Text(row.state, style), row.rates, row.latencies, row.cpu,
                      str(row.restarts or ''), Text(row.remark, style))
    lines = [Text(f'{name}: {text}') for name, text in robots.items()]
    return Group(Text(head, 'bold'), table, Text(), *lines, Text(foot, 'dim'))


def plain(rows: Sequence[Row], robots: Mapping[str, str]) -> List[str]:
    """Return the same as a few lines of plain text."""
    counts: Dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    nodes = ', '.join(f'{count} {state}' for state, count in sorted(counts.items()))
    troubles = [f'  {row.node}: {row.state}{": " if row.remark else ""}{row.remark}'
                for row in rows if row.level]
    return [f'nodes: {nodes}', *troubles, *(f'  {name}: {text}' for name, text in robots.items())]


def _figures(values: Mapping[str, str], suffix: str, but: str = '\0') -> str:
    return ' '.join(f'{key[:-len(suffix)]} {value}' for key, value in values.items()
                    if key.endswith(suffix) and not key.endswith(but))
