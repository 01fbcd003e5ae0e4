"""The robot that is put to the test: what it may do, and the topics on its way to doing it."""
from dataclasses import dataclass
from typing import Dict, Mapping, Optional, Tuple

from physai_ros.bundle.files import load_bundle
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.limits import base_limits, BaseLimits, joint_limits, JointLimits
from physai_ros.robots import load_fleet, load_profile, parse, Profile

IMAGE, OBJECTS = 'sensor_msgs/msg/Image', 'vision_msgs/msg/Detection3DArray'
STATES, ODOMETRY = 'sensor_msgs/msg/JointState', 'nav_msgs/msg/Odometry'
OBJECTS_TOPIC = 'perception/objects'
JOINT_CHUNK = 'trajectory_msgs/msg/JointTrajectory'
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
    """
    One robot of a fleet.

    :param joint_limits: None for a robot that only drives
    :param max_age_s: topics that its bundle looks at -> age at which that stops it
    """

    name: str
    profile: Profile
    joint_limits: Optional[JointLimits]
    base_limits: Optional[BaseLimits]
    max_age_s: Mapping[str, float]

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
    def command_topics(self) -> Dict[str, Tuple[str, ...]]:
        """Return the full names of the topics that move it, and the joints that each moves."""
        arm = self.profile.arm
        joints = arm.trajectories if arm else {'cmd_vel': ()}
        return {self.topic(topic): moved for topic, moved in joints.items()}

    def seen_age_s(self, topic: str) -> Optional[float]:
        """Return how old a topic may be for the robot to go on, None when it does not matter."""
        if topic.endswith('/image_raw') and topic not in self.max_age_s:
            return self.max_age_s.get(OBJECTS_TOPIC)
        return self.max_age_s.get(topic)

    def ways(self) -> Tuple[Way, ...]:
        """Return the topics from its camera to its motors."""
        arm, camera = self.profile.arm, self.profile.camera
        measured = (Way('joint_states', STATES, 'STATE_OUT', ('sim',)) if arm else
                    Way('odom', ODOMETRY, 'STATE_OUT', ('sim',)))
        seen = ([Way(OBJECTS_TOPIC, OBJECTS, 'REMEMBERED', ('perception',))]
                if self.profile.perception else [])
        pictures = ([Way(f'{camera.name}/image_raw', IMAGE, 'SENSOR_OUT', ('sim',))]
                    if camera else [])
        return (*pictures, *seen, measured,
                Way(self.chunk_topic, JOINT_CHUNK if arm else BASE_CHUNK, 'CHUNK', ('policy',)),
                Way('heartbeat', 'std_msgs/msg/Header', 'EVENTS', ('perception', 'policy')),
                *(Way(topic, kind, 'COMMAND', ('command',))
                  for topic, kind in self.profile.commands.items()
                  if self.topic(topic) in self.command_topics))


def subject(fleet_file, name: str) -> Subject:
    """
    Return a robot of a fleet.

    :raises ConfigError: when there is none, or its profile cannot be used
    """
    robot = load_fleet(fleet_file).robots[name]
    profile, manifest = load_profile(robot.profile), load_bundle(robot.bundle).manifest
    ages = {term.source.topic: manifest.max_age_ns(term) / NS_PER_S
            for _, term in manifest.terms() if manifest.max_age_ns(term) is not None}
    return Subject(name, profile, joint_limits(parse(profile.description()), profile),
                   base_limits(profile), ages)
