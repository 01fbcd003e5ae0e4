"""``physai``: one small table of subcommands; only the one that is asked for is imported."""
import argparse
from importlib import import_module
import sys

from physai_ros.core.errors import PhysaiError

COMMANDS = {
    'up': 'start a fleet of robots, simulated or real, and show what it does',
    'check': 'compare a bundle with its model, a robot and the live graph, before it moves',
    'robot': 'tell what the guard makes of a robot: limits, what is watched, what is not and why',
    'inspect': 'draw the data flow of a bundle',
    'sign': 'sign a bundle',
    'verify': 'verify the signature of a bundle',
    'schema': 'print the JSON Schema of policy.yaml',
    'picture': 'render the fleet at work in the simulator',
    'import': 'make a bundle of a checkpoint of another framework',
    'quantize': 'make a bundle in int8 and tell what that changes',
    'eval': "try a robot's policy in the simulator and tell how often it succeeds",
    'bench': 'measure what the runtime costs on this machine, against bounds',
    'replay': 'step the guard over the recording of a black box and compare the decisions',
    'faults': 'break a simulated bring-up in every known way and measure what follows',
    'security': 'write the SROS2 policy of a fleet, with the least that each node needs',
}
"""Subcommand -> help; module ``physai_ros.cli.<name>`` has ``add_arguments(parser)`` and
``run(arguments) -> exit code``."""


def main(argv=None) -> int:
    """
    Run the command line.

    :param argv: arguments without the program's name, ``sys.argv`` by default
    :return: exit code: 0, 1 for an error that was told, 2 for a wrong usage
    """
    argv = sys.argv[1:] if argv is None else argv
    wanted = next((word for word in argv if not word.startswith('-')), None)
    try:
        return _run(argv, wanted)
    except PhysaiError as error:
        print(f'physai {wanted}: error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # `up` is ended so, even before it handles the signal itself
        return 0 if wanted == 'up' else 130


def _run(argv, wanted) -> int:
    parser = argparse.ArgumentParser(
        prog='physai', description='Physical AI models on ROS 2 robots.')
    subparsers = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=text)
        if name == wanted:
            module = import_module(f'physai_ros.cli.{name}')
            module.add_arguments(subparser)
    arguments = parser.parse_args(argv)
    return module.run(arguments)


if __name__ == '__main__':
    sys.exit(main())
