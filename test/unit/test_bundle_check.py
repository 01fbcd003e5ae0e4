"""Preflight: every difference between manifest, model and robot, at once."""
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Optional

from bundle_examples import changed, JOINTS, manifest, text
import numpy as np
from physai_ros.bundle import check, check_robot
from physai_ros.bundle.check import examine, preflight
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import InvalidBundleError, validate, Where
from physai_ros.bundle.yaml12 import read_yaml
from physai_ros.core.errors import BundleError
from physai_ros.inference.model import TensorSpec
import pytest

STATE, IMAGE = 'observation.state', 'observation.images.head'
WHERE = Where('policy.yaml', {})


def check_model(content, candidate):
    return check.check_model(content, candidate, WHERE)


def check_profile(content, robot):
    return check_robot.check_profile(content, robot, WHERE)


def check_joints(content, robot):
    return check_robot.check_joints(content, robot, WHERE)


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
        'arm': SimpleNamespace(joints=('shoulder', 'elbow', 'on'), home={}),
        'base': None,
        'camera': SimpleNamespace(name='head_camera', width=320, height=160, rate_hz=30.0),
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


def test_a_state_that_nothing_is_said_of():
    candidate = model(h_in=(1, 1, 64), phase=(1, 2))
    candidate.outputs.append(TensorSpec('h_out', (1, 1, 64), 'float32'))
    state, other = texts(check_model(manifest(), candidate))
    assert state.endswith('name it in recurrent, with output: h_out') and 'h_in' in state
    assert 'recurrent' not in other


