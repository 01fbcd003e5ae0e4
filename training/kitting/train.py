"""Train the kitting bundle: `python -m training.kitting.train --out models/kitting`."""
import argparse
from pathlib import Path
import time

from physai_ros.robots import load_profile, parse
import torch
from tqdm import tqdm

from .expert import Expert
from .network import loss, Policy
from .rollout import Cell, collect

EPISODE_STEPS = 240


def fit(policy, optimiser, schedule, inputs, chunks, updates, batch, generator):
    """Run ``updates`` steps of Adam on random batches; return the mean loss of the last hundred."""
    recent = []
    for _ in tqdm(range(updates), desc='fit', mininterval=2.0):
        rows = torch.randint(len(inputs), (batch,), generator=generator)
        value = loss(policy, inputs[rows], chunks[rows])
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
        recent = (recent + [float(value)])[-100:]
    return sum(recent) / len(recent)


def train(seed: int, rounds: int, episodes: int, updates: int, keep: float):
    """
    Return the policy trained on the expert's chunks.

    The first round's states are those that the expert meets, the others those that the policy of
    the round before meets (DAgger), always labelled by the expert.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    profile = load_profile('honda_style')
    expert = Expert(parse(profile.description()), profile)
    cell = Cell(expert, generator)
    policy = Policy(expert)
    optimiser = torch.optim.Adam(policy.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=rounds * updates)

    def by_expert(state):
        return expert.step(state.q, state.seen, state.tray, 0.05)

    def by_policy(state):
        with torch.no_grad():
            return policy(torch.cat([state.q, state.seen, state.tray], 1))[:, 0]

    inputs, chunks = [], []
    for number in range(rounds):
        act = by_expert if number == 0 else by_policy
        with tqdm(total=EPISODE_STEPS, desc=f'round {number}: episodes', mininterval=2.0) as bar:
            new = collect(cell, episodes, EPISODE_STEPS, act, keep, noise=0.02, progress=bar)
        inputs.append(new[0])
        chunks.append(new[1])
        mean = fit(policy, optimiser, schedule, torch.cat(inputs), torch.cat(chunks), updates,
                   1024, generator)
        print(f'round {number}: {sum(map(len, inputs))} states, loss {mean:.4f}', flush=True)
    return policy


def main():
    """Parse the arguments, train, write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=Path('models/kitting'))
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--episodes', type=int, default=1024, help='per round')
    parser.add_argument('--updates', type=int, default=2000, help='per round')
    parser.add_argument('--keep', type=float, default=0.25, help='share of the states labelled')
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    start = time.monotonic()
    policy = train(arguments.seed, arguments.rounds, arguments.episodes, arguments.updates,
                   arguments.keep)
    torch.save(policy.state_dict(), '/tmp/kitting.pt')
    print(f'trained in {time.monotonic() - start:.0f} s')


if __name__ == '__main__':
    main()
