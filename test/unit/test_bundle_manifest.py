"""The manifest: what is said comes through, and every problem is named at once."""
import copy
import json

from bundle_examples import changed, MANIFEST, manifest, text
from hypothesis import given, settings, strategies
from physai_ros.bundle.manifest import parse_manifest
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.core.errors import BundleError
import pytest


def problems(content):
    """Return the text of each problem of a manifest."""
    with pytest.raises(InvalidBundleError) as error:
        parse_manifest(content if isinstance(content, str) else text(content))
    return [str(problem) for problem in error.value.problems]


def state(**term):
    return {'observation.state': [term]}


def test_example():
    example = parse_manifest(text(MANIFEST))
    assert (example.name, example.version, example.robot) == ('example', '1.0.0', 'tester')
    assert example.dt_ns == 50_000_000
    assert example.deadline_ns == 150_000_000
    assert example.horizon_ns == 500_000_000
    assert example.input_shape('observation.state') == (1, 6)
    assert example.input_shape('observation.images.head') == (1, 3, 2, 4)
    assert [place for place, _ in example.terms()] == [
        'inputs.observation.state[0]', 'inputs.observation.state[1]',
        'inputs.observation.images.head[0]']


def test_manifest_of_the_design():
    example = parse_manifest("""
format: physai/1
name: kitting
version: 1.0.0
robot: honda_style
rate_hz: 20
model: {file: model.onnx, sha256: %s}
inputs:
  observation.state:
    - {term: joint_position, joints: [right_elbow, on], offset: [0.1, 1e-3], scale: 1.0}
    - {term: object_pose, class_id: workpiece, frame: base_link}
  observation.images.head:
    - {term: image, topic: head_camera/image_raw, size: [96, 128], encoding: rgb8, range: [0, 1]}
outputs:
  action: {kind: joint_position, joints: [right_elbow, on], offset: [0, 0.5], chunk: 20}
timing: {max_age_s: {joint_position: 0.1, image: 0.2}, deadline_s: 0.15}
""" % ('f' * 64))
    joints = example.inputs['observation.state'][0]
    assert joints.joints == ('right_elbow', 'on')
    assert joints.offset == (0.1, 0.001)
    assert joints.scale == (1.0,)
    assert example.outputs['action'].chunk == 20


def test_maximum_age_is_the_terms_own_or_its_kinds_or_the_default():
    terms = [{'term': 'joint_position', 'joints': ['a'], 'max_age_s': 0.03},
             {'term': 'joint_position', 'joints': ['a']}, {'term': 'base_velocity'}]
    example = manifest(inputs={'x': terms}, timing={'max_age_s': {'joint_position': 0.07},
                                                    'deadline_s': 0.1})
    ages = [example.max_age_ns(term) for _, term in example.terms()]
    assert ages == [30_000_000, 70_000_000, 200_000_000]