def test_model_of_another_type():
    found = texts(check_model(manifest(), model(dtype='float16')))
    assert len(found) == 3
    assert "the type of policy.yaml: outputs.action is 'float32'; expected float16, as the " \
           'model has' in found[2]


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
    (profile(camera=SimpleNamespace(name='head_camera', width=320, height=240, rate_hz=30.0)),
     'inputs.observation.images.head[0].size is (2, 4); expected the proportions of the camera, '
     '320 x 240'),
    (profile(camera=SimpleNamespace(name='head_camera', width=2, height=1, rate_hz=30.0)),
     'size is (2, 4); expected at most [1, 2], what the camera has'),
    (profile(camera=SimpleNamespace(name='head_camera', width=320, height=160, rate_hz=4.0)),
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


def test_what_cannot_be_commanded_is_told_once():
    outputs = {'action': {'kind': 'joint_position', 'joints': ['shoulder', 'wing'], 'chunk': 10}}
    with pytest.raises(InvalidBundleError) as error:
        preflight(manifest(outputs=outputs), profile=profile(), description=ROBOT)
    found, = error.value.problems
    assert "'wing'; expected one of the joints that tester can be commanded" in str(found)
    found, = texts(check_joints(manifest(outputs=outputs), ROBOT))
    assert "'wing'; expected one of the moving joints of the URDF" in found


def test_joints_of_another_device_need_not_be_in_the_urdf():
    for topic, count in (('joint_states', 1), ('leader/joint_states', 0)):
        leader = {'term': 'joint_position', 'topic': topic, 'joints': ['leader_elbow']}
        assert len(texts(check_joints(manifest(inputs={'state': [leader]}), ROBOT))) == count


def test_fixed_joints_do_not_count():
    robot = description('shoulder', 'elbow', 'on')
    robot.joints['on'].moves = False
    assert len(texts(check_joints(manifest(), robot))) == 2


def test_an_offset_in_degrees():
    outputs = {'action': {'kind': 'joint_position', 'joints': ['shoulder', 'on'],
                          'offset': [0.5, 90.0], 'chunk': 10}}
    found = texts(check_joints(manifest(outputs=outputs), ROBOT))
    assert found == ['policy.yaml: outputs.action.offset[1] is 90; expected -2 to 2, the limits '
                     'of on. Give it in rad (m for a sliding joint), or say unit: deg']


def test_all_at_once():
    with pytest.raises(InvalidBundleError) as error:
        preflight(manifest(), model(state=(1, 7)), profile(name='other'), description('elbow'))
    assert len(error.value.problems) == 1 + 1 + 4
    assert str(error.value).startswith('bundle example 1.0.0 has 6 problems:\n  1. the shape of')


def test_lines_of_the_file_are_told():
    document = read_yaml(text(changed(robot='other')), 'policy.yaml')
    content = validate(Manifest, document, 'policy.yaml')
    with pytest.raises(InvalidBundleError) as error:
        preflight(content, model(state=(1, 7)), profile(), ROBOT, document.lines)
    lines = text(changed()).splitlines()
    robot, state = lines.index('robot: tester'), lines.index('  observation.state:')
    assert f'policy.yaml: robot (line {robot + 1})' in str(error.value)
    assert f'inputs.observation.state (line {state + 1}) is (1, 6)' in str(error.value)


@pytest.mark.parametrize('side, change, message', [
    ('outputs', {'scale': 57.3}, 'what a change of 1 means for shoulder and 2 more by '
     'policy.yaml: outputs.action.scale is 57.3; expected less than twice the range -2 to 2'),
    ('outputs', {'normalise': {'mean': [0, 45, 0], 'std': [0.1, 0.1, 0.1]}},
     'outputs.action.normalise.mean[1] is 45; expected -2 to 2, the limits of elbow'),
    ('outputs', {'normalise': {'min': -90, 'max': 90}}, 'outputs.action.normalise is 90'),
    ('inputs', {'normalise': {'mean': [0.1, 0.1, 0.1], 'std': [0.1, 20, 0.1]}},
     'what a change of 1 means for elbow by policy.yaml: inputs.observation.state[0].normalise '
     'is 20'),
    ('inputs', {'offset': [0, 100, 0]}, 'inputs.observation.state[0].offset[1] is 100'),
])
def test_statistics_in_degrees(side, change, message):
    content = changed()
    where = content['outputs']['action'] if side == 'outputs' else content['inputs'][STATE][0]
    where.update(change)
    found = texts(check_joints(validate(Manifest, content, 'policy.yaml'), ROBOT))
    assert message in found[0]
    where['unit'] = 'deg'
    assert not texts(check_joints(validate(Manifest, content, 'policy.yaml'), ROBOT))


@pytest.mark.parametrize('change', [
    {'scale': 1.0}, {'scale': 0.25}, {'offset': 0.5}, {'offset': [2, -2, 0]},
    {'normalise': {'mean': [1, 1, 1], 'std': [1, 1, 1]}}, {'normalise': {'min': -2, 'max': 2}}])
def test_plausible_statistics(change):
    output = {'kind': 'joint_position', 'joints': JOINTS, 'chunk': 10, **change}
    assert not texts(check_joints(manifest(outputs={'action': output}), ROBOT))


class Answering:
    """A model of the example that answers what a function says."""

    def __init__(self, answer):
        specs = model()
        self.inputs, self.outputs, self._answer = specs.inputs, specs.outputs, answer

    def run(self, inputs):
        assert inputs[STATE].shape == (1, 6)
        assert inputs[IMAGE].shape == (1, 3, 2, 4)
        return {'action': self._answer(inputs).astype(np.float32)}


def answers(function, robot=ROBOT):
    stages = examine(manifest(), Answering(function), profile(), robot)
    return texts(problem for stage in stages for problem in stage.problems)


def pose(inputs):
    return np.repeat(inputs[STATE][:, np.newaxis, :3], 10, axis=1)


def test_answers_within_reach():
    assert not answers(pose)
    assert not answers(lambda inputs: pose(inputs) + 2.0)
    narrow = description(*JOINTS)
    narrow.joints['on'].lower, narrow.joints['on'].upper = 0.0, 0.05
    assert not answers(lambda inputs: pose(inputs) + [0.0, 0.0, 0.4], narrow)


def test_answers_in_degrees():
    found = answers(lambda inputs: 0.0 * pose(inputs) + np.array([0.0, 45.0, 0.0]))
    assert found == ['what the model answers for elbow by policy.yaml: outputs.action is 45.0; '
                     'expected -2 to 2, the limits of this joint. Give it in rad (m for a sliding '
                     'joint), or say unit: deg']


def test_answers_in_another_order():
    narrow = description(*JOINTS)
    narrow.joints['elbow'].lower, narrow.joints['elbow'].upper = 0.0, 0.1
    found, = answers(lambda inputs: 0.0 * pose(inputs) + np.array([0.0, 1.5, 0.0]), narrow)
    assert 'for elbow' in found
    assert found.endswith('or correct the order of joints, shoulder can be there')


def test_answers_that_are_not_finite():
    assert 'expected a finite number' in answers(lambda inputs: pose(inputs) * np.nan)[0]


def test_a_model_that_fails():
    def fail(inputs):
        raise BundleError('the model failed', None, 'an answer', 'no')
    assert answers(fail) == ['the model failed; expected an answer. No']


def test_a_model_of_another_shape_is_not_run():
    candidate = Answering(pose)
    candidate.inputs = model(state=(1, 7)).inputs
    found = list(examine(manifest(), candidate, profile(), ROBOT))
    assert sum(len(stage.problems) for stage in found) == 1
    assert [stage.title for stage in found if not stage.tried] == [
        'answers: not checked, as the model or the joints do not fit']


def test_a_base_that_is_sent_too_fast():
    content = manifest(outputs={'action': {'kind': 'base_twist', 'chunk': 10}})
    limits = SimpleNamespace(linear_x=SimpleNamespace(velocity=0.5), linear_y=None,
                             angular_z=SimpleNamespace(velocity=1.0))
    robot = profile(base=SimpleNamespace(limits=limits, stance={}))
    stages = examine(content, Answering(lambda inputs: np.full((1, 10, 3), 40.0)), robot, ROBOT)
    found = texts(problem for stage in stages for problem in stage.problems)
    assert len(found) == 1
    assert 'for linear_x and 1 more by policy.yaml: outputs.action is 40.0; expected at most 0.5' \
        in found[0]
    assert found[0].endswith('Give it in m/s and rad/s, by scale')


@pytest.mark.parametrize('kind, rotation, expected', [
    ('frame_delta', True, 'expected at most 0.5 m a step. Give it in m'),
    ('frame_pose', 'rotation_vector', 'expected at most 3.0 m from the root of the URDF. Give it '
     'in m: scale 0.001 where the model answers in mm')])
def test_a_frame_in_millimetres(kind, rotation, expected):
    content = manifest(outputs={'action': {
        'kind': kind, 'frame': 'hand', 'joints': JOINTS, 'chunk': 10, 'rotation': rotation}})
    candidate = Answering(lambda inputs: np.full((1, 10, 6), 400.0))
    candidate.outputs = model(action=(1, 10, 6)).outputs
    found = texts(problem for stage in examine(content, candidate, profile(), ROBOT)
                  for problem in stage.problems)
    assert len(found) == 1 and 'for hand by policy.yaml: outputs.action is 693' in found[0]
    assert expected in found[0]


def test_a_distorted_picture_may_be_meant():
    for fit in ('stretch', 'crop', 'pad'):
        content = changed()
        content['inputs'][IMAGE][0]['fit'] = fit
        square = profile(camera=SimpleNamespace(name='head_camera', width=320, height=240,
                                                rate_hz=30.0))
        assert not texts(check_profile(validate(Manifest, content, 'policy.yaml'), square))


def test_a_crop_outside_the_picture():
    content = changed()
    content['inputs'][IMAGE][0]['crop'] = [0, 0, 200, 400]
    found = texts(check_profile(validate(Manifest, content, 'policy.yaml'), profile()))
    assert '[0].crop is (0, 0, 200, 400); expected a part of the picture, 320 x 160' in found[0]
