"""
Train the detector bundle from randomised renders of the simulator.

``python -m training.detector.train`` makes models/workbench_detector anew, on one busy core in a
quarter of an hour. Pictures are of seeds below 100000; evaluate.py measures on seeds above.
"""
import argparse
import io
from pathlib import Path
import time
import warnings

import numpy as np
from physai_ros.bundle.detector import DetectorManifest
from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from rich.progress import track
import torch
from training.detector.card import card
from training.detector.classes import CLASSES, MIN_VISIBLE
from training.detector.evaluate import evaluate, HELD_OUT, STAGES
from training.detector.fit import fit
from training.detector.network import STRIDE

SEEDS = 10_000                # pictures that one training seed may draw
SHARES = {('kitting', True): 0.15, ('kitting', False): 0.4,       # task and whether alone
          ('inspection', True): 0.15, ('inspection', False): 0.3}
THRESHOLD = 0.35
MIN_SHARE = 0.05
VERSION = '1.0.0'


def collect(task: str, alone: bool, count: int, first: int):
    """Return pictures (N, H, W, 3) uint8 and their labels."""
    stage = STAGES[task](alone)
    try:
        shots = [stage.shoot(first + k) for k in track(range(count), f'render {task}')]
    finally:
        stage.close()
    return np.stack([s.pixels for s in shots]), [s.labels for s in shots]


def require_examples(labels):
    """Raise ConfigError when a class is hardly ever visible: the simulator has changed."""
    kinds = np.concatenate([rows[rows[:, 1] >= MIN_VISIBLE, 0] for rows in labels])
    for kind, known in enumerate(CLASSES):
        visible = float(np.mean(kinds == kind)) if len(kinds) else 0.0
        if visible < MIN_SHARE:
            raise ConfigError(f'share of {known.class_id} among the visible objects', visible,
                              f'at least {MIN_SHARE}', 'look at the pictures of Stage.shoot')


def export(net, height: int, width: int) -> bytes:
    """Return the network as ONNX bytes, input (1, height, width, 3) uint8."""
    net.export = True
    data = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        torch.onnx.export(
            net, (torch.zeros(1, height, width, 3, dtype=torch.uint8),), data, dynamo=False,
            opset_version=17, input_names=['image'], output_names=['heatmap', 'offset', 'box'])
    return data.getvalue()


def manifest(name: str, height: int, width: int) -> dict:
    """Return detector.yaml but for the hash of the model."""
    return {
        'format': 'physai-detector/1', 'name': name, 'version': VERSION,
        'input': {'name': 'image', 'size': [height, width], 'encoding': 'rgb8'},
        'classes': [{'class_id': c.class_id, 'size_m': list(c.size_m), 'anchor_z': c.anchor_z}
                    for c in CLASSES],
        'stride': STRIDE, 'threshold': THRESHOLD}


def main():
    """Render, fit, export, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=share() / 'models' / 'workbench_detector')
    parser.add_argument('--seed', type=int, default=0, choices=range(HELD_OUT // SEEDS))
    parser.add_argument('--samples', type=int, default=5000, help=f'pictures, at most {SEEDS}')
    parser.add_argument('--updates', type=int, default=2800, help='batches')
    parser.add_argument('--threads', type=int, default=1)
    arguments = parser.parse_args()
    if not 10 <= arguments.samples <= SEEDS:
        parser.error(f'--samples is {arguments.samples}; expected 10 to {SEEDS}')
    torch.set_num_threads(arguments.threads)
    begun = time.process_time()
    first, parts = arguments.seed * SEEDS, []
    for (task, alone), part in SHARES.items():
        parts.append(collect(task, alone, round(part * arguments.samples), first))
        first += len(parts[-1][1])
    images = np.concatenate([p[0] for p in parts])
    labels = [row for p in parts for row in p[1]]
    require_examples(labels)
    net = fit(images, labels, len(CLASSES), arguments.updates, arguments.seed)
    height, width = images.shape[1:3]
    content, model = manifest(arguments.out.name, height, width), export(net, height, width)
    bundle = write_bundle(arguments.out, content, model, '', DetectorManifest)
    minutes = (time.process_time() - begun) / 60.0
    report = evaluate(bundle)
    write_bundle(arguments.out, content, model, card(vars(arguments), minutes, report),
                 DetectorManifest)
    print(card(vars(arguments), minutes, report))


if __name__ == '__main__':
    main()
