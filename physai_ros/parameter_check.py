"""Whether nodes take the parameters that a fleet file gives them, known before any is started."""
from importlib import import_module
from typing import Iterable

from physai_ros.core.errors import ConfigError


def require_known_parameters(specs: Iterable):
    """
    Check what the fleet file gives to nodes by their own tables; their code is loaded for that.

    :param specs: ``bringup.NodeSpec`` of each node
    :raises ConfigError: naming every node that would refuse to start
    """
    problems = []
    for spec in specs:
        if spec.given:
            try:
                _accept(spec)
            except ConfigError as error:
                problems.append(str(error))
    if problems:
        raise ConfigError('\n  - '.join(['parameters of the fleet file are refused:', *problems]))


def _accept(spec):
    try:
        from physai_ros.adapters.parameters import accept
        table = _table(spec)
    except ModuleNotFoundError as error:
        raise ConfigError(f'parameters of {spec.full_name} cannot be checked: {error.name}', None,
                          'ROS 2, whose libraries know them', 'source it first') from None
    accept(table, spec.given, spec.full_name)


def _table(spec):
    module = import_module(f'{spec.package}.nodes.{spec.executable}_node')
    node_class, = (thing for name, thing in vars(module).items()
                   if name.endswith('Node') and thing.__module__ == module.__name__)
    return node_class.all_parameters()
