"""Compare a manifest with a robot: its commands, rates, camera, joints and their limits."""
import difflib
from typing import Iterator

import numpy as np
from physai_ros.bundle.check_limits import (
    check_default_pose, check_gripper, check_scaling, check_within)
from physai_ros.bundle.framing import Framing
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.outputs import FrameOutput, GripperOutput
from physai_ros.bundle.outputs.joints import JointOutput
from physai_ros.bundle.problems import Where
from physai_ros.bundle.terms import JointPosition
from physai_ros.bundle.terms.joints import JOINT_STATES, JointTerm
from physai_ros.core.errors import BundleError, SampleError
from physai_ros.core.types import NS_PER_S

TOLERANCE = 0.01
FEW = 3
PICTURES = ('image', 'compressed_image')
EVERY_TICK = ('joint_state', 'imu')


def check_profile(manifest: Manifest, profile, where: Where) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the robot's profile."""
    if manifest.robot != profile.name:
        yield BundleError(where('robot'), manifest.robot, repr(profile.name),
                          'give this robot a bundle that was made for it')
    periods, camera, slow = _periods(profile), profile.camera, {}
    for path, term in terms(manifest):
        if term.source.kind in periods:
            for problem in _check_rate(manifest, path, term, periods[term.source.kind], where):
                slow.setdefault(str(problem), problem)
        if isinstance(term, Framing) and camera is not None and term.source.topic.startswith(
                f'{camera.name}/'):
            yield from check_picture(path, term, camera.height, camera.width, where)
        if term.source.kind == 'objects':
            yield from _check_class(path, term, profile.perception, where)
    yield from slow.values()
    commanded = profile.arm.joints if profile.arm else ()
    for path, part in parts(manifest):
        if part.moves == 'base' and profile.base is None:
            yield BundleError(where(*path, 'kind'), part.kind,
                              f'a kind that moves joints, as {profile.name} has no base',
                              'choose another robot or another bundle')
        yield from _unknown_joints(where, path, part, commanded,
                                   f'the joints that {profile.name} can be commanded')


def check_joints(manifest: Manifest, description, where: Where,
                 profile=None) -> Iterator[BundleError]:
    """
    Yield what differs between the manifest and the joints of the URDF and their limits.

    Joints on other topics than joint_states may be another device's: only the live graph tells.

    :param profile: with which :func:`check_profile` was called, if it was
    """
    moving = {name: joint for name, joint in description.joints.items() if joint.moves}
    told = set() if profile is None else _joints(parts(manifest)).difference(
        profile.arm.joints if profile.arm else ())
    for path, thing in (*_of_robot(terms(manifest)), *parts(manifest)):
        yield from _unknown_joints(where, path, thing, moving, 'the moving joints of the URDF',
                                   told if path[0] == 'outputs' else ())
        frame = thing.frame if isinstance(thing, FrameOutput) else None
        if frame is not None and frame not in getattr(description, 'links', (frame,)):
            yield unknown(where(*path, 'frame'), frame, description.links, 'the links of the URDF')
    posed = set()
    for path, term in terms(manifest):
        if isinstance(term, JointPosition) and term.form == 'angle':
            posed.update(term.joints if any(term.offset) else ())
            centre = _measured(term, 0.0)
            unit = np.abs(_measured(term, 1.0) - centre)
            yield from check_scaling(path, term, centre, unit, _seen(term, moving), where)
    for name, output in manifest.outputs.items():
        zero = output.split(np.zeros((1, output.width)))
        one = output.split(np.ones((1, output.width)))
        for (path, part), (_, _, low), (_, _, high) in zip(_parts(name, output), zero, one):
            if part.kind == 'joint_position':
                centre = part.from_model(low)[0]
                unit = np.abs(part.from_model(high)[0] - centre)
                yield from check_scaling(path, part, centre, unit, moving, where)
                yield from check_default_pose(path, part, centre, posed, moving, where)
            if isinstance(part, GripperOutput):
                yield from check_gripper(path, part, moving, where)
            if isinstance(part, JointOutput):
                yield from check_within(path, part, moving, where)


def check_picture(path, term, height, width, where: Where) -> Iterator[BundleError]:
    """
    Yield why pictures of a size cannot be what a term expects.

    :param path: of the term in the manifest
    """
    try:
        _, _, tall, wide = term.region(height, width)
    except SampleError as error:
        yield BundleError(where(*path, 'crop'), term.crop, 'a part of the picture, '
                          '{1} x {0} pixels'.format(*term.turned(height, width)), error.remedy)
        return
    size = where(*path, 'size')
    if term.fit == 'stretch' and 'fit' not in term.model_fields_set and \
            abs(term.size[1] * tall / (term.size[0] * wide) - 1.0) > TOLERANCE:
        yield BundleError(size, term.size, f'the proportions of the camera, {wide} x {tall}',
                          'change the camera mode, or say fit: stretch, crop or pad, as the '
                          'model was trained')
    elif term.size[1] > wide and term.size[0] > tall:
        yield BundleError(size, term.size, f'at most {[tall, wide]}, what the camera has',
                          'choose a larger camera mode')


