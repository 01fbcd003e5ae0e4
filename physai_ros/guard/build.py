"""From a robot's URDF and profile to what its guard is made of."""
import math
from typing import Dict, Optional

from physai_ros.core.errors import ConfigError
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.collision import Clearance
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.frame_speed import COLLABORATIVE, FrameSpeed
from physai_ros.guard.limits import base_limits, joint_limits, JointLimits
from physai_ros.guard.zones import Zones
from physai_ros.robots.profile import Profile, Workspace
from physai_ros.robots.urdf import Description


def parts(description: Description, profile: Profile, collaborative: bool = False) -> dict:
    """
    Return the arguments of a `Guard`, apart from its configuration.

    :param collaborative: keep the frames of the profile's ``frame_speed``, or the base, to
        0.25 m/s
    :raises ConfigError: when a limit is missing or wrong, or a collision shape cannot be used
    """
    joints = joint_limits(description, profile)
    base = base_limits(profile, COLLABORATIVE if collaborative else math.inf)
    zones = None if base is None or profile.base.zones is None else Zones(
        profile.base.zones, base)
    return {'joints': joints, 'base': base, 'zones': zones,
            'clearance': clearance(description, profile, joints),
            'frame_speed': frame_speed(description, profile, joints, collaborative)}


def guard_config(profile: Profile, **numbers) -> GuardConfig:
    """
    Return a guard's configuration: what the profile says of its joints, and other numbers.

    :raises ConfigError: for a number that cannot be
    """
    arm = profile.arm
    joints = {'tracking_exempt': arm.tracking_exempt,
              'tracking_tolerance': arm.tracking_tolerance,
              'controllers': tuple(arm.controllers.values())} if arm else {}
    return GuardConfig(**joints, **numbers)


def clearance(description: Description, profile: Profile,
              limits: Optional[JointLimits]) -> Optional[Clearance]:
    """
    Return what keeps the links of an arm clear, None without an arm or where it is off.

    :raises ConfigError: for a workspace that would be switched off with it
    """
    if limits is None:
        return None
    collision = profile.arm.collision
    if not collision.enabled:
        if outside(collision.workspace):
            raise ConfigError(f'profile {profile.name}: arm.collision.enabled', False,
                              'true with a workspace', 'take pairs out with collision.allow '
                              'instead, or the workspace')
        return None
    bodies = Bodies(description, limits.names, outside(collision.workspace))
    return Clearance(bodies, limits.lower, limits.upper, collision.margin_m, collision.allow)


def frame_speed(description: Description, profile: Profile, limits: Optional[JointLimits],
                collaborative: bool) -> Optional[FrameSpeed]:
    """
    Return what bounds the speed of frames, None where nothing does.

    :raises ConfigError: in collaborative mode for an arm without frames, or on a base
    """
    wanted = None if limits is None else profile.arm.frame_speed
    if collaborative and limits is not None and wanted is None:
        raise ConfigError(f'profile {profile.name}: arm.frame_speed', None,
                          'the frames that collaborative mode keeps slow')
    if collaborative and limits is not None and profile.base is not None:
        raise ConfigError(f'profile {profile.name}: base', 'one that carries an arm',
                          'none in collaborative mode', 'what it adds to the speed of the '
                          'frames is not reckoned: leave the base or collaborative out')
    if wanted is None or not (collaborative or wanted.limit):
        return None
    limit = wanted.limit or COLLABORATIVE
    bodies = Bodies(description, limits.names, {})
    return FrameSpeed(bodies, wanted.frames, min(limit, COLLABORATIVE) if collaborative else limit)


def outside(workspace: Workspace) -> Dict[str, tuple]:
    """Return the half-spaces that a workspace leaves out: {name: (normal, offset)}."""
    spaces = {}
    for sign, side, corner in ((1.0, 'low', workspace.low), (-1.0, 'high', workspace.high)):
        for k, axis in enumerate('xyz' if corner else ''):
            normal = [0.0, 0.0, 0.0]
            normal[k] = sign
            spaces[f'workspace {axis} {side}'] = (normal, sign * corner[k])
    for name, plane in workspace.planes.items():
        offset = sum(n * p for n, p in zip(plane.normal, plane.point))
        spaces[f'workspace {name}'] = (plane.normal, offset)
    return spaces
