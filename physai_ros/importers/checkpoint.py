"""Read what a LeRobot checkpoint folder says of an ACT policy, without torch."""
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Dict, Optional, Tuple

from physai_ros.bundle.foreign import foreign_error
from physai_ros.core.errors import BundleError
from physai_ros.importers.safetensors import read_header, read_tensors
from physai_ros.importers.statistics import Affine, affine

CONFIG, WEIGHTS = 'config.json', 'model.safetensors'
PICKLES = ('.bin', '.pt', '.pth', '.pkl', '.pickle', '.ckpt', '.npz', '.npy', '.pt2')
MAX_JSON = 10_000_000
IGNORED = ('rename_observations_processor', 'to_batch_processor', 'device_processor')
_BUFFERS = ('normalize_inputs.buffer_', 'unnormalize_outputs.buffer_',
            'normalize_targets.buffer_')


@dataclass(frozen=True)
class Feature:
    """An input or output of a policy: ``kind`` is STATE, ENV, VISUAL or ACTION."""

    name: str
    kind: str
    shape: Tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """
    An ACT policy: inputs (vectors first, then pictures in the policy's order) and one output.

    ``stats`` are the statistics of each feature as they were stored, ``maps`` what they make of
    it: the normalisation of an input, the inverse one of the output; ``layout`` says whether they
    stand in files of their own (``processors``) or among the weights (``buffers``).
    """

    folder: Path
    config: dict
    inputs: Tuple[Feature, ...]
    action: Feature
    maps: Dict[str, Affine]
    stats: Dict[str, dict]
    layout: str
    rate_hz: Optional[float]

    @property
    def weights(self) -> Path:
        """Return the file of the weights."""
        return self.folder / WEIGHTS

    @property
    def chunk(self) -> int:
        """Return how many steps an answer has."""
        return self.config['chunk_size']


def read_checkpoint(path) -> Checkpoint:
    """
    Read a checkpoint folder (or the training output that holds ``pretrained_model``).

    :raises BundleError: for another format, a pickle, a policy that is not ACT, lacking statistics
    """
    folder = _folder(Path(path))
    config = read_json(folder / CONFIG)
    kind = config.get('type', 'act' if 'chunk_size' in config and 'dim_model' in config else None)
    if kind != 'act':
        raise BundleError(f'{CONFIG}: type', kind, "'act'",
                          'only ACT is imported; export other policies to ONNX and write '
                          'policy.yaml (docs/bundle.md)')
    inputs, action, modes = _features(config)
    header = read_header(folder / WEIGHTS)
    processors = (folder / 'policy_preprocessor.json').is_file()
    stats, eps = (_from_processors if processors else _from_buffers)(
        folder, header, (*inputs, action))
    maps = {feature.name: affine(feature.name, modes(feature), stats.get(feature.name, {}),
                                 eps, not processors, feature is action)
            for feature in (*inputs, action)}
    return Checkpoint(folder, config, inputs, action, maps, stats,
                      'processors' if processors else 'buffers', _rate(folder))


def read_json(path) -> dict:
    """Return the mapping in a JSON file; raise BundleError when there is none."""
    try:
        if path.stat().st_size > MAX_JSON:
            raise ValueError('larger than 10 MB')
        content = json.loads(path.read_text())
        if not isinstance(content, dict):
            raise ValueError('no mapping')
        return content
    except FileNotFoundError:
        raise BundleError(f'{path.name} in {path.parent} is missing', None, 'that file',
                          'get the checkpoint again, whole') from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f'{path} cannot be read', None, 'a JSON mapping', str(error)) from None


def _folder(path):
    if path.is_file():
        with open(path, 'rb') as stream:
            error = foreign_error(stream, path.name)
        raise error or BundleError(str(path), 'a file', f'the folder with {CONFIG} and {WEIGHTS}',
                                   'give the folder of the checkpoint')
    if not path.is_dir():
        raise BundleError('checkpoint', str(path), 'a folder on this machine',
                          'download one with: hf download OWNER/NAME --local-dir FOLDER')
    inner = path / 'pretrained_model'
    folder = inner if inner.is_dir() and not (path / CONFIG).exists() else path
    if (folder / CONFIG).is_file() and not (folder / WEIGHTS).is_file():
        _refuse_other_weights(folder)
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise BundleError(f'{name} in {folder} is missing', None,
                              f'a checkpoint folder with {CONFIG} and {WEIGHTS}',
                              'give the folder that save_pretrained wrote')
    return folder


def _refuse_other_weights(folder):
    for file in sorted(folder.iterdir()):
        if file.suffix in PICKLES and file.is_file():
            with open(file, 'rb') as stream:
                error = foreign_error(stream, file.name)
            raise error or BundleError(
                file.name, f'a {file.suffix} file', f'{WEIGHTS}: pickle is never opened here',
                'save the policy again with save_pretrained of a present LeRobot')


