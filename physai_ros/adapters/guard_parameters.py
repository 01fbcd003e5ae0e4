"""The numbers of the guard as parameters ``guard.*`` of its node."""
from dataclasses import fields
from typing import Dict

from physai_ros.adapters.parameters import Parameter, UNCONFIGURED
from physai_ros.guard.config import GuardConfig

NUMBERS = tuple(field for field in fields(GuardConfig)
                if isinstance(field.default, float) and field.name != 'control_period_s')
PARAMETERS = tuple(
    Parameter(f'guard.{field.name}', field.default, 'see docs/nodes.md', 0.0, 1000.0,
              settable=UNCONFIGURED) for field in NUMBERS)


def numbers(node) -> Dict[str, float]:
    """Return them by their names in `GuardConfig`."""
    return {field.name: node.value(f'guard.{field.name}') for field in NUMBERS}
