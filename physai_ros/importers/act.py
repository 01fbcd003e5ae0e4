"""
An ACT policy of LeRobot as an ONNX graph that does only what inference needs.

What does not depend on the observation is computed here, once: the latent (zeros without the
VAE encoder), all positional embeddings, the decoder's self-attention over its zero input, and
batch normalisation, which goes into the weights of the convolutions.
"""
import io
import math
import warnings

import torch
from torch import nn
from torch.nn import functional


class Inference(nn.Module):
    """
    The forward pass of ``lerobot.policies.act.modeling_act.ACT``, batch 1.

    Inputs, in order: observation.state, observation.environment_state (each where the policy
    has it), then the pictures; output (1, chunk, actions); all of it normalised.

    :param act: ACT in evaluation mode; its backbone is changed
    :param sizes: (height, width) of each picture
    """

    def __init__(self, act, sizes):
        super().__init__()
        config = act.config
        self.vectors = nn.ModuleList(
            [getattr(act, name) for name, feature in (
                ('encoder_robot_state_input_proj', config.robot_state_feature),
                ('encoder_env_state_input_proj', config.env_state_feature)) if feature])
        latent = act.encoder_latent_input_proj(torch.zeros(1, config.latent_dim))
        self.register_buffer('latent', latent)
        positions = [act.encoder_1d_feature_pos_embed.weight]
        if sizes:
            self.backbone = act.backbone
            fold_batch_norms(self.backbone)
            self.project = act.encoder_img_feat_input_proj
            for height, width in sizes:
                features = self.backbone(torch.zeros(1, 3, height, width))['feature_map']
                embedding = act.encoder_cam_feat_pos_embed(features)
                positions.append(embedding.flatten(2)[0].T)
        positions = torch.cat(positions)
        self.together = len(set(sizes)) == 1
        self.encoder = nn.ModuleList([_Encoder(layer, positions) for layer in act.encoder.layers])
        self.encoder_norm = act.encoder.norm
        queries = act.decoder_pos_embed.weight
        layers = act.decoder.layers
        self.decoder = nn.ModuleList([_Decoder(layer, queries, positions) for layer in layers])
        self.register_buffer('start', self.decoder[0].look_at_itself(torch.zeros_like(queries)))
        self.decoder_norm, self.head = act.decoder.norm, act.action_head

    def forward(self, *inputs):
        vectors, images = inputs[:len(self.vectors)], inputs[len(self.vectors):]
        tokens = [self.latent] + [layer(x) for layer, x in zip(self.vectors, vectors)]
        if images and self.together:
            images = (torch.cat(images),) if len(images) > 1 else images
        for image in images:
            features = self.project(self.backbone(image)['feature_map'])
            tokens += [one.T for one in features.flatten(2).unbind(0)]
        x = torch.cat(tokens)
        for layer in self.encoder:
            x = layer(x)
        seen = self.encoder_norm(x)
        x = self.decoder[0].look_at(self.start, seen)
        for layer in self.decoder[1:]:
            x = layer.look_at(layer.look_at_itself(x), seen)
        return self.head(self.decoder_norm(x)).unsqueeze(0)


class _Attention(nn.Module):
    """
    Multi-head attention of (tokens, width) whose keys, and queries, have fixed positions added.

    ``W (x + p) + b`` is ``W x + (W p + b)``, the bracket being constant, so that one product
    gives all that is projected from one input.
    """

    def __init__(self, attention):
        super().__init__()
        self.heads, self.size = attention.num_heads, attention.head_dim
        self.out = attention.out_proj
        weights = attention.in_proj_weight.clone().chunk(3)
        biases = attention.in_proj_bias.clone().chunk(3)
        scale = 1.0 / math.sqrt(self.size)
        self.weights = [weights[0] * scale, *weights[1:]]
        self.biases = [biases[0] * scale, *biases[1:]]

    def projection(self, name, parts, positions):
        """Register the product and the constant that project some of query, key and value."""
        weight = torch.cat([self.weights[part] for part in parts])
        constant = torch.cat([
            self.biases[part] + (positions @ self.weights[part].T if part < 2 else
                                 torch.zeros(len(positions), 1)) for part in parts], 1)
        self.register_buffer(f'{name}_weight', weight.T.contiguous())
        self.register_buffer(f'{name}_constant', constant)

    def project(self, name, x):
        projected = x @ getattr(self, f'{name}_weight') + getattr(self, f'{name}_constant')
        parts = projected.reshape(len(x), -1, self.heads, self.size)
        return [part.squeeze(1) for part in parts.split(1, 1)]

    def attend(self, query, key, value):
        scores = query.permute(1, 0, 2) @ key.permute(1, 2, 0)
        mixed = functional.softmax(scores, -1) @ value.permute(1, 0, 2)
        return self.out(mixed.permute(1, 0, 2).reshape(len(query), -1))


