"""The per-robot configuration that a profile file holds."""
from pathlib import Path
import re
from typing import ClassVar, Dict, Optional, Tuple, Union

from physai_ros.core.errors import ConfigError
from physai_ros.core.names import RELATIVE
from physai_ros.paths import share
from physai_ros.robots.description import load_description
from physai_ros.robots.files import read_model
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator
from typing_extensions import Annotated

DEFAULT, CONTROLLER = 'default', 'arm_controller'
TRAJECTORY = 'trajectory_msgs/msg/JointTrajectory'
TWISTS = {True: 'geometry_msgs/msg/TwistStamped', False: 'geometry_msgs/msg/Twist'}


class Strict(BaseModel):
    """A frozen schema without unknown keys."""

    model_config = ConfigDict(extra='forbid', frozen=True)


Vector = Tuple[FiniteFloat, FiniteFloat, FiniteFloat]
Positive = Annotated[FiniteFloat, Field(gt=0.0)]


class Plane(Strict):
    """A boundary in the root link: the robot stays on the side that ``normal`` points to."""

    point: Vector
    normal: Vector


class Workspace(Strict):
    """Where the moving links have to stay: a box from ``low`` to ``high`` (m), and ``planes``."""

    low: Optional[Vector] = None
    high: Optional[Vector] = None
    planes: Dict[str, Plane] = {}


class Collision(Strict):
    """
    What the guard keeps clear of: links nearer than ``margin_m``, and the bounds of a workspace.

    ``allow``: pairs of links that may touch.
    """

    enabled: bool = True
    margin_m: float = Field(0.01, ge=0.0, le=0.2)
    allow: Tuple[Tuple[str, str], ...] = ()
    workspace: Workspace = Workspace()


class FrameSpeed(Strict):
    """Links that move at ``limit`` (m/s) at most; without one in collaborative mode only."""

    frames: Tuple[str, ...] = Field(min_length=1)
    limit: Optional[Positive] = None


class Arm(Strict):
    """
    Joints under joint_trajectory_controllers, moved together.

    ``controllers``: the joints of each controller, in its order; ``controller: NAME`` stands for
    one that has all ``joints``. ``home`` in rad or m; ``acceleration`` rad/s^2 or m/s^2 and
    ``jerk`` rad/s^3 or m/s^3 by joint name, ``default`` standing for joints that are not named.
    ``tracking_exempt``: joints that an object may stop (None: the fingers, which slide);
    ``tracking_tolerance``: of single joints to their plan, rad or m.
    """

    controllers: Dict[str, Tuple[str, ...]] = Field(min_length=1)
    joints: Tuple[str, ...] = Field(min_length=1)
    home: Dict[str, FiniteFloat] = {}
    acceleration: Dict[str, Positive]
    jerk: Dict[str, Positive]
    collision: Collision = Collision()
    frame_speed: Optional[FrameSpeed] = None
    tracking_exempt: Optional[Tuple[str, ...]] = None
    tracking_tolerance: Dict[str, Positive] = {}

    @model_validator(mode='before')
    @classmethod
    def _named(cls, given):
        if not isinstance(given, dict):
            return given
        given = dict(given)
        name, several = given.pop('controller', None), given.get('controllers')
        if several is None:
            given['controllers'] = {CONTROLLER if name is None else name: given.get('joints', ())}
        elif name is not None:
            raise ValueError('controller and controllers: give one of them')
        elif isinstance(several, dict):
            given.setdefault('joints', [joint for joints in several.values()
                                        if isinstance(joints, (list, tuple)) for joint in joints])
        return given

    @model_validator(mode='after')
    def _known(self):
        strange = [name for name in self.controllers if not re.fullmatch(RELATIVE, name)]
        if strange:
            raise ValueError(f'controller {strange[0]}: must be letters, digits and _, relative '
                             'to the robot; remap in the fleet file leads to another name')
        moved = [joint for joints in self.controllers.values() for joint in joints]
        if (len(set(moved)), sorted(moved)) != (len(moved), sorted(self.joints)) \
                or not all(self.controllers.values()):
            raise ValueError(f'controllers move {", ".join(moved) or "nothing"}: must be each of '
                             f'{", ".join(self.joints)} once, and at least one each')
        for key, more in (('acceleration', DEFAULT), ('jerk', DEFAULT),
                          ('tracking_exempt', None), ('tracking_tolerance', None)):
            foreign = sorted(set(getattr(self, key) or ()) - {more, *self.joints})
            if foreign:
                raise ValueError(f'{key} of {", ".join(foreign)}: not in arm.joints')
        both = sorted(set(self.tracking_exempt or ()) & set(self.tracking_tolerance))
        if both:
            raise ValueError(f'tracking of {", ".join(both)}: give a tolerance or exempt it')
        return self

    @property
    def trajectories(self) -> Dict[str, Tuple[str, ...]]:
        """Return the topic of each controller, relative to the robot, and the joints there."""
        return {f'{name}/joint_trajectory': joints for name, joints in self.controllers.items()}

    def acceleration_of(self, joint: str) -> Optional[float]:
        """Return the acceleration limit of a joint, None where the profile gives none."""
        return self.acceleration.get(joint, self.acceleration.get(DEFAULT))

    def jerk_of(self, joint: str) -> Optional[float]:
        """Return the jerk limit of a joint, None where the profile gives none."""
        return self.jerk.get(joint, self.jerk.get(DEFAULT))


