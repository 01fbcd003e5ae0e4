"""Train the inspection bundle: `python -m training.inspection.train --out models/inspection`."""
import argparse
import multiprocessing
from pathlib import Path
import time

import numpy as np
import torch
from tqdm import tqdm

from . import bundle
from .network import loss, Policy

_courses = {}


def _start():
    from .rollout import Course
    torch.set_num_threads(1)
    _courses.update({neighbour: Course(neighbour) for neighbour in (False, True)})


def _episode(job):
    seed, weights, mix = job
    act = None if weights is None else _driver(weights)
    return _courses[seed % 8 == 0].run(seed, act, mix)


def _driver(weights):
    policy = Policy()
    policy.load_state_dict(weights)
    policy.eval()

    def act(picture, velocity):
        image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255.0
        with torch.no_grad():
            return policy(image, torch.from_numpy(velocity).float()[None])[0].numpy()
    return act


def collect(pool, seeds, weights, mix, title):
    """Return pictures, velocities and chunks of one episode a seed; tell how many succeeded."""
    jobs = [(seed, weights, mix) for seed in seeds]
    parts = list(tqdm(pool.imap(_episode, jobs), total=len(jobs), desc=title,
                      mininterval=2.0))
    print(f'{title}: {sum(part[3] for part in parts)} of {len(parts)} succeeded', flush=True)
    return [np.concatenate([part[i] for part in parts]) for i in range(3)]


def augment(image, generator):
    """Return pictures (B, 3, H, W) in other light: gain, tint and offset."""
    count = len(image)
    gain = 1.0 + 0.12 * torch.randn(count, 1, 1, 1, generator=generator)
    tint = 1.0 + 0.04 * torch.randn(count, 3, 1, 1, generator=generator)
    offset = 0.04 * torch.randn(count, 1, 1, 1, generator=generator)
    return (image * gain * tint + offset).clamp(0.0, 1.0)


def fit(policy, optimiser, schedule, data, updates, batch, generator):
    """Run ``updates`` steps on random batches; return the mean loss of the last hundred."""
    pictures, velocities, chunks = data
    policy.train()
    recent = []
    for _ in tqdm(range(updates), desc='fit', mininterval=2.0):
        rows = torch.randint(len(pictures), (batch,), generator=generator).numpy()
        image = torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2).float() / 255.0
        value = loss(policy, augment(image, generator), torch.from_numpy(velocities[rows]),
                     torch.from_numpy(chunks[rows]))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
        recent = (recent + [value.item()])[-100:]
    return sum(recent) / len(recent)


def train(arguments):
    """
    Return the policy and the numbers of pictures and episodes it was trained on.

    The expert drives the first episodes, the policy most of the others (DAgger).
    """
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    generator = torch.Generator().manual_seed(arguments.seed)
    policy = Policy()
    optimiser = torch.optim.AdamW(policy.parameters(), lr=1e-3, weight_decay=1e-4)
    counts = [2 * arguments.episodes] + [arguments.episodes] * (arguments.rounds - 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 2e-3, total_steps=arguments.rounds * arguments.updates)
    data, seed = None, 20_000 * (1 + arguments.seed)
    context = multiprocessing.get_context('spawn')
    with context.Pool(arguments.workers, _start) as pool:
        for number, count in enumerate(counts):
            weights = None if number == 0 else policy.state_dict()
            new = collect(pool, range(seed, seed + count), weights, 0.8, f'round {number}')
            seed += count
            data = new if data is None else [np.concatenate(pair) for pair in zip(data, new)]
            mean = fit(policy, optimiser, schedule, data, arguments.updates, 96, generator)
            print(f'round {number}: {len(data[0])} pictures, loss {mean:.4f}', flush=True)
    return policy, len(data[0]), sum(counts)


def main():
    """Parse the arguments, train, write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=Path('models/inspection'))
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--rounds', type=int, default=4)
    parser.add_argument('--episodes', type=int, default=110, help='per round; twice in the first')
    parser.add_argument('--updates', type=int, default=2000, help='per round')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    start = time.monotonic()
    policy, pictures, episodes = train(arguments)
    seconds = time.monotonic() - start
    bundle.write(arguments.out, policy, pictures=pictures, episodes=episodes,
                 seed=arguments.seed, seconds=seconds)
    print(f'{arguments.out}: trained in {seconds:.0f} s')


if __name__ == '__main__':
    main()
