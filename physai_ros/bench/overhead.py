"""From samples to a chunk: what the runtime adds to bare ``session.run``."""
import gc
from pathlib import Path
import tempfile
import threading
import time
from typing import Callable, Iterator, List, Tuple

import numpy as np
from physai_ros.bench import models
from physai_ros.bench.figure import Figure, summary
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.write import write_bundle
from physai_ros.core.types import Image, JointState, Odometry
from physai_ros.inference.loading import Loaded
from physai_ros.inference.model import warm_up
from physai_ros.inference.onnx import OnnxModel
from physai_ros.inference.policy import Policy

PAUSE_S, PATIENCE_S = 0.003, 10.0
JOINTS = tuple(f'joint_{k}' for k in range(24))
MLP = {
    'format': 'physai/1', 'name': 'mlp', 'version': '1.0.0', 'robot': 'bench', 'rate_hz': 50,
    'inputs': {'state': [{'term': 'joint_position', 'joints': list(JOINTS)},
                         {'term': 'joint_velocity', 'joints': list(JOINTS)}]},
    'outputs': {'action': {'kind': 'joint_position', 'joints': list(JOINTS), 'chunk': 10}},
    'timing': {'deadline_s': 0.15}}
Samples = Callable[[int], List[Tuple[str, object]]]


def measure(quick: bool) -> Iterator[Figure]:
    """Measure a 48-input MLP, and a picture of 96×128 with state."""
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / 'mlp', MLP, models.mlp(48, 24, 10), '# mlp')
        yield _figure('overhead.mlp_48', Path(folder) / 'mlp', _joints, 200 if quick else 2000,
                      {'p50': 0.3, 'p99': 1.0})
    yield _figure('overhead.image_96x128_state', 'inspection', _picture, 100 if quick else 1000,
                  {'p50': 1.5})


def _figure(name, bundle, samples: Samples, count, bounds) -> Figure:
    done, loaded = threading.Event(), load_bundle(bundle)
    loaded = Loaded(loaded, OnnxModel(loaded.model_bytes))
    warm_up(loaded.model)
    gc.collect()
    gc.freeze()     # as a node does when it is activated
    policy = Policy(loaded, on_done=done.set)
    sources = {source.kind: source for source in policy.sources}
    whole, bare = [], []
    for _ in range(count):
        given = samples(time.time_ns())
        start_s = time.perf_counter()
        for kind, sample in given:
            policy.feed(sources[kind], sample)
        now_ns = time.time_ns()
        policy.look(now_ns)
        done.wait(PATIENCE_S)
        done.clear()
        policy.collect()
        whole.append(time.perf_counter() - start_s)
        inputs = policy.assembler.assemble(now_ns).inputs
        time.sleep(PAUSE_S)
        again_s = time.perf_counter()
        policy.loaded.model.run(inputs)
        bare.append(time.perf_counter() - again_s)
        time.sleep(PAUSE_S)
    policy.close(1.0)
    added = (np.array(whole) - np.array(bare)) * 1e3
    run_ms, p99_ms = np.percentile(np.array(bare) * 1e3, (50, 99))
    return summary(name, 'ms', added, at_most=bounds, session_run_p50=float(run_ms),
                   session_run_p99=float(p99_ms))


def _joints(now_ns):
    return [('joint_state', JointState(now_ns, JOINTS, np.zeros(24), np.ones(24)))]


def _picture(now_ns):
    pixels = np.full((240, 320, 3), 100, np.uint8)
    still = np.zeros(3)
    return [('image', Image(now_ns, 'camera', pixels)),
            ('odometry', Odometry(now_ns, still, np.array([1.0, 0, 0, 0]), still, still))]