@pytest.mark.parametrize('parts, message', [
    ({'version': 1.0},
     'policy.yaml: version (line 3) is 1.0; expected a valid string. Write it in quotes'),
    ({'version': '1.0'}, "version (line 3) is '1.0'; expected text that matches"),
    ({'format': 'physai/2'}, "format (line 1) is 'physai/2'; expected 'physai/1'"),
    ({'rate_hz': 0}, 'rate_hz (line 5) is 0; expected greater than or equal to 0.1'),
    ({'rate_hz': True}, 'rate_hz (line 5) is True; expected a valid number'),
    ({'rate_hz': '20'}, "rate_hz (line 5) is '20'; expected a valid number"),
    ({'rate_hz': float('nan')}, 'rate_hz (line 5) is nan; expected a finite number'),
    ({'rate_hz': None}, 'rate_hz (line 5) is empty; expected a valid number'),
    ({'rat_hz': 5}, 'rat_hz (line 37) = 5 is an unknown key'),
    ({'inputs': {}}, 'inputs (line 9) is {}; expected'),
    ({'inputs': []}, 'inputs (line 9) is []; expected a mapping (key: value)'),
    ({'inputs': {'a b': [{'term': 'base_velocity'}]}}, "'a b'; expected text that matches"),
    ({'model': {'file': '../x.onnx', 'sha256': 'a' * 64}},
     "model.file (line 7) is '../x.onnx'; expected a file inside the folder"),
    ({'model': {'file': '/etc/passwd', 'sha256': 'a' * 64}}, 'expected a file inside the folder'),
    ({'model': {'file': 'm.onnx', 'sha256': 'A' * 64}}, 'model.sha256 (line 8)'),
    ({'inputs': state(term='joint_positions')}, "Did you mean 'joint_position'?"),
    ({'inputs': state(joints=['a'])}, 'observation.state[0].term (line 11) is missing'),
    ({'inputs': state(term='joint_position')},
     'policy.yaml: inputs.observation.state[0].joints (line 11) is missing; expected the names'),
    ({'inputs': state(term='joint_position', joints=['a'], scal=2)},
     'observation.state[0].scal (line 14) = 2 is an unknown key; expected one of align, '
     'clip, dtype, form, history, joints, lag, max_age_s, normalise, offset, scale, term, topic, '
     "unit. Did you mean 'scale'?"),
    ({'inputs': state(term='joint_position', joints=['a', 'b', 'a'])},
     'each name once. Remove the repeated a'),
    ({'inputs': state(term='joint_position', joints=['a', 'b'], offset=[1, 2, 3])},
     'observation.state[0].offset (line 15) is [1, 2, 3]; expected 1 or 2 numbers'),
    ({'inputs': state(term='joint_position', joints=['a'], scale=float('inf'))},
     'observation.state[0].scale (line 14) is inf; expected a finite number'),
    ({'inputs': state(term='joint_position', joints=['a'], scale='1/4')},
     "observation.state[0].scale (line 14) is '1/4'; expected a number, or a list of numbers. "
     'Write the number itself, worked out and without quotes; this is (value - offset)'),
    ({'inputs': state(term='joint_position', joints=['a', 'b'], offset=['pi', 0])},
     "offset[0] (line 16) is 'pi'; expected a valid number. Write the number itself, worked out"),
    ({'inputs': state(term='joint_position', joints=['a'], scale=None)},
     'scale (line 14) is empty; expected a number, or a list of numbers. This is'),
    ({'inputs': state(term='joint_position', joints=['a'], clip=[0, 'pi'])},
     "clip[1] (line 16) is 'pi'; expected a number, or a list of numbers. Write the number"),
    ({'inputs': state(term='joint_position', joints=['a'], topic='/joint_states')},
     "topic (line 14) is '/joint_states'; expected a topic relative to the namespace of the "
     'robot. Leave out the leading /: write joint_states; a driver that publishes /joint_states '
     'is led there by the fleet file, remap: {joint_states: /joint_states}'),
    ({'inputs': state(term='joint_position', joints=['a'], topic='odom/\n')},
     'expected names of letters, digits and _ with / in between, such as head_camera/image_raw. '
     'Correct the topic'),
    ({'inputs': state(term='joint_position', joints=['a'], topic='a' * 129)},
     'at most 128 characters'),
    ({'inputs': state(term='joint_position', joints=['a'], topic=3)}, 'Write it in quotes'),
    ({'inputs': state(term='image', topic='t', size=[96, 128, 3])}, 'at most 2 items'),
    ({'inputs': state(term='joy', axes=[0] * 1500)}, 'expected at most 1024 items, not 1500. This '
     'is places of the axes, from 0'),
    ({'inputs': state(term='joy', axes=[1024])}, '[0] (line 13) is 1024; expected less than 1024'),
    ({'inputs': state(term='image', topic='t', size=[9, 9], range=[1, 0])},
     'observation.state[0].range (line 16) is [1, 0]; expected the lower number first'),
    ({'inputs': state(term='image', topic='t', size=[9, 9], std=[1, 1, 1])},
     'mean and std together'),
    ({'inputs': state(term='image', topic='t', size=[9, 9], mean=[0, 0, 0], std=[0, 1, 1])},
     'expected at least 1e-06'),
    ({'inputs': state(term='image', topic='t', size=[9, 9], mean=[123.675, 116.28, 103.53],
                      std=[58.395, 57.12, 57.375])},
     'observation.state[0].mean (line 16) is [123.675, 116.28, 103.53]; expected numbers from 0 '
     'to 1, the range of a picture. Write range: [0, 255] where the training took it from bytes, '
     'or divide mean and std by 255'),
    ({'inputs': state(term='image', topic='t', size=[9, 9], range=[0, 255],
                      mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])},
     'observation.state[0].mean (line 19) is [0.485, 0.456, 0.406]; expected numbers of bytes, as '
     'range: [0, 255] says; these are of pictures from 0 to 1. Leave out range'),
    ({'inputs': {'x': [{'term': 'image', 'topic': 't', 'size': [9, 9]},
                       {'term': 'base_velocity'}]}}, 'expected an image alone in its input'),
    ({'inputs': state(term='image', topic='t', size=[8192, 8192], history={'steps': 9})},
     'expected at most 100000000 numbers in an input'),
    ({'inputs': {'x': [{'term': 'joint_position', 'joints': ['a'], 'topic': 'odom'},
                       {'term': 'base_velocity'}]}},
     "inputs.x[1].topic (line 15) is 'odom'; expected another topic, as joint_position in "
     'inputs.x[0] takes joint_state from this one. Base_velocity needs one that carries odometry'),
    ({'outputs': {'action': {'kind': 'base_twist', 'kd': 0.5}}},
     'outputs.action.kd (line 28) = 0.5 is an unknown key; expected one of axes, chunk, clip, '
     "kind, normalise, offset, scale. Remove it: gains belong to the robot's driver"),
    ({'inputs': state(term='previous_action', output='acton', size=3)},
     "observation.state[0].output (line 12) is 'acton'; expected one of action"),
    ({'inputs': state(term='previous_action', output='action', size=2)},
     'observation.state[0].size (line 13) is 2; expected 3, as output action has'),
    ({'outputs': {'action': {'kind': 'joint', 'chunk': 10}}},
     "outputs.action.kind (line 27) is 'joint'; expected one of"),
    ({'outputs': {'action': {'kind': 'base_twist', 'chunk': 10, 'scale': [1, 2]}}},
     'expected 1 or 3 numbers'),
    ({'outputs': {'a': {'kind': 'base_twist', 'chunk': 9}, 'b': {'kind': 'base_twist',
                                                                 'chunk': 9}}},
     'outputs.b (line 29) moves the base; expected one output for it; a moves it too'),
    ({'outputs': {'a': {'kind': 'joint_position', 'joints': ['x'], 'chunk': 9},
                  'b': {'kind': 'joint_position', 'joints': ['y'], 'chunk': 8}}},
     'outputs.b.chunk (line 35) is 8; expected 9'),
    ({'timing': {'deadline_s': 0.6}}, 'timing.deadline_s (line 34) is 0.6; expected at most 0.5'),
    ({'timing': {'deadline_s': 0.1, 'max_age_s': {'images': 1}}}, "'images'; expected"),
    ({'timing': {}}, 'timing.deadline_s (line 33) is missing'),
])
def test_problem(parts, message):
    found = problems(changed(**parts))
    assert len(found) == 1
    assert message in found[0]
    assert found[0].startswith('policy.yaml')


