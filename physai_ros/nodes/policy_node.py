"""A bundle at work: observations in, chunks of actions out."""
from functools import partial

from physai_ros.adapters import diagnostics
from physai_ros.adapters.commands import base_chunk, joint_chunk
from physai_ros.adapters.feeds import Feeds
from physai_ros.adapters.lifecycle import ACTIVE, INACTIVE, ManagedNode
from physai_ros.adapters.live_check import with_live_check
from physai_ros.adapters.looks import Looks
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import ALONE, FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.qos import CHUNK, LATCHED
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.shared_memory import READS_PICTURES
from physai_ros.adapters.transforms import TF_TOLERANCE_NS, TransformListener
from physai_ros.adapters.trust import read_trust, TRUST
from physai_ros.bundle.files import load_bundle
from physai_ros.core.errors import PhysaiError, SampleError, StaleError
from physai_ros.core.types import BaseChunk
from physai_ros.guard.config import GuardConfig
from physai_ros.inference.ensemble import AS_BUNDLE, MODES
from physai_ros.inference.loading import Loader
from physai_ros.inference.onnx import CPU
from physai_ros.inference.pilot import Pilot
from physai_ros.inference.policy import Policy
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory


class PolicyNode(ManagedNode):
    """Looks ``inference_rate_hz`` times a second or more; one inference in flight."""

    MIDDLEWARE_PROFILE, NICE = READS_PICTURES, 5
    PARAMETERS = (
        Parameter('bundle', '', 'name or folder of the bundle', settable=ALONE),
        Parameter('shadow_bundle', '', 'bundle that looks on without commanding', settable=ALONE),
        Parameter('profile', '', 'name or path of the robot profile', settable=UNCONFIGURED),
        Parameter('robot_description', '', 'URDF text; overrides that of the profile',
                  settable=UNCONFIGURED),
        Parameter('execution_providers', [CPU], 'of ONNX Runtime, the preferred one first',
                  settable=UNCONFIGURED),
        Parameter('inference_rate_hz', 0.0, 'looks per second, more where chunks are short; '
                  '0: as the bundle says', 0.0, 200.0, settable=UNCONFIGURED),
        Parameter('stitching', AS_BUNDLE, 'what a chunk does to the ones before',
                  choices=MODES, settable=UNCONFIGURED),
        Parameter('chunk_max_age_s', GuardConfig.reference_max_age_s,
                  "the command node's guard.reference_max_age_s", 0.05, 10.0,
                  settable=UNCONFIGURED),
        Parameter('refill_margin_s', 0.08, 'from an answer until the guard follows it, at most',
                  0.0, 1.0, settable=UNCONFIGURED),
        Parameter('task', '', 'what to do, until the topic task says otherwise',
                  settable=UNCONFIGURED),
        *TRUST,
        FRAME_PREFIX,
    )

    def __init__(self):
        super().__init__('policy')
        self._pilot = self._looks = None

    def configure(self):
        """Verify the bundles, check them against the robot, load the models, subscribe."""
        self._feeds, self._transforms = Feeds(self), None
        self._joints = self._base = None
        load = with_live_check(self, Loader(
            *read_robot(self), self.value('execution_providers'),
            partial(load_bundle, trust=read_trust(self))))
        self._pilot = Pilot(load, self._make, self.value('task'))
        self._pilot.start(self.value('bundle'), self.value('shadow_bundle'), self.loop.until)
        self._tasks = self.inbox(String, 'task', LATCHED)
        self._model = self.advertise(String, 'policy/model', LATCHED)
        self._work, self._problem, self._level = Meter('inference'), '', diagnostics.OK
        self._adopt()

    def activate(self):
        """Begin to infer, from what arrives from now on and objects that were seen before."""
        self._pilot.reset()
        self._feeds.drain()
        self._looks = Looks(self, self._pace(), self._look, self._read,
                            lambda: self._pilot.live.latency_ns())
        self._adopt()
        self._tell()

    def deactivate(self):
        """Look no more; chunks end by themselves."""
        self._looks.stop()

    def release(self):
        """Free the models."""
        if self._pilot is not None:
            self._feeds.want(())
            self._pilot.stop()
        self._pilot = self._looks = None

    def on_parameter(self, name, value):
        """Exchange a bundle; one that is refused changes nothing."""
        if self.state not in (INACTIVE, ACTIVE):
            return
        try:
            if name == 'bundle':
                self._pilot.exchange(value, self.loop.until, self._adopt, self.state == ACTIVE)
            elif name == 'shadow_bundle':
                self._pilot.observe_with(value, self.loop.until)
        finally:
            self._adopt()
        self._tell()

    def _tell(self):
        for text in self._pilot.texts():
            self.get_logger().info(text)
        self._model.publish(String(data=self._pilot.live.loaded.text))

    def report(self):
        """Tell model, latency and what keeps observations from being made."""
        return self._level, self._problem or 'inferring', {
            **self._work.read(monotonic_ns()), 'task': self._pilot.task,
            'refills': str(self._looks.pace.refills), **self._pilot.report(self.now_ns())}

    def _make(self, loaded, nice):
        if loaded.manifest.needs_transforms and self._transforms is None:
            self._transforms = TransformListener(self, self.prefix, TF_TOLERANCE_NS)
        return Policy(loaded, self.prefix, self._transforms, self.loop.signal(self._answer),
                      self.value('stitching'), self.value('refill_margin_s'), nice)

    def _pace(self):
        return self._pilot.live.pace(self.value('inference_rate_hz'),
                                     self.value('chunk_max_age_s'))

    def _adopt(self):
        """Subscribe, publish and look as the policies need it now."""
        self._feeds.want(self._pilot.sources)
        moved = self._pilot.moves
        if self._joints is None and moved - {'base'}:
            self._joints = self.advertise(JointTrajectory, 'policy/joint_chunk', CHUNK)
        if self._base is None and 'base' in moved:
            self._base = self.advertise(MultiDOFJointTrajectory, 'policy/base_chunk', CHUNK)
        if self._looks is not None:
            self._looks.pace = self._pace()
            self._looks.wait_for(*self._feeds.slowest(self._pilot.live.sources))

    def _read(self):
        for message in self._tasks.take():
            self._pilot.task = message.data
        self._feeds.read(self._take)

    def _take(self, source, sample):
        try:
            self._pilot.feed(source, sample)
        except SampleError as error:
            self._trouble(error)

    def _look(self):
        """Return whether an observation was made, None when the worker was busy."""
        try:
            return self._pilot.look(self.now_ns()) or None
        except PhysaiError as error:
            self._trouble(error)
            return False

    def _answer(self):
        """Publish what was answered; look again if that was waited for."""
        if self._pilot is None:
            return
        try:
            answer = self._pilot.collect()
            if answer is not None and self.state == ACTIVE:
                self._publish(answer)
        except PhysaiError as error:
            self._trouble(error)
        if self._looks is not None and self.state == ACTIVE:
            self._looks.answered()

    def _publish(self, answer):
        for chunk in answer.chunks:
            if isinstance(chunk, BaseChunk):
                self._base.publish(base_chunk(chunk, f'{self.prefix}base_link'))
            else:
                self._joints.publish(joint_chunk(chunk))
        self._work.add(answer.latency_ns)
        self._problem, self._level = '', diagnostics.OK

    def _trouble(self, error):
        if str(error).partition(';')[0] != self._problem.partition(';')[0]:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
        known = isinstance(error, (StaleError, SampleError))
        self._problem, self._level = str(error), diagnostics.WARN if known else diagnostics.ERROR


def main(args=None):
    """Run the node."""
    run(PolicyNode, args)


if __name__ == '__main__':
    main()
