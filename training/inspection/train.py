"""Train the inspection bundle: `python -m training.inspection.train --out models/inspection`."""
import argparse
import multiprocessing
from pathlib import Path
import shlex
import sys
import tempfile
import time

import numpy as np
import torch
from tqdm import tqdm

from . import bundle
from .network import loss, Policy

BATCH = 96
RATE = 1.5e-3
PICTURES = 16                   # of a layout, by look
MIX, NOISE = 0.8, 0.25          # shares that the policy drives, and that are disturbed
_worker = {}


def _start(folder):
    from physai_ros.bundle.files import load_bundle

    from .rollout import Course
    shape = load_bundle(folder)
    _worker['courses'] = {beside: Course(shape, beside) for beside in (False, True)}


def _look(seed):
    return _worker['courses'][seed % 8 == 0].look(seed, PICTURES)


def _drive(job):
    from physai_ros.inference.onnx import OnnxModel
    seed, model_bytes = job
    return _worker['courses'][seed % 8 == 0].run(seed, OnnxModel(model_bytes), MIX, NOISE)


class Training:
    """
    The pictures met so far, the expert's chunks there, and the policy that learns them.

    First come pictures from beside the expert's ways, then those of episodes that mostly the
    policy drives (DAgger).
    """

    def __init__(self, seed: int, warm=None):
        torch.manual_seed(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.policy = Policy().to(memory_format=torch.channels_last)
        if warm:
            self.policy.load_state_dict(bundle.weights(warm))
        self.optimiser = torch.optim.AdamW(self.policy.parameters(), RATE, weight_decay=1e-4)
        self.data, self.layouts = None, 0
        self._seed = 20_000 * (1 + seed)

    def look(self, pool, count):
        """Add pictures of ``count`` layouts."""
        self._add(pool.imap(_look, self._fresh(count)), count, 'pictures')

    def drive(self, pool, count):
        """Add ``count`` episodes of the present policy; tell how many succeeded."""
        model = bundle.model(self.policy)
        jobs = [(seed, model) for seed in self._fresh(count)]
        successes = self._add(pool.imap(_drive, jobs), count, 'episodes')
        print(f'{successes} of {count} succeeded', flush=True)

    def _fresh(self, count):
        self.layouts += count
        return range(self._seed + self.layouts - count, self._seed + self.layouts)

    def _add(self, results, count, title):
        parts = list(tqdm(results, total=count, desc=title, mininterval=2.0))
        new = [np.concatenate([part[i] for part in parts]) for i in range(4)]
        self.data = new if self.data is None else [
            np.concatenate(pair) for pair in zip(self.data, new)]
        print(f'{len(self.data[0])} pictures', flush=True)
        return sum(part[4] for part in parts)

    def fit(self, updates):
        """Train on everything so far; the learning rate goes down to zero."""
        self.policy.train()
        recent = []
        for number in tqdm(range(updates), desc='fit', mininterval=2.0):
            for group in self.optimiser.param_groups:
                group['lr'] = RATE * min(1.0, number / 50) * (1.0 - number / updates)
            value = loss(self.policy, *self._batch())
            self.optimiser.zero_grad()
            value.backward()
            self.optimiser.step()
            recent = (recent + [value.item()])[-100:]
        print(f'loss {sum(recent) / len(recent):.4f}', flush=True)

    def _batch(self):
        rows = torch.randint(len(self.data[0]), (BATCH,), generator=self.generator).numpy()
        image, velocity, chunk, in_view = (torch.from_numpy(part[rows]) for part in self.data)
        image = image.float() / 255.0
        # seen in a mirror; not while it searches, which is always to the left
        turned = in_view & (torch.rand(BATCH, generator=self.generator) < 0.5)
        image[turned] = image[turned].flip(3)
        sides = torch.tensor([1.0, -1.0, -1.0])
        velocity[turned] *= sides
        chunk[turned] *= sides
        image = augment(image, self.generator).contiguous(memory_format=torch.channels_last)
        return image, velocity, chunk


def augment(image, generator):
    """Return pictures (B, 3, H, W) in other light: gain, tint and offset."""
    count = len(image)
    gain = 1.0 + 0.12 * torch.randn(count, 1, 1, 1, generator=generator)
    tint = 1.0 + 0.04 * torch.randn(count, 3, 1, 1, generator=generator)
    offset = 0.04 * torch.randn(count, 1, 1, 1, generator=generator)
    return (image * gain * tint + offset).clamp(0.0, 1.0)


def train(arguments):
    """Yield the training after each fit."""
    torch.set_num_threads(arguments.threads)
    training = Training(arguments.seed, arguments.warm)
    context = multiprocessing.get_context('spawn')
    with tempfile.TemporaryDirectory() as folder:
        bundle.write(Path(folder), training.policy, pictures=0, layouts=0, command='', seconds=0)
        with context.Pool(arguments.workers, _start, (Path(folder),)) as pool:
            training.look(pool, arguments.layouts)
            training.fit(arguments.updates)
            yield training
            for _ in range(arguments.rounds):
                training.drive(pool, arguments.episodes)
                training.fit(arguments.updates // 2)
                yield training


def main():
    """Parse the arguments, train, write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=Path('models/inspection'))
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--layouts', type=int, default=2500, help='pictured before any episode')
    parser.add_argument('--updates', type=int, default=4000, help='first; half as many per round')
    parser.add_argument('--rounds', type=int, default=2, help='of episodes')
    parser.add_argument('--episodes', type=int, default=60, help='per round')
    parser.add_argument('--warm', type=Path, help='bundle of the same network to begin with')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    start = time.monotonic()
    command = shlex.join(['python', '-m', 'training.inspection.train', *sys.argv[1:]])
    for training in train(arguments):
        seconds = time.monotonic() - start
        bundle.write(arguments.out, training.policy, pictures=len(training.data[0]),
                     layouts=training.layouts, seconds=seconds, command=command)
        print(f'{arguments.out}: {seconds:.0f} s', flush=True)


if __name__ == '__main__':
    main()