class AxisLimits(Strict):
    """Symmetrical limits of one base axis: m/s or rad/s, and their derivatives."""

    velocity: Positive
    acceleration: Positive
    jerk: Positive


class BaseLimits(Strict):
    """Limits of a base that follows ``cmd_vel``; a missing axis cannot move."""

    linear_x: AxisLimits
    linear_y: Optional[AxisLimits] = None
    angular_z: AxisLimits


class Zones(Strict):
    """
    What the base keeps clear of, by a laser on ``topic``; see `guard.zones.Zones`.

    ``pose``: of the laser in base_link: x, y (m), yaw (rad). ``upside_down``: its z axis points
    down, so that its angles count clockwise.
    """

    topic: str = 'scan'
    pose: Vector = (0.0, 0.0, 0.0)
    upside_down: bool = False
    half_width_m: Positive
    stop_m: Positive
    slow_m: Positive
    slow_velocity: Positive
    max_age_s: float = Field(0.3, gt=0.0, le=10.0)

    @model_validator(mode='after')
    def _ordered(self):
        if self.slow_m < self.stop_m:
            raise ValueError(f'slow_m is {self.slow_m:g}: must be at least stop_m, '
                             f'{self.stop_m:g}, for the base is slow before it stops')
        return self


class Base(Strict):
    """
    A mobile base that follows ``cmd_vel``: a TwistStamped, or a Twist where it is not ``stamped``.

    ``stance``: where its own joints (legs, head) are at rest, rad or m.
    """

    limits: BaseLimits
    stamped: bool = True
    zones: Optional[Zones] = None
    stance: Dict[str, FiniteFloat] = {}


class Camera(Strict):
    """The camera that perception and image policies use; ``frame`` is its optical frame."""

    name: str = 'head_camera'
    frame: str = 'head_camera_optical_frame'
    width: int = Field(320, ge=16, le=4096)
    height: int = Field(240, ge=16, le=4096)
    rate_hz: Positive = 30.0
    hfov_deg: float = Field(75.0, gt=1.0, lt=179.0)


class Markers(Strict):
    """
    Square markers: a predefined OpenCV dictionary and the side of the black square (m).

    The picture is enlarged ``upscale`` times before the search, which costs time and finds markers
    of a dozen pixels.
    """

    dictionary: str = 'DICT_APRILTAG_36h11'
    size_m: Positive
    upscale: int = Field(1, ge=1, le=4)


class Perception(Strict):
    """
    Detector bundle, markers, and where objects stand.

    ``support_planes`` gives, by class, the height in base_link (m) of an object's centre; classes
    without one are detected but not lifted to 3D.
    """

    detector: str
    rate_hz: Positive = 10.0
    support_planes: Dict[str, FiniteFloat] = {}
    fiducials: Optional[Markers] = None


class Rates(Strict):
    """How often the robot publishes its state."""

    joint_states_hz: Positive = 100.0
    imu_hz: Positive = 100.0
    odom_hz: Positive = 50.0


class Profile(Strict):
    """
    One kind of robot.

    ``urdf``: a file beside the profile, or of the package; ``xacro``: its arguments, if it is
    xacro; ``packages``: folders of ROS packages that it refers to and that are not installed here.
    """

    DOCS: ClassVar[str] = 'see docs/robots.md, which describes every key'

    name: str
    urdf: str
    xacro: Dict[str, Union[bool, int, float, str]] = {}
    packages: Dict[str, str] = {}
    arm: Optional[Arm] = None
    base: Optional[Base] = None
    camera: Optional[Camera] = None
    perception: Optional[Perception] = None
    rates: Rates = Rates()

    @model_validator(mode='after')
    def _seeing(self):
        if self.perception is not None and self.camera is None:
            raise ValueError('perception needs a camera: add the section camera')
        return self

    @property
    def commands(self) -> Dict[str, str]:
        """Return the topics that move the robot, relative to it, and their types."""
        found = dict.fromkeys(self.arm.trajectories if self.arm else (), TRAJECTORY)
        if self.base:
            found['cmd_vel'] = TWISTS[self.base.stamped]
        return found

    def rest(self) -> Dict[str, float]:
        """Return where the named joints start: the arm's home and the base's stance, rad or m."""
        return {**(self.arm.home if self.arm else {}), **(self.base.stance if self.base else {})}

    def description(self) -> str:
        """Return the URDF text of this robot."""
        return load_description(self.urdf, self.xacro, self.packages)


def profile_names() -> Tuple[str, ...]:
    """Return the names of the profiles that come with the package."""
    files = (share() / 'config').glob('*.yaml')
    return tuple(sorted(f.stem for f in files if '\nurdf:' in f'\n{f.read_text()}'))


def load_profile(name_or_path) -> Profile:
    """
    Load a profile by its name in ``config/`` or by the path of a file.

    Paths in it that are relative are taken from its folder.

    :raises ConfigError: when there is none, or it is not valid
    """
    path = Path(name_or_path)
    file = path if path.suffix in ('.yaml', '.yml') else share() / 'config' / f'{path.name}.yaml'
    if not file.is_file():
        raise ConfigError('profile', str(name_or_path),
                          f'a file, or one of {", ".join(profile_names())}')
    profile, folder = read_model(Profile, file), file.absolute().parent
    urdf = folder / Path(profile.urdf).expanduser()
    return profile.model_copy(update={
        'urdf': str(urdf) if urdf.is_file() else profile.urdf,
        'packages': {name: str(folder / Path(place).expanduser())
                     for name, place in profile.packages.items()}})
