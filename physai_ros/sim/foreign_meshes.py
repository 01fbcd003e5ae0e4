"""Meshes of formats that MuJoCo does not read, such as DAE, as OBJ in memory."""
from pathlib import Path
from typing import Dict, Tuple
import xml.etree.ElementTree as ElementTree

import numpy as np
from physai_ros.core.errors import ConfigError

READ = ('.stl', '.obj', '.msh')     # by MuJoCo itself


def with_objs(text: str) -> Tuple[str, Dict[str, bytes]]:
    """
    Return a URDF all of whose meshes MuJoCo reads, and those that are in no file, by their names.

    :param text: URDF whose meshes are plain paths
    :raises ConfigError: for a mesh that the guard could not read either
    """
    robot, names, objs = ElementTree.fromstring(text), {}, {}
    for mesh in robot.iter('mesh'):
        file = mesh.get('filename')
        if file.lower().endswith(READ):
            continue
        if file not in names:
            names[file] = f'{Path(file).stem}_{len(names)}.obj'
            objs[names[file]] = _obj(file)
        mesh.set('filename', names[file])
    return ElementTree.tostring(robot, encoding='unicode'), objs


def _obj(file: str) -> bytes:
    import coal     # the guard reads meshes so, too: both see the same shapes
    try:
        mesh = coal.MeshLoader().load(file, np.ones(3))
    except Exception as error:  # Boost.Python's have no public class
        raise ConfigError('mesh of the robot description', file, 'a mesh that can be read',
                          'export it as STL') from error
    rows = [f'v {x:.9g} {y:.9g} {z:.9g}' for x, y, z in mesh.vertices()]
    for triangle in map(mesh.tri_indices, range(mesh.num_tris)):
        rows.append('f ' + ' '.join(str(triangle[k] + 1) for k in range(3)))
    return '\n'.join(rows).encode()
