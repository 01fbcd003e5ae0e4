"""What the joints and the base of a robot may do; without these numbers nothing is activated."""
from dataclasses import dataclass, fields
import math
from typing import Optional, Tuple

import numpy as np
from physai_ros.core.errors import ConfigError

AXES = ('linear_x', 'linear_y', 'angular_z')
FINGER_M = 0.1      # the longest way of a finger; what slides further is a lift, a quill, an axis


@dataclass(frozen=True, eq=False)
class JointLimits:
    """
    Limits of the joints ``names``, in the controller's order; arrays (J,).

    ``lower``/``upper`` rad or m (infinite for a continuous joint), symmetrical ``velocity``,
    ``acceleration``, ``jerk`` in rad or m per s, s^2, s^3; ``prismatic`` bool: in metres.
    ``effort`` Nm or N, infinite where the URDF gives none; ``grips`` bool: a finger, prismatic,
    with a way of up to ``FINGER_M`` and none of the others behind it (by default every prismatic
    one).
    """

    names: Tuple[str, ...]
    lower: np.ndarray
    upper: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray
    prismatic: Optional[np.ndarray] = None
    effort: Optional[np.ndarray] = None
    grips: Optional[np.ndarray] = None

    def __post_init__(self):
        """Turn the fields into arrays and check them."""
        object.__setattr__(self, 'names', tuple(self.names))
        if not self.names or len(set(self.names)) != len(self.names):
            raise ConfigError('limits: joints', self.names, 'at least one joint, each once')
        for field in ('lower', 'upper', 'velocity', 'acceleration', 'jerk'):
            _freeze(self, field, len(self.names))
        prismatic = np.zeros(len(self.names)) if self.prismatic is None else self.prismatic
        object.__setattr__(self, 'prismatic', np.array(prismatic, dtype=bool))
        grips = self.prismatic if self.grips is None else self.grips
        object.__setattr__(self, 'grips', np.array(grips, dtype=bool))
        effort = np.full(len(self.names), np.inf) if self.effort is None else self.effort
        object.__setattr__(self, 'effort', np.array(effort, dtype=float))
        for i, name in enumerate(self.names):
            if not self.lower[i] < self.upper[i]:
                raise ConfigError(f'limits of {name}: lower, upper',
                                  (float(self.lower[i]), float(self.upper[i])), 'lower < upper')
            for field in ('velocity', 'acceleration', 'jerk'):
                _positive(f'limits of {name}: {field}', getattr(self, field)[i])

    def of(self, names: Tuple[str, ...]) -> 'JointLimits':
        """Return the limits of some of the joints, in their order."""
        columns = [self.names.index(name) for name in names]
        return JointLimits(names, *(getattr(self, field.name)[columns]
                                    for field in fields(self)[1:]))


@dataclass(frozen=True, eq=False)
class BaseLimits:
    """
    Symmetrical limits (3,) of ``linear_x``, ``linear_y`` (m) and ``angular_z`` (rad).

    Per s, s^2, s^3; a velocity of zero says that the base cannot move along that axis.
    """

    velocity: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray

    def __post_init__(self):
        """Turn the fields into arrays and check them."""
        for field in ('velocity', 'acceleration', 'jerk'):
            _freeze(self, field, len(AXES))
        for i, axis in enumerate(AXES):
            if self.velocity[i] != 0.0:
                _positive(f'limits of the base: {axis}.velocity', self.velocity[i])
            for field in ('acceleration', 'jerk'):
                _positive(f'limits of the base: {axis}.{field}', getattr(self, field)[i])


def joint_limits(description, profile) -> Optional[JointLimits]:
    """
    Collect the limits of a profile's arm: position and velocity from the URDF, the rest from it.

    :param description: `robots.urdf.Description`
    :param profile: `robots.profile.Profile`
    :return: None when the profile has no arm
    :raises ConfigError: when a joint or any of its limits is missing, not finite or not positive
    """
    if profile.arm is None:
        return None
    columns = [_joint_row(description, profile, name) for name in profile.arm.joints]
    return JointLimits(tuple(profile.arm.joints), *zip(*columns))


def base_limits(profile, speed: float = math.inf) -> Optional[BaseLimits]:
    """
    Collect the limits of a profile's base; an axis that the profile leaves out cannot move.

    :param profile: `robots.profile.Profile`
    :param speed: at most this, m/s, in any direction; all axes are slowed alike for that
    :return: None when the profile has no base
    :raises ConfigError: when a limit is missing, not finite or not positive
    """
    if profile.base is None:
        return None
    rows = [getattr(profile.base.limits, axis, None) for axis in AXES]
    columns = [(0.0, 1.0, 1.0) if row is None else (row.velocity, row.acceleration, row.jerk)
               for row in rows]
    velocity, acceleration, jerk = np.array(columns, dtype=float).T
    share = min(1.0, speed / max(math.hypot(*velocity[:2]), 1e-9))
    return BaseLimits(velocity * share, acceleration, jerk)


def _joint_row(description, profile, name):
    joint = description.joints.get(name)
    if joint is None:
        raise ConfigError(f'profile {profile.name}: arm.joints: {name}', None,
                          f'a joint of the URDF ({", ".join(description.joints)})')
    if not joint.moves or joint.mimic is not None:
        raise ConfigError(f'profile {profile.name}: arm.joints: {name}',
                          f'mimics {joint.mimic.joint}' if joint.mimic else joint.type,
                          'a joint that can be commanded: revolute, continuous or prismatic, and '
                          'no mimic of another', 'leave it out')
    where = f'URDF joint {name} <limit>'
    lower, upper = joint.lower, joint.upper
    if joint.type == 'continuous':
        lower, upper = -math.inf, math.inf
    else:
        for end, value in (('lower', lower), ('upper', upper)):
            _finite(f'{where} {end}', None if end in joint.defaulted else value)
    _positive(f'{where} velocity', joint.velocity)
    acceleration, jerk = profile.arm.acceleration_of(name), profile.arm.jerk_of(name)
    _positive(f'profile {profile.name}: arm.acceleration of {name}', acceleration)
    _positive(f'profile {profile.name}: arm.jerk of {name}', jerk)
    effort = joint.effort if joint.effort and joint.effort > 0.0 else math.inf
    prismatic = joint.type == 'prismatic'
    return (lower, upper, joint.velocity, acceleration, jerk, prismatic, effort,
            prismatic and upper - lower <= FINGER_M and not _carries(
                description, name, profile.arm.joints))


def _carries(description, name, names):
    """Return whether any of the joints is behind another one."""
    before = {joint.child: joint for joint in description.joints.values()}
    for other in names:
        link = description.joints[other].parent if other in description.joints else None
        while link in before:
            if before[link].name == name:
                return True
            link = before[link].parent
    return False


def _freeze(limits, field, count):
    values = np.array(getattr(limits, field), dtype=float)
    if values.shape != (count,):
        raise ConfigError(f'limits: shape of {field}', values.shape, str((count,)))
    values.setflags(write=False)
    object.__setattr__(limits, field, values)


def _finite(thing, value):
    if value is None or not math.isfinite(value):
        raise ConfigError(thing, 'missing' if value is None else value, 'a finite number',
                          'limits are mandatory: add it')


def _positive(thing, value):
    _finite(thing, value)
    if value <= 0.0:
        raise ConfigError(thing, float(value), 'a number greater than zero')
