"""``physai quantize``: a bundle in int8 beside the float one, with figures in its model card."""
from dataclasses import dataclass, replace
from pathlib import Path
import time
from typing import Dict, Optional, Sequence, Tuple

import numpy as np
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.write import CARD, write_bundle
from physai_ros.bundle.yaml12 import read_yaml
from physai_ros.core.errors import ConfigError
from physai_ros.inference.onnx import OnnxModel
from physai_ros.quantize.bag import is_bag
from physai_ros.quantize.card import card
from physai_ros.quantize.int8 import quantise, require_onnx
from physai_ros.quantize.record import from_episodes, from_file, from_recording
from physai_ros.quantize.topics import Naming

RUNS = 30


@dataclass(frozen=True)
class Difference:
    """Of one output: ``spread`` is its standard deviation over steps and observations."""

    largest: float
    mean: float
    spread: float


@dataclass(frozen=True)
class Success:
    """Successful episodes, before and after."""

    episodes: int
    before: int
    after: int
    first_seed: int


@dataclass(frozen=True)
class Report:
    """What quantising changed; times in ms (median) on one thread, sizes in bytes."""

    source: str
    calibrated: int
    compared: int
    layers: int
    stayed: int
    differences: Dict[str, Difference]
    times_ms: Sequence[float]
    sizes: Sequence[int]
    success: Optional[Success] = None


def quantise_bundle(which, output, trial=None, recording=None, episodes=20, calibration=8,
                    seed=1000, processes=1, keep=(), tell=lambda text: None,
                    naming=Naming()):
    """
    Write a bundle in int8 and return (bundle, Report).

    :param which: name or folder of the bundle
    :param output: folder that is written; another one than that of the bundle
    :param trial: evaluation.simulated.Trial of its robot, or None: then success is not measured
    :param recording: .npz file, folder of rosbag2 or MCAP file to calibrate with, or None for
        simulated episodes
    :param episodes: how many episodes before and after
    :param calibration: episodes to calibrate with; their seeds are none of the others
    :param naming: what a recording of topics calls the things of the robot
    :raises PhysaiError: when it cannot be done
    """
    require_onnx()
    source, output = load_bundle(which), Path(output)
    if output.resolve() == source.folder.resolve():
        raise ConfigError('--output', str(output), 'another folder than that of the bundle')
    before = OnnxModel(source.model_bytes)
    observations = _observations(source, before, trial, recording, calibration, seed, tell,
                                 naming)
    held, used = observations[::5], [o for n, o in enumerate(observations) if n % 5]
    tell(f'quantising, calibrated with {len(used)} observations')
    quantised = quantise(source.model_bytes, used, keep)
    after = OnnxModel(quantised.model)
    report = Report(
        str(recording or f'{calibration} simulated episodes'), len(used), len(held),
        quantised.layers, quantised.stayed, differences(before, after, held),
        speeds((before, after), held),
        (len(source.model_bytes), len(quantised.model)))
    _write(source, output, quantised.model, report)
    if trial is not None and episodes:
        report = replace(report, success=_success(trial, source, output, episodes, seed,
                                                  processes, tell))
        _write(source, output, quantised.model, report)
    return load_bundle(output), report


def _observations(bundle, model, trial, recording, calibration, seed, tell, naming):
    if recording is not None and is_bag(recording):
        observations = from_recording(recording, bundle, model, naming, tell)
    elif naming != Naming():
        raise ConfigError('--recording', recording and str(recording), 'a recording of topics, '
                          'for --namespace, --remap, --frame-prefix, --task', 'leave them out')
    elif recording is not None:
        observations = from_file(recording, model)
    elif trial is None:
        raise ConfigError('--recording', None, 'a recording of the robot, as no robot of the '
                          'fleet runs this bundle in the simulator',
                          'record it, or give --fleet FILE --robot NAME')
    else:
        observations = from_episodes(trial, range(seed - calibration, seed), tell)
    if len(observations) < 10:
        raise ConfigError('the observations to calibrate with', len(observations), 'at least 10',
                          'record more, or --calibration more episodes')
    return observations


def differences(before, after, observations) -> Dict[str, Difference]:
    """Return the difference of each output of two models on the same observations."""
    first = [before.run(inputs) for inputs in observations]
    second = [after.run(inputs) for inputs in observations]
    found = {}
    for spec in before.outputs:
        a = np.stack([outputs[spec.name] for outputs in first])
        change = np.abs(np.stack([outputs[spec.name] for outputs in second]) - a)
        found[spec.name] = Difference(float(change.max()), float(change.mean()), float(a.std()))
    return found


def speeds(models, observations) -> Tuple[float, ...]:
    """Return the median time of an answer of each model in ms; they answer in turns."""
    times = np.empty((RUNS + 2, len(models)))
    for n in range(len(times)):
        for k, model in enumerate(models):
            start_s = time.perf_counter()
            model.run(observations[n % len(observations)])
            times[n, k] = time.perf_counter() - start_s
    return tuple((np.median(times[2:], axis=0) * 1e3).tolist())


def _success(trial, source, output, episodes, seed, processes, tell):
    from physai_ros.evaluation.simulated import run
    counts = []
    for title, folder in (('before', source.folder), ('after', output)):
        done = successes = 0
        for episode in run(replace(trial, bundle=str(folder.resolve())),
                           range(seed, seed + episodes), min(processes, episodes)):
            done, successes = done + 1, successes + episode.success
            tell(f'{title}: {done}/{episodes} episodes, {successes} succeeded')
        counts.append(successes)
    return Success(episodes, *counts, seed)


def _write(source, output, model, report):
    place = Manifest.FILE
    manifest = dict(read_yaml(source.files[place], place).value)
    manifest['version'] = f'{source.version.partition("+")[0]}+int8'
    for name, data in source.files.items():
        if name not in (place, source.manifest.model.file):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (output / name).write_bytes(data)
    old = source.folder / CARD
    text = card(source, report, old.read_text() if old.is_file() else '')
    manifest.pop('model')
    write_bundle(output, manifest, model, text)
