"""The joints' part of the guard: from chunks and measured joints to trajectories that end."""
from typing import Optional

import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.stitching import JointReference
from physai_ros.core.types import JointChunk, JointState, JointTrajectory
from physai_ros.guard import checks
from physai_ros.guard.agreement import Agreement
from physai_ros.guard.aims import Aim, Course
from physai_ros.guard.collision import Clearance
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.following import Following, STANDING
from physai_ros.guard.frame_speed import FrameSpeed
from physai_ros.guard.joint_shaper import JointShaper
from physai_ros.guard.leaps import Leaps
from physai_ros.guard.limits import JointLimits
from physai_ros.guard.measured import EFFORT, Lasting, MeasuredJoints, TRACKING
from physai_ros.guard.states import Trip

AHEAD = 'collision ahead'
EFFORT_TOLERANCE = 0.05     # of a limit: noise of its measurement
SLACK = 0.1                 # of the jump tolerance: a gripper that far off has been opened
LOOK_NS = 50_000_000        # time between two looks for links that touch and joints that stand


class Arm:
    """
    Chunks in, trajectories out, for joints that move together.

    :param limits: of the joints
    :param config: how strict to be
    :param frame_speed: limit on the speed of frames, None: none
    :param clearance: keeps the links clear of each other and inside the workspace, None: nothing

    ``barred``: why the reference is not followed though there is one, or None.
    """

    def __init__(self, limits: JointLimits, config: GuardConfig,
                 clearance: Optional[Clearance] = None,
                 frame_speed: Optional[FrameSpeed] = None):
        self.limits, self.config, self._clearance = limits, config, clearance
        self.barred: Optional[str] = None
        self._looked_ns = 0
        self.reference = JointReference(limits.names, config.ns('reference_max_age_s'))
        self._near = config.per_joint('following_tolerance', limits)
        self.leaps = Leaps(limits.velocity, STANDING * self._near)
        self.measured = MeasuredJoints(limits.names, np.isinf(limits.lower),
                                       Agreement(limits, self._near), self.leaps)
        self.following = self._blind = self._lost = False
        self._seen, self._rested = self.measured.position, False    # when the state was lost
        self._period_ns = config.ns('control_period_s')
        self._commit_ns = config.ns('commit_s')
        self._max_age_ns = config.ns('joint_state_max_age_s')
        self._ahead_ns = config.ns('future_tolerance_s')
        self._take_up_ns = config.ns('take_up_max_age_s')
        margin = config.per_joint('soft_margin', limits)
        self._jump = config.per_joint('jump_tolerance', limits)
        self._outside = config.per_joint('start_tolerance', limits)
        tolerance = config.tracking_tolerances(limits)
        self._exempt = np.isinf(tolerance)
        self._tracking = Lasting(TRACKING, limits.names, tolerance, config.ns('tracking_time_s'))
        self._response_ns = config.ns('response_time_s')
        self._following = Following(limits.names, config.following_tolerances(limits), self._near,
                                    config.controllers or (limits.names,))
        most = np.where(self._exempt, np.inf, limits.effort * (1.0 + EFFORT_TOLERANCE))
        self._effort = Lasting(EFFORT, limits.names, most, config.ns('effort_time_s'))
        self.shaper = JointShaper(limits, margin, self._period_ns, clearance,
                                  config.stop_time_s, frame_speed,
                                  self._commit_ns + self._max_age_ns + self._response_ns)
        self._course = Course(self.reference, self.shaper.bounds, config.ns('smoothing_s'),
                              self._period_ns)

    def accept(self, chunk: JointChunk, now_ns: int) -> int:
        """
        Merge a chunk into the reference.

        :return: how many numbers were clamped
        :raises GuardError: when it is refused; Trip: when it is a fault
        """
        chunk, clamped = checks.joint_chunk(chunk, self.limits, self.config, now_ns)
        chunk = self.measured.counted_on(chunk)
        committed = self.following or self.moving(now_ns)
        merged = self.reference.merge(chunk, now_ns + (self._commit_ns if committed else 0))
        if merged and committed:
            self._course.prepare(self.shaper.head_ns + self._period_ns)
        return clamped

    def observe(self, state: JointState):
        """Take a measured state; raises as `MeasuredJoints.update`."""
        self.measured.update(state)

    def stale(self, now_ns: int) -> Optional[str]:
        """Return why the measured state cannot be relied on, or None."""
        return self.measured.stale(now_ns, self._max_age_ns, self._ahead_ns)

    def start(self, now_ns: int):
        """
        Begin to command, from the measured state.

        What the policy wanted before is forgotten: it was meant for a robot that moves.

        :raises GuardError: while the newest state is doubted
        :raises Trip: when a joint stands too far outside its limits
        """
        self._require_steady()
        self.following, self.barred = False, None
        self.reference.clear(now_ns)
        if not self._unsettled(now_ns):
            self._begin(now_ns, np.zeros(len(self.limits.names), dtype=bool))

    def take_over(self, now_ns: int, plan: JointTrajectory, following: bool, reason: str):
        """Go on from a plan that was published by another guard."""
        self.shaper.load(plan, now_ns + self._commit_ns)
        self.following = following
        self.barred = reason if reason.startswith(AHEAD) else None

    def moving(self, now_ns: int) -> bool:
        """Return whether the plan still has motion in it."""
        return self.shaper.moving(now_ns)

    def advance(self, now_ns: int, follow: bool) -> bool:
        """
        Bring the plan up to date.

        :param follow: False brakes
        :return: whether the plan follows the reference
        :raises Trip: when following may not go on
        """
        shaper = self.shaper
        shaper.catch_up(now_ns)
        self._mind_the_robot(now_ns)
        self._blind = self._blind or not follow
        self.following = follow and (self.following or self._take_up(now_ns))
        while shaper.head_ns < now_ns + self._commit_ns:
            aim = None
            if self.following:
                aim = self._course.aim(shaper.head_ns + self._period_ns)
                self.following = aim is not None
            shaper.extend(aim)
        if self.following and shaper.barred and not shaper.moving(now_ns):
            self.following, self.barred = False, f'{AHEAD}: {shaper.barred}'
        return self.following

    def watch(self):
        """
        Compare what the joints did with their plan, and look whether links touch.

        :raises Trip: as `Lasting.check`; for a contact that was not there from the start; as
            `Following.check`, and then the plan is given up: nothing more of it is published
        """
        stamp_ns = self.measured.oldest_ns
        self._effort.check(stamp_ns, self.measured.effort)
        planned = self.shaper.at(stamp_ns)
        if planned is not None:
            self._tracking.check(stamp_ns, self.measured.position - planned)
        if not 0 <= stamp_ns - self._looked_ns < LOOK_NS:
            self._looked_ns = stamp_ns
            self._check_contact()
            self._check_following(stamp_ns, planned)

    def command(self, now_ns: int) -> Optional[JointTrajectory]:
        """Return the trajectory to publish; none to hold joints that may be anywhere by now."""
        return None if self._lost and not self.moving(now_ns) else self.shaper.trajectory(now_ns)

    def rehearse(self, now_ns: int):
        """
        Look whether it could be engaged now.

        :raises GuardError: as `start`; Trip: also when the first reference would be a jump
        """
        self._require_steady()
        self._require_inside(self.measured.position)
        aim = self._course.aim(now_ns + self._commit_ns + self._period_ns)
        if aim is not None:
            self._check_jump(aim)

    def clock_set_back(self, delta_ns: int):
        """Forget everything that has a stamp; keep the plan, moved in time."""
        self.reference.clear()
        self.measured.clear()
        self._tracking.reset()
        self._following.reset()
        self._effort.reset()
        self.shaper.shift(delta_ns)
        self.following = False

    def _require_steady(self):
        leaping = self.measured.leaping()
        if leaping:
            raise GuardError(f'guard: cannot engage: {leaping} leapt: its position', None,
                             'the same from the next message', 'try again')

    def _take_up(self, now_ns) -> bool:
        """
        Start to follow the reference, if there is one.

        At rest the plan begins anew at the measured state. A stop that is still under way is
        gone on from, unless the measured state was stale meanwhile: then rest is waited for.
        """
        moving = self._unsettled(now_ns)
        if self._blind if moving else self._outdated(now_ns) or self.measured.leaping():
            return False
        first_ns = self.shaper.head_ns if moving else now_ns + self._commit_ns
        aim = self._course.aim(first_ns + self._period_ns)
        if aim is None or self.barred and not self._cleared(aim):
            return False
        self._check_jump(aim)
        if not moving:
            self._begin(now_ns, self._kept())
        return True

    def _mind_the_robot(self, now_ns):
        """At rest after a time without its state, plan anew: it may have been moved meanwhile."""
        if self.stale(now_ns):
            if not self._lost:
                self._lost, self._seen = True, self.measured.position
                self._rested = not self._unsettled(now_ns)
        elif self._lost and not self._unsettled(now_ns) and not self.measured.leaping():
            self._begin(now_ns, self._kept() & ~self._moved())

    def _kept(self):
        """Return which joints (J,) are where they hold, or hold what they grasp."""
        away = np.abs(self.shaper.rest_position - self.measured.position)
        return away <= np.where(self._exempt, self._jump, self._near)

    def _moved(self):
        """
        Return which joints (J,) somebody moved while their state was lost.

        Those that stood are not where they were last seen, which cannot be told of others; exempt
        ones are not on the way from there to rest.
        """
        here, slack = self.measured.position, SLACK * self._jump
        ends = np.stack([self.shaper.rest_position, self._seen])
        off = (here < ends.min(axis=0) - slack) | (here > ends.max(axis=0) + slack)
        gone = np.abs(here - self._seen) > STANDING * self._near
        return np.where(self._exempt, off, gone | (not self._rested))

    def _cleared(self, aim: Aim) -> bool:
        """Return whether the straight way to the reference is clear, after a collision ahead."""
        here = self.shaper.rest_position
        there = np.where(aim.active, aim.position, here)
        pair = self._clearance.in_the_way(here, there)
        self.barred = pair and f'{AHEAD}: {pair}'
        return pair is None

    def _check_following(self, stamp_ns, planned):
        if planned is None:
            return
        position = self.measured.position
        try:
            self._following.check(position, planned, self.shaper.span(
                stamp_ns - self._response_ns, stamp_ns))
        except Trip:
            self.shaper.start(stamp_ns, position, np.zeros(len(position)))
            raise

    def _check_contact(self):
        pair = self._clearance and self._clearance.contact(self.measured.position)
        if pair:
            raise Trip('collision', f'measured pose: {pair} touch', None, '',
                       'bring the robot clear by other means')

    def _outdated(self, now_ns) -> bool:
        """Return whether the newest actions are too old to set off with."""
        newest_ns = self.reference.newest_ns
        return newest_ns is None or now_ns - newest_ns > self._take_up_ns

    def _unsettled(self, now_ns) -> bool:
        """Return whether the plan has motion in it, or had when the joints were measured."""
        return self.moving(min(now_ns, self.measured.oldest_ns))

    def _begin(self, now_ns, kept):
        """
        Plan from the measured state; joints in ``kept`` (J,) go on from where they hold.

        Nothing sets off before the promised time is over: a controller that hears of it late would
        begin in the middle of the motion.
        """
        position = np.where(kept, self.shaper.rest_position, self.measured.position)
        self._require_inside(position)
        speed = self.measured.velocity
        standing = kept | (np.abs(speed) < self.config.moving_ratio * self.limits.velocity)
        self.shaper.start(now_ns, position, np.where(standing, 0.0, speed))
        while self.shaper.head_ns < now_ns + self._commit_ns:
            self.shaper.extend(None)
        self._tracking.reset()
        self._following.reset()
        self._blind = self._lost = False

    def _require_inside(self, position):
        limits = self.limits
        beyond = np.maximum(position - limits.upper, limits.lower - position) - self._outside
        if (beyond > 0).any():
            k = int(np.argmax(beyond))
            raise Trip('limit', f'{limits.names[k]}: measured position', float(position[k]),
                       f'{limits.lower[k]:g} to {limits.upper[k]:g}',
                       'bring the joint inside its limits by other means')

    def _check_jump(self, aim: Aim):
        distance = np.abs(aim.position - self.measured.position)
        beyond = np.where(aim.active, distance - self._jump, -1.0)
        k = int(np.argmax(beyond))
        if beyond[k] > 0:
            raise Trip('jump', f'{self.limits.names[k]}: first reference',
                       round(float(aim.position[k]), 4),
                       f'at most {self._jump[k]:g} from the measured '
                       f'{self.measured.position[k]:.4f}',
                       'bring the robot near the pose that the policy starts from')
