"""Declare a node's parameters from one table, checked."""
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Dict, Mapping, Optional, Sequence, Tuple

from physai_ros.core.errors import ConfigError, PhysaiError
from rcl_interfaces.msg import (
    FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult)
from rclpy.exceptions import ParameterException

START, UNCONFIGURED, ALWAYS = 'at start', 'while unconfigured', 'always'
ALONE = 'always, by itself'
TYPES = {float: 'a number', int: 'an integer', str: 'text', bool: 'true or false',
         list: 'a list of texts'}
OWN_OF_ROS = ('use_sim_time', 'start_type_description_service', 'qos_overrides.')


@dataclass(frozen=True)
class Parameter:
    """
    One parameter: its default also gives its type.

    ``minimum`` and ``maximum`` are inclusive; ``choices`` of strings; ``settable`` tells when it
    may change: ``START``, ``UNCONFIGURED`` (the node reads it when it is configured), ``ALWAYS``,
    or ``ALONE``: what a change does cannot be undone if another of the same request is refused.
    """

    name: str
    default: object
    description: str
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    choices: Tuple[str, ...] = ()
    settable: str = START


FRAME_PREFIX = Parameter('frame_prefix', '', 'put before each TF frame name, for example honda1/')


def declare(node, table: Sequence[Parameter]):
    """
    Declare parameters on a node made with ``automatically_declare_parameters_from_overrides``.

    :raises ConfigError: for an override that is not in the table, or of a refused value
    """
    given = {name: value.value for name, value in node.get_parameters_by_prefix('').items()
             if not name.startswith(OWN_OF_ROS)}
    values = accept(table, given, node.get_name())
    for name in given:
        node.undeclare_parameter(name)
    for parameter in table:
        _declare(node, parameter, values[parameter.name])


def accept(table: Sequence[Parameter], given: Mapping[str, object], node: str) -> Dict:
    """
    Return the values of all parameters of a table: those given, else the defaults.

    :param node: its name, for messages
    :raises ConfigError: for a name that is not in the table, or a refused value
    """
    rows = {parameter.name: parameter for parameter in table}
    for name, value in given.items():
        if name not in rows:
            near = get_close_matches(name, rows, 1)
            raise ConfigError(f'parameter {name} of {node}', value,
                              f'one of {", ".join(sorted(rows))}',
                              f'perhaps {near[0]} is meant' if near else '')
    return {name: _accepted(row, given.get(name, row.default), f'parameter {name} of {node}')
            for name, row in rows.items()}


def watch(node, table: Sequence[Parameter], unconfigured, changed=None):
    """
    Refuse changes at the wrong time or of a wrong value.

    :param unconfigured: function that tells whether the node is unconfigured
    :param changed: called as ``changed(name, value)`` before a parameter is set; a
        PhysaiError that it raises refuses the change
    """
    rows = {parameter.name: parameter for parameter in table}

    def check(values):
        for value in values:
            row = rows.get(value.name)
            reason = '' if row is None else _reason(row, value.value)
            if row is not None and row.settable == UNCONFIGURED and not unconfigured():
                reason = f'{value.name} may change only while the node is unconfigured'
            if row is not None and row.settable == ALONE and len(values) > 1 and not \
                    unconfigured():
                reason = f'{value.name} is set by itself, in a request of its own'
            if reason:
                return SetParametersResult(successful=False, reason=reason)
        try:
            for value in values:
                if changed is not None and rows.get(value.name) is not None:
                    changed(value.name, value.value)
        except PhysaiError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)
    node.add_on_set_parameters_callback(check)


def _accepted(row: Parameter, value, place):
    if isinstance(row.default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(row.default):
        quoted = isinstance(value, bool) and isinstance(row.default, str)
        raise ConfigError(place, value, TYPES[type(row.default)],
                          'YAML reads on, off, yes and no so: quote them' if quoted else '')
    reason = _reason(row, value)
    if reason:
        raise ConfigError(place, value, reason)
    return value


def _declare(node, row: Parameter, value):
    try:
        node.declare_parameter(row.name, value, _descriptor(row), ignore_override=True)
    except ParameterException as error:
        raise ConfigError(f'parameter {row.name} of {node.get_name()}', value,
                          str(error)) from error


def _reason(row: Parameter, value) -> str:
    if row.choices and value not in row.choices:
        return f'one of {", ".join(row.choices)}'
    if row.minimum is not None and not row.minimum <= value <= row.maximum:
        return f'{row.minimum:g} to {row.maximum:g}'
    return ''


def _descriptor(row: Parameter) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(
        name=row.name, description=row.description, read_only=row.settable == START,
        additional_constraints=f'settable {row.settable}')
    if row.choices:
        descriptor.additional_constraints += f'; one of {", ".join(row.choices)}'
    if isinstance(row.default, float) and row.minimum is not None:
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=float(row.minimum), to_value=float(row.maximum))]
    elif isinstance(row.default, int) and row.minimum is not None:
        descriptor.integer_range = [
            IntegerRange(from_value=int(row.minimum), to_value=int(row.maximum), step=1)]
    return descriptor
