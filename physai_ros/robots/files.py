"""Read YAML strictly: size cap, no alias, no key twice; tell all problems of a schema at once."""
from pathlib import Path
from typing import Type, TypeVar

from physai_ros.core.errors import ConfigError
from physai_ros.core.schema_problems import Explainer, Where
from pydantic import BaseModel, ValidationError
import yaml

MAX_BYTES = 256 * 1024
Model = TypeVar('Model', bound=BaseModel)


class _StrictLoader(yaml.SafeLoader):
    """Refuse what YAML allows and a configuration never needs."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.YAMLError(f'alias *{event.anchor} at line {event.start_mark.line + 1}'
                                 ' (aliases are not allowed)')
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.YAMLError(f'{key!r} stands twice at line '
                                     f'{key_node.start_mark.line + 1}')
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(file: Path, error: type = ConfigError):
    """
    Return the content of a YAML file.

    :param error: class of the error to raise, called like PhysaiError
    :raises PhysaiError: for a missing, oversize or malformed file, an alias or a doubled key
    """
    if not file.is_file():
        raise error(f'file {file}', None, 'an existing YAML file', 'check the path')
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise error(f'size of {file}', size, f'at most {MAX_BYTES} bytes')
    try:
        return yaml.load(file.read_text(encoding='utf-8'), Loader=_StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as problem:
        text = ' '.join(str(problem).split())
        raise error(f'file {file}', None, 'plain YAML', text) from problem


def read_model(model: Type[Model], file: Path, error: type = ConfigError) -> Model:
    """
    Return a YAML file as a pydantic model.

    :param model: whose ``DOCS`` says where every key is described
    :raises PhysaiError: of class ``error``, listing every problem with its place in the file
    """
    return validate(model, read_yaml(file, error), file.name, error)


def validate(model: Type[Model], content, name: str, error: type = ConfigError) -> Model:
    """
    Return parsed content as a pydantic model.

    :param name: what to call the source in messages
    """
    try:
        return model.model_validate(content)
    except ValidationError as problem:
        explain = Explainer(model, content, Where(name, {}), error, model.DOCS)
        found = list(map(str, explain(problem)))
        raise error(found[0] if len(found) == 1 else '\n    '.join(
            [f'{name} has {len(found)} problems:', *found])) from problem
