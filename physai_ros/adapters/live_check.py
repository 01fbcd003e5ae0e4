"""Compare a bundle with the topics of the running robot: types, quality of service, contents."""
from contextlib import contextmanager
import time
from typing import List, Mapping, NamedTuple, Tuple

from physai_ros.adapters.cdr import takes_bytes
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.message_types import type_name
from physai_ros.adapters.qos import CHUNK, EVERY_SENSOR, SENSOR
from physai_ros.adapters.sources import KINDS
from physai_ros.bundle.check_robot import check_picture, parts, terms
from physai_ros.bundle.framing import Framing
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.core.errors import BundleError
from physai_ros.core.types import NS_PER_S
import rclpy
from rclpy.duration import Infinite
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import LivelinessPolicy, qos_check_compatible, QoSCompatibility, QoSProfile
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory
from vision_msgs.msg import Detection3DArray

LOOK_S, LONG_LOOK_S, DISCOVERY_S = 0.5, 2.0, 3.0
FOR_A_RATE = 4      # messages
CHUNKS = {'joints': ('policy/joint_chunk', JointTrajectory),
          'base': ('policy/base_chunk', MultiDOFJointTrajectory)}


class Found(NamedTuple):
    """``problems``, and the ``absent`` topics that nobody publishes yet."""

    problems: Tuple[BundleError, ...]
    absent: Tuple[str, ...]


def with_live_check(node, load):
    """
    Return a loader that also compares each bundle with the live graph.

    :param load: inference.loading.Loader
    """
    def checked(which):
        loaded = load(which)
        require_live(node, loaded.manifest, loaded.bundle.lines)
        return loaded
    return checked


def require_live(node, manifest, lines: Mapping = {}):
    """
    Refuse a bundle that cannot work with what is published now; topics may still appear.

    :param node: whose names and remappings count
    :param lines: ``Bundle.lines``
    :raises InvalidBundleError: listing all problems
    """
    found = live_problems(node, manifest, lines)
    if found.problems:
        raise InvalidBundleError(f'bundle {manifest.name} {manifest.version} on this robot',
                                 found.problems)


def live_problems(node, manifest, lines: Mapping = {}, look_s=LOOK_S) -> Found:
    """
    Compare a bundle with the graph as a node sees it now, and with a message of each topic.

    :param look_s: how long to wait for messages of topics that are published
    """
    where, problems, absent, present = Where(manifest.FILE, lines), [], [], {}
    for source, users in _sources(manifest).items():
        topic = node.resolve_topic_name(source.topic)
        publishers = node.get_publishers_info_by_topic(topic)
        found = list(_connection(where(*users[0][0]), topic, publishers, _type(source),
                                 EVERY_SENSOR if source.every else SENSOR))
        problems += found
        if not publishers:
            absent.append(source.topic)
        elif not found:
            present[source] = topic
    for moves in sorted({part.moves for _, part in parts(manifest)} & set(CHUNKS)):
        name, message_type = CHUNKS[moves]
        topic = node.resolve_topic_name(name)
        problems += _readers(topic, node.get_subscriptions_info_by_topic(topic), message_type)
    seen = _look(node, present, _sources(manifest), look_s)
    for source, heard in seen.items():
        times_s, samples = zip(*heard)
        for path, term in _sources(manifest)[source]:
            problems += _contents(path, term, samples, where)
            problems += _rate(where(*path), present[source], times_s, manifest.max_age_ns(term))
    return Found(tuple(problems), tuple(absent))


def check_live(manifest, lines: Mapping, namespace: str, remap: Mapping[str, str]):
    """
    Return (what was checked, problems) of the running robot in a namespace.

    :param remap: the topics of its drivers, by our names
    """
    context = rclpy.Context()
    rules = [word for old, new in remap.items() for word in ('-r', f'{old}:={new}')]
    rclpy.init(args=['--ros-args', *rules], context=context)
    try:
        node = rclpy.create_node('physai_check', namespace=namespace, context=context,
                                 enable_rosout=False, start_parameter_services=False)
        deadline = time.monotonic() + DISCOVERY_S
        found = live_problems(node, manifest, lines, LONG_LOOK_S)
        while found.absent and time.monotonic() < deadline:
            time.sleep(0.2)
            found = live_problems(node, manifest, lines, LONG_LOOK_S)
    finally:
        rclpy.shutdown(context=context)
    absent = f'; nobody publishes {", ".join(found.absent)}' if found.absent else ''
    return f'live graph of /{namespace.strip("/")}{absent}', found.problems


def _sources(manifest):
    """Return (path, term) of the users of each topic, what outputs are relative to included."""
    users = {}
    references = [(path, part.reference) for path, part in parts(manifest)]
    for path, term in (*terms(manifest), *references):
        if term is not None and not term.source.internal:
            users.setdefault(term.source, []).append((path, term))
    return users


def _type(source):
    return Detection3DArray if source.kind == 'objects' else KINDS[source.kind][0]


