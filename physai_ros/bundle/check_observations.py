"""Compare the terms of an input with the names of observations that an exporter wrote."""
from typing import Iterator, List, Mapping

from physai_ros.bundle.check_metadata import listed
from physai_ros.bundle.check_robot import terms
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import Where
from physai_ros.bundle.terms import (
    AngularVelocity, BaseAngularVelocity, BaseLinearVelocity, JointPosition, JointVelocity,
    ModelOrientation, ModelOutput, PreviousAction, ProjectedGravity, VelocityCommand)
from physai_ros.core.errors import BundleError

MEANT = {
    'base_lin_vel': (BaseLinearVelocity,), 'base_ang_vel': (AngularVelocity, BaseAngularVelocity),
    'projected_gravity': (ProjectedGravity,), 'joint_pos': (JointPosition,),
    'joint_vel': (JointVelocity,), 'actions': (PreviousAction,), 'last_action': (PreviousAction,),
    'velocity_commands': (VelocityCommand,), 'command': (VelocityCommand, ModelOutput),
    'motion_anchor_ori_b': (ModelOrientation,)}


def check_observations(manifest: Manifest, metadata: Mapping[str, str],
                       where: Where) -> Iterator[BundleError]:
    """
    Yield terms in another order, histories that are stacked otherwise, and another body.

    The order is that of ``observation_names``; histories are as in Isaac Lab where there are
    ``observation_history_lengths``; the body is ``anchor_body_name``.
    Names that are not known here, terms that have no name, and terms of one kind that stand apart
    are left out.

    :param metadata: of the model, texts by key
    """
    names = listed(metadata.get('observation_names'))
    for name, given in manifest.inputs.items():
        placed = [(observed, place) for observed in names if names.count(observed) == 1
                  for place in _together(given, MEANT.get(observed, ()))]
        for (before, first), (after, second) in zip(placed, placed[1:]):
            if second[0] < first[0]:
                yield BundleError(
                    where('inputs', name, second[0]), given[second[0]].term,
                    f'it behind {where("inputs", name, first[-1])} ({given[first[-1]].term}), as '
                    "the model's own metadata (observation_names) say",
                    f'give the terms in the order of {", ".join(names)}')
                break
    if any(text.isdigit() and int(text) > 1
           for text in listed(metadata.get('observation_history_lengths'))):
        yield from _histories(manifest, where)
    yield from _bodies(manifest, metadata, where)


def _together(given, kinds) -> List[List[int]]:
    """Return the places of the terms of some kinds, in a list; none where they stand apart."""
    places = [n for n, term in enumerate(given) if type(term) in kinds]
    apart = places and places[-1] - places[0] >= len(places)
    return [places] if places and not apart else []


def _histories(manifest, where):
    found = [(('history', name), history, len(manifest.inputs[name]) > 1)
             for name, history in manifest.history.items() if name in manifest.inputs]
    found += [((*path, 'history'), term.history, False) for path, term in terms(manifest)
              if term.history is not None]
    for path, history, mixed in found:
        if history.steps == 1 or history.stack != 'flat':
            continue
        if mixed:
            yield BundleError(
                where(*path), f'{history.steps} steps of all terms together',
                'a history of each term alone, as the metadata of the model '
                '(observation_history_lengths) are those of Isaac Lab',
                f'give each term history: {{steps: {history.steps}}}')
        elif history.order != 'oldest_first':
            yield BundleError(
                where(*path, 'order'), history.order, "'oldest_first', as the metadata of the "
                'model (observation_history_lengths) are those of Isaac Lab', 'leave it out')


def _bodies(manifest, metadata, where):
    bodies, anchor = listed(metadata.get('body_names')), metadata.get('anchor_body_name')
    if bodies.count(anchor) != 1:
        return
    for path, term in terms(manifest):
        if isinstance(term, ModelOrientation) and term.size == 4 * len(bodies) and \
                bodies[term.body] != anchor:
            yield BundleError(
                where(*path, 'body'), term.body, f"{bodies.index(anchor)}, as the model's own "
                f'metadata (anchor_body_name) say {anchor}', f'{term.body} is '
                f'{bodies[term.body]}: correct it')
