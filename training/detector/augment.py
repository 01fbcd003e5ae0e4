"""Crops and colours: batches that differ each time they are drawn."""
import numpy as np
from training.detector.targets import crop_labels

# Height, width, pictures: strips of full height, for context, and whole pictures.
SHAPES = ((240, 112, 24), (240, 112, 24), (240, 112, 24), (240, 320, 8))


def batch(images: np.ndarray, labels: list, rng: np.random.Generator, shape):
    """
    Draw a batch.

    :param images: (N, H, W, 3) uint8
    :param labels: N arrays (M, 8) as in targets
    :param shape: (height, width, pictures)
    :return: pictures (B, height, width, 3) uint8 and their labels
    """
    height, width, count = shape
    pictures, marks = [], []
    for index in rng.integers(len(images), size=count):
        left, top = _corner(labels[index], images.shape[2], images.shape[1], width, height, rng)
        picture = images[index, top:top + height, left:left + width]
        mark = crop_labels(labels[index], left, top, width, height)
        if rng.random() < 0.5:
            picture, mark = picture[:, ::-1], mirrored(mark, width)
        pictures.append(coloured(picture, rng))
        marks.append(mark)
    return np.stack(pictures), marks


def mirrored(labels: np.ndarray, width: int) -> np.ndarray:
    """Return the labels of a picture that is flipped left to right."""
    flipped = labels.copy()
    flipped[:, 2] = width - 1 - labels[:, 2]
    flipped[:, 4], flipped[:, 6] = width - 1 - labels[:, 6], width - 1 - labels[:, 4]
    return flipped


def coloured(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary gain and offset a channel, gamma and noise: (H, W, 3) uint8 in and out."""
    levels = np.linspace(0.0, 1.0, 256, dtype=np.float32)[:, None]
    gain = rng.uniform(0.7, 1.3) * rng.uniform(0.88, 1.12, 3)
    table = levels ** rng.uniform(0.75, 1.35) * gain + rng.uniform(-0.08, 0.08)
    table = (255.0 * np.clip(table, 0.0, 1.0)).astype(np.int16)
    changed = np.stack([table[picture[..., c], c] for c in range(3)], axis=-1)
    if rng.random() < 0.5:
        sigma = rng.uniform(1.0, 6.0)
        changed = changed + rng.normal(0.0, sigma, changed.shape).astype(np.int16)
    return np.clip(changed, 0, 255).astype(np.uint8)


def _corner(labels, full_width, full_height, width, height, rng):
    """Choose a crop, seven times in ten one that holds an object's anchor."""
    most = np.array((full_width - width, full_height - height))
    corner = rng.integers(most + 1)
    if len(labels) and rng.random() < 0.7:
        anchor = labels[rng.integers(len(labels)), 2:4]
        corner = np.rint(anchor - rng.uniform(0.1, 0.9, 2) * (width, height)).astype(int)
    return np.clip(corner, 0, most).tolist()
