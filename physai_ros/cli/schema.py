"""``physai schema``: the JSON Schema of policy.yaml, for editors that complete and check it."""
from pathlib import Path

from physai_ros.core.errors import ConfigError


def add_arguments(parser):
    """Add the arguments of this subcommand."""
    parser.add_argument('--docs', metavar='DIR', type=Path,
                        help='write the schema and the page of all terms there instead')


def run(arguments) -> int:
    """Print the schema, or write the generated documentation."""
    from physai_ros.bundle.reference import files, json_schema
    if arguments.docs is None:
        print(json_schema(), end='')
        return 0
    if not arguments.docs.is_dir():
        raise ConfigError('--docs', str(arguments.docs), 'a folder')
    for name, text in files().items():
        (arguments.docs / name).write_text(text)
        print(arguments.docs / name)
    return 0
