"""Preflight: does a manifest fit its model and its robot? All that does not, at once."""
from typing import Iterator, Mapping, Optional

from physai_ros.bundle.check_agreement import check_agreement
from physai_ros.bundle.check_metadata import check_metadata, written
from physai_ros.bundle.check_model import check_model
from physai_ros.bundle.check_observations import check_observations
from physai_ros.bundle.check_robot import check_joints, check_profile
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.probe import check_answers
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.bundle.stage import Stage

PROBES = 3


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
    metadata = getattr(model, 'metadata', {})
    said = written(metadata)
    problems = tuple(check_metadata(manifest, said, where)) or tuple(
        check_agreement(manifest, where))
    problems += tuple(check_observations(manifest, metadata, where))
    if said is not None or problems:
        yield Stage('joints, default pose, scale, unit and order of terms, by the metadata of the '
                    'model and each other', problems)
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
