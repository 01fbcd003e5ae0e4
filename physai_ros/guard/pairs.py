"""Which pairs of links are watched for collisions, and why the others are not."""
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import List, Sequence, Tuple

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.guard.bodies import Bodies

SEED, POSES = 20, 1000        # random poses that tell which pairs ever meet
FEW = 3                       # as many joints are sampled densely by so many poses
NEVER_M = 0.1                 # a pair that stays this far apart in all of them never meets, if
CLOSEST = 3                   # steps from so many of them and from the corners of the joints' box
FINEST = 1 / 64               # (down to this share of its sides) do not lead nearer either
FLAT_M = 1e-4                 # steps that gain less are not taken


@dataclass(frozen=True)
class LinkPair:
    """
    Two links, or a boundary of the workspace and a link.

    ``shapes``: indices of their shapes, pair by pair; ``reason``: why they are not watched, empty
    when they are.
    """

    first: str
    second: str
    shapes: Tuple[Tuple[int, int], ...]
    reason: str

    def __str__(self):
        return f'{self.first} and {self.second}'


def link_pairs(bodies: Bodies, lower: np.ndarray, upper: np.ndarray, margin: float,
               allowed: Sequence[Tuple[str, str]]) -> List[LinkPair]:
    """
    Decide for each pair of links whether it is watched.

    :param lower: position limits (J,), as ``upper``; infinite ones are taken as one turn
    :param margin: m, nearer than this counts as touching
    :param allowed: pairs of links that may touch
    :raises ConfigError: for an allowed link that has no shape
    """
    by_links = defaultdict(list)
    for a in range(len(bodies.names)):
        for b in range(a + 1, len(bodies.names)):
            if bodies.names[a] != bodies.names[b] and not bodies.fixed[a] and not (
                    bodies.fixed[b] and not bodies.relative_reach(a, b).any()):
                by_links[bodies.names[a], bodies.names[b]].append((a, b))
    pardoned = _pardoned(bodies, allowed)
    reasons = {names: _by_structure(bodies, *shapes[0]) or (
        'allowed by the profile' if frozenset(names) in pardoned else '')
        for names, shapes in by_links.items()}
    near = {names: shapes for names, shapes in by_links.items()
            if not reasons[names] and not bodies.fixed[shapes[0][1]]
            and np.count_nonzero(bodies.relative_reach(*shapes[0])) <= FEW}
    reasons.update(_by_sampling(bodies, near, lower, upper, margin))
    return [LinkPair(*names, tuple(shapes), reasons[names]) for names, shapes in by_links.items()]


def _pardoned(bodies, allowed):
    for name in {name for pair in allowed for name in pair}:
        if name not in bodies.names:
            raise ConfigError('collision.allow: link', name,
                              f'one of {", ".join(sorted(set(bodies.names)))}')
    return {frozenset(pair) for pair in allowed}


def _by_structure(bodies, first, second):
    """Return why the kinematics alone make it needless to watch two shapes, or ''."""
    foreign = bodies.uncommanded(first, second)
    if foreign:
        return f'{", ".join(foreign)} moves them and is not commanded'
    movers = np.flatnonzero(bodies.relative_reach(first, second))
    if len(movers) == 0:
        return 'rigidly connected'
    if len(movers) == 1 and not bodies.fixed[second]:
        return f'neighbours: only {bodies.joints[movers[0]]} moves them, within its limits'
    return ''


def _by_sampling(bodies, by_links, lower, upper, margin):
    """Return reasons for pairs of links that never or always touch, '' for the others."""
    rng = np.random.default_rng(SEED)
    low, high = np.where(np.isfinite(lower), lower, -np.pi), np.where(
        np.isfinite(upper), upper, np.pi)
    bodies.watch([pair for shapes in by_links.values() for pair in shapes])
    ends = np.cumsum([0, *(len(shapes) for shapes in by_links.values())])
    poses = rng.uniform(low, high, (POSES if by_links else 0, len(low)))
    distances = np.empty((len(poses), len(by_links)))
    for pose, row in zip(poses, distances):
        bodies.place(pose)
        row[:] = np.minimum.reduceat(bodies.distances(), ends[:-1])
    reasons = {}
    for names, shapes, near in zip(by_links, map(range, ends, ends[1:]), distances.T):
        least = near.min()
        if least > NEVER_M:
            movers = np.flatnonzero(bodies.relative_reach(*by_links[names][0]))
            least = _search(bodies, shapes, poses[np.argsort(near)[:CLOSEST]], movers, low, high)
        if least > NEVER_M:
            reasons[names] = (f'never nearer than {least:.2f} m in {POSES} random poses and a '
                              'search from the closest')
        elif near.max() < margin:
            reasons[names] = f'always nearer than {margin:g} m in {POSES} random poses'
    return reasons


def _search(bodies, shapes, poses, movers, low, high):
    """Return the least distance that steps of some joints lead to, up to the first near one."""
    def distance(position):
        bodies.place(position)
        return min(bodies.distance(shape) for shape in shapes)

    corners = np.repeat(poses[:1], 2 ** len(movers), axis=0)
    corners[:, movers] = list(product(*zip(low[movers], high[movers])))
    directions = np.zeros((3 ** len(movers), len(low)))
    directions[:, movers] = list(product((0.0, 1.0, -1.0), repeat=len(movers)))
    least = np.inf
    for position in (*poses, *corners):
        here, share = distance(position), 0.25
        while share >= FINEST and min(here, least) > NEVER_M:
            for step in directions[1:] * (share * (high - low)):
                there = np.clip(position + step, low, high)
                ahead = distance(there)
                if ahead < here - FLAT_M:
                    position, here = there, ahead
                    break
            else:
                share /= 2
        least = min(least, here)
    return least
