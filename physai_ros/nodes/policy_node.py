"""A bundle at work: observations in, chunks of actions out."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.commands import base_chunk, joint_chunk
from physai_ros.adapters.lifecycle import ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.qos import CHUNK, LATCHED
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.sources import source_inboxes
from physai_ros.adapters.trust import read_trust, TRUST
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.check import preflight
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.observation import Assembler
from physai_ros.core.errors import PhysaiError, SampleError, StaleError
from physai_ros.core.types import BaseChunk, NS_PER_S
from physai_ros.inference.model import warm_up
from physai_ros.inference.onnx import OnnxModel
from physai_ros.inference.runner import Runner
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory

HASH_DIGITS = 12


class PolicyNode(ManagedNode):
    """Assembles an observation ``inference_rate_hz`` times a second; one inference in flight."""

    PARAMETERS = (
        Parameter('bundle', '', 'name or folder of the bundle', settable=UNCONFIGURED),
        Parameter('profile', '', 'name or path of the robot profile', settable=UNCONFIGURED),
        Parameter('robot_description', '', 'URDF text; overrides that of the profile',
                  settable=UNCONFIGURED),
        Parameter('inference_rate_hz', 5.0, 'observations per second', 0.5, 200.0,
                  settable=UNCONFIGURED),
        Parameter('task', '', 'what to do, until the topic task says otherwise',
                  settable=UNCONFIGURED),
        *TRUST,
        FRAME_PREFIX,
    )

    def __init__(self):
        super().__init__('policy')

    def configure(self):
        """Verify the bundle, check it against the robot, load the model, subscribe."""
        bundle = load_bundle(self.value('bundle'), trust=read_trust(self))
        self._bundle, self._manifest = bundle, bundle.manifest
        self._model = OnnxModel(bundle.model_bytes)
        preflight(self._manifest, self._model, *read_robot(self))
        warm_up(self._model)
        self._assembler = Assembler(self._manifest, self.prefix)
        self._decoder, self._runner = Decoder(self._manifest), None
        self._inboxes = source_inboxes(self, self._assembler.sources)
        self._tasks, self._task = self.inbox(String, 'task', LATCHED), self.value('task')
        self._work, self._skipped = Meter('inference'), 0
        self._problem, self._level = '', diagnostics.OK
        moved = {output.moves for output in self._manifest.outputs.values()}
        self._joints = self._base = None
        if moved - {'base'}:
            self._joints = self.advertise(JointTrajectory, 'policy/joint_chunk', CHUNK)
        if 'base' in moved:
            self._base = self.advertise(MultiDOFJointTrajectory, 'policy/base_chunk', CHUNK)

    def activate(self):
        """Begin to infer, from samples that arrive from now on."""
        self._assembler.reset()
        for inbox in self._inboxes.values():
            inbox.take()
        self._runner = Runner(self._model, self._manifest.deadline_ns,
                              on_done=self.loop.signal(self._answer))
        self.every(int(NS_PER_S / self.value('inference_rate_hz')), self._observe)

    def deactivate(self):
        """End the worker; chunks end by themselves."""
        self._runner.close()

    def release(self):
        """Free the model."""
        self._model = self._runner = None

    def report(self):
        """Tell model, latency and what keeps observations from being made."""
        counters, quantile = self._runner.counters, self._runner.latency_ns(0.95)
        ages = {f'age_s.{place}': 'never' if age is None else f'{age:.3f}'
                for place, age in self._assembler.ages(self.now_ns()).items()}
        return self._level, self._problem or 'inferring', {
            **self._work.read(monotonic_ns()),
            'inference_p95_ms': '' if quantile is None else f'{quantile * 1e-6:.2f}',
            'model': f'{self._bundle.name} {self._bundle.version}',
            'model_sha256': self._bundle.sha256[:HASH_DIGITS], 'task': self._task,
            'answered': str(counters.answered), 'late': str(counters.late),
            'failed': str(counters.failed), 'skipped': str(self._skipped), **ages}

    def _observe(self):
        for message in self._tasks.take():
            self._task = message.data
        self._collect()
        try:
            observation = self._assembler.assemble(self.now_ns())
        except (StaleError, SampleError) as error:
            self._skipped += 1
            self._trouble(diagnostics.WARN, error)
            return
        if not self._runner.submit(observation):
            self._skipped += 1

    def _collect(self):
        for topic, inbox in self._inboxes.items():
            for sample in inbox.take():
                try:
                    self._assembler.feed(topic, sample)
                except SampleError as error:
                    self._trouble(diagnostics.WARN, error)

    def _answer(self):
        result = self._runner.poll() if self._runner else None
        if result is None:
            return
        stamp_ns = result.observation.t_obs_ns
        try:
            if result.error is not None:
                raise result.error
            chunks = self._decoder.decode(result.outputs, stamp_ns)
        except PhysaiError as error:
            self._trouble(diagnostics.ERROR, error)
            return
        self._assembler.remember(result.outputs, stamp_ns)
        for chunk in chunks:
            self._publish(chunk)
        self._work.add(result.latency_ns)
        self._problem, self._level = '', diagnostics.OK

    def _publish(self, chunk):
        if isinstance(chunk, BaseChunk):
            self._base.publish(base_chunk(chunk, f'{self.prefix}base_link'))
        else:
            self._joints.publish(joint_chunk(chunk))

    def _trouble(self, level, error):
        if str(error).partition(';')[0] != self._problem.partition(';')[0]:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
        self._problem, self._level = str(error), level


def main(args=None):
    """Run the node."""
    run(PolicyNode, args)


if __name__ == '__main__':
    main()
