"""Train the kitting bundle: `python -m training.kitting.train --out models/kitting`."""
import argparse
from pathlib import Path
import tempfile
import time

from physai_ros.robots import load_profile, parse
import torch
from tqdm import tqdm

from . import bundle
from .expert import Expert
from .network import loss, Policy
from .rollout import Cell, collect, DT
from .simulate import label, visit

EPISODE_STEPS = 240
SIMULATED_WEIGHT = 6


def fit(policy, inputs, chunks, updates, peak_rate, generator):
    """Run ``updates`` steps of Adam; return the mean loss of the last hundred."""
    optimiser = torch.optim.Adam(policy.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=updates,
                                                   pct_start=0.1)
    recent = []
    for _ in tqdm(range(updates), desc='fit', mininterval=2.0):
        rows = torch.randint(len(inputs), (1024,), generator=generator)
        value = loss(policy, inputs[rows], chunks[rows])
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
        recent = (recent + [value.item()])[-100:]
    return sum(recent) / len(recent)


class Training:
    """
    The states met so far, the expert's chunks there, and the policy that learns them.

    The first round's states are those that the expert meets, the others those that the policy of
    the round before meets (DAgger, Ross et al. 2011), always labelled by the expert.
    """

    def __init__(self, seed: int):
        torch.manual_seed(seed)
        self.generator = torch.Generator().manual_seed(seed)
        profile = load_profile('honda_style')
        self.expert = Expert(parse(profile.description()), profile)
        self.cell = Cell(self.expert, self.generator)
        self.policy = Policy(self.expert)
        self.inputs, self.chunks = [], []

    def roll_out(self, episodes, keep, by_policy):
        """Add the states of kinematic episodes, driven by the policy or by the expert."""
        act = self._policy if by_policy else self._expert
        with tqdm(total=EPISODE_STEPS, desc='kinematic episodes', mininterval=2.0) as bar:
            self._add(*collect(self.cell, episodes, EPISODE_STEPS, act, keep, 0.02, bar))

    def simulate(self, seeds):
        """Add the states of episodes that the policy runs in the simulator; tell its success."""
        with tempfile.TemporaryDirectory() as folder:
            candidate = bundle.write(folder, self.policy, states=0, simulated=0, seed=0, seconds=0)
        states, successes = visit(candidate, seeds)
        print(f'simulator: {successes} of {len(seeds)} succeeded', flush=True)
        chunks = label(self.cell, states)
        for _ in range(SIMULATED_WEIGHT):
            self._add(states, chunks)

    def fit(self, updates, peak_rate):
        """Train on everything so far."""
        inputs, chunks = torch.cat(self.inputs), torch.cat(self.chunks)
        self.policy.train()
        mean = fit(self.policy, inputs, chunks, updates, peak_rate, self.generator)
        print(f'{len(inputs)} states, loss {mean:.4f}', flush=True)

    def save(self, file):
        """Keep everything so far."""
        torch.save({'inputs': self.inputs, 'policy': self.policy.state_dict()}, file)

    def load(self, file):
        """Go on from what ``save`` kept, labelled anew: the expert may have changed."""
        kept = torch.load(file)
        self.inputs = kept['inputs']
        self.chunks = [torch.cat([label(self.cell, part) for part in states.split(2048)])
                       for states in tqdm(self.inputs, desc='label')]
        self.policy.load_state_dict(kept['policy'])

    def _add(self, states, chunks):
        self.inputs.append(states)
        self.chunks.append(chunks)

    def _expert(self, state):
        return self.expert.step(state.q, state.seen, state.tray, DT)

    def _policy(self, state):
        with torch.no_grad():
            return self.policy(torch.cat([state.q, state.seen, state.tray], 1))[:, 0]


def main():
    """Parse the arguments, train, write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=Path, default=Path('models/kitting'))
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--rounds', type=int, default=3, help='of kinematic episodes')
    parser.add_argument('--episodes', type=int, default=1024, help='kinematic, per round')
    parser.add_argument('--updates', type=int, default=1200,
                        help='per kinematic round; the last fit has four times as many')
    parser.add_argument('--keep', type=float, default=0.2, help='share of the states labelled')
    parser.add_argument('--simulated', type=int, default=24, help='episodes in the simulator')
    parser.add_argument('--kinematic', type=Path,
                        help='checkpoint of the kinematic rounds: written, or gone on from')
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    start = time.monotonic()
    training = Training(arguments.seed)
    if arguments.kinematic and arguments.kinematic.exists():
        training.load(arguments.kinematic)
        training.fit(3 * arguments.updates, 2e-3)
    else:
        for number in range(arguments.rounds):
            training.roll_out(arguments.episodes, arguments.keep, by_policy=number > 0)
            training.fit(arguments.updates, 3e-3)
        if arguments.kinematic:
            training.save(arguments.kinematic)
    if arguments.simulated:
        first = 10_000 * (1 + arguments.seed)
        training.simulate(range(first, first + arguments.simulated))
        training.fit(4 * arguments.updates, 2e-3)
    seconds = time.monotonic() - start
    bundle.write(arguments.out, training.policy, states=sum(map(len, training.inputs)),
                 simulated=arguments.simulated, seed=arguments.seed, seconds=seconds)
    print(f'{arguments.out}: trained in {seconds:.0f} s')


if __name__ == '__main__':
    main()
