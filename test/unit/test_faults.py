"""What the fault-injection suite does to messages, and how it judges motion and commands."""
import json

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import JointTrajectory, Twist
from physai_ros.faults.catalogue import catalogue
from physai_ros.faults.disturb import Disturbance, KINDS, Setting
from physai_ros.faults.fault import Bounds, missed, Row
from physai_ros.faults.motion import Motion
from physai_ros.faults.published import TrajectoryCheck, TwistCheck
from physai_ros.faults.report import BEGIN, END, write_json, write_markdown
from physai_ros.faults.subject import subject
from physai_ros.guard.limits import BaseLimits, JointLimits
from physai_ros.paths import share
import pytest

MS = 1_000_000
A, B, C = b'headAAAA', b'headBBBB', b'headCCCC'


def through(setting, messages, period_ns=10 * MS):
    """Return what arrives, and when, of messages that are sent one a period."""
    way, arrived = Disturbance({'nan': lambda m, x: m.lower(), 'shift': lambda m, x: m}), []
    way.begin(Setting.read(setting))
    for tick in range(200):
        if tick < len(messages):
            way.push(messages[tick], tick * period_ns)
        arrived += [(tick * period_ns, message) for message in way.pop(tick * period_ns)]
    return arrived


@pytest.mark.parametrize('setting, expected', [
    ('pass', [A, B, C]), ('silence', []), ('double', [A, A, B, B, C, C]), ('reorder', [B, A]),
    ('truncate:0.5', [A[:4], B[:4], C[:4]]), ('nan', [A.lower(), B.lower(), C.lower()]),
    ('drop:1', []), ('drop:0', [A, B, C])])
def test_what_arrives(setting, expected):
    assert [message for _, message in through(setting, [A, B, C])] == expected


def test_a_delay_keeps_the_order_and_the_spacing():
    assert through('delay:0.5', [A, B]) == [(500 * MS, A), (510 * MS, B)]


def test_some_are_lost():
    assert 20 < len(through('drop:0.5', [A] * 100)) < 80


def test_a_frozen_topic_says_its_last_word_again():
    way = Disturbance({})
    way.push(A, 0)
    way.begin(Setting('freeze'))
    way.push(B, 0)
    way.push(C, 0)
    assert way.pop(0) == [A, A, A]


def test_corrupted_messages_keep_header_and_length():
    for _, message in through('corrupt', [A] * 20):
        assert len(message) == len(A) and message[:4] == A[:4] and message != A


@pytest.mark.parametrize('text', ['melt', 'delay:soon', ''])
def test_unknown_disturbances_are_refused(text):
    with pytest.raises(ConfigError, match=next(iter(KINDS))):
        Setting.read(text)


def moved(speeds, commanded_until_ns=0):
    motion = Motion(lag_ns=50 * MS)
    motion.commanded(commanded_until_ns)
    for k, speed in enumerate(speeds):
        motion.measured(1 + 10 * MS * k, speed)
    return motion


def test_rest_begins_when_the_robot_stays_at_rest():
    motion = moved([0.5] * 5 + [0.0] * 3 + [0.5] + [0.0] * 20)
    assert motion.rest_ns(0) == 1 + 90 * MS
    assert motion.rest_ns(150 * MS) == 1 + 150 * MS
    assert moved([0.5] * 20 + [0.0] * 3).rest_ns(0) is None


def test_motion_that_nobody_asked_for_is_an_episode():
    assert moved([0.5] * 30, commanded_until_ns=1000 * MS).uncommanded == 0
    assert moved([0.5] * 30, commanded_until_ns=100 * MS).uncommanded == 1
    assert moved([0.5] * 30 + [0.0] * 60 + [0.5] * 5, 100 * MS).uncommanded == 2


