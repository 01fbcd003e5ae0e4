"""From the features of a policy to the terms and outputs of a manifest; free of torch."""
from dataclasses import dataclass, field
import math
import re
from typing import Dict, Mapping, Optional, Sequence, Tuple

from physai_ros.core.errors import BundleError, ConfigError
from physai_ros.importers.dataset import Dataset

UNITS = {'rad': 1.0, 'm': 1.0, 'deg': math.pi / 180.0}
STATE, ACTION = 'observation.state', 'action'
LONGEST_DEADLINE_S = 1.0
STILL = 1e-6  # of a unit: what a joint that moved is spread more than


@dataclass(frozen=True)
class Wishes:
    """
    What the user says about a checkpoint, as it does not say it itself; all may be left out.

    :param robot: the profile
    :param joints: of state and action, in the policy's order
    :param action_joints: of the action where they differ
    :param rate_hz: steps of a chunk a second
    :param units: what the numbers of a joint are in: rad, m, deg or the size of one in rad or m;
        one for all joints, or one for each
    :param topics: by the camera's name (``top`` of ``observation.images.top``)
    """

    robot: Optional[str] = None
    joints: Tuple[str, ...] = ()
    action_joints: Tuple[str, ...] = ()
    rate_hz: Optional[float] = None
    units: Tuple[str, ...] = ('rad',)
    topics: Mapping[str, str] = field(default_factory=dict)
    name: Optional[str] = None
    version: str = '1.0.0'


def manifest_of(checkpoint, wishes: Wishes, dataset: Dataset = Dataset()) -> dict:
    """
    Return the manifest of a checkpoint, as policy.yaml has it, without ``model``.

    :param checkpoint: importers.checkpoint.Checkpoint
    :raises ConfigError, BundleError: when something has to be said that nothing says
    """
    rate = wishes.rate_hz or dataset.rate_hz or checkpoint.rate_hz
    robot = wishes.robot or dataset.robot
    if rate is None:
        raise ConfigError('--rate', None, 'how many actions a second the policy was trained for',
                          'give --rate HZ (fps of its dataset), or --dataset FOLDER')
    if robot is None:
        raise ConfigError('--robot', None, 'the profile of the robot it is for',
                          'give --robot NAME')
    topics = cameras(checkpoint.inputs, wishes.topics)
    inputs = {}
    for feature in checkpoint.inputs:
        affine = checkpoint.maps[feature.name]
        if feature.kind == 'ENV':
            raise BundleError(f'input {feature.name}', None, 'joint positions and pictures',
                              'no sensor says what it is: export this policy by hand and write '
                              'its terms (docs/bundle.md)')
        inputs[feature.name] = [_image(feature, affine, topics[feature.name])
                                if feature.kind == 'VISUAL' else
                                _state(feature, affine, wishes, dataset)]
    name = wishes.name or re.sub(r'[^A-Za-z0-9_.-]+', '_', _title(checkpoint.folder)).lstrip('_.-')
    horizon_s = checkpoint.chunk / rate
    return {
        'format': 'physai/1', 'name': name or 'act', 'version': wishes.version, 'robot': robot,
        'rate_hz': float(rate), 'inputs': inputs,
        'outputs': {ACTION: _action(checkpoint, wishes, dataset)},
        'timing': {'max_age_s': {'joint_position': 0.1, 'image': 0.2},
                   'deadline_s': round(min(horizon_s / 2, LONGEST_DEADLINE_S), 3)},
    }


def unmoved(checkpoint, manifest) -> Tuple[str, ...]:
    """
    Return the joints of the state that stood still in the training data.

    Their spread is zero but for LeRobot's eps, so that the least deviation on the robot becomes a
    number that the network has never seen.

    :param manifest: as ``manifest_of`` returns it
    """
    return tuple(
        joint for feature in checkpoint.inputs if feature.kind == 'STATE'
        for term in manifest['inputs'][feature.name]
        for joint, width in zip(term['joints'], checkpoint.maps[feature.name].width)
        if width < STILL)


def _title(folder):
    """Return the name of the folder; that of the training where it is only a step of one."""
    names = [part for part in folder.resolve().parts
             if part not in ('pretrained_model', 'checkpoints', 'last') and not part.isdigit()]
    return names[-1]


