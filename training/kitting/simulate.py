"""Episodes that the kitting policy runs in the simulator, through camera, detector and guard."""
from physai_ros.bundle.detector import load_detector
from physai_ros.evaluation.loop import Loop
from physai_ros.evaluation.trials import run_episode
from physai_ros.inference.onnx import OnnxModel
from physai_ros.perception.pipeline import Pipeline
from physai_ros.robots import load_profile
from physai_ros.sim import SimRobot, World
import torch
from tqdm import tqdm

from .expert import HELD_MAX, HELD_MIN
from .rollout import State

ROBOT = 'robot'
LIMIT_S = 15.0


class Recorder:
    """A model that keeps what it was asked."""

    def __init__(self, model):
        self._model, self.inputs, self.outputs = model, model.inputs, model.outputs
        self.seen = []

    def run(self, inputs):
        """Run the model and keep its input."""
        self.seen.append(torch.from_numpy(inputs['observation.state'].copy())[0])
        return self._model.run(inputs)


def visit(bundle, seeds):
    """
    Let a bundle work in the simulator.

    :return: the states (N, 22) that it met and the number of successful episodes
    """
    profile = load_profile('honda_style')
    robot = SimRobot(ROBOT, profile, profile.description(), (0.0, 0.0, 0.0), 'kitting')
    world = World([robot])
    detector = load_detector(profile.perception.detector)
    recorder = Recorder(OnnxModel(bundle.model_bytes))
    loop = Loop(world, robot, bundle, Pipeline(detector, profile.perception), model=recorder)
    successes = 0
    for seed in tqdm(seeds, desc='simulated episodes', mininterval=2.0):
        successes += run_episode(loop, seed, LIMIT_S).success
    world.close()
    return torch.stack(recorder.seen), successes


def label(cell, states):
    """Return the expert's chunks (N, STEPS, 16) for states (N, 22) met in the simulator."""
    q, seen, tray = states[:, :16].clone(), states[:, 16:19].clone(), states[:, 19:22].clone()
    thing, held = seen.clone(), torch.zeros(len(q), 2, dtype=torch.bool)
    for side in range(2):
        finger = q[:, 8 * side + 7]
        held[:, side] = (finger > HELD_MIN) & (finger < HELD_MAX)
        tip = cell.expert.chains[side](q[:, 8 * side:8 * side + 7])[0]
        thing = torch.where(held[:, side, None], tip, thing)
    return cell.label(State(q, thing, seen, tray, held))