def _features(config):
    """Return the inputs, the action and what tells the normalisation mode of a feature."""
    try:
        if 'input_features' in config:
            inputs = [Feature(name, entry['type'], tuple(entry['shape']))
                      for name, entry in config['input_features'].items()]
            outputs = [Feature(name, entry['type'], tuple(entry['shape']))
                       for name, entry in config['output_features'].items()]
            mapping = config['normalization_mapping']
            modes = lambda feature: mapping.get(feature.kind, 'IDENTITY')  # noqa: E731
        else:  # before LeRobot 0.1 of 2025
            inputs = [Feature(name, _kind(name), tuple(shape))
                      for name, shape in config['input_shapes'].items()]
            outputs = [Feature(name, 'ACTION', tuple(shape))
                       for name, shape in config['output_shapes'].items()]
            both = {**config['input_normalization_modes'], **config['output_normalization_modes']}
            modes = lambda feature: both.get(feature.name, 'identity').upper()  # noqa: E731
        chunk, observed = config['chunk_size'], config.get('n_obs_steps', 1)
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(f'{CONFIG}: {error} is missing or of another kind', None,
                          'the configuration that save_pretrained of LeRobot writes',
                          'get the checkpoint again') from None
    _require(inputs, outputs, chunk, observed)
    inputs.sort(key=lambda feature: ('STATE', 'ENV', 'VISUAL').index(feature.kind))
    return tuple(inputs), outputs[0], modes


def _kind(name):
    if name.startswith('observation.image'):
        return 'VISUAL'
    return 'ENV' if name == 'observation.environment_state' else 'STATE'


def _require(inputs, outputs, chunk, observed):
    for feature in inputs:
        if feature.kind not in ('STATE', 'ENV', 'VISUAL'):
            raise BundleError(f'{CONFIG}: the type of {feature.name}', feature.kind,
                              'STATE, ENV or VISUAL', 'only what ACT knows is imported')
        fits = len(feature.shape) == 3 and feature.shape[0] == 3 if feature.kind == 'VISUAL' \
            else len(feature.shape) == 1
        if not fits or not all(type(n) is int and n > 0 for n in feature.shape):
            raise BundleError(f'{CONFIG}: the shape of {feature.name}', feature.shape,
                              '(3, height, width) for a picture, (n,) for numbers',
                              'train with pictures of three channels')
        if feature.kind == 'STATE' and feature.name != 'observation.state':
            raise BundleError(f'{CONFIG}: input', feature.name, 'observation.state, images, '
                              'observation.environment_state', 'ACT does not read another one')
    if not inputs or [feature.name for feature in outputs] != ['action'] \
            or len(outputs[0].shape) != 1:
        raise BundleError(f'{CONFIG}: features', [f.name for f in (*inputs, *outputs)],
                          "some inputs and one output, 'action'", 'get the checkpoint again')
    if type(chunk) is not int or chunk < 1 or observed != 1:
        raise BundleError(f'{CONFIG}: chunk_size, n_obs_steps', (chunk, observed),
                          'a number and 1, as ACT has', 'get the checkpoint again')


def _from_buffers(folder, header, features):
    """Return the statistics that LeRobot before 0.4 keeps among the weights, and its eps."""
    known = {feature.name.replace('.', '_'): feature.name for feature in features}
    found = {}
    for name in header:
        prefix = next((prefix for prefix in _BUFFERS if name.startswith(prefix)), None)
        feature, _, statistic = name.removeprefix(prefix or '').rpartition('.')
        if prefix and feature in known:
            found.setdefault(known[feature], {})[statistic] = name
    tensors = read_tensors(folder / WEIGHTS, header,
                           [name for names in found.values() for name in names.values()])
    return {feature: {statistic: tensors[name] for statistic, name in names.items()}
            for feature, names in found.items()}, 1e-8


def _from_processors(folder, header, features):
    """Return the statistics that LeRobot since 0.4 keeps in files of their own, and its eps."""
    stats, eps = {}, 1e-8
    for side, wanted in (('pre', 'normalizer_processor'), ('post', 'unnormalizer_processor')):
        file = folder / f'policy_{side}processor.json'
        for step in read_json(file).get('steps', ()):
            name = step.get('registry_name', step.get('class'))
            if name != wanted and name not in IGNORED or \
                    step.get('config', {}).get('rename_map'):
                raise BundleError(f'{file.name}: step', name, f'one of {wanted}, '
                                  f'{", ".join(IGNORED)} (without rename_map)',
                                  'what it does would be missing in the bundle: train without it')
            if name == wanted:
                own = _state(folder, file, step)
                taken = [f for f in features if (f.kind == 'ACTION') == (side == 'post')]
                stats.update({f.name: own.get(f.name, {}) for f in taken})
                eps = step.get('config', {}).get('eps', eps)
    return stats, eps


def _state(folder, file, step):
    state = step.get('state_file')
    if not isinstance(state, str) or state != Path(state).name or \
            not state.endswith('.safetensors') or not (folder / state).is_file():
        raise BundleError(f'{file.name}: state_file', state, 'a .safetensors file beside it',
                          'copy all files of the checkpoint')
    header, stats = read_header(folder / state), {}
    for name, values in read_tensors(folder / state, header, header).items():
        feature, _, statistic = name.rpartition('.')
        stats.setdefault(feature, {})[statistic] = values
    return stats


def _rate(folder):
    file = folder / 'train_config.json'
    environment = read_json(file).get('env') if file.is_file() else None
    rate = environment.get('fps') if isinstance(environment, dict) else None
    return float(rate) if isinstance(rate, (int, float)) else None
