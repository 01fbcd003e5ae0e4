"""The processes of a graph, as programs to supervise."""
from pathlib import Path
import sys
from typing import Iterable, List

from physai_ros.supervise.daemon import Program
import yaml


def programs(specs: Iterable, folder: Path) -> List[Program]:
    """
    Return the processes of a graph, with their parameters written to files.

    :param specs: ``bringup.NodeSpec`` of each
    :param folder: for these files; made here
    """
    folder.mkdir()
    return [_program(spec, folder) for spec in specs]


def _program(spec, folder) -> Program:
    name = spec.process
    file = folder / f'{name}.yaml'
    file.write_text(yaml.safe_dump({'/**': {'ros__parameters': dict(spec.parameters)}}))
    rules = [f'__node:={spec.name}', f'__ns:={spec.namespace}',
             *(f'{old}:={new}' for old, new in spec.remappings)]
    command = [sys.executable, '-m', f'{spec.package}.nodes.{spec.executable}_node', '--ros-args',
               '--disable-external-lib-logs', '--params-file', str(file),
               '--enclave', spec.full_name]
    for rule in rules:
        command += ['-r', rule]
    return Program(name, command, spec.respawn)
