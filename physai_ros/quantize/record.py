"""Observations of a bundle, to calibrate with: simulated, recorded on a robot, or arrays."""
from typing import Dict, List

import numpy as np
from physai_ros.bundle.files import load_bundle
from physai_ros.core.errors import BundleError, ConfigError
from physai_ros.inference.onnx import OnnxModel

MOST = 256  # observations that are kept, spread evenly over what was seen
Inputs = Dict[str, np.ndarray]


class Recorder:
    """
    A model that keeps what it was asked, evenly thinned out to ``MOST`` observations.

    :param model: what answers
    """

    def __init__(self, model):
        self.inputs, self.outputs = model.inputs, model.outputs
        self.kept: List[Inputs] = []
        self._model, self._every, self._seen = model, 1, 0

    def run(self, inputs):
        """Keep what the model is asked, and return its answer."""
        self.keep(inputs)
        return self._model.run(inputs)

    def keep(self, inputs):
        """Keep inputs, or not."""
        if self._seen % self._every == 0:
            self.kept.append({name: np.array(value) for name, value in inputs.items()})
        self._seen += 1
        if len(self.kept) > 2 * MOST:
            self.kept, self._every = self.kept[::2], self._every * 2


def from_episodes(trial, seeds, tell=lambda text: None) -> List[Inputs]:
    """
    Return what a bundle saw in simulated episodes.

    :param trial: evaluation.simulated.Trial
    :param seeds: of the episodes
    """
    from physai_ros.evaluation.trials import run_episode
    recorder = Recorder(OnnxModel(load_bundle(trial.bundle).model_bytes))
    loop = trial.loop(model=recorder)
    recorder.kept.clear()  # the zeros of the warm-up
    for n, seed in enumerate(seeds):
        tell(f'recording episode {n + 1}/{len(seeds)}: {len(recorder.kept)} observations')
        run_episode(loop, seed, trial.limit_s)
    loop.world.close()
    return thinned(recorder.kept)


def from_recording(path, bundle, model, naming, tell=lambda text: None) -> List[Inputs]:
    """
    Return what a bundle would have seen in a recording of topics.

    :param path: of a folder of rosbag2 or an MCAP file
    :param naming: quantize.topics.Naming
    :raises PhysaiError: when it lacks what the bundle needs, or cannot be read
    """
    try:
        import mcap  # noqa: F401
        from physai_ros.quantize.replay import Replay
    except ImportError as error:
        raise ConfigError(f'{error.name} for a recording of topics', 'not installed',
                          'mcap, and ROS 2 or what `make run` sets up',
                          'run pip install mcap, source ROS 2') from None
    recorder, replay = Recorder(model), Replay(path, bundle, model, naming)
    for count, inputs in enumerate(replay.observations(), 1):
        recorder.keep(inputs)
        if count % MOST == 0:
            tell(f'replaying {path}: {count} observations')
    for trouble in replay.troubles():
        tell(f'not used, {trouble}')
    return thinned(recorder.kept)


def from_file(path, model) -> List[Inputs]:
    """
    Return the observations in a ``.npz`` file: an array (N, …) for each input of the model.

    :param model: whose inputs they are, without the batch dimension
    :raises BundleError: when the file is no such file
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, AttributeError, EOFError) as error:
        raise BundleError(f'recording {path}', None, 'a .npz file of numpy arrays, or '
                          'what ros2 bag record -s mcap wrote', str(error)) from None
    for spec in model.inputs:
        if spec.name not in arrays:
            raise BundleError(f'{path}: {spec.name}', None, 'an array for each input: '
                              f'{", ".join(s.name for s in model.inputs)}',
                              f'it has {", ".join(arrays) or "none"}')
        found = arrays[spec.name].shape
        if found[1:] != tuple(spec.shape[1:]) or not found[0]:
            raise BundleError(f'{path}: the shape of {spec.name}', found,
                              f'(N, {", ".join(map(str, spec.shape[1:]))})',
                              'record what enters the model')
    count = min(len(arrays[spec.name]) for spec in model.inputs)
    return thinned([{spec.name: arrays[spec.name][n:n + 1].astype(spec.dtype)
                     for spec in model.inputs} for n in range(count)])


def thinned(observations: List[Inputs]) -> List[Inputs]:
    """Return at most ``MOST`` of them, spread evenly."""
    if len(observations) <= MOST:
        return observations
    places = np.linspace(0, len(observations) - 1, MOST).round().astype(int)
    return [observations[place] for place in places]
