"""The fleet file: which robots there are, what each one runs and where it stands."""
from pathlib import Path
from typing import Dict, Literal, Optional, Tuple

from physai_ros.robots.files import read_model
from physai_ros.robots.profile import Strict
from pydantic import Field, FiniteFloat
from typing_extensions import Annotated

RobotName = Annotated[str, Field(pattern=r'^[a-z][a-z0-9_]*$', max_length=40)]
TopicName = Annotated[str, Field(pattern=r'^/?[A-Za-z_]\w*(/[A-Za-z_]\w*)*$', max_length=200)]


class FleetRobot(Strict):
    """
    One robot: ``pose`` is x (m), y (m), yaw (rad) in ``world``; ``task`` its simulated scene.

    ``profile`` and ``bundle`` are names of what the package has, or paths (with a ``/``).
    ``remap`` gives topics of the real robot by our names, relative to its namespace or absolute.
    """

    profile: str
    bundle: str
    pose: Tuple[FiniteFloat, FiniteFloat, FiniteFloat] = (0.0, 0.0, 0.0)
    task: Optional[Literal['kitting', 'inspection']] = None
    remap: Dict[TopicName, TopicName] = {}


class Fleet(Strict):
    """
    All robots of a site by name; a name is also the robot's ROS namespace.

    ``trusted_keys``: PEM files of those whose bundles are accepted; ``require_signature``: whether
    unsigned bundles are refused, None for "on real robots".
    """

    robots: Dict[RobotName, FleetRobot] = Field(min_length=1)
    trusted_keys: Tuple[str, ...] = ()
    require_signature: Optional[bool] = None


def load_fleet(path) -> Fleet:
    """
    Load a fleet file; paths in it that are relative are taken from its folder.

    :raises ConfigError: listing every problem with its place in the file
    """
    file = Path(path)
    fleet = read_model(Fleet, file)
    keys = tuple(str(file.parent / Path(key).expanduser()) for key in fleet.trusted_keys)
    return fleet.model_copy(update={'trusted_keys': keys, 'robots': {
        name: robot.model_copy(update={'profile': _place(robot.profile, file.parent),
                                       'bundle': _place(robot.bundle, file.parent)})
        for name, robot in fleet.robots.items()}})


def _place(name_or_path: str, folder: Path) -> str:
    if '/' not in name_or_path:
        return name_or_path
    return str(folder / Path(name_or_path).expanduser())