def cameras(features, topics: Mapping[str, str]) -> Dict[str, str]:
    """
    Return the topic of each picture: what was wished, else ``X/image_raw`` for camera X.

    :raises ConfigError: when there is no camera of a wished name
    """
    names = {feature.name: re.sub(r'^observation\.images?\.?', '', feature.name) or 'camera'
             for feature in features if feature.kind == 'VISUAL'}
    for name in topics:
        if name not in names.values():
            raise ConfigError('--camera', name,
                              f'one of {", ".join(names.values()) or "none: it has no pictures"}')
    return {feature: topics.get(name) or f'{_topic_name(name)}/image_raw'
            for feature, name in names.items()}


def _topic_name(name):
    name = re.sub(r'[^A-Za-z0-9_]', '_', name)
    return f'camera_{name}' if name[0].isdigit() else name


def _image(feature, affine, topic):
    term = {'term': 'image', 'topic': topic, 'size': list(feature.shape[1:]), 'encoding': 'rgb8',
            'range': [0.0, 1.0]}
    if affine.mode != 'IDENTITY':
        three = [1.0, 1.0, 1.0]
        term['mean'] = list(affine.shift * three)
        term['std'] = list(affine.width * three)
    return term


def _state(feature, affine, wishes, dataset):
    joints = joint_names(feature, wishes.joints, dataset.names.get(feature.name, ()), '--joints')
    unit = unit_sizes(wishes.units, len(joints))
    return {'term': 'joint_position', 'joints': list(joints),
            'offset': [s * u for s, u in _each(affine.shift, unit)],
            'scale': [1.0 / (w * u) for w, u in _each(affine.width, unit)]}


def _action(checkpoint, wishes, dataset):
    feature, affine = checkpoint.action, checkpoint.maps[checkpoint.action.name]
    same = all(one.shape == feature.shape for one in checkpoint.inputs if one.name == STATE)
    known = dataset.names.get(feature.name, ())
    joints = joint_names(feature, wishes.action_joints or (wishes.joints if same else ()), known,
                         '--joints' if same else '--action-joints')
    unit = unit_sizes(wishes.units, len(joints))
    return {'kind': 'joint_position', 'joints': list(joints),
            'offset': [s * u for s, u in _each(affine.shift, unit)],
            'scale': [w * u for w, u in _each(affine.width, unit)], 'chunk': checkpoint.chunk}


def _each(values, unit):
    return zip([float(v) for v in values] * (len(unit) if len(values) == 1 else 1), unit)


def joint_names(feature, wished: Sequence[str], known: Sequence[str], option) -> Tuple[str, ...]:
    """
    Return the joints of a feature: the wished ones, else those that the dataset names.

    :param option: what to say them with
    :raises ConfigError: when there are none, another number, or a name that is no joint's
    """
    joints, count = tuple(wished or known), feature.shape[0]
    if not joints:
        raise ConfigError(f'the joints of {feature.name}', None,
                          f'{count} names, which the checkpoint does not have',
                          f'give {option} NAME,NAME,… in the order of the policy, or the '
                          'metadata of its dataset: --dataset FOLDER')
    if len(joints) != count:
        raise ConfigError(f'the joints of {feature.name}', list(joints),
                          f'{count} names, as the checkpoint has numbers', f'correct {option}')
    other = [name for name in joints if not wished and re.search(r'\.[a-z]+$', name)]
    if other:
        raise ConfigError(f'{feature.name}: {", ".join(other)}', None, 'joint positions only',
                          f'say which joints these numbers are: {option} NAME,NAME,…')
    return joints


def unit_sizes(units: Sequence[str], count: int) -> Tuple[float, ...]:
    """
    Return the size of each joint's unit in rad or m.

    :raises ConfigError: for an unknown unit or another number of them
    """
    sizes = []
    for unit in units:
        try:
            size = UNITS[unit] if unit in UNITS else float(unit)
        except ValueError:
            size = 0.0
        if not (math.isfinite(size) and size > 0.0):
            raise ConfigError('--unit', unit, f'{", ".join(UNITS)}, or the size of one in rad or '
                              'm, like 0.01')
        sizes.append(size)
    if len(sizes) not in (1, count):
        raise ConfigError('--unit', list(units), f'one, or {count}, as there are joints')
    return tuple(sizes) * (count if len(sizes) == 1 else 1)
