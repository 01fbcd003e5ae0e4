"""The figures as a table, for a terminal and for the documentation."""
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from physai_ros.bench.figure import Figure
from rich.console import Console
from rich.table import Table

COLUMNS = ('figure', 'unit', 'p50', 'p99', 'p99.9', 'floor p50', 'floor p99', 'ratio p50',
           'ratio p99', 'bound', 'kept')
WIDTH = 150
HEADING = '## Measured'


def show(machine: dict, figures: Sequence[Figure], failed: Dict[str, str]):
    """Print everything to the terminal."""
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(_title(machine), style='bold')
    table = Table(box=None, pad_edge=False, header_style='bold')
    for name in COLUMNS:
        table.add_column(name, no_wrap=True,
                         justify='left' if name in ('figure', 'unit', 'bound') else 'right')
    for figure in figures:
        table.add_row(*_cells(figure), style='red' if figure.missed else None)
    console.print(table)
    for name, reason in failed.items():
        console.print(f'{name}: not measured: {reason}', style='red')


def write_markdown(file: Path, machine: dict, figures: Sequence[Figure]):
    """Write machine and table to a file; in a page they replace what follows its heading."""
    page = file.read_text() if file.is_file() else ''
    before, heading, _ = page.partition(f'{HEADING}\n')
    file.write_text((f'{before}{heading}\n' if heading else '') + markdown(machine, figures))


def markdown(machine: dict, figures: Sequence[Figure]) -> str:
    """Return machine and table as Markdown."""
    lines = [_title(machine), '', f'| {" | ".join(COLUMNS)} |', '|---' * len(COLUMNS) + '|']
    lines += [f'| {" | ".join(_cells(figure))} |' for figure in figures]
    return '\n'.join(lines) + '\n'


def _title(machine) -> str:
    return ', '.join(f'{key} {value}' for key, value in machine.items())


def _cells(figure: Figure) -> List[str]:
    numbers = [_number(getattr(figure, name)) for name in (
        'p50', 'p99', 'p999', 'floor_p50', 'floor_p99', 'ratio_p50', 'ratio_p99')]
    bounds = [f'{name} ≤ {bound:g}' for name, bound in figure.at_most.items()]
    bounds += [f'{name} ≥ {bound:g}' for name, bound in figure.at_least.items()]
    kept = ('no' if figure.missed else 'yes') if bounds else ''
    return [figure.name, figure.unit, *numbers, ', '.join(bounds), kept]


def _number(value: Optional[float]) -> str:
    return '' if value is None else f'{value:.3g}'