def terms(manifest):
    """Yield (path, term) of all terms."""
    for name, given in manifest.inputs.items():
        for n, term in enumerate(given):
            yield ('inputs', name, n), term


def parts(manifest):
    """Yield (path, output) of all outputs, the parts of split ones in their stead."""
    for name, output in manifest.outputs.items():
        yield from _parts(name, output)


def unknown(place, name, known, what) -> BundleError:
    """Return the error for a name that is none of the known ones."""
    close = difflib.get_close_matches(name, known, 1)
    return BundleError(place, name, f'one of {what}: {", ".join(known) or "there are none"}',
                       f'did you mean {close[0]}?' if close else 'correct the name')


def _unknown_joints(where, path, thing, known, what, told=()):
    """Yield an error for each joint that is none of the known ones, or one where they are many."""
    joints = getattr(thing, 'joints', ())
    strange = [(n, name) for n, name in enumerate(joints)
               if name not in known and name not in told]
    if len(strange) > FEW:
        yield BundleError(where(*path, 'joints'), ', '.join(name for _, name in strange),
                          f'some of {what}: {", ".join(known) or "there are none"}',
                          'correct the names, or give this robot a bundle that was made for it')
        return
    for n, name in strange:
        yield unknown(where(*path, 'joints', n), name, known, what)


def _joints(things):
    return {name for _, thing in things for name in getattr(thing, 'joints', ())}


def _of_robot(given):
    """Yield the (path, term) that are not of joints on a topic of their own."""
    for path, term in given:
        if not isinstance(term, JointTerm) or term.topic == JOINT_STATES:
            yield path, term


def _parts(name, output):
    for n, (suffix, part, _) in enumerate(output.split(None)):
        yield ('outputs', name, 'parts', n)[:4 if suffix else 2], part


def _measured(term, number):
    """Return the positions (J,) that a term shows to the model as a number: its inverse."""
    centre, spread, floor = term.normalise.arrays if term.normalise else (0.0, 1.0, 0.0)
    value = (number - floor) * np.where(np.isfinite(spread), spread, 0.0) + centre
    scale = np.array(term.scale)
    value = value / np.where(scale == 0.0, np.inf, scale) + np.array(term.offset)
    return np.broadcast_to(value / term.per_radian, (term.width,))


def _seen(term, moving):
    """Return the joints of which a term shows more than a constant."""
    scales = np.broadcast_to(term.scale, (term.width,))
    hidden = {name for name, scale in zip(term.joints, scales) if scale == 0.0}
    return {name: joint for name, joint in moving.items() if name not in hidden}


def _periods(profile):
    perception, camera = profile.perception, profile.camera
    return {
        'joint_state': 1.0 / profile.rates.joint_states_hz,
        'imu': 1.0 / profile.rates.imu_hz,
        'odometry': 1.0 / profile.rates.odom_hz,
        **({kind: 1.0 / camera.rate_hz for kind in PICTURES} if camera else {}),
        'objects': 1.0 / perception.rate_hz if perception else None,
    }


def _check_rate(manifest, path, term, period, where):
    age, kind = manifest.max_age_ns(term) / NS_PER_S, term.source.kind
    if period is None:
        yield BundleError(where(*path), term.term,
                          'a term that needs no perception, as the profile has none',
                          'add perception to the profile')
    elif age < period:
        yield BundleError(f'the maximum age of {where(*path)}', age,
                          f'at least {period:.3g} s, the time between two samples on this robot',
                          'raise timing.max_age_s, or publish more often')
    elif manifest.horizon_ns == manifest.dt_ns and period * manifest.rate_hz > 1.0 + TOLERANCE \
            and kind in EVERY_TICK:
        yield BundleError(where('rate_hz'), manifest.rate_hz,
                          f'at most {1.0 / period:g}, the rate of {term.source.topic}',
                          'a model that answers step by step needs a new sample each step')


def _check_class(path, term, perception, where):
    known = perception.support_planes if perception else {}
    marked = perception is not None and perception.fiducials is not None
    if perception is not None and term.class_id not in known and not marked:
        yield unknown(where(*path, 'class_id'), term.class_id, known,
                      'the classes that perception lifts to 3D')