@pytest.mark.parametrize('span, mean, std', [
    ([0, 255], 123.675, 58.395), ([0, 255], 127.5, 127.5), ([0, 255], 0.0, 255.0),
    ([0, 255], 1.1, 2.0), ([0, 100], 0.5, 1.0),
    ([0, 1], 0.485, 0.229), ([0, 1], 0.0, 0.001), ([0, 1], 1.0, 1.0), ([-1, 1], -0.9, 100.0)])
def test_means_of_pictures_within_their_range(span, mean, std):
    parse_manifest(text(changed(inputs={'x': [{
        'term': 'image', 'topic': 't', 'size': [9, 9], 'range': span, 'mean': [mean] * 3,
        'std': [std] * 3}]})))


def test_manifests_that_say_the_same_are_equal():
    def saying(*numbers):
        return manifest(inputs=state(term='constant', numbers=list(numbers), scale=[2, 3]))
    assert saying(1, 2) == saying(1, 2) != saying(1, 3)
    assert len({saying(1, 2).terms(), saying(1, 2).terms(), saying(1, 3).terms()}) == 2


def test_all_problems_at_once():
    found = problems(changed(
        rate_hz=-1, version=2, inputs=state(term='joint_position', joints=[], scale=['x']),
        outputs={'action': {'kind': 'base_twist', 'chunk': 0}}))
    assert [problem.split(' ')[1] for problem in found] == [
        'version', 'rate_hz', 'inputs.observation.state[0].scale[0]',
        'inputs.observation.state[0].joints', 'outputs.action.chunk']


