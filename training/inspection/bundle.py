"""Write the inspection bundle."""
from pathlib import Path

import onnx
import onnx.numpy_helper
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.write import write_bundle
import torch

from training.export import to_onnx

from .expert import DT, STEPS
from .network import HEIGHT, WIDTH

VERSION = '1.2.0'

CARD = """# inspection

Finds the beacon, walks to it around obstacles and stops half a metre in front of it.

- **Robot**: `sony_style`, base velocity commands.
- **Sees**: the head camera's picture ({height} x {width} rgb8) and the measured base velocity.
- **Answers**: {steps} base twists (vx, vy, wz), {dt:g} s apart.
- **Network**: four convolutions and three linear layers.
- **Trained on**: {pictures} pictures in {layouts} simulated layouts with random light, surfaces,
  camera mounting and obstacles; labelled by a scripted expert that knows the map. First come
  pictures from beside the expert's ways, then episodes that mostly the policy drives (DAgger),
  through camera, bundle and guard, with delays of up to 0.16 s and 0.22 s.
- **Made by**: `{command}` ({seconds:.0f} s).
- **Closed-loop success**: `physai eval --robot sony1 --episodes 100 --seed 1000`; figures in
  `docs/evaluation.md`.
- **Limits**: the beacon is a red and white post of 0.16 m, obstacles are boxes on a level floor.
  It does not look for people; the guard and a certified stop circuit stay between it and the
  robot.
"""


def manifest() -> dict:
    """Return the content of policy.yaml."""
    return {
        'format': 'physai/1', 'name': 'inspection', 'version': VERSION, 'robot': 'sony_style',
        'rate_hz': 1.0 / DT,
        'inputs': {
            'observation.images.head': [
                {'term': 'image', 'topic': 'head_camera/image_raw', 'size': [HEIGHT, WIDTH],
                 'encoding': 'rgb8', 'range': [0, 1]}],
            'observation.velocity': [{'term': 'base_velocity'}]},
        'outputs': {'action': {'kind': 'base_twist', 'chunk': STEPS}},
        'timing': {'max_age_s': {'image': 0.2, 'base_velocity': 0.1}, 'deadline_s': 0.15},
    }


def weights(folder) -> dict:
    """Return the weights of a bundle of this network, for its state_dict."""
    graph = onnx.load_from_string(load_bundle(Path(folder)).model_bytes).graph
    return {item.name: torch.from_numpy(onnx.numpy_helper.to_array(item).copy())
            for item in graph.initializer}


def model(policy) -> bytes:
    """Return a policy as an ONNX model."""
    inputs = {'observation.images.head': torch.zeros(1, 3, HEIGHT, WIDTH),
              'observation.velocity': torch.zeros(1, 3)}
    return to_onnx(policy, inputs, 'action')


def write(folder, policy, **card):
    """Write the bundle of a trained policy; ``card`` fills the model card."""
    return write_bundle(folder, manifest(), model(policy), CARD.format(
        steps=STEPS, dt=DT, height=HEIGHT, width=WIDTH, **card))
