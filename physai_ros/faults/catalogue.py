"""All that goes wrong on purpose."""
from functools import partial
import signal
from typing import Iterator, List

from physai_ros.faults.fault import Bounds, Fault, Setup
from physai_ros.faults.subject import Subject

ARM_REST_MS, BASE_REST_MS = 500.0, 1000.0
ARM_ALONE_MS, BASE_ALONE_MS = 400.0, 600.0      # command killed: by its last message alone
POLICY_NOTICED_MS, NOTICED_MS = 150.0, 500.0
CHUNK_SILENCE_MS = 1200.0     # the rest of the chunk (age limit 0.6 s), then the stop
CAMERA_SILENCE_MS = 2000.0    # 1 s without a usable picture, then as above
PAUSE_S = 0.8
LEAD_S = 0.3                  # to tell the proxy when it is to begin
DELAY_S = 0.8
UNREADABLE = ('silence', 'freeze', 'truncate:0.5', 'nan', f'delay:{DELAY_S}')
HARMLESS = ('double', 'reorder', 'drop:0.2', 'corrupt')
LINK = ('double', 'drop:0.02', 'delay:0.01')
CLOCK_JUMPS_S = (5.0, 0.3, -0.3, -5.0)


def catalogue(robot: Subject) -> List[Fault]:
    """Return the faults of a robot, those that share a bring-up side by side."""
    return [*_processes(robot), *_topics(robot), *_clock(robot), *_machine(robot)]


def _processes(robot) -> Iterator[Fault]:
    for node in robot.nodes:
        there = node != 'sim'
        bounds = _bounds(robot, node)
        kill = partial(_signal, node, signal.SIGKILL)
        yield Fault(f'kill.{node}', kill, bounds, rests=there, process=node)
        yield Fault(f'restart.{node}', partial(_signal, node, signal.SIGTERM),
                    Bounds(rest_ms=_rest(robot) if there else None), rests=there,
                    process=node)
        yield Fault(f'pause.{node}', partial(_signal, node, signal.SIGSTOP), bounds,
                    partial(_signal, node, signal.SIGCONT), hold_s=PAUSE_S, rests=there)
        yield Fault(f'hang.{node}', partial(_signal, node, signal.SIGSTOP), bounds, rests=there,
                    process=node)


def _rest(robot):
    return ARM_REST_MS if robot.profile.arm else BASE_REST_MS


def _bounds(robot, node) -> Bounds:
    if node == 'sim':
        return Bounds()
    alone = ARM_ALONE_MS if robot.profile.arm else BASE_ALONE_MS
    return Bounds(POLICY_NOTICED_MS if node == 'policy' else NOTICED_MS,
                  alone if node == 'command' else _rest(robot))


def _topics(robot) -> Iterator[Fault]:
    for way in robot.ways():
        topic = robot.topic(way.topic)
        if topic in robot.command_topics:
            yield from (_topic(robot, topic, kind, Bounds()) for kind in LINK)
            yield _topic(robot, topic, 'silence', Bounds(rest_ms=_rest(robot)))
            continue
        rest_ms = _silence_ms(robot, way)
        for kind in UNREADABLE:
            if _bites(way, kind):
                borne = kind.startswith('delay') and _bears_delay(robot, way)
                yield _topic(robot, topic, kind, Bounds(rest_ms=None if borne else rest_ms))
        yield from (_topic(robot, topic, kind, Bounds()) for kind in HARMLESS)


def _bites(way, kind) -> bool:
    """Return whether a disturbance makes the messages of a topic useless."""
    nothing_to_spoil = {'nan': ('Image', 'Header'), 'truncate:0.5': 'Header', 'freeze': 'Header'}
    return not way.kind.endswith(nothing_to_spoil.get(kind, ()))


def _bears_delay(robot, way) -> bool:
    """Return whether the policy may use what is that late."""
    age_s = robot.seen_age_s(way.topic)
    return age_s is not None and age_s > DELAY_S


def _silence_ms(robot, way):
    """Return until when a robot without this topic must be at rest, None if it may go on."""
    if way.topic.endswith(('image_raw', 'objects')):
        return None if robot.seen_age_s(way.topic) is None else CAMERA_SILENCE_MS
    return CHUNK_SILENCE_MS if way.topic.startswith('policy') else _rest(robot)


def _topic(robot, topic, kind, bounds) -> Fault:
    short = topic.removeprefix(f'/{robot.name}/')
    return Fault(f'topic.{short}.{kind}', lambda session: session.disturb({topic: kind}, LEAD_S),
                 bounds, lambda session: session.disturb({}), setup=Setup(proxy=topic),
                 hold_s=1.0 + (bounds.rest_ms or 1000.0) / 1e3)


def _clock(robot) -> Iterator[Fault]:
    for seconds in CLOCK_JUMPS_S:
        yield Fault(
            f'clock.{seconds:+g}s', partial(_set_clock, f'shift:{seconds}', LEAD_S),
            Bounds(rest_ms=_rest(robot)), partial(_set_clock, 'pass', 0.0),
            setup=Setup(proxy='/clock', use_sim_time=True))


def _machine(robot) -> Iterator[Fault]:
    yield Fault('cpu.hog', lambda session: session.hog.start(), Bounds(),
                lambda session: session.hog.end(), hold_s=8.0)
    full = Setup(full_disk=True)
    yield Fault('disk.full', lambda session: session.disk.fill(), Bounds(),
                lambda session: session.disk.free(), setup=full, hold_s=5.0)
    yield Fault('disk.full_and_kill.policy', _fill_and_kill,
                Bounds(NOTICED_MS, _rest(robot)), setup=full, process='policy')
    topic = robot.topic(robot.chunk_topic)
    yield Fault('disk.full_and_nan', partial(_fill_and_spoil, topic),
                Bounds(NOTICED_MS, CHUNK_SILENCE_MS), _free_and_pass,
                setup=Setup(proxy=topic, full_disk=True), hold_s=3.0)


def _signal(node, number, session):
    session.signal(node, number)


def _set_clock(setting, lead_s, session):
    return session.disturb({'/clock': setting}, lead_s)


def _fill_and_kill(session):
    session.disk.fill()
    session.signal('policy', signal.SIGKILL)


def _fill_and_spoil(topic, session):
    session.disk.fill()
    return session.disturb({topic: 'nan'}, LEAD_S)


def _free_and_pass(session):
    session.disk.free()
    session.disturb({})