def test_the_message_lists_them():
    with pytest.raises(BundleError, match='2 problems:\n  1. policy.yaml: version.*\n  2. '):
        manifest(version=2, rate_hz=-1)


def test_every_problem_has_a_remedy():
    with pytest.raises(InvalidBundleError) as error:
        parse_manifest('{format: 1, inputs: {x: [{term: image}, {}, 3]}, timing: 7, more: 1}')
    assert len(error.value.problems) > 8
    assert all(problem.remedy and problem.expected for problem in error.value.problems)


def paths(value, path=()):
    """Yield the path of every value in a document."""
    yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


SCALARS = strategies.one_of(
    strategies.none(), strategies.booleans(), strategies.integers(-2, 10 ** 20),
    strategies.floats(), strategies.sampled_from(['', 'a', 'image', '..', '1.0.0', 'é', 'a b']))
VALUES = strategies.recursive(SCALARS, lambda inner: strategies.one_of(
    strategies.lists(inner, max_size=3),
    strategies.dictionaries(strategies.sampled_from(['term', 'kind', 'joints', 'x']), inner,
                            max_size=3)), max_leaves=5)


@settings(max_examples=150, deadline=None)
@given(strategies.data())
def test_a_mutated_manifest_means_the_same_or_is_refused(data):
    content = {'root': copy.deepcopy(MANIFEST)}
    for _ in range(data.draw(strategies.integers(1, 3))):
        path = data.draw(strategies.sampled_from(list(paths(content))[1:]))
        place = content
        for key in path[:-1]:
            place = place[key]
        if data.draw(strategies.booleans()):
            place[path[-1]] = data.draw(VALUES)
        elif path != ('root',):
            del place[path[-1]]
    try:
        accepted = parse_manifest(text(content['root']))
    except BundleError as error:
        assert str(error).startswith('policy.yaml')
        return
    assert means(json.loads(accepted.model_dump_json(exclude_unset=True)), content['root'])


def means(found, written):
    """Return whether two documents are equal, a number standing for a list of itself."""
    if isinstance(written, dict):
        return found.keys() == written.keys() and all(
            means(found[key], value) for key, value in written.items())
    if isinstance(written, list):
        return len(found) == len(written) and all(map(means, found, written))
    return found == written or found == [written]


@settings(max_examples=100, deadline=None)
@given(strategies.data())
def test_mutated_bytes_never_raise_anything_else(data):
    raw = bytearray(text(MANIFEST).encode())
    for _ in range(data.draw(strategies.integers(1, 4))):
        start = data.draw(strategies.integers(0, len(raw) - 1))
        stop = start + data.draw(strategies.integers(0, 8))
        raw[start:stop] = data.draw(strategies.binary(max_size=6))
    try:
        parse_manifest(bytes(raw))
    except BundleError as error:
        assert str(error)
