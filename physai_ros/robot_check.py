"""All that a robot of a fleet needs, loaded and checked before anything is started."""
from functools import partial
import re
from typing import List, Sequence

from physai_ros.bundle.detector import load_detector
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.signing import Trust
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.guard.build import parts
from physai_ros.guard.limits import base_limits, joint_limits
from physai_ros.robots import Fleet, FleetRobot, load_profile, parse, Profile

ROBOT_NAME = re.compile(r'[a-z](_?[a-z0-9])*')
LONGEST_NAME = 40
RESERVED = ('sim', 'world', 'clock', 'diagnostics', 'tf')


def check(fleet: Fleet, names: Sequence[str], use_sim: bool) -> List['Checked']:
    """
    Return these robots of a fleet, checked.

    :param use_sim: signatures are required only where the fleet file says so
    """
    required = fleet.require_signature
    trust = Trust(fleet.trusted_keys, not use_sim if required is None else required)
    return [Checked(name, fleet.robots[name], trust) for name in names]


class Checked:
    """One robot with everything that it needs loaded, or the problems with that."""

    def __init__(self, name: str, robot: FleetRobot, trust: Trust):
        self.name, self.robot, self.trust = name, robot, trust
        self.problems: List[str] = []
        self._try(_require_name, name)
        self.profile = self._try(load_profile, robot.profile)
        bundle = self._try(partial(load_bundle, trust=trust), robot.bundle)
        self.manifest = bundle.manifest if bundle else None
        if self.profile:
            self._check_profile(self.profile)
            if self.manifest:
                self._try(_require_fit, self.manifest, self.profile)

    def _check_profile(self, profile: Profile):
        self.urdf = self._try(profile.description)
        description = self._try(parse, self.urdf) if self.urdf else None
        known = len(self.problems)
        if description:
            self._try(joint_limits, description, profile)
            self._try(_require_rest, description, profile)
        self._try(base_limits, profile)
        if description and len(self.problems) == known:
            self._try(parts, description, profile)
        self._try(_require_nodes, self.robot, profile)
        if profile.perception:
            self._try(partial(load_detector, trust=self.trust), profile.perception.detector)

    def _try(self, call, *arguments):
        try:
            return call(*arguments)
        except PhysaiError as error:
            self.problems.append(f'{self.name}: {error}')
            return None


def _require_name(name: str):
    if name in RESERVED or not ROBOT_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ConfigError('robot name', name, f'at most {LONGEST_NAME} small letters, digits and '
                          'single _ between them, a letter first, and none of '
                          f'{", ".join(RESERVED)}', 'it is the namespace: rename the robot')


def _require_rest(description, profile: Profile):
    foreign = sorted(set(profile.rest()) - set(description.actuated))
    if foreign:
        raise ConfigError(f'profile {profile.name}: arm.home and base.stance: joints', foreign,
                          f'some of {", ".join(description.actuated)}')


def _require_nodes(robot: FleetRobot, profile: Profile):
    if 'perception' in robot.parameters and not profile.perception:
        raise ConfigError('parameters of perception', None, 'a profile with a perception section',
                          f'{profile.name} has none: leave them out')


def _require_fit(manifest, profile: Profile):
    if manifest.robot != profile.name:
        raise ConfigError(f'robot of bundle {manifest.name}', manifest.robot,
                          f'{profile.name}, the profile of this robot')