def _connection(place, topic, publishers, message_type, qos):
    wanted = type_name(message_type)
    for info in publishers:
        if info.topic_type != wanted:
            yield BundleError(f'the type of {topic} (for {place})', info.topic_type, repr(wanted),
                              f'publish that, or name another topic; now {_who(info)} does')
            continue
        reason = _unfit(info.qos_profile, _explicit(qos))
        if reason:
            yield BundleError(f'the quality of service of {topic} (for {place})', reason,
                              'one that a best-effort, volatile reader can take',
                              f'change it in {_who(info)}')


def _readers(topic, readers, message_type) -> List[BundleError]:
    wanted, problems = type_name(message_type), []
    for info in readers:
        if info.topic_type != wanted:
            problems.append(BundleError(f'the type of {topic}', info.topic_type, repr(wanted),
                                        f'correct the reader, {_who(info)}'))
            continue
        reason = _unfit(_explicit(CHUNK), info.qos_profile)
        if reason:
            problems.append(BundleError(f'the quality of service that reads {topic}', reason,
                                        'one that a reliable, volatile writer serves',
                                        f'change it in {_who(info)}'))
    return problems


def _unfit(writer, reader) -> str:
    """Return why a writer does not serve a reader, empty when it does."""
    fits, reason = qos_check_compatible(writer, reader)
    if fits != QoSCompatibility.ERROR:
        return ''
    return '; '.join(part.removeprefix('ERROR: ') for part in reason.split(';') if 'ERROR' in part)


def _explicit(qos) -> QoSProfile:
    """Return a profile with what the middleware fills in, as the graph tells those of others."""
    return QoSProfile(history=qos.history, depth=qos.depth, reliability=qos.reliability,
                      durability=qos.durability, lifespan=Infinite, deadline=Infinite,
                      liveliness=LivelinessPolicy.AUTOMATIC, liveliness_lease_duration=Infinite)


def _who(info) -> str:
    return f'{info.node_namespace.rstrip("/")}/{info.node_name}'


def _look(node, topics, users, look_s):
    """Return (time s, sample) of each topic's messages, until they say all that is asked."""
    kinds = {source: KINDS[source.kind] for source in topics if source.kind in KINDS}
    samples = {source: [] for source in kinds}
    if not kinds:
        return samples
    with _spun(node) as (looker, executor):
        for source, (message_type, read) in kinds.items():
            looker.create_subscription(message_type, topics[source],
                                       _keep(samples[source], read), SENSOR,
                                       raw=takes_bytes(read))
        deadline = time.monotonic() + look_s
        while time.monotonic() < deadline and not all(
                _says_all(users[source], samples[source]) for source in kinds):
            executor.spin_once(timeout_sec=0.05)
    return {source: found for source, found in samples.items() if found}


@contextmanager
def _spun(node):
    """Give a node beside another one, which may be in a callback, and an executor for it."""
    looker = rclpy.create_node(f'{node.get_name()}_preflight', namespace=node.get_namespace(),
                               context=node.context, use_global_arguments=False,
                               enable_rosout=False, start_parameter_services=False)
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(looker)
    try:
        yield looker, executor
    finally:
        executor.shutdown()
        looker.destroy_node()


def _keep(samples, read):
    def take(message):
        try:
            samples.append((time.monotonic(), read(message)))
        except MessageError:  # the node itself tells about these
            pass
    return take


def _says_all(users, heard):
    return len(heard) >= FOR_A_RATE and all(
        any(_absence(term, sample) is None for _, sample in heard) for _, term in users)


def _rate(place, topic, times_s, max_age_ns):
    """Yield that a topic is too slow for its samples to be young enough."""
    gaps_s = sorted(after - before for before, after in zip(times_s, times_s[1:]))
    known = len(gaps_s) >= 2 and max_age_ns is not None     # one pause is no rate
    if not known or gaps_s[0] <= max_age_ns / NS_PER_S:
        return
    yield BundleError(f'the rate of {topic} (for {place})', f'{1 / gaps_s[0]:.2g} Hz',
                      f'at least {NS_PER_S / max_age_ns:.2g} Hz, as its samples count for '
                      f'{max_age_ns / NS_PER_S:g} s',
                      'let it be published more often, or raise max_age_s')


def _absence(term, sample):
    return term.absence(sample) if hasattr(term, 'joints') else None


def _contents(path, term, samples, where):
    """Yield what no message of a topic has, and pictures of another size."""
    absences = [_absence(term, sample) for sample in samples]
    if None not in absences:
        yield BundleError(f'{term.source.topic} (for {where(*path)})',
                          ', '.join(getattr(samples[-1], 'names', ())), 'all joints of the term',
                          f'{absences[-1]}; see whether the driver is the one of this robot')
    if isinstance(term, Framing):
        picture = getattr(samples[-1], 'pixels', getattr(samples[-1], 'metres', None))
        yield from check_picture(path, term, *picture.shape[:2], where)
