"""One bundle at work: samples in, observations to the worker, chunks out. Free of ROS."""
from dataclasses import dataclass
from typing import Callable, List, Optional

from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.slots import seconds
from physai_ros.core.chunks import Chunk
from physai_ros.core.errors import BundleError
from physai_ros.core.types import NS_PER_S
from physai_ros.inference.ensemble import AS_BUNDLE, stitcher
from physai_ros.inference.loading import Loaded
from physai_ros.inference.pace import Pace
from physai_ros.inference.runner import Runner

QUANTILE = 0.95
PATIENCE_NS = NS_PER_S  # before a model that is late is said to hang


@dataclass(frozen=True, eq=False)
class Answer:
    """The chunks of one inference, the time of their observation, and how long it took."""

    t_obs_ns: int
    latency_ns: int
    chunks: List[Chunk]


class Policy:
    """
    What one loaded bundle sees, thinks and wants.

    :param loaded: bundle and model
    :param frame_prefix: what TF puts before the robot's frames
    :param transforms: see bundle.observation.Assembler
    :param on_done: called in the worker's thread when there is something to ``collect``
    :param stitching: ``replace``, ``ensemble``, or ``bundle``: as the manifest says
    :param margin_s: from an answer until the guard follows it, at most
    :param nice: added to the niceness of the worker's thread
    """

    def __init__(self, loaded: Loaded, frame_prefix='', transforms=None,
                 on_done: Callable[[], None] = None, stitching=AS_BUNDLE, margin_s=0.0, nice=0):
        self.loaded, self.skipped = loaded, 0
        self._margin_ns = round(margin_s * NS_PER_S)
        self.assembler = Assembler(loaded.manifest, frame_prefix, transforms,
                                   loaded.bundle.tokenizer_json, loaded.model)
        self.sources = frozenset(self.assembler.sources)
        self._decoder = Decoder(loaded.manifest, loaded.solver)
        self._stitching = stitching
        self._stitch = stitcher(stitching, loaded.manifest)
        self.runner = Runner(loaded.model, loaded.manifest.deadline_ns, on_done, nice=nice,
                             decide=self._decide)

    def feed(self, source, sample):
        """Take a sample of a source, if this bundle asks for it; raise as Assembler.feed."""
        if source in self.sources:
            self.assembler.feed(source.topic, sample)

    def latency_ns(self) -> int:
        """Return the latency to be prepared for: a high quantile of the latest ones."""
        return self.runner.latency_ns(QUANTILE) or 0

    @property
    def moves(self):
        """Return what the chunks move."""
        return self.loaded.manifest.moves

    def pace(self, rate_hz: float, max_age_s: float) -> Pace:
        """
        Return when to look; see inference.pace.

        :param rate_hz: 0: as the manifest says
        """
        manifest = self.loaded.manifest
        lasts_ns = max(manifest.horizon_ns - manifest.dt_ns, manifest.dt_ns)
        return Pace(round(NS_PER_S / (rate_hz or manifest.looks_hz)), manifest.dt_ns,
                    min(lasts_ns, round(max_age_s * NS_PER_S)), self._margin_ns)

    def reset(self, task: str):
        """
        Begin a new episode: forget what was seen, done and not yet answered.

        :param task: what to do, in words
        """
        self.runner.forget()
        self.assembler.reset()
        self._decoder.reset()
        self._stitch = stitcher(self._stitching, self.loaded.manifest)
        self.assembler.task = task

    def look(self, now_ns: int) -> bool:
        """
        Assemble an observation and hand it to the worker.

        :return: False when that is busy
        :raises StaleError, SampleError: as Assembler.assemble
        :raises BundleError: when it is busy for so long that it seems to hang
        """
        self.skipped += 1
        if self.runner.busy:
            self._require_life()
            return False
        delay_steps = self._delay_steps() if self.loaded.manifest.rtc else 0
        accepted = self.runner.submit(self.assembler.assemble(now_ns, delay_steps=delay_steps))
        self.skipped -= accepted
        return accepted

    def collect(self) -> Optional[Answer]:
        """
        Return an answer, None when there is none or it is too late.

        :raises PhysaiError: when the model failed, or its answer is unusable
        """
        result = self.runner.poll()
        if result is None:
            return None
        if result.error is not None:
            raise result.error
        t_obs_ns = result.observation.t_obs_ns
        self._decoder.settle(result.decision)
        self.assembler.remember(result.outputs, t_obs_ns, result.decision.wanted)
        return Answer(t_obs_ns, result.latency_ns,
                      [self._stitch(chunk) for chunk in result.decision.chunks])

    def close(self, timeout_s=0.0):
        """End the worker; one that is at work ends with that."""
        self.runner.close(timeout_s)

    def _decide(self, outputs, observation):
        """Decode an answer, in the worker: inverse kinematics of a long chunk takes its time."""
        return self._decoder.decide(outputs, observation.t_obs_ns, observation.references)

    def _require_life(self):
        deadline_ns, waiting_ns = self.loaded.manifest.deadline_ns, self.runner.waiting_ns
        if waiting_ns > max(deadline_ns, PATIENCE_NS):
            raise BundleError(f'the time that {self.loaded.title} takes for an answer',
                              seconds(waiting_ns), f'at most {seconds(deadline_ns)!r}',
                              'exchange the bundle, or clean the node up and configure it again')

    def _delay_steps(self):
        """Return how many steps of the running chunk will be over before the next is in force."""
        return -(-(self.latency_ns() + self._margin_ns) // self.loaded.manifest.dt_ns)
