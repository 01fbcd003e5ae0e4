"""From samples to a chunk: what the runtime adds to bare ``session.run``."""
from functools import partial
import gc
from pathlib import Path
from queue import SimpleQueue
import tempfile
import time
from typing import Callable, Iterator, List, Tuple

import numpy as np
from physai_ros.bench import models
from physai_ros.bench.by_hand import ByHand
from physai_ros.bench.figure import Figure, summary
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import Image, JointState, Odometry
from physai_ros.inference.loading import Loaded
from physai_ros.inference.model import warm_up
from physai_ros.inference.onnx import OnnxModel
from physai_ros.inference.policy import Policy

COLD_S, PATIENCE_S = 0.003, 10.0
JOINTS = tuple(f'joint_{k}' for k in range(24))
MLP = {
    'format': 'physai/1', 'name': 'mlp', 'version': '1.0.0', 'robot': 'bench', 'rate_hz': 50,
    'inputs': {'state': [{'term': 'joint_position', 'joints': list(JOINTS)},
                         {'term': 'joint_velocity', 'joints': list(JOINTS)}]},
    'outputs': {'action': {'kind': 'joint_position', 'joints': list(JOINTS), 'chunk': 10}},
    'timing': {'deadline_s': 0.15}}
Samples = Callable[[int], List[Tuple[str, object]]]


def measure(quick: bool) -> Iterator[Figure]:
    """Measure a 48-input MLP, and a picture of 96×128 with state; back to back, then cold."""
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / 'mlp', MLP, models.mlp(48, 24, 10), '# mlp')
        for kind, pause_s in (('', 0.0), ('.cold', COLD_S)):
            yield _figure(f'overhead.mlp_48{kind}', Path(folder) / 'mlp', _joints, pause_s,
                          200 if quick else 2000, {'p50': 0.3, 'p99': 1.0}, by_hand)
            yield _figure(f'overhead.image_96x128_state{kind}', 'inspection', _picture, pause_s,
                          100 if quick else 1000, {'p50': 1.5})


def _figure(name, bundle, samples: Samples, pause_s, count, bounds, least=None) -> Figure:
    done, loaded = SimpleQueue(), load_bundle(bundle)
    loaded = Loaded(loaded, OnnxModel(loaded.model_bytes))
    warm_up(loaded.model)
    gc.collect()
    gc.freeze()     # as a node does when it is activated
    policy = Policy(loaded, on_done=partial(done.put, None))
    sources = {source.kind: source for source in policy.sources}
    least = least and least(loaded)
    whole, bare, floor = np.empty((3, count))

    def answer(given):
        for kind, sample in given:
            policy.feed(sources[kind], sample)
        policy.look(given[0][1].stamp_ns)
        done.get(timeout=PATIENCE_S)
        policy.collect()

    for k in range(count):
        now_ns = time.time_ns()
        whole[k] = _timed(answer, samples(now_ns))
        inputs = policy.assembler.assemble(now_ns).inputs
        time.sleep(pause_s)
        bare[k] = _timed(loaded.model.run, inputs)
        time.sleep(pause_s)
        if least:
            floor[k] = _timed(least.chunk, samples(time.time_ns())[0][1])
            time.sleep(pause_s)
    policy.close(1.0)
    if least:
        least.close()
    run_p50, run_p99 = map(float, np.percentile(bare, (50, 99)))
    return summary(name, 'ms', whole - bare, floor - bare if least else None, at_most=bounds,
                   session_run_p50=run_p50, session_run_p99=run_p99)


def _timed(function, argument) -> float:
    """Return how long a call takes, ms."""
    start_s = time.perf_counter()
    function(argument)
    return (time.perf_counter() - start_s) * 1e3


def by_hand(loaded) -> ByHand:
    """Return the floor of the MLP's overhead."""
    return ByHand(loaded.model, JOINTS, MLP['outputs']['action']['chunk'], loaded.manifest.dt_ns)


def _joints(now_ns):
    return [('joint_state', JointState(now_ns, JOINTS, np.zeros(24), np.ones(24)))]


def _picture(now_ns):
    pixels = np.full((240, 320, 3), 100, np.uint8)
    still = np.zeros(3)
    return [('image', Image(now_ns, 'camera', pixels)),
            ('odometry', Odometry(now_ns, still, np.array([1.0, 0, 0, 0]), still, still))]