class _Self(_Attention):

    def __init__(self, attention, positions):
        super().__init__(attention)
        self.projection('all', (0, 1, 2), positions)

    def forward(self, x):
        return self.attend(*self.project('all', x))


class _Cross(_Attention):

    def __init__(self, attention, queries, positions):
        super().__init__(attention)
        self.projection('query', (0,), queries)
        self.projection('seen', (1, 2), positions)

    def forward(self, x, seen):
        return self.attend(*self.project('query', x), *self.project('seen', seen))


class _Block(nn.Module):
    """What encoder and decoder layers share: a residual part with its norm before or after."""

    def __init__(self, layer):
        super().__init__()
        self.pre_norm, self.activation = layer.pre_norm, layer.activation
        self.linear1, self.linear2 = layer.linear1, layer.linear2

    def residual(self, x, norm, change):
        return x + change(norm(x)) if self.pre_norm else norm(x + change(x))

    def feed_forward(self, x):
        return self.linear2(self.activation(self.linear1(x)))


class _Encoder(_Block):

    def __init__(self, layer, positions):
        super().__init__(layer)
        self.attention = _Self(layer.self_attn, positions)
        self.norm1, self.norm2 = layer.norm1, layer.norm2

    def forward(self, x):
        x = self.residual(x, self.norm1, self.attention)
        return self.residual(x, self.norm2, self.feed_forward)


class _Decoder(_Block):

    def __init__(self, layer, queries, positions):
        super().__init__(layer)
        self.attention = _Self(layer.self_attn, queries)
        self.cross = _Cross(layer.multihead_attn, queries, positions)
        self.norm1, self.norm2, self.norm3 = layer.norm1, layer.norm2, layer.norm3

    def look_at_itself(self, x):
        return self.residual(x, self.norm1, self.attention)

    def look_at(self, x, seen):
        x = self.residual(x, self.norm2, lambda y: self.cross(y, seen))
        return self.residual(x, self.norm3, self.feed_forward)


def fold_batch_norms(backbone):
    """Put each frozen batch normalisation of a ResNet into the convolution before it."""
    from torchvision.ops.misc import FrozenBatchNorm2d
    for module in list(backbone.modules()):
        convolution = None
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d):
                convolution = child
            elif isinstance(child, FrozenBatchNorm2d):
                scale = child.weight * (child.running_var + child.eps).rsqrt()
                convolution.weight.data *= scale.reshape(-1, 1, 1, 1)
                convolution.bias = nn.Parameter(child.bias - child.running_mean * scale)
                setattr(module, name, nn.Identity())


def to_onnx(act, features, output='action') -> bytes:
    """
    Return the ONNX model of an ACT network; the network is used up.

    :param act: ACT with its weights
    :param features: shape of each input without batch dimension, by name, vectors first
    """
    sizes = [shape[1:] for shape in features.values() if len(shape) == 3]
    examples = tuple(torch.zeros(1, *shape) for shape in features.values())
    buffer = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        # the exporter that needs no further package calls itself deprecated
        warnings.simplefilter('ignore')
        torch.onnx.export(Inference(act.eval(), sizes).eval(), examples, buffer, dynamo=False,
                          opset_version=17, input_names=list(features), output_names=[output])
    return buffer.getvalue()
