"""Preflight: what a model answers in other units than the manifest says."""
from types import SimpleNamespace

from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.check import examine
from physai_ros.inference.model import TensorSpec
import pytest

JOINTS = ['pan', 'finger']
TURN = {'kind': 'frame_delta', 'frame': 'hand', 'joints': JOINTS}


def robot():
    def joint(kind, lower, upper, velocity):
        return SimpleNamespace(type=kind, lower=lower, upper=upper, velocity=velocity, moves=True)

    return SimpleNamespace(joints={'pan': joint('revolute', -2.0, 2.0, 2.5),
                                   'finger': joint('prismatic', 0.0, 0.04, 0.1)},
                           links=('base', 'hand'))


def found(output, numbers, chunk=1):
    """Return the problems of a model that always answers the same numbers."""
    content = manifest(inputs={'x': [{'term': 'joint_position', 'joints': JOINTS}]},
                       outputs={'u': {**output, 'chunk': chunk}}, timing={'deadline_s': 0.04})
    answer = np.tile(np.float32(numbers), (1, chunk, 1))
    model = SimpleNamespace(inputs=[TensorSpec('x', (1, 2), 'float32')],
                            outputs=[TensorSpec('u', answer.shape, 'float32')],
                            run=lambda inputs: {'u': answer})
    return [str(problem) for stage in examine(content, model, None, robot())
            for problem in stage.problems]


def gripper(**keys):
    return {'kind': 'split', 'parts': [
        {'kind': 'joint_position', 'joints': ['pan']},
        {'kind': 'gripper', 'joints': ['finger'], 'closed': 0.0, 'open': 0.04, **keys}]}


@pytest.mark.parametrize('chunk', [1, 8])
@pytest.mark.parametrize('unit, speed', [('rad', 2.0), ('rad', -7.0), ('deg', 60.0)])
def test_velocities_within_reach(unit, speed, chunk):
    output = {'kind': 'joint_velocity', 'joints': JOINTS, 'unit': unit, 'scale': [1.0, 0.01]}
    assert not found(output, [speed, 0.0], chunk)


@pytest.mark.parametrize('chunk', [1, 8])
def test_velocities_in_degrees(chunk):
    assert found({'kind': 'joint_velocity', 'joints': JOINTS}, [-30.0, 0.0], chunk) == [
        'what the model answers for pan by policy.yaml: outputs.u is 30.0; expected at most 2.5, '
        'the velocity of this joint in the URDF. Give it in rad/s (m/s for a sliding joint), or '
        'say unit: deg']


def test_a_joint_without_a_limit_of_velocity(monkeypatch):
    free = robot()
    free.joints['pan'].velocity = None
    monkeypatch.setitem(globals(), 'robot', lambda: free)
    assert not found({'kind': 'joint_velocity', 'joints': JOINTS}, [-30.0, 0.0])


def test_a_finger_that_is_told_how_far_it_is_open():
    position = {'kind': 'joint_position', 'joints': JOINTS}
    assert not found(position, [0.0, 0.1])
    text, = found(position, [0.0, 0.3])
    assert text.startswith('what the model answers for finger by policy.yaml: outputs.u is 0.3; '
                           'expected 0 to 0.04, the limits of this joint')


@pytest.mark.parametrize('keys, number', [
    ({}, 0.5), ({}, -1.0), ({}, 1.4), ({'fractions': [0, 255]}, 200.0),
    ({'fractions': [1, 0]}, -1.0), ({'fractions': [0.4999, 0.5001]}, 40.0), ({'scale': 0.01}, 80)])
def test_grippers_within_reach(keys, number):
    assert not found(gripper(**keys), [0.0, number])


@pytest.mark.parametrize('keys, number, expected', [
    ({}, 200.0, 'outputs.u.parts[1] is 200.0; expected about 0 (closed) to 1 (open), as'),
    ({'fractions': [1, 0]}, -90.0, 'is -90.0; expected about 1 (closed) to 0 (open), as')])
def test_grippers_in_other_numbers(keys, number, expected):
    text, = found(gripper(**keys), [0.0, number])
    assert expected in text
    assert 'Give fractions: what the model answers where the gripper is closed' in text


@pytest.mark.parametrize('turn, told', [(1.9, False), (5.0, True)])
def test_a_frame_that_turns_in_degrees(turn, told):
    expected = ['what the model answers for hand by policy.yaml: outputs.u is 5.0; expected at '
                'most 2.0 rad a step. Give it in rad, or say unit: deg']
    assert found(TURN, [0.01, 0.0, 0.0, 0.0, turn, 0.0]) == (expected if told else [])
    assert not found({**TURN, 'unit': 'deg'}, [0.01, 0.0, 0.0, 0.0, turn, 0.0])
