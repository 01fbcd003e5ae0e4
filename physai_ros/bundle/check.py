"""Preflight: does a manifest fit its model and its robot? All that does not, at once."""
from typing import Iterator, Mapping, Optional

from physai_ros.bundle.check_robot import check_joints, check_profile, unknown
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.probe import check_answers
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.bundle.stage import Stage
from physai_ros.core.errors import BundleError

PROBES = 3
REMEDY = 'correct its terms, joints or chunk, or export the model anew'


def preflight(manifest: Manifest, model=None, profile=None, description=None,
              lines: Mapping = {}, tokenizer_json: Optional[bytes] = None):
    """
    Refuse a bundle that does not fit.

    :param model: inference.model.Model, or only its ``inputs`` and ``outputs``, or None
    :param profile: the robot's robots.profile.Profile, or None
    :param description: the robot's robots.urdf.Description, or None
    :param lines: ``Bundle.lines``, so that messages tell lines of the manifest
    :param tokenizer_json: ``Bundle.tokenizer_json``
    :raises InvalidBundleError: listing all problems
    """
    stages = examine(manifest, model, profile, description, lines, tokenizer_json)
    problems = [problem for stage in stages for problem in stage.problems]
    if problems:
        raise InvalidBundleError(f'bundle {manifest.name} {manifest.version}', problems)


def examine(manifest: Manifest, model=None, profile=None, description=None, lines: Mapping = {},
            tokenizer_json: Optional[bytes] = None, probes=PROBES) -> Iterator[Stage]:
    """
    Compare a manifest with all that is given; see ``preflight``.

    :param probes: how many plausible observations the model is shown
    """
    where, fits = Where(manifest.FILE, lines), True
    if model is not None:
        stage = Stage(f'inputs and outputs of the model: {len(model.inputs)} and '
                      f'{len(model.outputs)}', tuple(check_model(manifest, model, where)))
        fits = not stage.problems
        yield stage
    if profile is not None:
        yield Stage(f'profile {profile.name}: commands, rates, camera, classes',
                    tuple(check_profile(manifest, profile, where)))
    if description is not None:
        stage = Stage('joints and their limits in the URDF',
                      tuple(check_joints(manifest, description, where, profile)))
        fits = fits and not stage.problems
        yield stage
    if hasattr(model, 'run') and probes:
        yield check_answers(manifest, model, profile, description, where, probes,
                            tokenizer_json) if fits else \
            Stage('answers: not checked, as the model or the joints do not fit', tried=False)


def check_model(manifest: Manifest, model, where: Where) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the model's own inputs and outputs."""
    wanted = {name: ((shape,), dtype) for name, (shape, dtype) in manifest.input_specs.items()}
    yield from _compare('inputs', wanted, model.inputs, where)
    for spec in model.inputs:
        if spec.name not in wanted:
            yield BundleError(f'{where("inputs", spec.name)} is missing', None,
                              'terms for it, as the model has this input',
                              f'add it; the model needs {spec.dtype} {_shown(spec.shape)}'
                              f'{_or_recurrent(manifest, model, spec)}')
    yield from _compare('outputs', manifest.output_specs, model.outputs, where)


def _or_recurrent(manifest, model, spec):
    """Return what to say where an input looks like the state that an unused output answers."""
    unused = [out.name for out in model.outputs if out.name not in manifest.output_specs
              and (out.shape, out.dtype) == (spec.shape, spec.dtype)]
    return f'. If it is a state of the model, name it in recurrent, with output: ' \
        f'{" or ".join(unused)}' if unused else ''


def _compare(side, wanted, specs, where):
    found = {spec.name: spec for spec in specs}
    for name, (shapes, dtype) in wanted.items():
        if name not in found:
            yield unknown(where(side, name), name, found, f'the {side} of the model')
            continue
        spec = found[name]
        if not any(_fits(shape, spec.shape) for shape in shapes):
            yield BundleError(f'the shape of {where(side, name)}', shapes[0],
                              f'{_shown(spec.shape)}, as the model has', REMEDY)
        if spec.dtype != dtype:
            yield BundleError(f'the type of {where(side, name)}', dtype,
                              f'{spec.dtype}, as the model has',
                              'give dtype, or export the model with this type')


def _fits(shape, actual):
    return len(shape) == len(actual) and all(
        b is None or a == b for a, b in zip(shape, actual))


def _shown(shape):
    return str(tuple('any' if size is None else size for size in shape)).replace("'", '')
