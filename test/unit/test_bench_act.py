"""The comparison with LeRobot: figures of what the sides tell, a reason where there is none."""
import json
import sys

import numpy as np
from physai_ros.bench import act, act_side
from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import ConfigError
import pytest
from test_quantize import network

JOINTS = [f'j{n}' for n in range(8)]


def answers(wall_s, cpu_s, rss_mb):
    return [{'wall_s': wall_s, 'cpu_s': cpu_s, 'rss_mb': rss_mb, 'peak_mb': 2 * rss_mb}] * 3


def test_ratios_are_of_ours_to_lerobots():
    told = {'float32': answers(0.2, 0.1, 300.0), 'lerobot': answers(0.4, 0.3, 500.0)}
    starts = {'float32': [1.0, 1.0], 'lerobot': [5.0, 5.0]}
    speed, memory, start = act._figures('float32', (480, 640), told, starts)
    assert (speed.name, speed.p50, speed.ratio_p50) == ('act.float32_480x640', 200.0, 0.5)
    assert not speed.missed and speed.more['cpu_speedup'] == pytest.approx(3.0)
    assert memory.ratio_p50 == 0.6 and memory.missed
    assert start.ratio_p50 == 0.2 and not start.missed


@pytest.mark.parametrize('python, words', [
    ('/nowhere/python', 'PHYSAI_LEROBOT_PYTHON'),
    (sys.executable, 'LeRobot.*not installed.*PHYSAI_LEROBOT_PYTHON')])
def test_without_lerobot_it_says_why_it_is_skipped(monkeypatch, python, words):
    monkeypatch.setenv(act.PYTHON, python)
    monkeypatch.setenv('PYTHONSAFEPATH', '1')
    with pytest.raises(ConfigError, match=words):
        if python == sys.executable and __import__('importlib.util').util.find_spec('lerobot'):
            pytest.skip('LeRobot is installed here')
        next(act.measure(True))


def test_a_side_answers_in_turns_and_tells_its_error(tmp_path):
    with pytest.raises(ConfigError, match='ghost'):
        act._Side(sys.executable, 'bundle', tmp_path / 'ghost', (4, 4))


def test_a_bundle_goes_from_joints_and_pixels_to_actions(tmp_path, monkeypatch):
    monkeypatch.setattr(act_side, 'STATE', 'state')
    monkeypatch.setattr(act_side, 'CAMERA', 'state')
    write_bundle(tmp_path, {
        'format': 'physai/1', 'name': 'net', 'version': '1.0.0', 'robot': 'r', 'rate_hz': 20,
        'inputs': {'state': [{'term': 'joint_position', 'joints': JOINTS}]},
        'outputs': {'action': {'kind': 'joint_position', 'joints': JOINTS}},
        'timing': {'deadline_s': 0.05}}, network(), '')
    assert callable(act_side.bundle(tmp_path))
    told = json.loads(json.dumps(act_side.memory_mb()))
    assert 0 < told['rss_mb'] <= told['peak_mb'] and np.isfinite(told['peak_mb'])
