"""The guard's own numbers, with their units in their names."""
from dataclasses import dataclass, fields
import math
from typing import Mapping, Optional, Tuple

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import NS_PER_S
from physai_ros.guard.limits import JointLimits


@dataclass(frozen=True)
class GuardConfig:
    """
    How strict the guard is; ``*_rad`` holds for revolute joints, ``*_m`` for prismatic ones.

    ``control_period_s``: spacing of the published states.
    ``commit_s``: time ahead of now that is promised to the controller and never changed.
    ``stop_time_s``: each joint is kept so slow that it comes to rest in this time.
    ``smoothing_s``: window over which the reference is averaged before it is followed.
    ``reference_max_age_s``: no action counts longer than this after its observation.
    ``take_up_max_age_s``: joints at rest set off only on actions observed no longer ago: older
    ones are meant for joints that have moved meanwhile.
    ``joint_state_max_age_s``, ``odometry_max_age_s``: older states are stale.
    ``future_tolerance_s``: how far a stamp may lie ahead of the clock.
    ``tick_gap_s``: after a longer pause of the guard a base starts from its odometry.
    ``max_steps``: actions in one chunk.
    ``soft_margin_*``: targets stay this far inside the position limits.
    ``limit_tolerance_*``: a target further outside the limits is a fault, a nearer one is clamped.
    ``twist_limit_ratio``: a base twist over so many times its limit is a fault.
    ``start_tolerance_*``: a measured position further outside the limits cannot be started from.
    ``jump_tolerance_*``: greatest distance of the first reference from the measured pose.
    ``tracking_tolerance_*``, ``tracking_time_s``: a measured joint further from its plan for
    longer is a fault; ``tracking_tolerance`` overrides it by joint name (rad or m).
    ``following_tolerance_*``: so far a plan may go on while no joint moves, and a joint may move
    away from a plan that stands; further, ``response_time_s`` later, nobody hears the plan, which
    is a fault. Never less than the ``tracking_tolerance`` of that name. A joint at rest that is
    nearer to its plan than that goes on from the plan.
    ``controllers``: which joints hear their plan together, every joint once (empty: all do).
    ``resume_within_s``: a robot without a fresh state for longer has to be engaged again.
    ``tracking_exempt``: joints that an object may stop (None: prismatic fingers).
    ``moving_ratio``: a measured speed below this share of the limit counts as standing.
    ``effort_time_s``: a measured effort over its limit for longer is a fault.
    ``base_tracking_ratio``, ``base_tracking_time_s``: a measured twist further than that share of
    the velocity limit from all that was commanded lately, for longer, is a fault.
    """

    control_period_s: float = 0.01
    commit_s: float = 0.04
    stop_time_s: float = 0.3
    smoothing_s: float = 0.1
    reference_max_age_s: float = 0.6
    take_up_max_age_s: float = 0.2
    joint_state_max_age_s: float = 0.1
    odometry_max_age_s: float = 0.2
    future_tolerance_s: float = 0.05
    tick_gap_s: float = 0.1
    max_steps: int = 1000
    soft_margin_rad: float = 0.005
    soft_margin_m: float = 0.0002
    limit_tolerance_rad: float = 0.2
    limit_tolerance_m: float = 0.02
    twist_limit_ratio: float = 3.0
    start_tolerance_rad: float = 0.01
    start_tolerance_m: float = 0.001
    jump_tolerance_rad: float = 0.35
    jump_tolerance_m: float = 0.05
    tracking_tolerance_rad: float = 0.3
    tracking_tolerance_m: float = 0.03
    tracking_time_s: float = 0.25
    following_tolerance_rad: float = 0.05
    following_tolerance_m: float = 0.01
    response_time_s: float = 0.1
    resume_within_s: float = 10.0
    tracking_tolerance: Mapping[str, float] = ()
    tracking_exempt: Optional[Tuple[str, ...]] = None
    controllers: Tuple[Tuple[str, ...], ...] = ()
    moving_ratio: float = 0.05
    effort_time_s: float = 0.5
    base_tracking_ratio: float = 0.5
    base_tracking_time_s: float = 1.0

    def __post_init__(self):
        """Check every number."""
        object.__setattr__(self, 'tracking_tolerance', dict(self.tracking_tolerance))
        named = [(f'tracking_tolerance.{name}', v) for name, v in self.tracking_tolerance.items()]
        numbers = [(f.name, getattr(self, f.name)) for f in fields(self)
                   if f.name not in ('tracking_tolerance', 'tracking_exempt', 'controllers')]
        for name, value in numbers + named:
            least = 0.0 if name.startswith(('soft_margin', 'smoothing', 'moving')) else None
            if not isinstance(value, (int, float)) or not math.isfinite(value) \
                    or value < 0.0 or (least is None and value == 0):
                raise ConfigError(f'guard: {name}', value, 'a positive finite number')
        if self.control_period_s > 0.1 or not self.control_period_s <= self.commit_s <= 1.0:
            raise ConfigError('guard: control_period_s, commit_s',
                              (self.control_period_s, self.commit_s),
                              'control_period_s <= 0.1 and control_period_s <= commit_s <= 1')
        if self.stop_time_s < 10 * self.control_period_s:
            raise ConfigError('guard: stop_time_s', self.stop_time_s,
                              'at least 10 control periods')
        if self.twist_limit_ratio < 1.0:
            raise ConfigError('guard: twist_limit_ratio', self.twist_limit_ratio, 'at least 1')

    def ns(self, field: str) -> int:
        """Return a field that is in seconds as nanoseconds."""
        return round(getattr(self, field) * NS_PER_S)

    def per_joint(self, field: str, limits: JointLimits) -> np.ndarray:
        """Return ``<field>_rad`` or ``<field>_m`` (J,), as each joint needs it."""
        return np.where(limits.prismatic, getattr(self, f'{field}_m'),
                        getattr(self, f'{field}_rad'))

    def tracking_tolerances(self, limits: JointLimits) -> np.ndarray:
        """
        Return the greatest distance of each joint from its plan (J,), infinite where exempt.

        :raises ConfigError: for a joint that the robot does not have
        """
        exempt = self.tracking_exempt
        if exempt is None:
            exempt = [n for n, grips in zip(limits.names, limits.grips) if grips]
        for name in (*exempt, *self.tracking_tolerance):
            if name not in limits.names:
                raise ConfigError('guard: tracking: joint', name,
                                  f'one of {", ".join(limits.names)}')
        tolerance = self.per_joint('tracking_tolerance', limits)
        for i, name in enumerate(limits.names):
            tolerance[i] = self.tracking_tolerance.get(
                name, math.inf if name in exempt else tolerance[i])
        return tolerance

    def following_tolerances(self, limits: JointLimits) -> np.ndarray:
        """Return how far the plan of each joint (J,) may go on while none moves: see above."""
        own = [self.tracking_tolerance.get(name, 0.0) for name in limits.names]
        exempt = np.isinf(self.tracking_tolerances(limits))
        return np.where(exempt, np.inf, np.maximum(self.per_joint('following_tolerance', limits),
                                                   own))
