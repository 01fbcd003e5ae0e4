"""Load the text of a robot description: a URDF file, or xacro with its arguments."""
import os
from pathlib import Path
import re
from tempfile import TemporaryDirectory
from typing import Mapping, Optional
import xml.etree.ElementTree as ElementTree

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.robots.meshes import locate

AMENT = 'AMENT_PREFIX_PATH'


def load_description(path, arguments: Optional[Mapping[str, object]] = None,
                     packages: Optional[Mapping[str, str]] = None) -> str:
    """
    Return the URDF text of a ``.xacro`` file, or any with arguments of xacro, or a ``.urdf`` file.

    :param path: a path, or a file name in the package's ``urdf`` folder
    :param arguments: of xacro
    :param packages: name -> folder of ROS packages that are not installed here
    :raises ConfigError: when the file or a folder is missing or xacro refuses the file
    """
    file, packages = Path(path), packages or {}
    if not file.is_file():
        file = share() / 'urdf' / str(path)
    if not file.is_file():
        known = ', '.join(sorted(p.name for p in (share() / 'urdf').glob('*.urdf*')))
        raise ConfigError('robot description', str(path), f'an existing file or one of {known}')
    for name, folder in packages.items():
        if not Path(folder).is_dir():
            raise ConfigError(f'packages: {name}', folder, 'an existing folder')
    if file.suffix == '.xacro' or arguments:
        text = _process(file, arguments or {}, packages)
    else:
        text = _read(file)
    return locate(text, file.absolute().parent, packages)


def _read(file) -> str:
    try:
        text = file.read_text(encoding='utf-8')
        ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise ConfigError(f'robot description {file}', None, 'well-formed URDF',
                          f'correct it: {error}') from error
    return text


def _process(file, arguments, packages) -> str:
    """Run xacro; it finds the given packages in a prefix that is made for it."""
    import xacro
    texts = {key: str(value).lower() if isinstance(value, bool) else str(value)
             for key, value in arguments.items()}
    before = os.environ.get(AMENT)
    with TemporaryDirectory() as prefix:
        shared = Path(prefix) / 'share'
        index = shared / 'ament_index' / 'resource_index' / 'packages'
        index.mkdir(parents=True)
        for name, folder in packages.items():
            (index / name).touch()
            (shared / name).symlink_to(Path(folder).absolute())
        os.environ[AMENT] = f'{prefix}:{before}' if before else prefix
        try:
            text = xacro.process_file(str(file), mappings=texts).toxml()
        except Exception as error:  # xacro raises many kinds
            raise ConfigError(f'robot description {file}', None, 'valid xacro', _remedy(
                str(error))) from error
        finally:
            os.environ.pop(AMENT)
            if before is not None:
                os.environ[AMENT] = before
    for name, folder in packages.items():
        text = text.replace(f'{shared / name}/', f'{Path(folder).absolute()}/')
    return text


def _remedy(problem: str) -> str:
    if 'Undefined substitution argument' in problem:
        return f'{problem}: give it in the profile, xacro: {{NAME: VALUE}}'
    package = re.search("package '(.+?)' not found", problem)
    if package:
        return (f'package {package[1]} is not known here: give its folder in the profile, '
                f'packages: {{{package[1]}: FOLDER}}, or source the workspace that has it')
    return problem
