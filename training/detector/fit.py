"""Fit the network to labelled pictures."""
import numpy as np
from rich.progress import Progress
import torch
from training.detector.augment import batch, SHAPES
from training.detector.network import CentreNet
from training.detector.targets import draw, loss

PEAK_RATE = 4e-3


def fit(images: np.ndarray, labels: list, classes: int, updates: int, seed: int) -> CentreNet:
    """
    Train from scratch.

    :param images: (N, H, W, 3) uint8
    :param labels: N arrays (M, 8) as in targets
    :param updates: number of batches
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = CentreNet(classes).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), PEAK_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, updates, pct_start=0.1)
    with Progress() as progress:
        bar = progress.add_task('fit', total=updates)
        smooth = None
        for update in range(updates):
            shape = SHAPES[update % len(SHAPES)]
            pictures, marks = batch(images, labels, rng, shape)
            maps = [draw(m, classes, shape[1], shape[0]) for m in marks]
            wanted = [torch.from_numpy(np.stack(m)) for m in zip(*maps)]
            value = loss(net(torch.from_numpy(pictures)), *wanted)
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            smooth = value.item() if smooth is None else 0.98 * smooth + 0.02 * value.item()
            progress.update(bar, advance=1, description=f'fit, loss {smooth:.3f}')
    return net.eval()
