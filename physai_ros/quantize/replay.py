"""What a bundle would have seen in a recording, made as the policy node makes it."""
from typing import Dict, Iterator, List, Optional

import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.message_types import message_type, type_name
from physai_ros.adapters.sources import kinds
from physai_ros.adapters.stamps import to_ns
from physai_ros.adapters.transforms import read_transforms, TF_TOLERANCE_NS, TransformBuffer
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.outputs import FrameOutput
from physai_ros.bundle.terms import TaskText
from physai_ros.core.errors import ConfigError, PhysaiError
from physai_ros.core.types import NS_PER_S
from physai_ros.inference.differential_ik import solver_for
from physai_ros.quantize.bag import Bag
from physai_ros.quantize.topics import match, Naming
from physai_ros.robots import load_profile

TF, TF_STATIC, CLOCK, TASK = '/tf', '/tf_static', '/clock', 'task'
TF_TYPE = 'tf2_msgs/msg/TFMessage'
CLOCK_TYPE = 'rosgraph_msgs/msg/Clock'
TASK_TYPE = 'std_msgs/msg/String'
PAUSE_NS = 10 * NS_PER_S        # without any message: nobody looked
DELAY_STEPS = 1     # what an answer is said to take, for models that are told (rtc)


class Replay:
    """
    Feeds the messages of a recording to a bundle and looks at its rate.

    Time is that of the recording, or of /clock where that was recorded. The model answers where an
    observation depends on earlier answers; an answer that is not finite is not fed back.

    :param path: of a folder of rosbag2 or a file
    :param bundle: verified
    :param model: what answers
    :raises ConfigError: when the recording lacks what the bundle needs
    """

    def __init__(self, path, bundle, model, naming: Naming = Naming()):
        self._bag, self._model, manifest = Bag(path), model, bundle.manifest
        self._title = f'recording {self._bag.path}'
        self._troubles: Dict[str, List] = {}
        self._period_ns = round(NS_PER_S / manifest.looks_hz)
        sources = {source.topic: source.kind for source in Assembler(manifest).sources}
        known = kinds(str)
        wanted = {topic: type_name(known[kind][0]) for topic, kind in sources.items()}
        namespace, self._topics = match(wanted, self._bag.types, naming, self._title)
        prefix = naming.prefix(namespace)
        self._readers = {topic: kinds(lambda: prefix)[kind] for topic, kind in sources.items()}
        self._frames = self._frames_of(manifest, prefix)
        self._task = self._task_of(manifest, naming, namespace)
        self._assembler = Assembler(manifest, prefix, self._frames, bundle.tokenizer_json, model)
        self._assembler.task = naming.task
        self._answers = manifest.needs_answers
        self._decoder = Decoder(manifest, _solver(manifest)) if self._answers else None
        self._next_ns: Optional[int] = None

    def observations(self) -> Iterator[Dict[str, np.ndarray]]:
        """
        Yield the inputs of the model at each look that all terms had samples for.

        :raises ConfigError: when there was none
        """
        count, now_ns = 0, None
        for now_ns in self._moments():
            for inputs in self._looks(now_ns):
                count += 1
                yield inputs
        if not count:
            raise ConfigError(f'{self._title} gives no observation', None,
                              'samples for every term at the same time, with stamps of the clock '
                              'that it was recorded by (in simulation `ros2 bag record '
                              '--use-sim-time`, or /clock in it)', '; '.join(self.troubles()[:3]))

    def troubles(self) -> List[str]:
        """Return what kept looks or messages from being used, the most frequent first."""
        often = sorted(self._troubles.values(), key=lambda trouble: -trouble[0])
        return [f'{f"{count} times" if count > 1 else "once"}: {text}' for count, text in often]

    def _moments(self) -> Iterator[int]:
        """Yield the time of each message just before it is taken, and of the last one again."""
        clock = self._bag.types.get(CLOCK) == CLOCK_TYPE
        topics = {*self._topics, *((TF, TF_STATIC) if self._frames else ()),
                  *filter(None, (CLOCK if clock else None, self._task))}
        now_ns = None
        for topic, time_ns, data in self._bag.messages(topics):
            if topic == CLOCK:
                time_ns = self._read(topic, _clock, data)
            elif clock:
                time_ns = now_ns
            if time_ns is not None:
                if now_ns is not None and time_ns < now_ns:
                    self._begin_anew()
                now_ns = time_ns
                yield now_ns
            self._take(topic, data, now_ns)
        if now_ns is not None:
            yield now_ns + 1

    def _take(self, topic, data, now_ns):
        if topic in (TF, TF_STATIC):
            transforms = self._read(topic, read_transforms, data)
            self._frames.add(transforms or (), static=topic == TF_STATIC)
        elif topic == self._task:
            self._assembler.task = self._read(topic, _text, data) or self._assembler.task
        elif topic in self._topics and now_ns is not None:
            kind, convert = self._readers[self._topics[topic]]
            sample = self._read(topic, convert, data if cdr.takes_bytes(convert) else
                                lambda: cdr.message(kind, data))
            if sample is not None:
                self._try(self._assembler.feed, self._topics[topic], sample)

    def _looks(self, now_ns) -> Iterator[Dict[str, np.ndarray]]:
        """Yield what is seen at the looks before a time."""
        if self._next_ns is None or now_ns - self._next_ns > max(PAUSE_NS, self._period_ns):
            self._next_ns = now_ns
        while self._next_ns < now_ns:
            look_ns, self._next_ns = self._next_ns, self._next_ns + self._period_ns
            observation = self._try(self._assembler.assemble, look_ns, None, DELAY_STEPS)
            if observation is not None:
                if self._answers:
                    self._try(self._answer, observation)
                yield observation.inputs

    def _answer(self, observation):
        outputs = self._model.run(observation.inputs)
        decision = self._decoder.decide(outputs, observation.t_obs_ns, observation.references)
        self._decoder.settle(decision)
        self._assembler.remember(outputs, observation.t_obs_ns, decision.wanted)

    def _begin_anew(self):
        """Forget: the clock was set back."""
        self._assembler.reset()
        if self._decoder is not None:
            self._decoder.reset()
        self._next_ns = None

    def _read(self, topic, convert, data):
        """Return what a message says, None (and a trouble) for one that cannot be read."""
        try:
            return convert(data() if callable(data) else data)
        except PhysaiError as error:
            self._note(f'{topic}: message dropped: ', error)
            return None

    def _try(self, function, *arguments):
        """Return what a function does, None (and a trouble) where it refuses."""
        try:
            return function(*arguments)
        except PhysaiError as error:
            self._note('', error)
            return None

    def _note(self, head, error):
        self._troubles.setdefault(head + error.thing, [0, head + str(error)])[0] += 1

    def _frames_of(self, manifest, prefix) -> Optional[TransformBuffer]:
        if not manifest.needs_transforms:
            return None
        if TF_TYPE not in (self._bag.types.get(TF), self._bag.types.get(TF_STATIC)):
            raise ConfigError(f'{self._title} lacks {TF} and {TF_STATIC}', None,
                              'transforms, as a term of the bundle looks frames up',
                              'record /tf and /tf_static, too')
        return TransformBuffer(prefix, TF_TOLERANCE_NS)

    def _task_of(self, manifest, naming, namespace) -> Optional[str]:
        """Return the recorded topic of the task, None where there is none or it plays no part."""
        topic = f'{namespace}/{TASK}'
        if not any(isinstance(term, TaskText) for _, term in manifest.terms()):
            return None
        if self._bag.types.get(topic) == TASK_TYPE:
            return topic
        if naming.task:
            return None
        raise ConfigError(f'{self._title} lacks {topic} ({TASK_TYPE})', None,
                          'the task, which a term of the bundle tells the model',
                          'say --task TEXT')


def _solver(manifest):
    if not any(isinstance(part, FrameOutput) for _, part in manifest.parts()):
        return None
    return solver_for(manifest, load_profile(manifest.robot).description())


def _clock(data) -> int:
    """Return the time that a Clock says."""
    return to_ns(cdr.message(message_type(CLOCK_TYPE), data).clock)


def _text(data) -> str:
    """Return the text of a String."""
    return cdr.message(message_type(TASK_TYPE), data).data
