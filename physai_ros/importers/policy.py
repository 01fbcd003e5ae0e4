"""An ACT policy in LeRobot's own code: what is exported, and what the export is compared with."""
from physai_ros.core.errors import BundleError, ConfigError
from physai_ros.importers.checkpoint import Checkpoint

INSTALL = "pip install 'lerobot==0.4.*' onnx onnxruntime 'pydantic>=2' transforms3d xacro"
_SHAPE = ('chunk_size', 'vision_backbone', 'replace_final_stride_with_dilation', 'pre_norm',
          'dim_model', 'n_heads', 'dim_feedforward', 'feedforward_activation', 'n_encoder_layers',
          'n_decoder_layers', 'use_vae', 'latent_dim', 'n_vae_encoder_layers')


def require_lerobot() -> str:
    """
    Return the version of LeRobot.

    :raises ConfigError: when torch or LeRobot is not installed, with the command that does it
    """
    from importlib import metadata
    from importlib.util import find_spec
    missing = [name for name in ('torch', 'torchvision', 'lerobot') if find_spec(name) is None]
    if missing:
        raise ConfigError(f'{", ".join(missing)} for this import', 'not installed',
                          'the packages of the extra `import`',
                          f'run {INSTALL} (an environment of its own is best: docs/import.md)')
    return metadata.version('lerobot')


def load_policy(checkpoint: Checkpoint):
    """
    Return the ACTPolicy of a checkpoint on the CPU, in evaluation mode.

    Nothing of the checkpoint but numbers is used: its configuration chooses among sizes.

    :raises BundleError: when the weights are not those of the configuration
    """
    from lerobot.configs.types import FeatureType, PolicyFeature
    from lerobot.policies.act.configuration_act import ACTConfig
    from lerobot.policies.act.modeling_act import ACTPolicy
    from safetensors.torch import load_file

    def described(features):
        return {f.name: PolicyFeature(FeatureType(f.kind), f.shape) for f in features}
    shape = {key: checkpoint.config[key] for key in _SHAPE if key in checkpoint.config}
    try:
        policy = ACTPolicy(ACTConfig(
            **shape, n_action_steps=1, device='cpu', pretrained_backbone_weights=None,
            input_features=described(checkpoint.inputs),
            output_features=described([checkpoint.action])))
        weights = {name.replace('._orig_mod', ''): tensor
                   for name, tensor in load_file(checkpoint.weights).items()}
        policy.load_state_dict({name: tensor for name, tensor in weights.items()
                                if name.startswith('model.')})
    except (RuntimeError, ValueError, TypeError, AttributeError, AssertionError) as error:
        text = ' '.join(str(error).split())
        raise BundleError(f'{checkpoint.weights.name} of {checkpoint.folder.name}', None,
                          'the weights of the policy that config.json describes',
                          f'LeRobot says: {text[:300]}') from None
    return policy.eval()


class Original:
    """
    From raw numbers to raw actions the way LeRobot goes.

    :param policy: as ``load_policy`` returns it
    """

    def __init__(self, checkpoint: Checkpoint, policy):
        from lerobot.configs.types import FeatureType, NormalizationMode
        from lerobot.processor import NormalizerProcessorStep, UnnormalizerProcessorStep
        import torch
        modes = {FeatureType(f.kind): NormalizationMode(checkpoint.maps[f.name].mode)
                 for f in (*checkpoint.inputs, checkpoint.action)}
        features = {**policy.config.input_features, **policy.config.output_features}
        stats = {feature: {name: torch.from_numpy(values.copy()) for name, values in own.items()}
                 for feature, own in checkpoint.stats.items()}
        self._in = NormalizerProcessorStep(features, modes, stats)
        self._out = UnnormalizerProcessorStep(features, modes, stats)
        self._policy = policy

    def normalised(self, raw: dict) -> dict:
        """
        Return the inputs of the network.

        :param raw: by input: float32 (n,), or a picture, uint8 (height, width, 3) RGB
        """
        from lerobot.processor import create_transition, TransitionKey
        import torch
        tensors = {}
        for name, value in raw.items():
            tensor = torch.from_numpy(value)
            if value.ndim == 3:
                tensor = tensor.permute(2, 0, 1).float() / 255
            tensors[name] = tensor.unsqueeze(0).contiguous()
        return self._in(create_transition(observation=tensors))[TransitionKey.OBSERVATION]

    def answer(self, normalised: dict):
        """Return (the network's answer, the actions), each (chunk, n), numpy."""
        from lerobot.processor import create_transition, TransitionKey
        answer = self._policy.predict_action_chunk(normalised)
        actions = self._out(create_transition(action=answer))[TransitionKey.ACTION]
        return answer[0].numpy(), actions[0].numpy()
