"""The robot that is put to the test: what it may do, and the topics on its way to doing it."""
from dataclasses import dataclass
from typing import Optional, Tuple

from physai_ros.guard.limits import base_limits, BaseLimits, joint_limits, JointLimits
from physai_ros.robots import load_fleet, load_profile, parse, Profile

IMAGE, OBJECTS = 'sensor_msgs/msg/Image', 'vision_msgs/msg/Detection3DArray'
STATES, ODOMETRY = 'sensor_msgs/msg/JointState', 'nav_msgs/msg/Odometry'
TRAJECTORY, TWIST = 'trajectory_msgs/msg/JointTrajectory', 'geometry_msgs/msg/TwistStamped'
BASE_CHUNK = 'trajectory_msgs/msg/MultiDOFJointTrajectory'


@dataclass(frozen=True)
class Way:
    """
    A topic with the process that publishes it.

    :param topic: relative to the robot's namespace, or absolute
    :param qos: name of a profile in ``adapters.qos``
    """

    topic: str
    kind: str
    qos: str
    publishers: Tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """One robot of a fleet; ``joint_limits`` is None for a robot that only drives."""

    name: str
    profile: Profile
    joint_limits: Optional[JointLimits]
    base_limits: Optional[BaseLimits]

    def topic(self, relative: str) -> str:
        """Return the full name of one of its topics."""
        return relative if relative.startswith('/') else f'/{self.name}/{relative}'

    @property
    def nodes(self) -> Tuple[str, ...]:
        """Return the names of its processes, and the simulator's."""
        own = ('state_publisher', 'perception', 'policy', 'command', 'manager')
        return (*(n for n in own if n != 'perception' or self.profile.perception), 'sim')

    @property
    def chunk_topic(self) -> str:
        """Return the relative topic of its policy's actions."""
        return 'policy/joint_chunk' if self.profile.arm else 'policy/base_chunk'

    @property
    def command_topic(self) -> str:
        """Return the full name of the topic that moves it."""
        arm = self.profile.arm
        return self.topic(f'{arm.controller}/joint_trajectory' if arm else 'cmd_vel')

    def ways(self) -> Tuple[Way, ...]:
        """Return the topics from its camera to its motors."""
        arm, camera = self.profile.arm, self.profile.camera.name
        measured = (Way('joint_states', STATES, 'STATE_OUT', ('sim',)) if arm else
                    Way('odom', ODOMETRY, 'STATE_OUT', ('sim',)))
        seen = ([Way('perception/objects', OBJECTS, 'EVENTS', ('perception',))]
                if self.profile.perception else [])
        return (Way(f'{camera}/image_raw', IMAGE, 'SENSOR_OUT', ('sim',)), *seen, measured,
                Way(self.chunk_topic, TRAJECTORY if arm else BASE_CHUNK, 'CHUNK', ('policy',)),
                Way('heartbeat', 'std_msgs/msg/Header', 'EVENTS', ('perception', 'policy')),
                Way(self.command_topic, TRAJECTORY if arm else TWIST, 'COMMAND', ('command',)))


def subject(fleet_file, name: str) -> Subject:
    """
    Return a robot of a fleet.

    :raises ConfigError: when there is none, or its profile cannot be used
    """
    profile = load_profile(load_fleet(fleet_file).robots[name].profile)
    return Subject(name, profile, joint_limits(parse(profile.description()), profile),
                   base_limits(profile))
