"""The guard: what stands between a model and a robot. Free of ROS; time is passed in."""
from collections import Counter
from dataclasses import dataclass
from typing import Dict, Optional, Union

from physai_ros.core.errors import ConfigError, GuardError
from physai_ros.core.types import (
    BaseChunk, JointChunk, JointState, JointTrajectory, NS_PER_S, Odometry, Scan, Twist)
from physai_ros.guard import states
from physai_ros.guard.arm import AHEAD, Arm
from physai_ros.guard.base import Base
from physai_ros.guard.collision import Clearance
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.frame_speed import FrameSpeed
from physai_ros.guard.limits import BaseLimits, JointLimits
from physai_ros.guard.states import Trip
from physai_ros.guard.zones import Zones

NO_CHUNK = 'no fresh chunk'     # a reason to hold, as AHEAD


@dataclass(frozen=True, eq=False)
class Tick:
    """
    The outcome of one control tick.

    :param state: one of `states.STATES`; ``reason``: why, in words that do not change with time
    :param trajectory: to publish now, or None
    :param twist: to publish now, or None
    :param changed: state or reason differ from those of the tick before: log it
    """

    state: str
    reason: str
    trajectory: Optional[JointTrajectory]
    twist: Optional[Twist]
    changed: bool

    @property
    def text(self) -> str:
        """Return state and reason in words."""
        return f'{self.state}: {self.reason}' if self.reason else self.state


