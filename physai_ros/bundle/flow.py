"""The data flow of a bundle as boxes in columns and arrows between them, for any drawing."""
from typing import Dict, List, NamedTuple, Tuple

from physai_ros.bundle.check_robot import parts, terms
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.terms import ACTION, PreviousTarget, Told

COLUMNS = ('topics', 'terms', 'inputs', 'model', 'outputs', 'chunks')
TYPES = {'joint_state': 'sensor_msgs/JointState', 'image': 'sensor_msgs/Image',
         'compressed_image': 'sensor_msgs/CompressedImage', 'depth': 'sensor_msgs/Image',
         'objects': 'vision_msgs/Detection3DArray', 'odometry': 'nav_msgs/Odometry',
         'imu': 'sensor_msgs/Imu', 'twist': 'geometry_msgs/TwistStamped',
         'pose': 'geometry_msgs/PoseStamped', 'wrench': 'geometry_msgs/WrenchStamped',
         'scan': 'sensor_msgs/LaserScan', 'joy': 'sensor_msgs/Joy'}
CHUNKS = {'joints': ('policy/joint_chunk', 'trajectory_msgs/JointTrajectory'),
          'base': ('policy/base_chunk', 'trajectory_msgs/MultiDOFJointTrajectory')}
ALWAYS_SHOWN = ('class_id', 'frame', 'child', 'parent', 'field', 'length', 'size', 'encoding',
                'layout', 'output', 'period_s', 'relative_to', 'steps', 'axes', 'rotation', 'form',
                'frequency_hz', 'least', 'closed', 'open', 'fractions')
SHOWN_WHEN_GIVEN = ('lag', 'unit', 'turn', 'crop', 'fit', 'pad_at', 'pad_value', 'interpolation',
                    'align', 'dtype', 'range', 'mean', 'std', 'near', 'take', 'dimensions',
                    'standing', 'phases', 'moving_average', 'fixed',
                    'together')
TARGETS = ('targets',)
Key = Tuple


class Box(NamedTuple):
    """A box: a title, and lines below it."""

    title: str
    lines: Tuple[str, ...]


class Flow(NamedTuple):
    """``columns`` hold boxes by key, in the order of COLUMNS; ``arrows`` go between keys."""

    head: str
    columns: Tuple[Dict[Key, Box], ...]
    arrows: Tuple[Tuple[Key, Key], ...]
    loops: Tuple[str, ...]


def flow(manifest: Manifest, model_bytes: int) -> Flow:
    """
    Return the data flow of a bundle.

    :param model_bytes: how large the model is
    """
    columns: Tuple[Dict[Key, Box], ...] = tuple({} for _ in COLUMNS)
    arrows: List[Tuple[Key, Key]] = []
    topics, described, inputs, model, outputs, chunks = columns
    centre = ('model',)
    for path, term in terms(manifest):
        described[path] = Box(term.term, _term_lines(manifest, term))
        if not term.source.internal:
            topics[term.source] = Box(term.source.topic, (TYPES[term.source.kind],))
        elif term.source.kind == ACTION:
            topics[term.source] = Box('last answer', (f'output {term.source.topic}',))
        if isinstance(term, PreviousTarget):
            topics[TARGETS] = Box('last answer', ('joint targets',))
            arrows.append((TARGETS, path))
        if isinstance(term, Told):
            topics['told', term.output] = Box('last answer', (f'output {term.output}',))
            arrows.append((('told', term.output), path))
        if term.source in topics:
            arrows.append((term.source, path))
        arrows.append((path, path[:2]))
    for name, (shape, dtype) in manifest.input_specs.items():
        stacked = ['its terms along an axis'] if name in manifest.stacked else []
        inputs['inputs', name] = Box(name, (f'{_shape(shape)} {dtype}', *stacked, *_history(
            manifest.history.get(name))))
        arrows.append((('inputs', name), centre))
    model[centre] = Box(manifest.model.file, (
        f'{model_bytes / 1e6:.3g} MB', f'looks {manifest.looks_hz:g} times a second',
        f'answers within {manifest.timing.deadline_s:g} s'))
    for path, part in parts(manifest):
        outputs[path] = Box('.'.join(map(str, path[1:])), _output_lines(manifest, path, part))
        arrows.append((centre, path))
        if part.moves in CHUNKS:
            topic, kind = CHUNKS[part.moves]
            chunks['chunks', topic] = Box(topic, (kind,))
            arrows.append((path, ('chunks', topic)))
    head = f'{manifest.name} {manifest.version} for {manifest.robot}'
    return Flow(head, columns, tuple(arrows), _loops(manifest))


def _term_lines(manifest, term):
    lines = [_joints(term.joints)] if hasattr(term, 'joints') else []
    lines.append(f'{_shape(term.shape)} {_details(term)}'.rstrip())
    lines += _scaling(term)
    lines += _history(term.history)
    age = manifest.max_age_ns(term)
    return (*lines, *([f'at most {age * 1e-9:g} s old'] if age is not None else []))


def _output_lines(manifest, path, part):
    whole = manifest.outputs[path[1]]
    chunk, above = whole.chunk, _scaling(whole) if whole is not part else []
    steps = f'{chunk} steps of {manifest.dt_ns * 1e-9:.3g} s' if chunk > 1 else 'one step'
    lines = [part.kind, *([_joints(part.joints)] if hasattr(part, 'joints') else [])]
    return (*lines, *filter(None, [_details(part)]), *(f'all parts: {text}' for text in above),
            *_scaling(part), steps)


def _joints(names):
    if len(names) == 1:
        return names[0]
    return f'{len(names)} joints: {names[0]} … {names[-1]}'


def _details(thing):
    """Return the fields that say what is meant, as ``key value``."""
    fields = type(thing).model_fields
    names = [name for name in ALWAYS_SHOWN if name in fields]
    names += [name for name in SHOWN_WHEN_GIVEN if name in thing.model_fields_set]
    return ', '.join(f'{name} {_value(getattr(thing, name))}' for name in names
                     if getattr(thing, name) is not None)


def _value(value):
    if isinstance(value, (tuple, list)):
        return f'[{", ".join(map(_value, value))}]'
    return f'{value:g}' if isinstance(value, float) else str(value)


def _scaling(thing):
    found = []
    for name in ('offset', 'scale'):
        values = getattr(thing, name, None)
        if isinstance(values, tuple) and name in thing.model_fields_set:
            found.append(f'{name} {values[0]:g}' if len(values) == 1 else f'{name} for each')
    if getattr(thing, 'normalise', None) is not None:
        found.append('normalised by mean and std' if thing.normalise.mean is not None else
                     'normalised by min and max')
    for name in ('clip', 'within'):
        bounds = getattr(thing, name, None)
        if bounds is not None:
            one = max(map(len, bounds)) == 1
            found.append(f'{name} {bounds[0][0]:g} to {bounds[1][0]:g}' if one else
                         f'{name} for each')
    return [', '.join(found)] if found else []


def _history(history):
    if history is None:
        return []
    return [f'{history.steps} moments, stride {history.stride}, {history.order}, '
            f'{history.stack}']


def _loops(manifest):
    loops = [f'{state.output} -> {name}: the state {_shape(state.shape)} of the model'
             + (f', anew after {state.restart_after} answers' if state.restart_after else '')
             for name, state in manifest.recurrent.items()]
    if manifest.rtc is not None:
        loops.append(f'{manifest.rtc.output} -> {manifest.rtc.prefix}: the actions in force')
    return tuple(loops)


def _shape(shape):
    return f'({", ".join(map(str, shape))}{"," * (len(shape) == 1)})'
