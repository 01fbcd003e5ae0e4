"""What the metadata of a LeRobot dataset adds to a checkpoint: names, rate, robot."""
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Optional, Tuple

from physai_ros.core.errors import BundleError
from physai_ros.importers.checkpoint import read_json

INFO = 'info.json'


@dataclass(frozen=True)
class Dataset:
    """``names`` of the numbers of each feature; None or nothing where it does not say."""

    names: Dict[str, Tuple[str, ...]] = field(default_factory=dict)
    rate_hz: Optional[float] = None
    robot: Optional[str] = None


def read_dataset(path) -> Dataset:
    """
    Read ``meta/info.json`` of a dataset.

    :param path: the dataset's folder, its ``meta`` folder, or the file
    :raises BundleError: when it is not there or not readable
    """
    path = Path(path)
    places = (path, path / INFO, path / 'meta' / INFO)
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise BundleError('dataset', str(path), f'a folder with meta/{INFO}',
                          'download it: hf download OWNER/NAME --repo-type dataset '
                          "--include 'meta/*' --local-dir FOLDER")
    info = read_json(file)
    features = info.get('features')
    if not isinstance(features, dict):
        raise BundleError(f'{file}: features', features, 'a mapping',
                          'this is no metadata of a LeRobot dataset of version 2 or 3')
    rate, robot = info.get('fps'), info.get('robot_type')
    return Dataset({name: _names(entry.get('names')) for name, entry in features.items()
                    if isinstance(entry, dict) and entry.get('dtype') not in ('video', 'image')},
                   float(rate) if isinstance(rate, (int, float)) and rate > 0 else None,
                   robot if isinstance(robot, str) and robot != 'unknown' else None)


def _names(value):
    """Return a flat tuple of the names, which stand in a list, or in lists by group."""
    if isinstance(value, dict):
        value = [name for group in value.values()
                 for name in (group if isinstance(group, list) else ())]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return ()
    return tuple(name.removesuffix('.pos') for name in value)