def test_a_world_that_stood_still_does_later_what_it_was_told():
    for stall_ns, moved_on_ns, uncommanded in ((800 * MS, 90 * MS, 0), (800 * MS, 300 * MS, 1),
                                               (0, 300 * MS, 1)):
        motion = Motion(lag_ns=50 * MS)
        motion.commanded(1_100 * MS)
        for now_ns in (1_000 * MS, 1_010 * MS):
            motion.measured(now_ns, 0.5)
        for after_ns in range(10 * MS, moved_on_ns, 10 * MS):
            motion.measured(1_010 * MS + stall_ns + after_ns, 0.5)
        assert motion.uncommanded == uncommanded


LIMITS = JointLimits(('a',), [-1.0], [1.0], [1.0], [4.0], [40.0])


def trajectory(p, v, a):
    rows = [np.array(x, float)[:, None] for x in (p, v, a)]
    return JointTrajectory(0, ('a',), np.arange(len(p)) * 10 * MS, *rows)


@pytest.mark.parametrize('rows, found', [
    (([0.0, 0.001], [0.1, 0.0], [-0.2, 0.0]), {}),
    (([0.0, 1.1], [0.1, 0.0], [0.0, 0.0]), {'position': 1}),
    (([0.0, 0.01], [1.1, 0.0], [0.0, 0.0]), {'velocity': 1}),
    (([0.0, 0.01], [0.1, 0.0], [4.1, 4.0]), {'acceleration': 1}),
    (([0.0, 0.01], [0.1, 0.0], [0.5, 0.0]), {'jerk': 1}),
    (([0.0, 0.01], [0.1, 0.1], [0.0, 0.0]), {'end': 1}),
    (([0.0, np.nan], [0.1, 0.1], [0.0, 0.0]), {'non_finite': 1}),
])
def test_published_trajectories_are_checked(rows, found):
    check = TrajectoryCheck(LIMITS, [LIMITS.names])
    check.sample(trajectory(*rows))
    assert dict(check.found) == found


def test_published_twists_are_checked():
    check = TwistCheck(BaseLimits([0.6, 0.0, 1.2], [1.0] * 3, [8.0] * 3))
    for velocity in ((0.6, 0.0, -1.2), (0.7, 0.0, 0.0), (0.0, 0.1, 0.0), (np.nan, 0.0, 0.0)):
        check.sample(Twist(0, np.array(velocity)))
    assert dict(check.found) == {'velocity': 2, 'non_finite': 1}


def test_bounds_are_missed_when_a_value_is_too_large_or_none():
    values = {'detected_ms': 100.0, 'rest_ms': None, 'recovered_ms': 9000.0, 'violations': 1}
    assert missed(values, Bounds(150.0, 500.0)) == ('rest_ms', 'violations')
    assert missed({**values, 'violations': 0}, Bounds()) == ()


def test_the_table_of_a_page_is_replaced(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text(f'before\n{BEGIN}\nold\n{END}\nafter\n')
    row = Row('two1', 'kill.policy', 140.2, 510.0, None, 0, {}, ('rest_ms',), 0.5)
    write_markdown(page, [row])
    text = page.read_text()
    assert '| two1 | `kill.policy` | 140 | **510** (missed) | – | 0 |' in text
    assert 'old' not in text and text.startswith('before') and text.endswith('after\n')
    write_json(tmp_path / 'rows.json', [row])
    assert json.loads((tmp_path / 'rows.json').read_text())[0]['detected_ms'] == 140.2
    (tmp_path / 'other.md').write_text('nothing')
    with pytest.raises(ConfigError, match='marks'):
        write_markdown(tmp_path / 'other.md', [row])


def test_a_delay_that_the_bundle_allows_needs_no_stop():
    robot = subject(share() / 'config' / 'fleet.yaml', 'honda1')
    rest_ms = {fault.name: fault.bounds.rest_ms for fault in catalogue(robot)}
    assert rest_ms['topic.perception/objects.delay:0.8'] is None
    assert rest_ms['topic.perception/objects.silence'] is not None
    assert rest_ms['topic.joint_states.delay:0.8'] == 500.0
