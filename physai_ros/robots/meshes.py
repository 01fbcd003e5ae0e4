"""Where the files are that a URDF refers to."""
from pathlib import Path
import re
from typing import Callable, Mapping, Optional
import xml.etree.ElementTree as ElementTree

from physai_ros.core.errors import ConfigError
from physai_ros.paths import share_of

MESH = re.compile(r'(<mesh\b[^>]*?\bfilename\s*=\s*)(["\'])(.*?)\2', re.DOTALL)
URI = re.compile(r'package://([^/]+)/(.*)', re.DOTALL)


def locate(text: str, folder: Path, packages: Mapping[str, str]) -> str:
    """
    Return URDF text whose meshes can be found from anywhere.

    Paths relative to ``folder`` and URIs of the given packages become ``file://`` URIs; what other
    packages have is left to whoever knows them.

    :param packages: name -> folder
    """
    def place(match):
        before, quote, name = match.groups()
        uri = URI.match(name)
        if uri is not None:
            if uri[1] in packages:
                name = f'file://{Path(packages[uri[1]]) / uri[2]}'
        elif '://' not in name:
            name = f'file://{folder / name}'
        return f'{before}{quote}{name}{quote}'
    return MESH.sub(place, text)


def with_files(text: str, change: Optional[Callable] = None, only: str = './/') -> str:
    """
    Return URDF text whose meshes are plain paths of existing files.

    :param change: called with the root element before the meshes are looked for
    :param only: where to look for meshes, as the beginning of an ElementTree path
    :raises ConfigError: naming the mesh that is not there, and what to do
    """
    try:
        robot = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ConfigError('robot description', None, 'well-formed URDF', str(error)) from error
    if change is not None:
        change(robot)
    for mesh in robot.iterfind(f'{only}mesh'):
        mesh.set('filename', str(_file(mesh.get('filename', ''))))
    return ElementTree.tostring(robot, encoding='unicode')


def _file(name: str) -> Path:
    uri = URI.match(name)
    file = Path(name.removeprefix('file://')) if uri is None else _package(uri[1], name) / uri[2]
    if not file.is_file():
        raise ConfigError('mesh of the robot description', name, f'the existing file {file}')
    return file


def _package(package: str, mesh: str) -> Path:
    try:
        return share_of(package)
    except LookupError as error:
        raise ConfigError(
            'mesh of the robot description', mesh, f'a file of a known package {package}',
            f'give its folder in the profile, packages: {{{package}: FOLDER}}, '
            'or source the workspace that has it') from error
