"""One robot's chain in simulated time, with the delays that separate processes have."""
from dataclasses import dataclass, field
import heapq
from itertools import count

import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check import preflight
from physai_ros.bundle.observation import Assembler
from physai_ros.core.errors import StaleError
from physai_ros.core.types import NS_PER_S
from physai_ros.evaluation.transit import Transit
from physai_ros.guard.build import guard_config, parts
from physai_ros.guard.guard import Guard
from physai_ros.inference.differential_ik import solver_for
from physai_ros.inference.ensemble import AS_BUNDLE, stitcher
from physai_ros.inference.model import warm_up
from physai_ros.inference.onnx import OnnxModel
from physai_ros.robots import parse
from physai_ros.robots.kinematics import Chain
from physai_ros.sim import SimRobot, World

TICK_STEPS = 5                  # physics steps of 2 ms in a control tick
TICK_NS = 10_000_000


@dataclass(frozen=True)
class Delays:
    """
    Time (s) from a picture to its readers, through perception, and through inference.

    ``transit`` is what happens to chunks on top of that, on their way to the guard; ``stitching``
    what they do to each other (docs/runtime.md), by default as the bundle says.
    """

    image_s: float = 0.015
    perception_s: float = 0.06
    inference_s: float = 0.03
    transit: Transit = field(default_factory=Transit)
    stitching: str = AS_BUNDLE


class Loop:
    """
    Camera, perception, policy, guard and robot; nothing but what the robot's sensors give.

    :param world: with this robot in it
    :param robot: the robot as the world knows it
    :param bundle: verified policy bundle
    :param pipeline: perception Pipeline, needed when the bundle has terms on objects
    :param inference_rate_hz: how often the policy looks, 0: as the bundle says
    :param model: what answers in place of the bundle's own network (training records with it)
    """

    def __init__(self, world: World, robot: SimRobot, bundle, pipeline=None,
                 delays: Delays = Delays(), inference_rate_hz=0.0, model=None):
        self.world, self.name, self._profile = world, robot.name, robot.profile
        description = parse(robot.description)
        self._model = model or OnnxModel(bundle.model_bytes)
        preflight(bundle.manifest, self._model, robot.profile, description)
        self._solver = solver_for(bundle.manifest, robot.description)
        warm_up(self._model)
        self._bundle, self._pipeline, self._delays = bundle, pipeline, delays
        profile, camera = robot.profile, robot.profile.camera
        self._base_t_camera = Chain(description, camera.frame) if camera else None
        self._parts = parts(description, profile)
        self._inference_ns = round(NS_PER_S / (inference_rate_hz or bundle.manifest.looks_hz))
        looks = profile.perception or camera
        self._perception_ns = round(NS_PER_S / looks.rate_hz) if looks else 0
        self.restart()

    def reset(self, seed: int):
        """Start a fresh episode: world, observation memory and guard."""
        self.world.reset(seed)
        self.restart(seed)

    def restart(self, seed=0):
        """
        Forget all that was seen and commanded.

        :param seed: of what happens to chunks on their way
        """
        self._random = np.random.default_rng(seed)
        self._stitch = stitcher(self._delays.stitching, self._bundle.manifest)
        manifest = self._bundle.manifest
        self._assembler = Assembler(manifest, model=self._model)
        self._decoder = Decoder(manifest, self._solver)
        self._topics = {source.kind: [s.topic for s in self._assembler.sources
                                      if s.kind == source.kind]
                        for source in self._assembler.sources}
        self.guard = Guard(**self._parts, config=guard_config(self._profile))
        self._due, self._order = [], count()
        self._ticks, self._engaged = 0, False
        # only those of the camera's pictures are drawn that the policy looks at, half a period old
        camera = self._profile.camera
        looks = self._delays.image_s + 0.5 / camera.rate_hz if camera else 0.0
        self._next = {'image': self.world.time_ns, 'perception': self.world.time_ns,
                      'policy': self.world.time_ns + round(looks * NS_PER_S)}
        self.state, self.reason, self.waiting = 'disengaged', '', ''

    def tick(self):
        """Advance by one control period of 10 ms."""
        self.control()
        for _ in range(TICK_STEPS):
            self.world.step()

    def control(self):
        """Sense, think and command; the caller then steps the world, which loops may share."""
        now = self.world.time_ns
        self._sense(now)
        while self._due and self._due[0][0] <= now:
            _, _, deliver, item = heapq.heappop(self._due)
            deliver(item)
        if self._comes('policy', now, self._inference_ns):
            self._infer(now)
        if not self._engaged:
            self.guard.engage(now)
            self._engaged = True
        result = self.guard.tick(now)
        self.state, self.reason = result.state, result.reason
        if result.trajectory is not None:
            self.world.set_trajectory(self.name, result.trajectory)
        if result.twist is not None:
            self.world.set_twist(self.name, result.twist)
        self._ticks += 1

    def _sense(self, now):
        joints = self.world.joint_state(self.name)
        self.guard.on_joint_state(joints)
        self._feed('joint_state', joints)
        if self._ticks % 2 == 0 and self._profile.base is not None:
            odometry = self.world.odometry(self.name)
            self.guard.on_odometry(odometry)
            self._feed('odometry', odometry)
        if 'imu' in self._topics:
            self._feed('imu', self.world.imu(self.name))
        if 'image' in self._topics and self._comes('image', now, self._inference_ns):
            self._after(self._delays.image_s, lambda image: self._feed('image', image),
                        self.world.render(self.name))
        if 'objects' in self._topics and self._comes('perception', now, self._perception_ns):
            self._perceive(joints)

    def _perceive(self, joints):
        image = self.world.render(self.name)
        pose = self._base_t_camera.pose(dict(zip(joints.names, joints.position)))
        seen = self._pipeline.process(image, self.world.camera(self.name), pose)
        self._after(self._delays.perception_s, lambda objects: self._feed('objects', objects),
                    seen.objects)

    def _infer(self, now):
        try:
            observation = self._assembler.assemble(now)
        except StaleError as error:
            self.waiting = str(error)
            return
        self.waiting = ''
        outputs = self._model.run(observation.inputs)
        decision = self._decoder.decide(outputs, observation.t_obs_ns, observation.references)
        self._decoder.settle(decision)
        self._assembler.remember(outputs, observation.t_obs_ns, decision.wanted)
        sent_ns = now + round(self._delays.inference_s * NS_PER_S)
        for chunk in map(self._stitch, decision.chunks):
            for arrival_ns in self._delays.transit.arrivals(sent_ns, self._random):
                self._at(arrival_ns, self._deliver, chunk)

    def _deliver(self, chunk):
        self.guard.on_chunk(chunk, self.world.time_ns)

    def _feed(self, kind, sample):
        for topic in self._topics.get(kind, ()):
            self._assembler.feed(topic, sample)

    def _comes(self, what, now, period_ns) -> bool:
        if now < self._next[what]:
            return False
        self._next[what] += period_ns
        return True

    def _after(self, delay_s, deliver, item):
        self._at(self.world.time_ns + round(delay_s * NS_PER_S), deliver, item)

    def _at(self, time_ns, deliver, item):
        heapq.heappush(self._due, (time_ns, next(self._order), deliver, item))
