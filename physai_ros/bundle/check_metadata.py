"""Compare a manifest with what an exporter wrote into the model, and its own poses."""
from typing import Iterator, NamedTuple, Optional, Tuple

import numpy as np
from physai_ros.bundle.check_robot import parts, terms
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import and_more, Where
from physai_ros.bundle.terms import JointPosition, JointVelocity
from physai_ros.core.errors import BundleError

POSE_TOLERANCE = 0.03   # some trainings shift the pose that they write by 0.01 to 0.02
SCALE_TOLERANCE = 0.01
LONGEST = 65_536


class Written(NamedTuple):
    """
    What the metadata of a model say of its joints.

    :param pose: default position by joint, or None
    :param scale: the scale of the answer, one number or one for each joint, or None
    :param rounding: half of the last digit that is printed of ``scale``
    """

    joints: Tuple[str, ...]
    pose: Optional[dict]
    scale: Optional[tuple]
    rounding: float


class Place(NamedTuple):
    """A term or an output over some joints; ``pose`` is its offset by joint, where it is one."""

    path: tuple
    thing: object
    pose: Optional[dict]


def written(metadata) -> Optional[Written]:
    """Return what is readable of the metadata (texts by key), or None without names of joints."""
    joints = listed(metadata.get('joint_names'))
    if len(joints) < 2 or len(set(joints)) < len(joints) or not all(joints):
        return None
    pose = _numbers(metadata.get('default_joint_pos'), (len(joints),))
    scale = _numbers(metadata.get('action_scale'), (1, len(joints)))
    digits = min((len(text.partition('.')[2]) for text in listed(metadata.get('action_scale'))),
                 default=0)
    return Written(joints, dict(zip(joints, pose)) if pose else None, scale, 0.5 * 10.0 ** -digits)


def check_metadata(manifest: Manifest, said: Optional[Written],
                   where: Where) -> Iterator[BundleError]:
    """
    Yield joints, poses and scales for which there is surely another order or number.

    What a training may mean as it stands is no problem: joints of other names, no offset, one
    that is no default pose, an order of the answer that is another than that of the input.

    :param said: what ``written`` read
    """
    told = set()
    given = list(_places(manifest))
    if said is not None:
        same = [place for place in given if set(place.thing.joints) == set(said.joints)]
        disordered = _disordered(same, said)
        for place in same:
            if place in disordered:
                yield _order(place, said, where)
            far = _far(place, said, disordered, same)
            if far:
                told.add(place.path)
                yield _pose(place, far, said, where)
            if place.path[0] == 'outputs' and said.scale is not None:
                yield from _scale(place, said, where)
    yield from _poses_apart(given, told, where)


def _places(manifest):
    for path, term in terms(manifest):
        if isinstance(term, (JointPosition, JointVelocity)):
            posed = isinstance(term, JointPosition) and term.form == 'angle'
            yield Place(path, term, _pose_of(term) if posed else None)
    for path, part in parts(manifest):
        whole = manifest.outputs[path[1]]
        if part.kind == 'joint_position' and (whole is part or not whole.backward):
            yield Place(path, part, _pose_of(part))


def _pose_of(thing):
    """Return the offset by joint, without those that are hidden; None where it is no pose."""
    if thing.normalise is not None or thing.unit != 'rad':
        return None
    pairs = zip(thing.joints, _each(thing.offset, thing), _each(thing.scale, thing))
    return {name: offset for name, offset, scale in pairs if scale != 0.0} or None


def _disordered(same, said):
    """
    Return the places in another order than the metadata.

    Where one side, inputs or outputs, has the order of the metadata and all of the other has
    another, that may be meant: an exporter writes the order of one of them.
    """
    wrong = [place for place in same if place.thing.joints != said.joints]
    sides = {}
    for place in same:
        sides.setdefault(place.path[0], set()).add(place.thing.joints)
    meant = len(sides) == 2 and {said.joints} in sides.values() and \
        all(len(orders) == 1 for orders in sides.values())
    return [] if meant or any(_of_another_order(place, said) for place in wrong) else wrong


def _of_another_order(place, said):
    """Return whether an output shows that the metadata tell the robot's order, not the model's."""
    if place.path[0] != 'outputs' or said.scale is None or len(said.scale) == 1 or \
            not _is_pose(place, said):
        return False
    scale = _each(place.thing.scale, place.thing)
    return _near(scale, said.scale, said) and not _near(scale, _in_order(place, said), said)


def _order(place, said, where):
    wrong = [n for n, (a, b) in enumerate(zip(place.thing.joints, said.joints)) if a != b]
    n = wrong[0]
    return BundleError(
        where(*place.path, 'joints', n), place.thing.joints[n],
        f"'{said.joints[n]}', as the model's own metadata (joint_names) say; {len(wrong)} joints "
        'stand elsewhere', f'give the joints in this order: {", ".join(said.joints)}; and what '
        'has a number for each (offset, scale, clip) likewise')


