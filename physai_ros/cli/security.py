"""``physai security``: the SROS2 policy of a fleet, with the least that each node needs."""
from pathlib import Path

from physai_ros import bringup
from physai_ros.parameter_check import require_known_parameters
from physai_ros.security.policy import document
from physai_ros.security.rights import rights


def add_arguments(parser):
    """Add the options."""
    for argument in bringup.ARGUMENTS:
        if argument.name in ('fleet', 'robots', 'use_sim', 'use_sim_time', 'viewer'):
            parser.add_argument(f'--{argument.name.replace("_", "-")}', default=argument.default,
                                choices=argument.choices or None, help=argument.description)
    parser.add_argument('--out', metavar='FILE', type=Path,
                        help='write the policy to this file [standard output]')


def run(arguments) -> int:
    """
    Write the policy.

    :return: 0
    :raises ConfigError: for a fleet that could not be started
    """
    graph = bringup.graph(bringup.Options.read(vars(arguments)))
    require_known_parameters(graph.specs)
    text = document(rights(graph))
    if arguments.out is None:
        print(text, end='')
    else:
        arguments.out.write_text(text)
    return 0
