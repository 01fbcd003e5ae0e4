"""Compare the entries of a manifest that are about the same joints with each other."""
from typing import Iterator

from physai_ros.bundle.check_robot import parts, terms
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import and_more, Where
from physai_ros.bundle.terms import JointEffort, JointPosition, JointVelocity, PreviousTarget
from physai_ros.core.errors import BundleError

MEASURED = (JointPosition, JointVelocity, JointEffort)


def check_agreement(manifest: Manifest, where: Where) -> Iterator[BundleError]:
    """Yield measurements in an order of their own, and outputs in a unit of their own."""
    measured = [(path, term) for path, term in terms(manifest)
                if isinstance(term, MEASURED) and not isinstance(term, PreviousTarget)]
    first = {}
    for path, term in measured:
        known, other = first.setdefault(frozenset(term.joints), (path, term))
        wrong = [n for n, names in enumerate(zip(term.joints, other.joints))
                 if len(set(names)) > 1]
        if wrong:
            yield BundleError(
                f'{and_more([term.joints[n] for n in wrong])}: '
                f'{where(*path, "joints", wrong[0])}', term.joints[wrong[0]],
                f'{other.joints[wrong[0]]!r}, as {where(*known, "joints")} has there',
                'bring them into the same order; where the training has two orders, make two '
                'terms of one of them')
    yield from _units(manifest, measured, where)


def _units(manifest, measured, where):
    seen = {name: (path, term) for path, term in measured if isinstance(term, JointPosition)
            and term.form == 'angle' and _plain(term) for name in term.joints}
    for path, part in parts(manifest):
        whole = manifest.outputs[path[1]]
        if part.kind != 'joint_position' or not _plain(part) or \
                whole is not part and whole.backward:
            continue
        for name in part.joints:
            place, term = seen.get(name, (None, part))
            if term.unit != part.unit:
                yield BundleError(
                    where(*path, 'unit'), part.unit,
                    f'{term.unit!r}, as {where(*place)} has for {name}',
                    'give both the unit of the training; where it has two, say one of them by '
                    'scale (0.01745329 rad are a degree)')
                break


def _plain(thing):
    """Return whether numbers enter or leave the model in the unit itself."""
    return thing.normalise is None and set(thing.scale) == {1.0}
