"""The suite's rows as text, JSON and the table of a documentation page."""
from dataclasses import asdict
import json
from pathlib import Path
from typing import Sequence

from physai_ros.core.errors import ConfigError
from physai_ros.faults.fault import Row

BEGIN, END = '<!-- physai faults -->', '<!-- end of physai faults -->'
HEAD = '| robot | fault | noticed, ms | at rest, ms | works again, ms | violations |'


def line(row: Row) -> str:
    """Return a row as one line of text."""
    seen = ', '.join(f'{count} {who}' for who, count in row.violations_seen.items())
    text = (f'{row.robot} {row.fault:42} noticed {_number(row.detected_ms):>6} '
            f'rest {_number(row.rest_ms):>6} again {_number(row.recovered_ms):>6} '
            f'violations {row.violations}{f" ({seen})" if seen else ""} load {row.load}')
    return text + (f'  MISSED {", ".join(row.missed)}' if row.missed else '')


def write_json(path: Path, rows: Sequence[Row]):
    """Write the rows as a list of objects."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + '\n')


def write_markdown(path: Path, rows: Sequence[Row]):
    """
    Replace the table between the two marks of a page.

    :raises ConfigError: for a page without the marks
    """
    text = path.read_text() if path.is_file() else ''
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(f'page {path}', None, f'the marks {BEGIN} and {END}')
    path.write_text(f'{before}{BEGIN}\n\n{_table(rows)}\n\n{END}{after}')


def _table(rows) -> str:
    lines = [HEAD, '|---|---|--:|--:|--:|--:|']
    for row in rows:
        cells = [row.robot, f'`{row.fault}`']
        for name in ('detected_ms', 'rest_ms', 'recovered_ms', 'violations'):
            text = _number(getattr(row, name))
            cells.append(f'**{text}** (missed)' if name in row.missed else text)
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def _number(value) -> str:
    return '–' if value is None else f'{value:.0f}'
