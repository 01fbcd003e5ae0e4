"""Step a guard over what a black box recorded, and compare what it does with what was done."""
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Iterator, Optional, Tuple

import numpy as np
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
from physai_ros.guard.states import ENGAGED, HOLDING
from physai_ros.robots.profile import Profile
from physai_ros.robots.urdf import parse
from rclpy.serialization import deserialize_message
from std_msgs.msg import Bool, String

WARM_NS = 2_000_000_000      # chunks older than this count no more when a recording begins
SAME = 1e-9                  # rad or m


@dataclass
class Step:
    """
    One tick of a recording.

    ``recorded``, ``replayed``: (state, reason); ``distance``: greatest between the positions of
    both trajectories (rad or m), infinite when only one has any, None when neither has.
    """

    time_ns: int
    recorded: Tuple[str, str]
    replayed: Tuple[str, str]
    distance: Optional[float] = None

    @property
    def same(self) -> bool:
        """Return whether decision and command are the same."""
        return self.recorded == self.replayed and (self.distance or 0.0) <= SAME


def build(metadata) -> Tuple[Guard, Tuple[str, ...]]:
    """
    Return a guard like the one that was recorded, and the joints of its trajectories.

    :raises ConfigError: when it cannot be built from the recording
    """
    try:
        profile = Profile.model_validate_json(metadata['profile'])
        config = GuardConfig(**json.loads(metadata['config']))
        made = parts(parse(metadata['robot_description']), profile,
                     json.loads(metadata['collaborative']))
        return Guard(**made, config=config), profile.arm.joints if profile.arm else ()
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError('metadata of the recording', None, 'those of this version of physai_ros',
                          str(error)) from error


def replay(path: Path) -> Iterator[Step]:
    """
    Yield the ticks of a recording as the guard of this version decides them.

    A recording that begins in the middle of a motion is gone on from after ``WARM_NS``, with the
    plan that was published then.

    :raises ConfigError: for a file that is no recording of a command node
    """
    player = _Player(*build(read.metadata(path)))
    for topic, time_ns, data in read.messages(path):
        yield from player.take(topic, time_ns, data)
    yield from player.flush()


class _Player:
    """Feeds a guard; ``None`` as warm-up end: it is stepped from now on."""

    def __init__(self, guard, joints):
        self._guard, self._begin_ns, self._live = guard, None, False
        self._joints, self._parts = joints, []      # of this tick, by controller
        self._step = self._tick = self._resume = None

    def take(self, topic, time_ns, data):
        """Take a record; yield the step before when this one begins another."""
        if topic in INPUTS:
            self._feed(topic, time_ns, data)
        elif topic == 'estop':
            self._guard.on_estop(deserialize_message(data, Bool).data)
        elif topic == CALL and self._live:
            self._call(json.loads(deserialize_message(data, String).data)['call'], time_ns)
        elif topic == TICK:
            yield from self.flush()
            self._parts.clear()
            self._decide(time_ns, json.loads(deserialize_message(data, String).data))
        elif topic.endswith('/joint_trajectory'):
            self._parts.append(read_trajectory(data))
            whole = _joined(self._parts, self._joints)
            if whole is not None:
                self._compare(whole)

    def flush(self):
        """Yield the last step, complete now."""
        if self._resume is not None:
            self._guard.resume(*self._resume, None)
            self._live, self._resume = True, None
        if self._step is not None:
            if self._tick.trajectory is not None and self._step.distance is None:
                self._step.distance = np.inf
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
            if state not in (ENGAGED, HOLDING):
                self._guard.resume(time_ns, state, reason, None)
                self._live = state != 'faulted'
            elif time_ns - self._begin_ns >= WARM_NS:
                self._resume = (time_ns, state, reason)
            return
        self._tick = self._guard.tick(time_ns, record['hold'])
        self._step = Step(time_ns, (state, reason), (self._tick.state, self._tick.reason))

    def _compare(self, recorded):
        if self._resume is not None:
            self._guard.resume(*self._resume, recorded)
            self._live, self._resume = True, None
        elif self._step is not None:
            mine = self._tick.trajectory
            same = mine is not None and mine.positions.shape == recorded.positions.shape
            self._step.distance = float(np.abs(
                mine.positions - recorded.positions).max()) if same else np.inf


def _joined(parts, joints) -> Optional[JointTrajectory]:
    """Return the trajectory of all joints, None while some are missing."""
    names = [name for part in parts for name in part.names]
    if set(names) != set(joints):
        return None
    order, first = [names.index(name) for name in joints], parts[0]
    return JointTrajectory(first.stamp_ns, joints, first.times_ns, *(
        np.hstack([getattr(part, field) for part in parts])[:, order]
        for field in ('positions', 'velocities', 'accelerations')))
