"""Trials of a fleet's robot in simulated time, in as many processes as there are cores."""
from dataclasses import dataclass
import multiprocessing
from pathlib import Path

from physai_ros.bundle.detector import load_detector
from physai_ros.bundle.files import load_bundle
from physai_ros.core.errors import ConfigError
from physai_ros.evaluation.loop import Delays, Loop
from physai_ros.evaluation.trials import run_episode
from physai_ros.perception.pipeline import Pipeline
from physai_ros.robots import Fleet, load_profile
from physai_ros.sim import SimRobot, World


@dataclass(frozen=True)
class Trial:
    """
    What is tried: a robot of a fleet with its bundle, in its task.

    :param bundle: name or folder
    :param limit_s: simulated time that an episode may take
    :param delays: on the ways between its parts
    """

    robot: str
    profile: str
    bundle: str
    task: str
    limit_s: float
    delays: Delays = Delays()

    @classmethod
    def of(cls, fleet: Fleet, name: str, limit_s: float, bundle=None) -> 'Trial':
        """
        Return the trial of a robot as the fleet file has it.

        :raises ConfigError: for an unknown robot, or one without a task
        """
        if name not in fleet.robots:
            raise ConfigError('robot', name, f'one of {", ".join(fleet.robots)}')
        robot = fleet.robots[name]
        if robot.task is None:
            raise ConfigError(f'robots.{name}.task', None, 'a task to be tried in')
        return cls(name, robot.profile, str(bundle or robot.bundle), robot.task, limit_s)

    def simulated(self, pose=(0.0, 0.0, 0.0)) -> SimRobot:
        """Return the robot as the simulator wants it."""
        profile = load_profile(self.profile)
        return SimRobot(self.robot, profile, profile.description(), pose, self.task)

    def loop(self, world=None, model=None) -> Loop:
        """
        Return the robot's whole chain, in a world that it is in, or alone in its scene.

        :param model: what answers in place of the bundle's own network
        """
        robot = self.simulated()
        profile = robot.profile
        bundle = load_bundle(Path(self.bundle) if '/' in self.bundle else self.bundle)
        pipeline = None
        if any(term.source.kind == 'objects' for _, term in bundle.manifest.terms()):
            detector = load_detector(profile.perception.detector)
            pipeline = Pipeline(detector, profile.perception)
        return Loop(world or World([robot]), robot, bundle, pipeline, self.delays,
                    model=model)


_loop = {}


def _start(trial):
    _loop['limit_s'], _loop['loop'] = trial.limit_s, trial.loop()


def _episode(seed):
    return run_episode(_loop['loop'], seed, _loop['limit_s'])


def run(trial: Trial, seeds, processes: int):
    """
    Yield the episodes of all seeds as they end.

    :raises PhysaiError: when the trial cannot be set up
    """
    if processes == 1:
        _start(trial)
        yield from map(_episode, seeds)
        _loop['loop'].world.close()
        return
    trial.loop().world.close()  # tell errors here, not in a worker
    context = multiprocessing.get_context('spawn')
    with context.Pool(processes, _start, (trial,)) as pool:
        yield from pool.imap_unordered(_episode, seeds)
