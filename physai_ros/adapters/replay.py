"""Step a guard over what a black box recorded, and compare what it does with what was done."""
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Iterator, Optional, Tuple

import numpy as np
from physai_ros.adapters.base_command import base_command
from physai_ros.adapters.cdr import takes_bytes
from physai_ros.adapters.commands import read_trajectory
from physai_ros.adapters.guard_port import feed, INPUTS
from physai_ros.adapters.recorder import CALL, TICK
from physai_ros.blackbox import read
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.core.types import JointTrajectory
from physai_ros.guard.build import parts
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.guard import Guard
from physai_ros.guard.states import ENGAGED, FAULTED, HOLDING
from physai_ros.robots.profile import Profile
from physai_ros.robots.urdf import parse
from rclpy.serialization import deserialize_message
from std_msgs.msg import Bool, String

WARM_NS = 2_000_000_000      # chunks older than this count no more when a recording begins
SAME = 1e-9                  # rad or m, of a base m/s or rad/s


@dataclass
class Step:
    """
    One tick of a recording.

    ``recorded``, ``replayed``: (state, reason); ``distance``: greatest between the positions of
    both trajectories (rad or m) or both twists (m/s or rad/s), infinite when only one guard
    commands any, None when neither does.
    """

    time_ns: int
    recorded: Tuple[str, str]
    replayed: Tuple[str, str]
    distance: Optional[float] = None

    @property
    def same(self) -> bool:
        """Return whether decision and command are the same."""
        return self.recorded == self.replayed and (self.distance or 0.0) <= SAME


def build(metadata) -> Tuple[Guard, Profile]:
    """
    Return a guard like the one that was recorded, and the profile of its robot.

    :raises ConfigError: when it cannot be built from the recording
    """
    try:
        profile = Profile.model_validate_json(metadata['profile'])
        config = GuardConfig(**json.loads(metadata['config']))
        made = parts(parse(metadata['robot_description']), profile,
                     json.loads(metadata['collaborative']))
        return Guard(**made, config=config), profile
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError('metadata of the recording', None, 'those of this version of physai_ros',
                          str(error)) from error


def lack(path: Path) -> str:
    """Return how many messages a recording lacks whose writer was cut off, '' for none."""
    return read.missing(path)


def replay(path: Path) -> Iterator[Step]:
    """
    Yield the ticks of a recording as the guard of this version decides them.

    A recording that begins in the middle of a motion is gone on from after ``WARM_NS``, with the
    plan that was published then; a base from the twists of all this time.

    :raises ConfigError: for a file that is no recording of a command node
    """
    player = _Player(*build(read.metadata(path)))
    for topic, time_ns, data in read.messages(path):
        yield from player.take(topic, time_ns, data)
    yield from player.flush()


class _Player:
    """Feeds a guard, and steps it from where it can go on like the recorded one (``_live``)."""

    def __init__(self, guard, profile):
        self._guard, self._begin_ns, self._live = guard, None, False
        self._joints = profile.arm.joints if profile.arm else ()
        self._read_twist = base_command(profile.base).read if profile.base else None
        self._parts, self._twist = [], None         # of this tick; the parts by controller
        self._step = self._tick = self._recorded = None

    def take(self, topic, time_ns, data):
        """Take a record; yield the step before when this one is no command of it any more."""
        if topic.endswith('/joint_trajectory'):
            self._parts.append(read_trajectory(data))
            return
        if topic == 'cmd_vel':
            self._twist = self._read_twist(data)
            return
        yield from self.flush()
        if topic in INPUTS:
            self._feed(topic, time_ns, data)
        elif topic == 'estop':
            self._guard.on_estop(deserialize_message(data, Bool).data)
        elif topic == CALL and self._live:
            self._call(json.loads(deserialize_message(data, String).data)['call'], time_ns)
        elif topic == TICK:
            self._parts, self._twist = [], None
            self._decide(time_ns, json.loads(deserialize_message(data, String).data))

    def flush(self):
        """Yield the last step, complete now."""
        if self._recorded is not None:
            self._warm_up(*self._recorded)
            self._recorded = None
        if self._step is not None:
            self._compare()
            yield self._step
            self._step = None

    def _feed(self, topic, time_ns, data):
        kind, _, convert = INPUTS[topic]
        try:
            message = data if takes_bytes(convert) else deserialize_message(data, kind)
            feed(self._guard, topic, convert(message), time_ns)
        except PhysaiError:
            pass  # refused by the node as well

    def _call(self, name, time_ns):
        try:
            getattr(self._guard, name)(time_ns)
        except PhysaiError:
            pass  # refused then, too

    def _decide(self, time_ns, record):
        self._begin_ns = time_ns if self._begin_ns is None else self._begin_ns
        state, reason = record['state'], record['reason']
        if not self._live:
            self._recorded = time_ns, state, reason
            return
        self._tick = self._guard.tick(time_ns, record['hold'])
        self._step = Step(time_ns, (state, reason), (self._tick.state, self._tick.reason))

    def _warm_up(self, time_ns, state, reason):
        if state in (ENGAGED, HOLDING):
            self._live = time_ns - self._begin_ns >= WARM_NS
        else:
            self._live = state != FAULTED and not self._parts and self._twist is None
        trajectory = _joined(self._parts, self._joints) if self._live else None
        self._guard.resume(time_ns, state, reason, trajectory, self._twist)

    def _compare(self):
        mine, theirs = self._tick, _joined(self._parts, self._joints)
        distances = [
            _distance(mine.trajectory and mine.trajectory.positions,
                      theirs and theirs.positions),
            _distance(mine.twist and mine.twist.velocity, self._twist and self._twist.velocity)]
        self._step.distance = max((d for d in distances if d is not None), default=None)


def _distance(mine, theirs) -> Optional[float]:
    """Return the greatest difference of two arrays, infinite without one, None without both."""
    if mine is None and theirs is None:
        return None
    if mine is None or theirs is None or mine.shape != theirs.shape:
        return np.inf
    return float(np.abs(mine - theirs).max())


def _joined(parts, joints) -> Optional[JointTrajectory]:
    """Return the trajectory of all joints, None while some are missing."""
    names = [name for part in parts for name in part.names]
    if not names or set(names) != set(joints):
        return None
    order, first = [names.index(name) for name in joints], parts[0]
    return JointTrajectory(first.stamp_ns, joints, first.times_ns, *(
        np.hstack([getattr(part, field) for part in parts])[:, order]
        for field in ('positions', 'velocities', 'accelerations')))
