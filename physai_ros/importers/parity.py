"""How far a bundle is from the policy it was made of, over random observations."""
from dataclasses import dataclass

import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import Image, JointState
from physai_ros.importers.mapping import unit_sizes
from physai_ros.inference.onnx import OnnxModel

STAMP_NS = 1_000_000_000


@dataclass(frozen=True)
class Parity:
    """
    Maximal absolute differences over ``inputs`` random observations.

    ``network``: of the normalised answers to the same tensors; ``action``: of the actions, in
    rad or m, from joint states and pictures on; ``spread``: the largest standard deviation of an
    action over all steps and inputs, to compare with.
    """

    inputs: int
    network: float
    action: float
    spread: float


def compare(checkpoint, original, bundle, units, count=5, tell=lambda text: None) -> Parity:
    """
    Run both on the same random observations.

    :param original: importers.policy.Original
    :param bundle: of this checkpoint
    :param units: of the joints, as in importers.mapping.Wishes
    """
    generator = np.random.default_rng(0)
    model = OnnxModel(bundle.model_bytes)
    network, action, all_actions = 0.0, 0.0, []
    for n in range(count):
        tell(f'comparing with LeRobot: {n + 1}/{count}')
        raw = observation(checkpoint, generator)
        tensors = original.normalised(raw)
        answer, actions = original.answer(tensors)
        outputs = model.run({name: tensor.numpy() for name, tensor in tensors.items()})
        network = max(network, float(np.abs(outputs['action'][0] - answer).max()))
        ours = through_bundle(bundle.manifest, model, raw, units)
        theirs = actions * np.asarray(unit_sizes(units, actions.shape[1]))
        action = max(action, float(np.abs(ours - theirs).max()))
        all_actions.append(theirs)
    return Parity(count, network, action, float(np.concatenate(all_actions).std(0).max()))


def observation(checkpoint, generator) -> dict:
    """Return random raw inputs: numbers as spread as in training, pictures of any brightness."""
    raw = {}
    for feature in checkpoint.inputs:
        if feature.kind == 'VISUAL':
            _, height, width = feature.shape
            coarse = generator.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3))
            pixels = coarse.repeat(16, 0).repeat(16, 1)[:height, :width]
            noise = generator.integers(-20, 21, pixels.shape)
            raw[feature.name] = (pixels + noise).clip(0, 255).astype(np.uint8)
        else:
            affine = checkpoint.maps[feature.name]
            values = affine.shift + affine.width * generator.standard_normal(feature.shape)
            raw[feature.name] = values.astype(np.float32)
    return raw


def through_bundle(manifest, model, raw, units):
    """Return the actions (chunk, joints) that a robot would be sent, in rad or m."""
    assembler = Assembler(manifest)
    for name, (term,) in manifest.inputs.items():
        if term.term == 'image':
            assembler.feed(term.topic, Image(STAMP_NS, 'camera', raw[name]))
        else:
            position = raw[name] * np.asarray(unit_sizes(units, len(term.joints)))
            assembler.feed(term.topic, JointState(STAMP_NS, term.joints[::-1], position[::-1]))
    outputs = model.run(assembler.assemble(STAMP_NS).inputs)
    chunk, = Decoder(manifest).decode(outputs, STAMP_NS)
    return chunk.positions
