"""Small fleets: a robot with a base, its bundle, and a file that names them."""
import hashlib
from pathlib import Path

from physai_ros import bringup
import yaml

EMPTY = hashlib.sha256(b'').hexdigest()
MANIFEST = {
    'format': 'physai/1', 'name': 'still', 'version': '1.0.0', 'robot': 'dog',
    'rate_hz': 10, 'model': {'file': 'model.onnx', 'sha256': EMPTY},
    'inputs': {'state': [{'term': 'base_velocity'}]},
    'outputs': {'action': {'kind': 'base_twist', 'chunk': 10}},
    'timing': {'deadline_s': 0.5},
}


AXIS = {'velocity': 0.5, 'acceleration': 1.0, 'jerk': 9.0}
DOG = {'name': 'dog', 'urdf': 'sony_style.urdf.xacro', 'camera': {'name': 'head_camera'},
       'base': {'limits': {'linear_x': AXIS, 'angular_z': {**AXIS}}}}


def write_profile(file: Path, **changes):
    file.write_text(yaml.safe_dump({**DOG, **changes}))
    return str(file)


def write_bundle(folder: Path, **changes):
    folder.mkdir()
    (folder / 'model.onnx').touch()
    (folder / 'policy.yaml').write_text(yaml.safe_dump({**MANIFEST, **changes}))
    return str(folder)


def options(tmp_path, content, **more):
    file = tmp_path / 'fleet.yaml'
    file.write_text(content if isinstance(content, str) else yaml.safe_dump({'robots': content}))
    return bringup.Options.read({'fleet': str(file), **more})


def entry(tmp_path):
    """Return the fleet entry of a robot with a base and no arm."""
    return {'profile': write_profile(tmp_path / 'dog.yaml'),
            'bundle': write_bundle(tmp_path / 'still'), 'task': 'inspection'}


def problems(caught) -> list:
    return str(caught.value).split('\n  - ')[1:]
