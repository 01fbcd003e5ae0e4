"""Real checkpoints of LeRobot become bundles that answer alike; where LeRobot is installed."""
import json

import numpy as np
from physai_ros.bundle.files import load_bundle
from physai_ros.core.errors import BundleError
from physai_ros.importers.mapping import Wishes
import pytest

lerobot = pytest.importorskip(
    'lerobot', reason='LeRobot is not installed (docs/import.md): no checkpoint can be made')
SMALL = {'dim_model': 32, 'n_heads': 2, 'dim_feedforward': 64, 'n_encoder_layers': 2,
         'n_vae_encoder_layers': 1, 'chunk_size': 20, 'n_action_steps': 20,
         'pretrained_backbone_weights': None, 'device': 'cpu'}
JOINTS = ('a', 'b', 'c')


def make(folder, cameras=('top',), size=(64, 96), mode='MEAN_STD', **options):
    """Save a random policy, with batch norms and statistics as a trained one has them."""
    from lerobot.configs.types import FeatureType, NormalizationMode, PolicyFeature
    from lerobot.policies.act.configuration_act import ACTConfig
    from lerobot.policies.act.modeling_act import ACTPolicy
    from lerobot.policies.act.processor_act import make_act_pre_post_processors
    import torch
    torch.manual_seed(0)
    kinds = {'observation.state': (FeatureType.STATE, (3,)),
             **{f'observation.images.{name}': (FeatureType.VISUAL, (3, *size))
                for name in cameras}}
    config = ACTConfig(
        **{**SMALL, **options},
        input_features={name: PolicyFeature(*kind) for name, kind in kinds.items()},
        output_features={'action': PolicyFeature(FeatureType.ACTION, (3,))},
        normalization_mapping={kind: NormalizationMode(mode)
                               for kind in ('VISUAL', 'STATE', 'ACTION')})
    policy = ACTPolicy(config)
    for name, buffer in policy.named_buffers():
        if name.endswith(('running_mean', 'running_var')):
            buffer += 0.2 * torch.rand(buffer.shape)
    stats = {name: statistics(name, torch) for name in (*kinds, 'action')}
    policy.save_pretrained(folder)
    for processor in make_act_pre_post_processors(config, stats):
        processor.save_pretrained(folder)
    return stats


def statistics(name, torch):
    shape = (3, 1, 1) if 'image' in name else (3,)
    low = 0.4 * torch.rand(shape)
    high = low + 0.2 + torch.rand(shape)
    return {'mean': low, 'std': 0.1 + torch.rand(shape), 'min': low, 'max': high, 'q01': low,
            'q99': high}


def imported(folder, output, **options):
    from physai_ros.importers.lerobot import import_lerobot
    return import_lerobot(folder, output, Wishes('tester', JOINTS, rate_hz=50.0, **options),
                          inputs=2)


@pytest.mark.parametrize('options', [
    {}, {'cameras': ('top', 'wrist'), 'mode': 'QUANTILES'},
    {'mode': 'MIN_MAX', 'pre_norm': True, 'use_vae': False, 'n_decoder_layers': 2,
     'feedforward_activation': 'gelu'},
    {'vision_backbone': 'resnet34', 'size': (96, 64)}])
def test_a_bundle_answers_as_lerobot_does(tmp_path, options):
    make(tmp_path / 'act', **options)
    bundle, parity = imported(tmp_path / 'act', tmp_path / 'out', units=('deg',))
    assert parity.action < 1e-5 * np.pi / 180 and parity.network < 2e-5
    assert f'{parity.action:.2e}' in (tmp_path / 'out' / 'README.md').read_text()
    assert load_bundle(tmp_path / 'out').manifest.outputs['action'].joints == JOINTS


def test_statistics_among_the_weights_give_the_same_bundle(tmp_path):
    from safetensors.torch import load_file, save_file
    stats = make(tmp_path / 'new')
    old = tmp_path / 'old'
    old.mkdir()
    (old / 'config.json').write_bytes((tmp_path / 'new' / 'config.json').read_bytes())
    weights = load_file(tmp_path / 'new' / 'model.safetensors')
    for name, own in stats.items():
        side = 'unnormalize_outputs' if name == 'action' else 'normalize_inputs'
        for kind in ('mean', 'std'):
            weights[f'{side}.buffer_{name.replace(".", "_")}.{kind}'] = own[kind].clone()
    save_file(weights, old / 'model.safetensors')
    first, _ = imported(tmp_path / 'new', tmp_path / 'a', name='act')
    second, _ = imported(old, tmp_path / 'b', name='act')
    assert first.manifest == second.manifest and first.model_bytes == second.model_bytes


def test_weights_of_another_network_are_refused(tmp_path):
    make(tmp_path / 'act')
    file = tmp_path / 'act' / 'config.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), 'dim_model': 64}))
    with pytest.raises(BundleError, match='LeRobot says.*size mismatch'):
        imported(tmp_path / 'act', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()
