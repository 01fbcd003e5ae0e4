"""``physai robot``: what the guard makes of a robot, before it is brought up."""
import json
from math import isfinite
from pathlib import Path

from physai_ros.paths import share

COLUMNS = ('joint', 'lower', 'upper', 'velocity', 'acceleration', 'jerk', 'effort', 'watched')
ALL = 'position, tracking, effort'
FREE = 'position; an object may stop it'


def add_arguments(parser):
    """Add the arguments."""
    parser.add_argument('robot', metavar='ROBOT',
                        help='robot of the fleet, or name or path of a profile')
    parser.add_argument('--fleet', type=Path, default=share() / 'config' / 'fleet.yaml',
                        metavar='FILE', help='fleet file [config/fleet.yaml]')
    parser.add_argument('--json', action='store_true', help='tell all as JSON')


def run(arguments) -> int:
    """
    Print limits, watched and unwatched joints and pairs of links.

    :return: 0
    :raises ConfigError: when the guard could not be configured for this robot
    """
    from physai_ros.guard.build import guard_config, parts
    from physai_ros.robots import load_fleet, load_profile, parse
    fleet = load_fleet(arguments.fleet).robots if arguments.fleet.is_file() else {}
    known = fleet.get(arguments.robot)
    profile = load_profile(known.profile if known else arguments.robot)
    found = describe(profile, parts(parse(profile.description()), profile), guard_config(profile))
    print(json.dumps(found, indent=1) if arguments.json else text(found))
    return 0


def describe(profile, parts, config) -> dict:
    """Return what a guard of these parts keeps to, None for no limit; units as in the URDF."""
    found = {'profile': profile.name, 'commands': profile.commands}
    joints, base, clearance = parts['joints'], parts['base'], parts['clearance']
    if joints is not None:
        exempt = config.tracking_tolerances(joints) == float('inf')
        found['joints'] = {name: {
            **{field: _number(getattr(joints, field)[k]) for field in COLUMNS[1:-1]},
            'unit': 'm' if joints.prismatic[k] else 'rad', 'watched': FREE if exempt[k] else ALL}
            for k, name in enumerate(joints.names)}
    if clearance is not None:
        found['pairs'] = {str(pair): pair.reason or 'watched' for pair in clearance.pairs}
    if base is not None:
        found['base'] = {field: [float(x) for x in getattr(base, field)]
                         for field in ('velocity', 'acceleration', 'jerk')}
        found['zones'] = parts['zones'] is not None
    return found


def _number(value):
    return round(float(value), 4) if isfinite(value) else None


def text(found: dict) -> str:
    """Return it for a person."""
    lines = [f'{found["profile"]}, commanded on ' + ', '.join(found['commands'])]
    if 'joints' in found:
        rows = [COLUMNS, *((f'{name} [{row["unit"]}]', *(
            'none' if row[c] is None else f'{row[c]:g}' for c in COLUMNS[1:-1]), row['watched'])
            for name, row in found['joints'].items())]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines += ['  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                  for row in rows]
        lines += _pairs(found.get('pairs'))
    if 'base' in found:
        lines += [f'base, {field} of x, y and turning: ' + ', '.join(f'{x:g}' for x in values)
                  for field, values in found['base'].items()]
        lines.append('base: stop and slowdown zones ' + (
            'from its laser' if found['zones'] else 'off: the profile has no base.zones'))
    return '\n'.join(lines)


def _pairs(pairs):
    if pairs is None:
        return ['collisions: not looked for, arm.collision.enabled is false']
    watched, lines = {}, []
    for pair, reason in pairs.items():
        if reason == 'watched':
            first, second = pair.split(' and ')
            watched.setdefault(first, []).append(second)
        else:
            lines.append(f'  {pair}: {reason}')
    return ['', f'{len(pairs) - len(lines)} pairs of links are kept clear of each other:',
            *(f'  {first}: {", ".join(others)}' for first, others in watched.items()),
            f'{len(lines)} pairs are not watched' + (':' if lines else ''), *lines]