def _far(place, said, disordered, same):
    """Return the joints whose offset is surely not the default pose that is meant."""
    if place.pose is None or said.pose is None:
        return []
    far = _apart(place.pose, said.pose)
    offset = _each(place.thing.offset, place.thing)
    moved = [name for name in place.pose if abs(said.pose[name]) > POSE_TOLERANCE]
    if not far or not moved:
        return []
    in_line = np.abs(np.subtract(offset, list(said.pose.values()))).max() <= POSE_TOLERANCE
    if in_line and place in disordered:
        return []
    shuffled = len(set(offset)) > 2 and np.abs(np.subtract(
        sorted(offset), sorted(said.pose.values()))).max() <= POSE_TOLERANCE
    mostly = 2 * len(set(moved).difference(far)) > len(moved)
    return far if shuffled or mostly or _forgotten(place, said, same) else []


def _forgotten(place, said, same):
    """Return whether an output has the scale, and an input the pose, but the output not."""
    return place.path[0] == 'outputs' and said.scale is not None and \
        set(place.thing.scale) != {1.0} and \
        _near(_each(place.thing.scale, place.thing), _in_order(place, said), said) and \
        any(_is_pose(other, said) for other in same if other.path[0] == 'inputs')


def _is_pose(place, said):
    return place.pose is not None and said.pose is not None and any(place.pose.values()) and \
        not _apart(place.pose, said.pose)


def _pose(place, far, said, where):
    offset, name = place.thing.offset, far[0]
    index = (place.thing.joints.index(name),) if len(offset) > 1 else ()
    return BundleError(
        f'the default pose of {and_more(far)}, {where(*place.path, "offset", *index)},',
        place.pose[name], f"{said.pose[name]:g}, as the model's own metadata (default_joint_pos) "
        'say', 'give the default pose as offset, in the order of joints: '
        f'{_shown(said.pose[joint] for joint in place.thing.joints)}')


def _scale(place, said, where):
    """Yield a scale of an output that is neither by name nor by place what the model has."""
    output = place.thing
    if place.pose is None or said.pose is None:
        return
    if any(output.offset):
        far = _apart(place.pose, said.pose)
        offset_is_pose = 2 * len(far) < len(place.pose)
    else:
        offset_is_pose = set(output.scale) != {1.0} and set(said.scale) != {1.0}
    scale, wanted = _each(output.scale, output), _in_order(place, said)
    if not offset_is_pose or _near(scale, wanted, said) or \
            _near(scale, _each(said.scale, output), said):
        return
    n = next(n for n in range(len(scale)) if not _near(scale[n:n + 1], wanted[n:n + 1], said))
    far = [name for name, a, b in zip(output.joints, scale, wanted) if not _near([a], [b], said)]
    one = len(set(wanted)) == 1
    yield BundleError(
        f'the scale of {and_more(far)}, '
        f'{where(*place.path, "scale", *([n] if len(output.scale) > 1 else []))},', scale[n],
        f"{wanted[n]:g}, as the model's own metadata (action_scale) say",
        'give the scale of the training' + (f', {wanted[0]:g}' if one else
                                            f', in the order of joints: {_shown(wanted)}'))


def _poses_apart(given, told, where):
    """Yield outputs whose offset has the numbers of an input's, but for other joints."""
    inputs = [place for place in given if place.path[0] == 'inputs']
    for place in given:
        if place.path[0] == 'inputs' or place.path in told or place.pose is None:
            continue
        for other in inputs:
            if other.pose is None or other.path in told or other.pose.keys() != place.pose.keys():
                continue
            if len(set(place.pose.values())) > 2 and other.pose != place.pose and \
                    sorted(other.pose.values()) == sorted(place.pose.values()):
                far = _apart(place.pose, other.pose, 0.0)
                n = place.thing.joints.index(far[0])
                yield BundleError(
                    f'the default pose of {and_more(far)}, {where(*place.path, "offset", n)},',
                    place.pose[far[0]], f'{other.pose[far[0]]:g}, as '
                    f'{where(*other.path, "offset")} has for this joint',
                    'bring joints and offset into the same order, here or there')
                break


def _apart(pose, wanted, tolerance=POSE_TOLERANCE):
    return [name for name, position in pose.items() if abs(position - wanted[name]) > tolerance]


def _in_order(place, said):
    count = len(said.joints) if len(said.scale) == 1 else 1
    by_name = dict(zip(said.joints, said.scale * count))
    return [by_name[name] for name in place.thing.joints]


def _near(numbers, wanted, said):
    return all(abs(a - b) <= said.rounding + SCALE_TOLERANCE * abs(b)
               for a, b in zip(numbers, wanted))


def _each(numbers, thing):
    return list(numbers) * (thing.width if len(numbers) == 1 else 1)


def _shown(numbers):
    return f'[{", ".join(f"{number:g}" for number in numbers)}]'


def listed(text) -> tuple:
    """Return the items of a comma-separated list, of one in brackets and quotes, too."""
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        return ()
    return tuple(item.strip().strip('\'"') for item in text.strip().strip('[]()').split(','))


def _numbers(text, counts):
    try:
        numbers = tuple(map(float, listed(text)))
    except ValueError:
        return None
    return numbers if len(numbers) in counts and np.isfinite(numbers).all() else None
