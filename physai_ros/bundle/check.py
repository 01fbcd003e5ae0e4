"""Preflight: does a manifest fit its model and its robot? All that does not, at once."""
import difflib
from typing import Iterator

from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.pixels import Pixels
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError
from physai_ros.core.types import NS_PER_S

TOLERANCE = 0.01
EVERY_TICK = ('joint_state', 'imu')


def preflight(manifest: Manifest, model=None, profile=None, description=None):
    """
    Refuse a bundle that does not fit.

    :param model: with ``inputs`` and ``outputs`` (inference.model.TensorSpec), or None
    :param profile: the robot's robots.profile.Profile, or None
    :param description: the robot's robots.urdf.Description, or None
    :raises InvalidBundleError: listing all problems
    """
    problems = []
    if model is not None:
        problems += check_model(manifest, model)
    if profile is not None:
        problems += check_profile(manifest, profile)
    if description is not None:
        problems += check_joints(manifest, description)
    if problems:
        raise InvalidBundleError(f'bundle {manifest.name} {manifest.version}', problems)


def check_model(manifest: Manifest, model) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the model's own inputs and outputs."""
    expected = {name: (manifest.input_shape(name),) for name in manifest.inputs}
    yield from _compare('inputs', expected, model.inputs)
    unused = [spec.name for spec in model.inputs if spec.name not in manifest.inputs]
    for name in unused:
        yield BundleError(f'{_at("inputs", name)} is missing', None,
                          'terms for it, as the model has this input',
                          f'add it; the model needs {_spec_of(model.inputs, name)}')
    expected = {name: output.tensor_shapes for name, output in manifest.outputs.items()}
    yield from _compare('outputs', expected, model.outputs)


def check_profile(manifest: Manifest, profile) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the robot's profile."""
    if manifest.robot != profile.name:
        yield BundleError('policy.yaml: robot', manifest.robot, repr(profile.name),
                          'give this robot a bundle that was made for it')
    periods = _periods(profile)
    for place, term in manifest.terms():
        yield from _check_source(manifest, place, term, periods)
        if isinstance(term, Pixels):
            yield from _check_picture(place, term, profile.camera)
        if term.source.kind == 'objects':
            yield from _check_class(place, term, profile.perception)
    commanded = profile.arm.joints if profile.arm else ()
    for name, output in manifest.outputs.items():
        if output.moves == 'base' and profile.base is None:
            yield BundleError(f'{_at("outputs", name)}.kind', output.kind,
                              f'a kind that moves joints, as {profile.name} has no base',
                              'choose another robot or another bundle')
        for n, joint in enumerate(getattr(output, 'joints', ())):
            if joint not in commanded:
                yield _unknown(f'{_at("outputs", name)}.joints[{n}]', joint, commanded,
                               f'the joints that {profile.name} can be commanded')


def check_joints(manifest: Manifest, description) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the joints of the URDF."""
    moving = {name: joint for name, joint in description.joints.items() if joint.moves}
    for place, term in manifest.terms():
        for n, joint in enumerate(getattr(term, 'joints', ())):
            if joint not in moving:
                yield _unknown(f'policy.yaml: {place}.joints[{n}]', joint, moving,
                               'the moving joints of the URDF')
    for name, output in manifest.outputs.items():
        joints = getattr(output, 'joints', ())
        offsets = output.offset * len(joints) if len(output.offset) == 1 else output.offset
        for n, joint in enumerate(joints):
            if joint not in moving:
                yield _unknown(f'{_at("outputs", name)}.joints[{n}]', joint, moving,
                               'the moving joints of the URDF')
            elif len(output.offset) > 1:
                yield from _check_offset(name, n, offsets[n], moving[joint])


def _check_offset(name, n, offset, joint):
    lower, upper = joint.lower, joint.upper
    if lower is not None and upper is not None and not lower <= offset <= upper:
        yield BundleError(f'{_at("outputs", name)}.offset[{n}]', offset,
                          f'{lower:g} to {upper:g}, the limits of {joint.name}',
                          'give it in rad (m for a sliding joint), not in degrees')


def _compare(side, expected, specs):
    found = {spec.name: spec for spec in specs}
    for name, shapes in expected.items():
        if name not in found:
            yield _unknown(_at(side, name), name, found, f'the {side} of the model')
            continue
        spec = found[name]
        if not any(_fits(shape, spec.shape) for shape in shapes):
            yield BundleError(f'the shape of {_at(side, name)}', shapes[0],
                              f'{_shown(spec.shape)}, as the model has',
                              'correct its terms, joints or chunk, or export the model anew')
        if spec.dtype != 'float32':
            yield BundleError(f'the type of {name} in the model', spec.dtype, "'float32'",
                              'export the model with float32 inputs and outputs')


def _fits(shape, actual):
    return len(shape) == len(actual) and all(
        b is None or a == b for a, b in zip(shape, actual))


def _periods(profile):
    perception = profile.perception
    return {
        'joint_state': 1.0 / profile.rates.joint_states_hz,
        'imu': 1.0 / profile.rates.imu_hz,
        'odometry': 1.0 / profile.rates.odom_hz,
        'image': 1.0 / profile.camera.rate_hz,
        'objects': 1.0 / perception.rate_hz if perception else None,
    }


def _check_source(manifest, place, term, periods):
    kind = term.source.kind
    if kind not in periods:
        return
    age, period = manifest.max_age_ns(term) / NS_PER_S, periods[kind]
    if period is None:
        yield BundleError(f'policy.yaml: {place}', term.term,
                          'a term that needs no perception, as the profile has none',
                          'add perception to the profile')
    elif age < period:
        yield BundleError(f'the maximum age of policy.yaml: {place}', age,
                          f'at least {period:.3g} s, the time between two samples on this robot',
                          'raise timing.max_age_s, or publish more often')
    elif manifest.horizon_ns == manifest.dt_ns and period * manifest.rate_hz > 1.0 + TOLERANCE \
            and kind in EVERY_TICK:
        yield BundleError('policy.yaml: rate_hz', manifest.rate_hz,
                          f'at most {1.0 / period:g}, the rate of {term.source.topic}',
                          'a model that answers step by step needs a new sample each step')


def _check_picture(place, term, camera):
    height, width = term.size
    if abs(width * camera.height / (height * camera.width) - 1.0) > TOLERANCE:
        yield BundleError(f'policy.yaml: {place}.size', term.size,
                          f'the proportions of the camera, {camera.width} x {camera.height}',
                          'a picture is never distorted: change the camera mode or the model')
    elif width > camera.width:
        yield BundleError(f'policy.yaml: {place}.size', term.size,
                          f'at most {[camera.height, camera.width]}, what the camera has',
                          'choose a larger camera mode')


def _check_class(place, term, perception):
    known = perception.support_planes if perception else {}
    marked = perception is not None and perception.fiducials is not None
    if perception is not None and term.class_id not in known and not marked:
        yield _unknown(f'policy.yaml: {place}.class_id', term.class_id, known,
                       'the classes that perception lifts to 3D')


def _unknown(place, name, known, what):
    close = difflib.get_close_matches(name, known, 1)
    return BundleError(place, name, f'one of {what}: {", ".join(known) or "there are none"}',
                       f'did you mean {close[0]}?' if close else 'correct the name')


def _at(side, name):
    return f'policy.yaml: {side}.{name}'


def _spec_of(specs, name):
    spec = next(spec for spec in specs if spec.name == name)
    return f'{spec.dtype} {_shown(spec.shape)}'


def _shown(shape):
    return str(tuple('any' if size is None else size for size in shape)).replace("'", '')