class Guard:
    """
    Let chunks move a robot within its limits, and stop it when anything is wrong.

    :param joints: limits of the arm's joints, or None for a robot without them
    :param base: limits of the base, or None for a robot without one
    :param config: how strict to be
    :param clearance: of the arm's links, None: collisions are not looked for
    :param zones: of the base, None without a laser
    :param frame_speed: limit on the speed of the arm's frames, None: none
    :raises ConfigError: without any limits: nothing moves without limits
    """

    def __init__(self, joints: Optional[JointLimits], base: Optional[BaseLimits],
                 config: GuardConfig = GuardConfig(), clearance: Optional[Clearance] = None,
                 zones: Optional[Zones] = None, frame_speed: Optional[FrameSpeed] = None):
        if joints is None and base is None:
            raise ConfigError('guard: limits', None, 'limits of joints, of a base, or of both',
                              'limits are mandatory: nothing is activated without them')
        self._arm = None if joints is None else Arm(joints, config, clearance, frame_speed)
        self._base = None if base is None else Base(base, config, zones)
        self._parts = [part for part in (self._arm, self._base) if part is not None]
        self.max_steps = config.max_steps
        self.state, self.reason = states.DISENGAGED, 'not engaged'
        self._counts, self.faults = Counter(), Counter()
        self.fault: Optional[Trip] = None
        self._estop = False
        self._now_ns: Optional[int] = None
        self._fresh_ns, self._resume_ns = None, config.ns('resume_within_s')
        self._reported = None

    @property
    def counters(self) -> Dict[str, int]:
        """Count what came in and what became of it since the start, for diagnostics."""
        arm, base = self._arm, self._base
        known = ('joint_states', 'odometry', 'scans', 'chunks', 'refused', 'clamped',
                 'clock_set_back')
        return {**dict.fromkeys(known, 0), **self._counts,
                'old_chunks': sum(p.reference.old for p in self._parts),
                'late_chunks': sum(p.reference.late for p in self._parts),
                'doubted': 0 if arm is None else arm.leaps.count,
                'shaper_failed': sum(p.shaper.failed for p in self._parts),
                'braked_for_limits': 0 if arm is None else arm.shaper.braked,
                'braked_for_frames': 0 if arm is None else arm.shaper.slowed,
                'braked_for_collision': 0 if arm is None else arm.shaper.bars,
                'braked_for_zones': 0 if base is None else base.shaper.barred}

    def on_joint_state(self, state: JointState) -> Optional[GuardError]:
        """Take a measured joint state; return what is wrong with it, or None."""
        return self._take('joint_states', self._arm, lambda arm: arm.observe(state))

    def on_odometry(self, odometry: Odometry) -> Optional[GuardError]:
        """Take a measured base velocity; return what is wrong with it, or None."""
        return self._take('odometry', self._base, lambda base: base.observe(odometry))

    def on_scan(self, scan: Scan) -> Optional[GuardError]:
        """Take what the base's laser sees; return what is wrong with it, or None."""
        base = self._base if self._base is not None and self._base.zones is not None else None
        return self._take('scans', base, lambda base: base.zones.update(scan))

    def on_chunk(self, chunk: Union[JointChunk, BaseChunk], now_ns: int) -> Optional[GuardError]:
        """
        Take the actions of one inference.

        A chunk that is late, doubled or overtaken is dropped and only counted. A refused chunk
        changes nothing; without another one the robot comes to a hold.

        :return: why it was refused (a `Trip`: that is a fault, now latched), or None
        """
        part = {JointChunk: self._arm, BaseChunk: self._base}.get(type(chunk))
        if part is None:
            self._counts['refused'] += 1
            return GuardError(f'chunk: {type(chunk).__name__}', None,
                              'a chunk for what the robot has limits for')

        def accept(part):
            self._counts['clamped'] += part.accept(chunk, now_ns)
        return self._take('chunks', part, accept)

    def on_estop(self, pressed: bool):
        """Take the state of the e-stop: pressing it is a fault, releasing it clears nothing."""
        before, self._estop = self._estop, bool(pressed)
        if self._estop and not before:
            self._trip(Trip('estop', 'e-stop', 'pressed', '',
                            'release it, then reset the fault'))

    def engage(self, now_ns: int):
        """
        Begin to command the robot, from its measured state.

        :raises GuardError: when a fault is latched or the measured state is not fresh and sound
        """
        following = states.after(self.state, states.ENGAGE)
        self._check_clock(now_ns)
        if self.state != states.DISENGAGED:
            return
        for part in self._parts:
            stale = part.stale(now_ns)
            if stale is not None:
                raise GuardError(f'guard: cannot engage: {stale}', None,
                                 'a fresh state of the whole robot', 'see to its driver')
        for part in self._parts:
            part.start(now_ns)
        self._fresh_ns = now_ns
        self._go(following, '')

    def disengage(self, now_ns: int):
        """Come to rest and command no more."""
        self._go(states.after(self.state, states.DISENGAGE), 'disengaged')

    def stop(self, now_ns: int):
        """Come to rest and command no more, on request."""
        self._go(states.after(self.state, states.STOP), 'stopped')

    def reset_fault(self, now_ns: int):
        """
        Clear a latched fault; the guard is disengaged then.

        :raises GuardError: while the e-stop is pressed
        """
        if self._estop:
            raise GuardError('guard: reset_fault: e-stop', 'pressed', '', 'release it first')
        if self.state == states.FAULTED:
            self.fault = None
            self._go(states.after(self.state, states.RESET), 'fault cleared')

    def resume(self, now_ns: int, state: str, reason: str, trajectory: Optional[JointTrajectory],
               twist: Optional[Twist]):
        """
        Go on where a recording begins; called tick by tick, the base gains its acceleration.

        :param state: in which the recorded guard was, and ``reason`` why
        :param trajectory: that it published then, None: none; ``twist``: likewise
        """
        self._now_ns, self.state, self.reason = now_ns, state, reason
        self._reported, following = (state, reason), state == states.ENGAGED
        self.fault = self.fault if state == states.FAULTED else None
        if self._arm is not None and trajectory is not None:
            self._arm.take_over(now_ns, trajectory, following, reason)
        if self._base is not None and twist is not None:
            self._base.take_over(now_ns, twist, following, following or state == states.HOLDING
                                 and reason.startswith((NO_CHUNK, AHEAD)))

    def tick(self, now_ns: int, hold: str = '') -> Tick:
        """
        Do what is due; call it once in a control period.

        Engaged or holding, every tick has a command, but for an arm at rest whose state is stale;
        otherwise only until the robot is at rest.

        :param hold: why the robot must not follow its reference now, '' when it may
        """
        self._check_clock(now_ns)
        try:
            active = self._advance(now_ns, hold)
        except Trip as trip:
            self._trip(trip)
            active = [p for p in self._parts if p.moving(now_ns)]
            for part in active:
                part.advance(now_ns, False)
        trajectory = self._arm.command(now_ns) if self._arm in active else None
        twist = self._base.command(now_ns) if self._base in active else None
        report = (self.state, self.reason)
        changed, self._reported = report != self._reported, report
        return Tick(self.state, self.reason, trajectory, twist, changed)

    def objection(self, now_ns: int) -> Optional[GuardError]:
        """Return what would keep it from being engaged now or be a fault right then, or None."""
        for part in self._parts:
            stale = part.stale(now_ns)
            if stale is not None:
                return GuardError(stale)
        try:
            if self._arm is not None:
                self._arm.rehearse(now_ns)
        except GuardError as problem:
            return problem
        return None

    def _advance(self, now_ns, hold):
        """Bring the parts up to date; return those that have something to publish."""
        if self.state not in (states.ENGAGED, states.HOLDING):
            active = [p for p in self._parts if p.moving(now_ns)]
            for part in active:
                part.advance(now_ns, False)
                part.following = False
            return active
        stale = next(filter(None, (p.stale(now_ns) for p in self._parts)), None)
        if stale is None or self._fresh_ns is None:
            self._fresh_ns = now_ns
        elif now_ns - self._fresh_ns > self._resume_ns:
            self._go(states.after(self.state, states.STOP), f'{stale} for over '
                     f'{self._resume_ns / NS_PER_S:g} s: it has to be engaged again')
            return self._advance(now_ns, hold)
        follow = stale is None and not hold
        following = [part.advance(now_ns, follow) for part in self._parts]
        if stale is None:
            for part in self._parts:
                part.watch()
        if any(following):
            self._go(states.after(self.state, states.RESUME), '')
        else:
            barred = self._arm and self._arm.barred
            self._go(states.after(self.state, states.SILENCE),
                     stale or hold or barred or NO_CHUNK)
        return self._parts

    def _check_clock(self, now_ns):
        if self._now_ns is not None and now_ns < self._now_ns:
            self._counts['clock_set_back'] += 1
            self._fresh_ns = None
            for part in self._parts:
                part.clock_set_back(now_ns - self._now_ns)
        self._now_ns = now_ns

    def _take(self, what, part, take):
        self._counts[what] += 1
        if part is None:
            return None
        try:
            take(part)
        except Trip as trip:
            self._trip(trip)
            refused = trip
        except GuardError as error:
            refused = error
        else:
            return None
        self._counts['refused'] += 1
        return refused

    def _trip(self, trip):
        self.faults[trip.fault] += 1
        if self.fault is None:
            self.fault, self._reported = trip, None     # told also when it was told before
            self._go(states.after(self.state, states.FAULT), f'{trip.fault}: {trip}')

    def _go(self, state, reason):
        if state == states.FAULTED and self.state == states.FAULTED:
            return
        self.state, self.reason = state, reason
