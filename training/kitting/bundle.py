"""Write the kitting bundle."""
from physai_ros.bundle.write import write_bundle
import torch

from training.export import to_onnx

from .expert import joint_names
from .network import WIDTH
from .rollout import DT, STEPS

VERSION = '1.1.0'
HIDDEN_S = 20.0     # by the hand, all the way to the tray, and while a node is started anew

CARD = """# kitting

Picks a workpiece anywhere on the bench with the arm that reaches it and puts it in the tray.

- **Robot**: `honda_style`, 14 arm joints and two grippers, position commands.
- **Sees**: joint positions; position of workpiece and tray as `perception` publishes them.
- **Answers**: {steps} joint targets, {dt:g} s apart.
- **Network**: fixed forward kinematics, then a perceptron of three layers of {width} units.
- **Trained on**: chunks of a scripted expert that reads the same inputs, {states} states:
  kinematic rollouts of the expert and of the policy itself (DAgger), and {simulated} episodes that
  the policy ran in the simulator through camera, detector and guard.
- **Made by**: `make train ARGS=kitting` (seed {seed}, {seconds:.0f} s).
- **Closed-loop success**: `physai eval --robot honda1 --episodes 100 --seed 1000`; figures in
  `docs/evaluation.md`.
- **Limits**: one upright cylinder of 44 mm in view, tray in the middle of the bench. It does not
  look for people; the guard and a certified stop circuit stay between it and the robot.
"""


def manifest() -> dict:
    """Return the content of policy.yaml."""
    joints = list(joint_names())
    return {
        'format': 'physai/1', 'name': 'kitting', 'version': VERSION, 'robot': 'honda_style',
        'rate_hz': 1.0 / DT,
        'inputs': {'observation.state': [
            {'term': 'joint_position', 'joints': joints},
            {'term': 'object_pose', 'class_id': 'workpiece', 'frame': 'base_link'},
            {'term': 'object_pose', 'class_id': 'tray', 'frame': 'base_link'}]},
        'outputs': {'action': {'kind': 'joint_position', 'joints': joints, 'chunk': STEPS}},
        'stitching': 'ensemble',  # at rest, delayed chunks that replace each other shake the arm
        'timing': {'max_age_s': {'joint_position': 0.1, 'object_pose': HIDDEN_S},
                   'deadline_s': 0.15},
    }


def write(folder, policy, **card):
    """Write the bundle of a trained policy; ``card`` fills the model card."""
    model = to_onnx(policy, {'observation.state': torch.zeros(1, 22)}, 'action')
    return write_bundle(folder, manifest(), model, CARD.format(
        steps=STEPS, dt=DT, width=WIDTH, **card))
