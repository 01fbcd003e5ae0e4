"""``physai bench``: what the runtime costs on this machine, against bounds."""
from importlib import import_module
import json
from pathlib import Path
import sys

from physai_ros.bench import FIGURES
from physai_ros.core.errors import ConfigError, PhysaiError


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('--only', nargs='+', metavar='NAME', default=list(FIGURES),
                        help=f'of {", ".join(FIGURES)}')
    parser.add_argument('--quick', action='store_true', help='seconds instead of minutes')
    parser.add_argument('--json', type=Path, metavar='OUT', help='write all figures to a file')
    parser.add_argument('--markdown', type=Path, metavar='OUT',
                        help='write machine and table as Markdown to a file, or into a page '
                        'under its heading "Measured"')
    parser.add_argument('--check', action='store_true',
                        help='exit code 1 when a bound is missed')


def run(arguments) -> int:
    """
    Measure, show, and write.

    :return: 1 with ``--check`` when a bound is missed or a figure cannot be measured
    :raises ConfigError: for an unknown name
    """
    unknown = [name for name in arguments.only if name not in FIGURES]
    if unknown:
        raise ConfigError('--only', unknown[0], f'one of {", ".join(FIGURES)}')
    from physai_ros.bench.machine import describe
    from physai_ros.bench.table import show, write_markdown
    machine, figures, failed = describe(), [], {}
    for name in arguments.only:
        try:
            for figure in import_module(f'physai_ros.bench.{name}').measure(arguments.quick):
                figures.append(figure)
                print(f'{figure.name}: {figure.p50:.4g} {figure.unit}', file=sys.stderr)
        except PhysaiError as error:
            failed[name] = str(error)
            print(f'{name}: not measured: {error}', file=sys.stderr)
    show(machine, figures, failed)
    if arguments.json:
        arguments.json.write_text(json.dumps({
            'machine': machine, 'failed': failed, 'quick': arguments.quick,
            'figures': [figure.as_dict() for figure in figures]}, indent=1) + '\n')
    if arguments.markdown:
        write_markdown(arguments.markdown, machine, figures)
    missed = failed or any(figure.missed for figure in figures)
    return 1 if arguments.check and missed else 0
