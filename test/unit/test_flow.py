"""``physai inspect``: the data flow as text and as pictures."""
from xml.etree import ElementTree

from bundle_examples import changed, identity_onnx, manifest, write_files
import cv2
import numpy as np
from physai_ros.bundle.flow import flow
from physai_ros.cli.flow_layout import layout
from physai_ros.cli.flow_png import png
from physai_ros.cli.flow_svg import svg
from physai_ros.cli.main import main
import pytest

JOINTS = ['shoulder', 'elbow', 'on']


def rich_manifest():
    content = changed(
        outputs={'action': {'kind': 'split', 'chunk': 10, 'clip': [-1, 1], 'parts': [
            {'kind': 'joint_delta', 'joints': JOINTS[:2]},
            {'kind': 'gripper', 'joints': ['on'], 'closed': 0.0, 'open': 0.04}]},
            'drive': {'kind': 'base_twist', 'chunk': 10}},
        recurrent={'memory': {'output': 'next_memory', 'shape': [1, 64]}})
    content['inputs']['observation.state'] += [
        {'term': 'previous_action', 'output': 'drive', 'size': 3},
        {'term': 'previous_target', 'joints': JOINTS[:2]},
        {'term': 'joint_velocity', 'joints': JOINTS, 'scale': 0.05,
         'history': {'steps': 3, 'stride': 2}},
        {'term': 'joint_position', 'joints': JOINTS, 'unit': 'deg',
         'normalise': {'mean': [0, 0, 0], 'std': [1, 1, 1]}}]
    return manifest(**{key: content[key] for key in ('inputs', 'outputs', 'recurrent')})


@pytest.fixture(scope='module')
def drawn():
    return flow(rich_manifest(), 2_000_000)


def test_every_term_input_and_output_is_there(drawn):
    topics, terms, inputs, model, outputs, chunks = drawn.columns
    assert [box.title for box in topics.values()] == [
        'joint_states', 'perception/objects', 'last answer', 'last answer',
        'head_camera/image_raw']
    assert len(terms) == 7
    assert [box.title for box in inputs.values()] == [
        'observation.state', 'observation.images.head', 'memory']
    assert [box.title for box in outputs.values()] == [
        'action.parts.0', 'action.parts.1', 'drive']
    assert {box.title for box in chunks.values()} == {'policy/joint_chunk', 'policy/base_chunk'}
    assert drawn.loops == ('next_memory -> memory: the state (1, 64) of the model',)
    boxes = {key for column in drawn.columns for key in column}
    assert {key for arrow in drawn.arrows for key in arrow} == boxes


def test_operations_are_told(drawn):
    lines = [line for box in drawn.columns[1].values() for line in box.lines]
    for text in ('scale 0.05', '3 moments, stride 2, oldest_first, flat', 'unit deg',
                 'normalised by mean and std', 'at most 0.1 s old'):
        assert any(text in line for line in lines), text


def test_what_an_answer_goes_through_is_told(drawn):
    joints, gripper, drive = (box.lines for box in drawn.columns[4].values())
    assert 'all parts: clip -1 to 1' in joints and 'all parts: clip -1 to 1' in gripper
    assert not any('all parts' in line for line in drive)


@pytest.mark.parametrize('key, value, told', [
    ('interpolation', 'cubic', 'interpolation cubic'), ('pad_value', 127, 'pad_value 127'),
    ('mean', [0.5, 0.4, 0.3], 'mean [0.5, 0.4, 0.3]')])
def test_what_is_done_to_a_picture_is_told(key, value, told):
    picture = {'term': 'image', 'topic': 'c', 'size': [2, 2], 'fit': 'pad', key: value}
    content = changed(inputs={'x': [{**picture, **({'std': [1, 1, 1]} if key == 'mean' else {})}]})
    box, = flow(manifest(inputs=content['inputs']), 1).columns[1].values()
    assert any(told in line for line in box.lines)


def test_a_state_that_begins_anew_is_told():
    state = {'output': 'n', 'shape': [1, 2], 'restart_after': 10}
    assert flow(manifest(recurrent={'m': state}), 1).loops == (
        'n -> m: the state (1, 2) of the model, anew after 10 answers',)


def test_boxes_do_not_overlap_and_arrows_go_right(drawn):
    placed = layout(drawn)
    for n, one in enumerate(placed.boxes):
        assert one.x + one.width <= placed.width and one.y + one.height <= placed.height
        for other in placed.boxes[:n]:
            assert one.x + one.width <= other.x or other.x + other.width <= one.x or \
                one.y + one.height <= other.y or other.y + other.height <= one.y
    assert all(curve[0][0] < curve[3][0] for curve in placed.curves)


def test_svg_is_well_formed_and_escapes_names():
    drawn = flow(rich_manifest(), 1)
    drawn = drawn._replace(head='<script>&')
    root = ElementTree.fromstring(svg(drawn))
    texts = [element.text for element in root.iter() if element.tag.endswith('text')]
    assert '<script>&' in texts
    assert 'policy/base_chunk' in texts
    rectangles = [element for element in root.iter() if element.tag.endswith('rect')]
    assert len(rectangles) == 1 + sum(map(len, drawn.columns))


def test_png_has_the_boxes_where_they_belong(drawn):
    picture = cv2.imdecode(np.frombuffer(png(drawn), np.uint8), cv2.IMREAD_COLOR)
    placed = layout(drawn)
    assert picture.shape[:2] == (round(placed.height * 2), round(placed.width * 2))
    for box in placed.boxes:
        pixel = picture[round((box.y + box.height - 4) * 2), round((box.x + box.width / 2) * 2)]
        assert '#{2:02x}{1:02x}{0:02x}'.format(*pixel) == box.fill


def test_the_command(tmp_path, capsys):
    folder = write_files(tmp_path / 'example', changed(), identity_onnx(3))
    files = {kind: tmp_path / f'flow.{kind}' for kind in ('svg', 'png')}
    assert main(['inspect', str(folder)]) == 0
    text = capsys.readouterr().out
    assert 'joint_states (sensor_msgs/JointState) -> joint_position' in text
    assert '-> policy/joint_chunk' in text
    for kind, file in files.items():
        assert main(['inspect', str(folder), f'--{kind}', str(file)]) == 0
        assert file.stat().st_size > 1000
    assert main(['inspect', 'workbench_detector']) == 1
    assert 'expected a policy' in capsys.readouterr().err
    assert main(['inspect', str(folder), '--svg', str(tmp_path / 'no' / 'x.svg')]) == 1
    assert 'a file in an existing folder' in capsys.readouterr().err
