"""
An ACT policy of the published size with random weights, as checkpoint, bundle and int8 bundle.

``python -m physai_ros.bench.act_make FOLDER HEIGHT WIDTH``, in an environment with LeRobot, writes
``FOLDER/checkpoint``, ``FOLDER/float32`` and ``FOLDER/int8``.
"""
from pathlib import Path
import sys

from physai_ros.bench.act_side import CAMERA, STATE

NUMBERS, OBSERVATIONS = 14, 20


def main(folder, height, width):
    """Write all three."""
    folder, size = Path(folder), (int(height), int(width))
    checkpoint(folder / 'checkpoint', size)
    from physai_ros.importers.lerobot import import_lerobot
    from physai_ros.importers.mapping import Wishes
    from physai_ros.quantize.bundle import quantise_bundle
    joints = tuple(f'joint_{n}' for n in range(NUMBERS))
    import_lerobot(folder / 'checkpoint', folder / 'float32',
                   Wishes('bench', joints, rate_hz=50.0), inputs=2)
    recording(folder / 'recording.npz', size)
    quantise_bundle(folder / 'float32', folder / 'int8', recording=folder / 'recording.npz')


def checkpoint(folder, size):
    """Save a random ACT policy with LeRobot: ResNet18, chunk 100, 14 joints, its usual sizes."""
    from lerobot.configs.types import FeatureType, PolicyFeature
    from lerobot.policies.act.configuration_act import ACTConfig
    from lerobot.policies.act.modeling_act import ACTPolicy
    from lerobot.policies.act.processor_act import make_act_pre_post_processors
    import torch
    torch.manual_seed(0)
    config = ACTConfig(
        input_features={STATE: PolicyFeature(FeatureType.STATE, (NUMBERS,)),
                        CAMERA: PolicyFeature(FeatureType.VISUAL, (3, *size))},
        output_features={'action': PolicyFeature(FeatureType.ACTION, (NUMBERS,))},
        pretrained_backbone_weights=None, device='cpu')
    ACTPolicy(config).save_pretrained(folder)
    stats = {name: {'mean': torch.zeros(shape), 'std': torch.ones(shape)} for name, shape in (
        (STATE, NUMBERS), ('action', NUMBERS), (CAMERA, (3, 1, 1)))}
    stats[CAMERA] = {'mean': torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1),
                     'std': torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)}
    for processor in make_act_pre_post_processors(config, stats):
        processor.save_pretrained(folder)


def recording(file, size):
    """Save random inputs of the network to calibrate with."""
    import numpy as np
    random = np.random.default_rng(0)
    coarse = random.uniform(-2, 2, (OBSERVATIONS, 3, size[0] // 16, size[1] // 16))
    pictures = coarse.repeat(16, 2).repeat(16, 3) + random.normal(0, 0.1, (1, 3, *size))
    np.savez(file, **{CAMERA: pictures.astype(np.float32), STATE: random.standard_normal(
        (OBSERVATIONS, NUMBERS)).astype(np.float32)})


if __name__ == '__main__':
    main(*sys.argv[1:])
