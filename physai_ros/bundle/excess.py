"""What an answer moves further than can be meant: that is what confused units look like."""
from typing import Dict, Iterator, List, Mapping, NamedTuple, Tuple

import numpy as np
from physai_ros.bundle.action import Decision
from physai_ros.bundle.check_limits import has_limits, remedy_for
from physai_ros.bundle.outputs import FrameOutput
from physai_ros.core.types import BaseChunk, NS_PER_S

FAR, LEAST_FAR, LEAST_FAR_M, FAST = 0.5, 0.5, 0.2, 3.0
MOST_MOVE_M, ROOM_M, MOST_TURN = 0.5, 3.0, 2.0
PLAIN, MOST_SHARE = 0.5, 2.0
AXES = ('linear_x', 'linear_y', 'angular_z')
IN_METRES = 'give it in m: scale 0.001 where the model answers in mm'
IN_RADIANS = 'give it in rad, or say unit: deg'
IN_RAD_S = 'give it in rad/s (m/s for a sliding joint), or say unit: deg'
FRACTIONS = 'give fractions: what the model answers where the gripper is closed, then where it ' \
    'is open; [0.4999, 0.5001] for a threshold between the two'


class Excess(NamedTuple):
    """Something that an answer moves too far: the value, what was expected, what to do."""

    value: float
    expected: str
    remedy: str


class Meaning(NamedTuple):
    """
    What one answer means.

    :param moves: the motions (K, 6) of each frame, and the output that tells them
    :param rows: place, output and rows (K, n) of each part, as the model answered them
    """

    decision: Decision
    moves: Mapping[str, Tuple[np.ndarray, FrameOutput]]
    rows: List[tuple]


def excesses(meant: Meaning, profile, description) -> Dict[str, Excess]:
    """
    Return what most steps of an answer move too far, by joint, axis of the base or frame.

    Joints: out of their limits by half of the range (and by half a radian, or 0.2 m where they
    slide), or told three times their velocity. A base: over three times its velocity. A frame:
    over half a metre or 2 rad, or over 3 m from the root. A gripper: over twice the way from
    closed to open away from both.
    """
    found: Dict[str, Excess] = {}
    joints = description.joints if description is not None else {}
    for thing, excess in (*_of_grippers(meant.rows), *_of_speeds(meant, joints),
                          *_of_chunks(meant.decision.chunks, profile, joints),
                          *_of_frames(meant.moves)):
        found.setdefault(thing, excess)
    return found


def _of_grippers(rows) -> Iterator[Tuple[str, Excess]]:
    for _, part, numbers in rows:
        if part.kind != 'gripper' or abs(part.fractions[1] - part.fractions[0]) < PLAIN:
            continue
        low, high = part.fractions
        for name, column in zip(part.joints, part.from_model(numbers).T):
            typical = float(np.median(column))
            if not -MOST_SHARE <= (typical - low) / (high - low) <= 1.0 + MOST_SHARE:
                yield name, Excess(_short(typical), f'about {low:g} (closed) to {high:g} (open), '
                                   'as fractions says', FRACTIONS)


def _of_speeds(meant, joints):
    for place, part, _ in meant.rows:
        if part.kind != 'joint_velocity':
            continue
        wanted = meant.decision.wanted[place]
        speeds = np.diff(wanted.actions, axis=0) * NS_PER_S / wanted.dt_ns
        for name, column in zip(part.joints, speeds.T):
            most, typical = getattr(joints.get(name), 'velocity', None), np.median(np.abs(column))
            if most and typical > FAST * most:
                yield name, Excess(_short(typical), f'at most {most:.4g}, the velocity of this '
                                   'joint in the URDF', IN_RAD_S)


def _of_chunks(chunks, profile, joints):
    for chunk in chunks:
        if isinstance(chunk, BaseChunk):
            yield from _of_base(chunk, getattr(profile, 'base', None))
        else:
            yield from _of_joints(chunk, joints)


def _of_joints(chunk, joints):
    for name, column in zip(chunk.names, chunk.positions.T):
        joint = joints.get(name)
        if not has_limits(joint):
            continue
        least = LEAST_FAR_M if getattr(joint, 'type', '') == 'prismatic' else LEAST_FAR
        slack = max(FAR * (joint.upper - joint.lower), least)
        typical = float(np.median(column))
        if not joint.lower - slack <= typical <= joint.upper + slack:
            yield name, Excess(_short(typical), f'{joint.lower:.4g} to {joint.upper:.4g}, the '
                               'limits of this joint',
                               remedy_for(typical, chunk.names, joints))


def _of_base(chunk, base):
    for axis, column in zip(AXES, chunk.twists.T):
        limits = getattr(base.limits, axis, None) if base is not None else None
        typical = float(np.median(np.abs(column)))
        if limits is not None and typical > FAST * limits.velocity:
            yield axis, Excess(_short(typical), f'at most {limits.velocity:g}, the limit of the '
                               'profile', 'give it in m/s and rad/s, by scale')


def _of_frames(moves):
    for frame, (wanted, output) in moves.items():
        most, place = (ROOM_M, 'from the root of the URDF') if output.absolute else \
            (MOST_MOVE_M, 'a step')
        distance, turn = (float(np.median(np.linalg.norm(part, axis=1)))
                          for part in (wanted[:, :3], wanted[:, 3:]))
        if distance > most:
            yield frame, Excess(_short(distance), f'at most {most} m {place}', IN_METRES)
        elif output.kind == 'frame_delta' and turn > MOST_TURN:
            yield frame, Excess(_short(turn), f'at most {MOST_TURN} rad a step', IN_RADIANS)


def _short(value):
    return float(f'{value:.3g}')
