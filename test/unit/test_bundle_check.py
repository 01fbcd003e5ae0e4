"""Preflight: every difference between manifest, model and robot, at once."""
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Optional

from bundle_examples import manifest
from physai_ros.bundle.check import check_joints, check_model, check_profile, preflight
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.inference.model import TensorSpec
import pytest

STATE, IMAGE = 'observation.state', 'observation.images.head'


def model(state=(1, 6), image=(None, 3, 2, 4), action=(1, 10, 3), dtype='float32', **more):
    inputs = {STATE: state, IMAGE: image, **more}
    return SimpleNamespace(
        inputs=[TensorSpec(name, shape, dtype) for name, shape in inputs.items()],
        outputs=[TensorSpec('action', action, dtype)])


@dataclass
class Joint:
    name: str
    moves: bool = True
    lower: Optional[float] = -2.0
    upper: Optional[float] = 2.0


def description(*names):
    return SimpleNamespace(joints={name: Joint(name) for name in names})


def profile(**parts):
    return SimpleNamespace(**{
        'name': 'tester',
        'arm': SimpleNamespace(joints=('shoulder', 'elbow', 'on')),
        'base': None,
        'camera': SimpleNamespace(width=320, height=160, rate_hz=30.0),
        'perception': SimpleNamespace(rate_hz=10.0, support_planes={'workpiece': 0.8},
                                      fiducials=None),
        'rates': SimpleNamespace(joint_states_hz=100.0, imu_hz=100.0, odom_hz=50.0),
        **parts})


ROBOT = description('shoulder', 'elbow', 'on')


def texts(problems):
    return [str(problem) for problem in problems]


def test_what_fits():
    preflight(manifest(), model(), profile(), ROBOT)
    preflight(manifest())


@pytest.mark.parametrize('candidate, message', [
    (model(state=(1, 7)), 'the shape of policy.yaml: inputs.observation.state is (1, 6); '
                          'expected (1, 7), as the model has'),
    (model(state=(6,)), 'is (1, 6); expected (6,)'),
    (model(image=(None, 2, 4, 3)), 'is (1, 3, 2, 4); expected (any, 2, 4, 3), as the model has'),
    (model(action=(1, 20, 3)), 'outputs.action is (1, 10, 3); expected (1, 20, 3)'),
    (model(task=(1, 4)), 'policy.yaml: inputs.task is missing; expected terms for it, as the '
                         'model has this input. Add it; the model needs float32 (1, 4)'),
])
def test_model(candidate, message):
    found = texts(check_model(manifest(), candidate))
    assert len(found) == 1
    assert message in found[0]


def test_model_of_another_type():
    found = texts(check_model(manifest(), model(dtype='float16')))
    assert len(found) == 3
    assert "the type of action in the model is 'float16'; expected 'float32'" in found[2]


def test_an_input_that_the_model_has_not():
    outputs = {'actions': manifest().outputs['action'].model_dump()}
    found = texts(check_model(manifest(outputs=outputs), model()))
    assert len(found) == 1
    assert "outputs.actions is 'actions'; expected one of the outputs of the model: action. " \
           'Did you mean action?' in found[0]


def test_free_dimensions_fit():
    assert not texts(check_model(manifest(), model((None, 6), (None,) * 4, (None, None, 3))))


def test_a_single_step_may_have_no_step_dimension():
    outputs = {'action': {'kind': 'joint_position', 'joints': ['a', 'b', 'c']}}
    single = manifest(outputs=outputs, timing={'deadline_s': 0.05})
    assert not texts(check_model(single, model(action=(1, 3))))
    assert not texts(check_model(single, model(action=(1, 1, 3))))


@pytest.mark.parametrize('robot, message', [
    (profile(name='other'), "policy.yaml: robot is 'tester'; expected 'other'"),
    (profile(arm=None), "outputs.action.joints[0] is 'shoulder'; expected one of the joints that "
                        'tester can be commanded: there are none'),
    (profile(camera=SimpleNamespace(width=320, height=240, rate_hz=30.0)),
     'inputs.observation.images.head[0].size is (2, 4); expected the proportions of the camera, '
     '320 x 240'),
    (profile(camera=SimpleNamespace(width=2, height=1, rate_hz=30.0)),
     'size is (2, 4); expected at most [1, 2], what the camera has'),
    (profile(camera=SimpleNamespace(width=320, height=160, rate_hz=4.0)),
     'the maximum age of policy.yaml: inputs.observation.images.head[0] is 0.2; expected at least '
     '0.25 s'),
    (profile(perception=None), "inputs.observation.state[1] is 'object_pose'; expected a term "
                               'that needs no perception'),
    (profile(perception=SimpleNamespace(rate_hz=10.0, support_planes={'workpieces': 1},
                                        fiducials=None)),
     "inputs.observation.state[1].class_id is 'workpiece'; expected one of the classes that "
     'perception lifts to 3D: workpieces. Did you mean workpieces?'),
    (profile(rates=SimpleNamespace(joint_states_hz=5.0, imu_hz=100.0, odom_hz=50.0)),
     'inputs.observation.state[0] is 0.1; expected at least 0.2 s'),
])
def test_profile(robot, message):
    found = texts(check_profile(manifest(), robot))
    assert message in found[0]


def test_a_step_by_step_policy_needs_a_sample_each_step():
    outputs = {'action': {'kind': 'joint_position', 'joints': ['on']}}
    fast = manifest(outputs=outputs, rate_hz=200, timing={'deadline_s': 0.005})
    assert 'rate_hz is 200.0; expected at most 100, the rate of joint_states' in texts(
        check_profile(fast, profile()))[0]


def test_base_output_needs_a_base():
    outputs = {'twist': {'kind': 'base_twist', 'chunk': 10}}
    assert 'outputs.twist.kind' in texts(check_profile(manifest(outputs=outputs), profile()))[0]


def test_joints_of_the_urdf():
    found = texts(check_joints(manifest(), description('shoulder', 'elbw', 'on')))
    assert len(found) == 2
    assert "inputs.observation.state[0].joints[1] is 'elbow'; expected one of the moving joints " \
           'of the URDF: shoulder, elbw, on. Did you mean elbw?' in found[0]
    assert 'outputs.action.joints[1]' in found[1]


def test_fixed_joints_do_not_count():
    robot = description('shoulder', 'elbow', 'on')
    robot.joints['on'].moves = False
    assert len(texts(check_joints(manifest(), robot))) == 2


def test_an_offset_in_degrees():
    outputs = {'action': {'kind': 'joint_position', 'joints': ['shoulder', 'on'],
                          'offset': [0.5, 90.0], 'chunk': 10}}
    found = texts(check_joints(manifest(outputs=outputs), ROBOT))
    assert found == ['policy.yaml: outputs.action.offset[1] is 90.0; expected -2 to 2, the limits '
                     'of on. Give it in rad (m for a sliding joint), not in degrees']


def test_all_at_once():
    with pytest.raises(InvalidBundleError) as error:
        preflight(manifest(), model(state=(1, 7)), profile(name='other'), description('elbow'))
    assert len(error.value.problems) == 1 + 1 + 4
    assert str(error.value).startswith('bundle example 1.0.0 has 6 problems:\n  1. the shape of')
