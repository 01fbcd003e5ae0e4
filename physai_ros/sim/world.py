"""The simulated world: robots, scenes, time."""
from typing import Dict, Optional, Sequence, Tuple
import zlib

import mujoco
import numpy as np
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.core.types import (
    CameraModel, Image, Imu, JointState, JointTrajectory, Odometry, Twist)
from physai_ros.sim import overview
from physai_ros.sim.cell import place_machines
from physai_ros.sim.collisions import Collisions
from physai_ros.sim.model import build
from physai_ros.sim.randomise import Appearance
from physai_ros.sim.render import camera_model, Cameras
from physai_ros.sim.robot_spec import SimRobot
from physai_ros.sim.servo import tune
from physai_ros.sim.tasks import TaskStatus
from physai_ros.sim.unit import Unit, write_rest

STEP_NS = 2_000_000
JUDGE_STEPS = 10              # physics steps between two looks at the tasks


class World:
    """
    Robots with their scenes in one physics simulation of 500 Hz.

    The same robots, seed and commands give the same states, bit by bit. Each robot draws from a
    generator of its own, so that its scene does not depend on the other robots. Use an object from
    one thread only.

    :param seed: of layout and appearance
    :param randomise: vary light, surfaces, colours and the cameras' mounting, not only the layout
    :param cameras: False where nothing will be rendered (no graphics context is made either way
        before the first picture)
    :param start_ns: time of the first step, e.g. the wall clock's
    :raises ConfigError: for robots that cannot be built
    """

    def __init__(self, robots: Sequence[SimRobot], seed: int = 0, randomise: bool = True,
                 cameras: bool = True, start_ns: int = 0):
        self.time_ns = start_ns
        self._robots = tuple(robots)
        self.model, parts, scenes = build(robots)
        self.data = mujoco.MjData(self.model)
        self._units: Dict[str, Unit] = {}
        self._tune(robots, parts)
        for robot in robots:
            self._units[robot.name] = Unit(self.model, robot, parts[robot.name],
                                           scenes[robot.name], STEP_NS)
        self._index = {name: i for i, name in enumerate(self._units)}
        self._collisions = Collisions(self.model, [u.prefix for u in self._units.values()])
        seeing = [r for r in robots if r.profile.camera]
        self._camera_models = {r.name: camera_model(r.profile.camera) for r in seeing}
        self._appearance = Appearance(
            self.model, [f'{r.name}/{r.profile.camera.name}' for r in seeing])
        self._randomise = randomise
        self._cameras = Cameras(self.model) if cameras else None
        self.reset(seed)

    def reset(self, seed: int):
        """Start anew with the layout and appearance of a seed; time goes on."""
        mujoco.mj_resetData(self.model, self.data)
        self._steps = 0
        self._generators = {name: np.random.default_rng([seed, zlib.crc32(name.encode())])
                            for name in self._units}
        for name, unit in self._units.items():
            unit.reset(self.data, self._generators[name])
        look = np.random.default_rng([seed if self._randomise else 0, 1])
        if self._randomise:
            self._appearance.draw(look)
        place_machines(self.model, self.data, look, self._robots)
        self._collisions.reset()
        mujoco.mj_forward(self.model, self.data)

    def step(self):
        """Advance by one physics step of 2 ms."""
        for unit in self._units.values():
            unit.step(self.data, self.time_ns)
        mujoco.mj_step(self.model, self.data)
        self.time_ns += STEP_NS
        self._steps += 1
        self._collisions.update(self.data, self.time_ns)
        if self._steps % JUDGE_STEPS == 0:
            for name, unit in self._units.items():
                if unit.task is not None:
                    unit.task.update(self.data, self.time_ns,
                                     self._collisions.last[self._index[name]])

    def lost_time(self, lost_ns: int):
        """Take note that real time went on without the world: what follows is no violation."""
        for unit in self._units.values():
            if unit.arm is not None:
                unit.arm.monitor.forget()
            if unit.base is not None:
                unit.base.lost_time(lost_ns)

    def joint_state(self, name: str) -> JointState:
        """Return a robot's joints, without those that mimic another."""
        return self._unit(name).joint_state(self.data, self.time_ns)

    def imu(self, name: str) -> Imu:
        """Return a robot's inertial measurement, gravity included."""
        return self._unit(name).imu(self.data, self.time_ns)

    def odometry(self, name: str) -> Odometry:
        """Return a robot's motion since the last reset, drift-free."""
        return self._unit(name).odometry(self.data, self.time_ns)

    def odom_frame(self, name: str) -> Tuple[float, float, float]:
        """Return x, y (m), yaw (rad) in the world of a robot's odometry frame: its last start."""
        return self._unit(name).start

    def root(self, name: str) -> str:
        """Return the root link of a robot."""
        return self._unit(name).part.description.root

    def camera(self, name: str) -> CameraModel:
        """Return the intrinsics of a robot's camera."""
        self._unit(name)
        return self._camera_models[name]

    def render(self, name: str) -> Image:
        """Return a robot's camera picture."""
        camera = self._unit(name).robot.profile.camera
        self._refresh()
        pixels = self._graphics().capture(self.data, f'{name}/{camera.name}', camera.width,
                                          camera.height)
        return Image(self.time_ns, camera.frame, pixels)

    def overview(self, width: int, height: int, camera: str = overview.NAME,
                 fine: bool = True) -> np.ndarray:
        """
        Return a picture (H, W, 3) uint8 RGB of the cell for people.

        :param fine: with shadows and smooth edges; else as quickly as a robot's camera
        """
        self._refresh()
        draw = self._graphics().picture if fine else self._graphics().capture
        return draw(self.data, camera, width, height)

    def set_trajectory(self, name: str, message: JointTrajectory) -> Optional[str]:
        """
        Hand a trajectory to a robot's joint_trajectory_controller.

        :return: None, or why the controller ignores it
        :raises ConfigError: when the robot has no such controller
        """
        unit = self._unit(name)
        if unit.arm is None:
            raise ConfigError(f'robot {name}', None, 'a profile with an arm')
        return unit.arm.accept(message, self.time_ns)

    def set_twist(self, name: str, message: Twist) -> Optional[str]:
        """
        Hand a velocity command to a robot's base; it holds for 0.5 s from its stamp.

        :return: None, or why it is ignored
        :raises ConfigError: when the robot has no base
        """
        unit = self._unit(name)
        if unit.base is None:
            raise ConfigError(f'robot {name}', None, 'a profile with a base')
        return unit.base.accept(message, self.time_ns)

    def truth(self, name: str) -> dict:
        """Return (position (3,), quaternion (4,)) in base_link by object; not for policies."""
        self._refresh()
        return self._unit(name).truth(self.data)

    def status(self, name: str) -> TaskStatus:
        """Return how a robot's task stands."""
        unit, index = self._unit(name), self._index[name]
        task = unit.task
        return TaskStatus(
            success=task is not None and task.success, failed=task.failed if task else None,
            collisions=self._collisions.counts[index], violated=unit.violated(),
            text=task.text if task else 'no task')

    def front(self, name: str) -> float:
        """Return how far forward of its root a robot at rest reaches, m."""
        return float(self._unit(name).part.high[0])

    def place_next(self, name: str):
        """Put down the next workpiece, or move the beacon, and begin the task anew."""
        self._unit(name).place_next(self.data, self._generators[name])
        self._collisions.last[self._index[name]] = ''
        mujoco.mj_forward(self.model, self.data)

    def close(self):
        """Free the graphics contexts."""
        if self._cameras is not None:
            self._cameras.close()

    def _unit(self, name) -> Unit:
        try:
            return self._units[name]
        except KeyError:
            raise ConfigError('robot', name, f'one of {sorted(self._units)}') from None

    def _graphics(self) -> Cameras:
        if self._cameras is None:
            raise PhysaiError('cameras of this World', False, 'cameras=True to render')
        return self._cameras

    def _refresh(self):
        """Bring the parts' poses up to the joints' positions, which a step leaves 2 ms ahead."""
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    def _tune(self, robots, parts):
        """Pose all robots at rest and set the servo gains for the inertias found there."""
        for robot in robots:
            write_rest(self.model, self.data, robot, parts[robot.name].description)
        for robot in robots:
            tune(self.model, self.data, f'{robot.name}/')
