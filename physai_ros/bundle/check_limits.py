"""Compare the numbers of a manifest with the limits of the joints that they are about."""
import numpy as np
from physai_ros.bundle.problems import and_more
from physai_ros.core.errors import BundleError

TOLERANCE = 0.01
LEAST_SUSPECT = 2.0 * np.pi
BEYOND = 0.5
AS_DEGREES = 'unit: deg makes it so; leave that out if it is in rad'
IN_RADIANS = 'give it in rad (m for a sliding joint), or say unit: deg'
WITHIN_REMEDY = 'give it in rad (m for a sliding joint), whatever unit says'
AS_POSITION = 'give it as a position of the joint, in rad (m for a sliding joint)'


def has_limits(joint) -> bool:
    """Return whether a joint is known and has limits of position."""
    return joint is not None and joint.lower is not None and joint.upper is not None


def remedy_for(position, names, joints, unit='rad') -> str:
    """
    Return what to do about a position out of the limits of its joint.

    :param names: the joints in whose order it stands; none where order plays no part
    :param unit: that the manifest says it is in
    """
    units = AS_DEGREES if unit == 'deg' else IN_RADIANS
    fits = [name for name in names if has_limits(joints.get(name))
            and joints[name].lower <= position <= joints[name].upper]
    return f'{units}; or correct the order of joints, {fits[0]} can be there' if fits else units


def check_scaling(path, scaling, centre, unit, moving, where):
    """Yield joints whose statistics, offset or scale are far from their limits."""
    wide = []
    for n, name in enumerate(scaling.joints):
        if not has_limits(moving.get(name)):
            continue
        joint, limits = moving[name], _limits(name, moving)
        if scaling.normalise is not None:
            field = ('normalise', 'mean' if scaling.normalise.mean is not None else 'min')
        else:
            field = ('offset',) if len(scaling.offset) > 1 else ()
        index = (n,) if field and len(_value(scaling, field)) > 1 else ()
        slack = 0.25 * (joint.upper - joint.lower) if 'min' in field else \
            TOLERANCE * (joint.upper - joint.lower)
        if field and not joint.lower - slack <= centre[n] <= joint.upper + slack:
            remedy = remedy_for(centre[n], scaling.joints if index else (), moving, scaling.unit)
            yield BundleError(where(*path, *field, *index), _Angle(centre[n]), limits, remedy)
        elif unit[n] > max(2.0 * (joint.upper - joint.lower), LEAST_SUSPECT):
            wide.append((name, _Angle(unit[n]), limits))
    if wide:
        field = 'scale' if scaling.normalise is None else 'normalise'
        yield BundleError(f'what a change of 1 means for {and_more([w[0] for w in wide])} by '
                          f'{where(*path, field)}', wide[0][1],
                          f'less than twice the range {wide[0][2]}', IN_RADIANS)


def check_default_pose(path, output, centre, posed, moving, where):
    """
    Yield a default pose that was forgotten: answers of 0 that lead out of the limits.

    :param centre: (J,) where an answer of 0 leads, rad or m
    :param posed: joints that the model sees relative to a pose
    """
    if output.normalise is not None or any(output.offset) or set(output.scale) == {1.0}:
        return
    far = [(n, name) for n, name in enumerate(output.joints)
           if name in posed and has_limits(moving.get(name))
           and not moving[name].lower <= centre[n] <= moving[name].upper]
    if far:
        n, name = far[0]
        yield BundleError(
            f'what an answer of 0 means for {and_more([joint for _, joint in far])} by '
            f'{where(*path, "offset")}', _Angle(centre[n]), f'within {_limits(name, moving)}',
            'give the default pose as offset, as the input with this joint has it')


def check_gripper(path, gripper, moving, where):
    """Yield ``closed`` or ``open`` of a gripper that its joints cannot come near."""
    for field in ('closed', 'open'):
        position = getattr(gripper, field)
        for name in gripper.joints:
            joint = moving.get(name)
            if not has_limits(joint):
                continue
            slack = BEYOND * (joint.upper - joint.lower)
            if not joint.lower - slack <= position <= joint.upper + slack:
                yield BundleError(where(*path, field), _Angle(position), _limits(name, moving),
                                  AS_POSITION)
                break


def check_within(path, output, moving, where):
    """Yield bounds of ``within`` so far outside the limits of a joint that they never act."""
    for side, bound in enumerate(output.within or ()):
        far = []
        for n, name in enumerate(output.joints):
            joint, value = moving.get(name), bound[n if len(bound) > 1 else 0]
            if not has_limits(joint):
                continue
            span = joint.upper - joint.lower
            if not min(joint.lower - span, -LEAST_SUSPECT) <= value <= \
                    max(joint.upper + span, LEAST_SUSPECT):
                far.append((n, name, _Angle(value)))
        if far:
            n, name, value = far[0]
            index = (n,) if len(bound) > 1 else ()
            yield BundleError(
                f'a bound for {and_more([joint for _, joint, _ in far])}, '
                f'{where(*path, "within", side, *index)},', value,
                f'one near {_limits(name, moving)}', WITHIN_REMEDY)


def _limits(name, moving):
    return f'{moving[name].lower:.4g} to {moving[name].upper:.4g}, the limits of {name}'


def _value(thing, path):
    for name in path:
        thing = getattr(thing, name)
    return thing


class _Angle(float):
    __slots__ = ()

    def __repr__(self):
        return f'{float(self):.4g}'
