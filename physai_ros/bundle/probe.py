"""Show a model plausible observations, and see whether its answers are within reach."""
from typing import Dict, Iterator, NamedTuple, Optional, Tuple

import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check_limits import has_limits, remedy_for
from physai_ros.bundle.check_robot import parts, terms
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.plausible import Plausible
from physai_ros.bundle.problems import and_more, Where
from physai_ros.bundle.stage import Stage
from physai_ros.core.errors import BundleError, PhysaiError
from physai_ros.core.types import BaseChunk, NS_PER_S

NOW_NS = 1000 * NS_PER_S
FAR, LEAST_FAR, FAST, MOST_MOVE_M, ROOM_M = 0.5, 0.5, 3.0, 0.5, 3.0
MOST_REPEATED = 200
AXES = ('linear_x', 'linear_y', 'angular_z')
IN_METRES = 'give it in m: scale 0.001 where the model answers in mm'
TASK = 'pick up the workpiece'


class Excess(NamedTuple):
    """Something that an answer moves too far: the value, what was expected, what to do."""

    value: float
    expected: str
    remedy: str


def check_answers(manifest: Manifest, model, profile, description, where: Where, probes: int,
                  tokenizer_json: Optional[bytes] = None) -> Stage:
    """
    Run the chain from samples to chunks.

    A joint is a problem where most answers are out of its limits by half of its range (and by half
    a radian or metre), a base where most are over three times its velocity, a frame where most are
    over half a metre, or over 3 m from the root: that is what confused units look like. A policy
    that is only a little wrong is the guard's business.
    """
    title, found = f'answers to {probes} plausible observations', {}
    for seed in range(probes):
        try:
            chunks, moves = _answer(manifest, model, profile, description, seed, tokenizer_json)
        except BundleError as error:
            return Stage(title, (error,))
        except PhysaiError as error:  # what the samples above lack, the robot may well have
            return Stage(f'answers: not checked, as {error}', tried=False)
        for thing, excess in _far(chunks, moves, profile, description):
            found.setdefault(thing, []).append(excess)
    wrong = {}
    for thing, excesses in found.items():
        if len(excesses) * 2 > probes:
            wrong.setdefault(_path(manifest, thing), []).append((thing, excesses[0]))
    return Stage(title, tuple(
        BundleError(f'what the model answers for {and_more([t for t, _ in things])} by '
                    f'{where(*path)}', *things[0][1])
        for path, things in wrong.items()))


def _answer(manifest, model, profile, description, seed, tokenizer_json):
    """Return the chunks of one inference, and the motions of each frame: (K, 6), limit."""
    measured = [*terms(manifest), *manifest.references()]
    plausible = Plausible((term for _, term in measured), profile, description, seed)
    assembler = Assembler(manifest, transforms=plausible, tokenizer_json=tokenizer_json)
    assembler.task = TASK
    for source in assembler.sources:
        for stamp_ns in _stamps(manifest, source):
            sample = plausible(source, stamp_ns)
            if sample is not None:
                assembler.feed(source.topic, sample)
    observation = assembler.assemble(NOW_NS)
    moves: Dict[str, tuple] = {}

    def stay(output, wanted, reference):
        moves[output.frame] = wanted, ROOM_M if output.absolute else MOST_MOVE_M
        return np.repeat(reference[np.newaxis], len(wanted), axis=0)

    outputs = model.run(observation.inputs)
    decoder = Decoder(manifest, stay)
    return decoder.decode(outputs, NOW_NS, observation.references), moves


def _stamps(manifest, source):
    """Return the times of the samples that the histories of a source ask for, the oldest first."""
    lags = {0}
    for path, term in terms(manifest):
        history = term.history or manifest.history.get(path[1])
        if history is not None and term.source.topic == source.topic:
            moments = sorted(history.lags_ns(manifest.dt_ns))
            lags.update(moments if history.start == 'wait' else moments[:MOST_REPEATED])
    return [NOW_NS - lag for lag in sorted(lags, reverse=True)]


def _far(chunks, moves, profile, description) -> Iterator[Tuple[str, Excess]]:
    """Yield what most steps of an answer move too far."""
    for chunk in chunks:
        if isinstance(chunk, BaseChunk):
            yield from _far_base(chunk, getattr(profile, 'base', None))
        elif description is not None:
            yield from _far_joints(chunk, description.joints)
    for frame, (wanted, most) in moves.items():
        distance = float(np.median(np.linalg.norm(wanted[:, :3], axis=1)))
        if distance > most:
            where = 'a step' if most < ROOM_M else 'from the root of the URDF'
            yield frame, Excess(_short(distance), f'at most {most} m {where}', IN_METRES)


def _far_joints(chunk, joints):
    for name, column in zip(chunk.names, chunk.positions.T):
        joint = joints.get(name)
        if not has_limits(joint):
            continue
        slack = max(FAR * (joint.upper - joint.lower), LEAST_FAR)
        typical = float(np.median(column))
        if not joint.lower - slack <= typical <= joint.upper + slack:
            yield name, Excess(_short(typical), f'{joint.lower:.4g} to {joint.upper:.4g}, the '
                               'limits of this joint',
                               remedy_for(typical, chunk.names, joints))


def _far_base(chunk, base):
    for axis, column in zip(AXES, chunk.twists.T):
        limits = getattr(base.limits, axis, None) if base is not None else None
        typical = float(np.median(np.abs(column)))
        if limits is not None and typical > FAST * limits.velocity:
            yield axis, Excess(_short(typical), f'at most {limits.velocity:g}, the limit of the '
                               'profile', 'give it in m/s and rad/s, by scale')


def _path(manifest, thing):
    """Return the path of the output that moves a joint, an axis of the base or a frame."""
    for path, part in parts(manifest):
        if thing in getattr(part, 'joints', ()) and getattr(part, 'frame', None) is None:
            return path
        if thing == getattr(part, 'frame', None) or thing in AXES and part.moves == 'base':
            return path
    return ('outputs',)


def _short(value):
    return float(f'{value:.3g}')
