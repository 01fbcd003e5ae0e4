"""Show a model plausible observations, and see whether its answers are within reach."""
from typing import Dict, Optional

import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check_robot import parts, terms
from physai_ros.bundle.excess import AXES, excesses, Meaning
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.plausible import Plausible
from physai_ros.bundle.problems import and_more, Where
from physai_ros.bundle.stage import Stage
from physai_ros.core.errors import BundleError, PhysaiError
from physai_ros.core.types import NS_PER_S

NOW_NS = 1000 * NS_PER_S
MOST_REPEATED = 200
TASK = 'pick up the workpiece'


def check_answers(manifest: Manifest, model, profile, description, where: Where, probes: int,
                  tokenizer_json: Optional[bytes] = None) -> Stage:
    """
    Run the chain from samples to chunks.

    What most answers move too far (excess.py) is a problem. A policy that is only a little wrong
    is the guard's business.
    """
    title, found = f'answers to {probes} plausible observations', {}
    for seed in range(probes):
        try:
            meant = _answer(manifest, model, profile, description, seed, tokenizer_json)
        except BundleError as error:
            return Stage(title, (error,))
        except PhysaiError as error:  # what the samples above lack, the robot may well have
            return Stage(f'answers: not checked, as {error}', tried=False)
        for thing, excess in excesses(meant, profile, description).items():
            found.setdefault(thing, []).append(excess)
    wrong = {}
    for thing, times in found.items():
        if len(times) * 2 > probes:
            wrong.setdefault(_path(manifest, thing), []).append((thing, times[0]))
    return Stage(title, tuple(
        BundleError(f'what the model answers for {and_more([t for t, _ in things])} by '
                    f'{where(*path)}', *things[0][1])
        for path, things in wrong.items()))


def _answer(manifest, model, profile, description, seed, tokenizer_json):
    """Return what one inference means."""
    measured = [*terms(manifest), *manifest.references()]
    plausible = Plausible((term for _, term in measured), profile, description, seed)
    assembler = Assembler(manifest, transforms=plausible, tokenizer_json=tokenizer_json,
                          model=model)
    assembler.task = TASK
    for source in assembler.sources:
        for stamp_ns in _stamps(manifest, source):
            sample = plausible(source, stamp_ns)
            if sample is not None:
                assembler.feed(source.topic, sample)
    observation = assembler.assemble(NOW_NS)
    moves: Dict[str, tuple] = {}

    def stay(output, wanted, reference):
        moves[output.frame] = wanted, output
        return np.repeat(reference[np.newaxis], len(wanted), axis=0)

    outputs = model.run(observation.inputs)
    decision = Decoder(manifest, stay).decide(outputs, NOW_NS, observation.references)
    rows = [(f'outputs.{name}{suffix}', part, rows) for name, output in manifest.outputs.items()
            for suffix, part, rows in output.split(output.rows(name, outputs[name]))]
    return Meaning(decision, moves, rows)


def _stamps(manifest, source):
    """Return the times of the samples that the histories of a source ask for, the oldest first."""
    lags = {0}
    for path, term in terms(manifest):
        history = term.history or manifest.history.get(path[1])
        if history is not None and term.source.topic == source.topic:
            moments = sorted(history.lags_ns(manifest.dt_ns))
            lags.update(moments if history.start == 'wait' else moments[:MOST_REPEATED])
    return [NOW_NS - lag for lag in sorted(lags, reverse=True)]


def _path(manifest, thing):
    """Return the path of the output that moves a joint, an axis of the base or a frame."""
    for path, part in parts(manifest):
        if thing in getattr(part, 'joints', ()) and getattr(part, 'frame', None) is None:
            return path
        if thing == getattr(part, 'frame', None) or thing in AXES and part.moves == 'base':
            return path
    return ('outputs',)
