"""The fleet file: which robots there are, what each one runs and where it stands."""
import math
from pathlib import Path
from typing import Any, ClassVar, Dict, Literal, Optional, Tuple

from physai_ros.robots.files import read_model
from physai_ros.robots.profile import Strict
from pydantic import AfterValidator, Field, FiniteFloat
from typing_extensions import Annotated

TopicName = Annotated[str, Field(pattern=r'^/?[A-Za-z_]\w*(/[A-Za-z_]\w*)*$', max_length=200)]
SET_BY_BRINGUP = ('profile', 'robot_description', 'bundle', 'require_signature', 'trusted_keys',
                  'engage_on_activate', 'required_nodes', 'nodes', 'frame_prefix', 'use_sim_time')


def _free(name: str) -> str:
    if name in SET_BY_BRINGUP:
        raise ValueError('the bring-up sets it itself, by the other keys of the fleet file and '
                         'its own options: leave it out')
    return name


def _plain(value):
    if isinstance(value, float) and math.isfinite(value) or isinstance(value, (bool, int, str)) \
            or isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return value
    raise ValueError('must be a finite number, a text, true, false or a list of texts')


ParameterName = Annotated[str, Field(pattern=r'^[a-z]\w*(\.[a-z]\w*)*$', max_length=100),
                          AfterValidator(_free)]
Parameters = Dict[ParameterName, Annotated[Any, AfterValidator(_plain)]]


class FleetRobot(Strict):
    """
    One robot: ``pose`` is x (m), y (m), yaw (rad) in ``world``; ``task`` its simulated scene.

    ``profile`` and ``bundle`` are names of what the package has, or paths (with a ``/``).
    ``remap`` gives topics of the real robot by our names, relative to its namespace or absolute.
    ``parameters``: of its nodes, by the name of the node.
    """

    profile: str
    bundle: str
    pose: Tuple[FiniteFloat, FiniteFloat, FiniteFloat] = (0.0, 0.0, 0.0)
    task: Optional[Literal['kitting', 'inspection']] = None
    remap: Dict[TopicName, TopicName] = {}
    parameters: Dict[Literal['perception', 'policy', 'command', 'manager'], Parameters] = {}


class Fleet(Strict):
    """
    All robots of a site by name; a name is also the robot's ROS namespace.

    ``trusted_keys``: PEM files of those whose bundles are accepted; ``require_signature``: whether
    unsigned bundles are refused, None for "on real robots".
    """

    DOCS: ClassVar[str] = 'see docs/bringup.md, which describes every key'

    robots: Dict[str, FleetRobot] = Field(min_length=1)
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
