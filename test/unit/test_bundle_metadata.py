"""Preflight: a manifest against what the exporter wrote into the model."""
import copy

from bundle_examples import identity_onnx, manifest, text
from hypothesis import given, strategies
import onnx
from physai_ros.bundle.check import examine, preflight
from physai_ros.bundle.check_metadata import check_metadata, written
from physai_ros.bundle.manifest import parse_manifest
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.inference.apart import ApartModel
from physai_ros.inference.onnx import OnnxModel
import pytest
from test_deploy import EXAMPLES, linear_onnx, weights_for

JOINTS = ['hip', 'thigh', 'calf', 'ankle']
POSE = [0.1, 0.8, -1.5, 0.0]
SCALE = [0.25, 0.5, 0.125, 0.1]


def metadata(joints=JOINTS, pose=POSE, scale=SCALE):
    return {'joint_names': ','.join(joints), 'joint_stiffness': '1.000,2.000',
            'default_joint_pos': ','.join(f'{number:.3f}' for number in pose),
            'action_scale': ','.join(f'{number:.3f}' for number in scale)}


def content(joints=JOINTS, pose=POSE, scale=SCALE, **changes):
    """Return inputs and outputs; ``changes`` are keys of the terms and the output by name."""
    joints, pose, scale = list(joints), list(pose), list(scale)
    parts = {'position': {'term': 'joint_position', 'joints': joints, 'offset': pose},
             'velocity': {'term': 'joint_velocity', 'joints': joints, 'scale': 0.05},
             'answer': {'kind': 'joint_position', 'joints': joints, 'offset': pose,
                        'scale': scale}}
    for name, change in changes.items():
        parts[name].update(change)
    return {'inputs': {'obs': [parts['position'], parts['velocity']]},
            'outputs': {'action': parts['answer']}, 'timing': {'deadline_s': 0.02}}


def problems(said=None, **parts):
    said = metadata() if said is None else said
    return [str(problem) for problem in check_metadata(
        manifest(**content(**parts)), written(said), Where('policy.yaml', {}))]


def in_order(order, *lists):
    return [[numbers[n] for n in order] for numbers in lists]


OTHER = in_order([3, 0, 2, 1], JOINTS, POSE, SCALE)


def test_what_fits():
    assert not problems()
    assert not problems({**metadata(), 'action_scale': '0.25'}, scale=[0.25])
    assert not problems({**metadata(), 'joint_names': str(JOINTS)})
    assert not problems(pose=[0.11, 0.79, -1.51, 0.01])
    assert not problems(metadata(scale=[0.0746] * 4), scale=[0.0746])
    assert not problems({})


def test_another_order():
    joints, pose, scale = OTHER
    found = problems(joints=joints, pose=pose, scale=scale)
    assert len(found) == 3
    assert found[2] == (
        "policy.yaml: outputs.action.joints[0] is 'ankle'; expected 'hip', as the model's own "
        'metadata (joint_names) say; 3 joints stand elsewhere. Give the joints in this order: '
        'hip, thigh, calf, ankle; and what has a number for each (offset, scale, clip) likewise')


def test_joints_alone_in_another_order():
    found = problems(joints=OTHER[0])
    assert len(found) == 3 and all('joint_names' in problem for problem in found)


@pytest.mark.parametrize('place', ['position', 'answer'])
def test_joints_of_one_place_in_another_order(place):
    found = problems(**{place: {'joints': OTHER[0]}})
    assert found and all('joints[0]' in problem or 'default pose of' in problem
                         for problem in found)


def test_one_term_in_another_order():
    found, = problems(velocity={'joints': OTHER[0]})
    assert 'inputs.obs[1].joints[0]' in found


def test_another_pose():
    wrong = {'offset': [0.1, 0.8, 1.5, 0.0]}
    found, = problems(answer=wrong)
    assert found == (
        'the default pose of calf, policy.yaml: outputs.action.offset[2], is 1.5; expected -1.5, '
        "as the model's own metadata (default_joint_pos) say. Give the default pose as offset, in "
        'the order of joints: [0.1, 0.8, -1.5, 0]')
    found, = problems(position=wrong)
    assert 'inputs.obs[0].offset[2]' in found


def test_a_forgotten_pose():
    found, = problems(answer={'offset': 0.0})
    assert 'the default pose of hip and 2 more, policy.yaml: outputs.action.offset, is 0' in found


def test_another_scale():
    assert problems(answer={'scale': 1.0}, said=metadata(scale=[0.25] * 4)) == [
        'the scale of hip and 3 more, policy.yaml: outputs.action.scale, is 1.0; expected 0.25, '
        "as the model's own metadata (action_scale) say. Give the scale of the training, 0.25"]
    found, = problems(answer={'scale': [0.25, 0.5, 0.5, 0.1]})
    assert 'the scale of calf, policy.yaml: outputs.action.scale[2], is 0.5; expected 0.125' in \
        found


@pytest.mark.parametrize('changes', [
    {'position': {'offset': 0.0}},                                      # absolute, in the input
    {'position': {'offset': 0.0}, 'answer': {'offset': 0.0}},           # and in the answer
    {'position': {'offset': 0.0}, 'answer': {'offset': 0.0, 'scale': 1.0}},
    {'position': {'offset': [0.3, 1.2, -1.2, 0.4], 'scale': 0.5},       # parts of the range
     'answer': {'offset': [0.3, 1.2, -1.2, 0.4], 'scale': [0.9, 1.5, 0.8, 0.6]}},
    {'position': {'offset': 0.0, 'normalise': {'mean': 0.2, 'std': 0.4}}},
    {'answer': {'joints': OTHER[0], 'offset': OTHER[1], 'scale': OTHER[2]}},
    {'answer': {'joints': OTHER[0], 'offset': OTHER[1], 'scale': SCALE}}])
def test_what_a_training_may_mean(changes):
    assert not problems(**changes)


def test_an_order_that_the_scale_shows_to_be_the_robots():
    assert not problems(metadata(scale=OTHER[2]), joints=OTHER[0], pose=OTHER[1], scale=OTHER[2])


@pytest.mark.parametrize('said', [
    {'joint_names': ''}, {'joint_names': 'hip'}, {'joint_names': 'hip,hip,calf,ankle'},
    {'joint_names': 'a,b,c,d'}, {'joint_names': 'ankle,hip,calf'}, {'joint_names': None},
    {'joint_names': 'ankle,hip,calf,thigh,neck'}, {'joint_names': '{"ankle": 1}'},
    {'joint_names': 'x' * 100_000}])
def test_names_that_say_nothing(said):
    assert not problems({**metadata(pose=[9.0] * 4), **said})


@pytest.mark.parametrize('broken', [
    '', 'nan,0,0,0', '1,2,3', 'inf,1,1,1', 'tensor([0.1])', '{"hip": 0.1}', ',,,', '\0'])
def test_numbers_that_say_nothing(broken):
    for key in ('default_joint_pos', 'action_scale'):
        assert not problems({**metadata(), key: broken})


def test_poses_that_differ_without_metadata():
    found, = problems({}, answer={'offset': OTHER[1]})
    assert found == (
        'the default pose of hip and 2 more, policy.yaml: outputs.action.offset[0], is 0.0; '
        'expected 0.1, as policy.yaml: inputs.obs[0].offset has for this joint. Bring joints and '
        'offset into the same order, here or there')
    assert problems({}, answer={'joints': OTHER[0]})
    assert not problems({}, answer={'joints': OTHER[0], 'offset': OTHER[1]})
    assert not problems({}, answer={'offset': [0.1, 0.8, -1.4, 0.0]})
    with pytest.raises(InvalidBundleError, match='has for this joint'):
        preflight(manifest(**content(answer={'offset': OTHER[1]})))


@given(strategies.permutations(range(4)))
def test_every_order(order):
    joints, pose, scale = in_order(order, JOINTS, POSE, SCALE)
    assert not problems(metadata(joints, pose, scale), joints=joints, pose=pose, scale=scale)
    assert bool(problems(joints=joints)) == (joints != JOINTS)


def with_metadata(data, said):
    model = onnx.load_from_string(data)
    onnx.helper.set_model_props(model, said)
    return model.SerializeToString()


def test_they_come_through_the_other_process():
    data = with_metadata(identity_onnx(3), metadata())
    assert OnnxModel(data).metadata == metadata()
    with ApartModel(data) as model:
        assert model.metadata == metadata()
    with ApartModel(identity_onnx(3)) as model:
        assert model.metadata == {}


def test_metadata_that_are_no_text():
    data = with_metadata(identity_onnx(3), {'joint_names': 'zyzyzy'})
    data = data.replace(b'zyzyzy', b'\xff' * 6)
    assert OnnxModel(data).metadata == {}


@pytest.mark.parametrize('name', ['walker', 'gaits'])
def test_the_legged_policies_of_the_documentation(name):
    example = copy.deepcopy(EXAMPLES[name])
    output = example['outputs']['actions']
    said = metadata(output['joints'], output['offset'], _list(output['scale'], 12))
    right, source = parse_manifest(text(example)), next(iter(example['inputs']))
    wide = right.input_specs[source][0][-1]
    model = OnnxModel(with_metadata(linear_onnx(right, source, weights_for(wide, 12)), said))
    stages = list(examine(right, model))
    assert not [problem for stage in stages for problem in stage.problems]
    assert any('metadata' in stage.title for stage in stages)
    output['joints'] = output['joints'][3:] + output['joints'][:3]
    assert [problem for stage in examine(parse_manifest(text(example)), model)
            for problem in stage.problems]


def _list(scale, count):
    return scale if isinstance(scale, list) else [scale] * count
