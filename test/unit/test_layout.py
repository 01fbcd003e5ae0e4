"""Inputs whose terms lie along an axis of their own."""
from types import SimpleNamespace

from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.check_model import check_model
from physai_ros.bundle.check_robot import check_profile
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.core.errors import StaleError
from physai_ros.core.types import Image, Imu
from physai_ros.inference.model import TensorSpec
import pytest

MS = 1_000_000
HISTORY = {'steps': 2, 'stack': 'axis'}
FLAT = {'steps': 2}


def camera(name, **fields):
    return {'term': 'image', 'topic': f'{name}/image_raw', 'size': [2, 4], **fields}


def cameras(*names, **fields):
    return [camera(name, **fields) for name in names]


def stacked(terms, **parts):
    return manifest(inputs={'x': terms}, stacked=['x'], **parts)


def problems(*args, **parts):
    with pytest.raises(InvalidBundleError) as error:
        stacked(*args, **parts)
    return [str(problem) for problem in error.value.problems]


def feed(assembler, name, stamp_ms, brightness):
    pixels = np.full((2, 4, 3), brightness, np.uint8)
    assembler.feed(f'{name}/image_raw', Image(stamp_ms * MS, name, pixels))


def brightnesses(content, depth):
    """Return the brightness of each picture seen, two moments of the cameras a and b given."""
    assembler = Assembler(content)
    for stamp_ms, first, second in ((1000, 10, 20), (1050, 30, 40)):
        feed(assembler, 'a', stamp_ms, first)
        feed(assembler, 'b', stamp_ms, second)
    found = assembler.assemble(1050 * MS).inputs['x']
    assert found.shape == content.input_shape('x')
    return np.rint(found.reshape(*found.shape[:depth], -1)[0, ..., 0] * 255).tolist()


def test_one_camera_has_the_axis_too():
    assert stacked(cameras('a')).input_shape('x') == (1, 1, 3, 2, 4)
    assert brightnesses(stacked(cameras('a', 'b')), 2) == [30, 40]
    assert brightnesses(stacked(cameras('b', 'a')), 2) == [40, 30]


@pytest.mark.parametrize('fields, parts, shape, expected', [
    ({}, {'history': {'x': HISTORY}}, (1, 2, 2, 3, 2, 4), [[10, 20], [30, 40]]),
    ({'history': HISTORY}, {}, (1, 2, 2, 3, 2, 4), [[10, 30], [20, 40]]),
    ({}, {'history': {'x': FLAT}}, (1, 2, 6, 2, 4), [[10] * 3 + [30] * 3, [20] * 3 + [40] * 3]),
    ({'history': FLAT}, {}, (1, 2, 6, 2, 4), [[10] * 3 + [30] * 3, [20] * 3 + [40] * 3])])
def test_with_a_history(fields, parts, shape, expected):
    content = stacked(cameras('a', 'b', **fields), **parts)
    assert content.input_shape('x') == shape
    assert brightnesses(content, 3) == expected


def test_each_camera_has_its_own_operations():
    terms = [camera('a'), camera('b', range=[-1, 1]), camera('c', encoding='bgr8'),
             {'term': 'constant', 'numbers': -3, 'dimensions': [3, 2, 4]}]
    assembler = Assembler(stacked(terms))
    for name in 'abc':
        assembler.feed(f'{name}/image_raw', Image(
            MS, name, np.full((4, 8, 3), (0, 51, 255), np.uint8)))
    found = assembler.assemble(MS).inputs['x'][0, :, :, 0, 0]
    np.testing.assert_allclose(
        found, [[0, 0.2, 1], [-1, -0.6, 1], [1, 0.2, 0], [-3, -3, -3]], atol=1e-6)


def test_a_camera_that_stands_still_is_named():
    assembler = Assembler(stacked([camera('a', max_age_s=1.0), camera('b')]))
    feed(assembler, 'a', 1000, 0)
    with pytest.raises(StaleError, match=r'^inputs.x\[1\] \(image from b/image_raw\) has no samp'):
        assembler.assemble(1000 * MS)
    feed(assembler, 'b', 1000, 0)
    with pytest.raises(StaleError, match=r'age of inputs.x\[1\] .image from b/image_raw. is 0.5'):
        assembler.assemble(1500 * MS)


def test_the_camera_that_differs_is_named():
    for wrong in range(3):
        terms = cameras('a', 'b', 'c')
        terms[wrong]['size'] = [4, 8]
        found, = problems(terms)
        right = 0 if wrong else 1
        assert f'inputs.x[{wrong}] is (3, 4, 8); expected (3, 2, 4), as entry {right} has' in found
    found, = problems([camera('a'), camera('b', dtype='uint8')])
    assert "inputs.x[1].dtype is 'uint8'; expected float32" in found


def test_what_cannot_be_stacked():
    for names, message in ((['y'], "stacked.0. is 'y'; expected one of x"),
                           (['x', 'x'], 'each name once')):
        with pytest.raises(InvalidBundleError, match=message):
            manifest(inputs={'x': cameras('a')}, stacked=names)
    with pytest.raises(InvalidBundleError, match='or name this input in stacked'):
        manifest(inputs={'x': cameras('a', 'b')})


def test_a_crop_outside_one_of_the_cameras():
    terms = [camera('head', fit='stretch'), camera('wrist', crop=[0, 0, 9, 9], fit='stretch')]
    robot = SimpleNamespace(
        name='tester', arm=SimpleNamespace(joints=('shoulder', 'elbow', 'on')), base=None,
        camera=SimpleNamespace(name='wrist', width=8, height=8, rate_hz=30.0), perception=None,
        rates=SimpleNamespace(joint_states_hz=100.0, imu_hz=100.0, odom_hz=50.0))
    found, = check_profile(stacked(terms), robot, Where('policy.yaml', {}))
    assert 'inputs.x[1].crop is (0, 0, 9, 9)' in str(found)


def test_a_model_with_another_number_of_cameras():
    model = SimpleNamespace(inputs=[TensorSpec('x', (1, 3, 3, 2, 4), 'float32')],
                            outputs=[TensorSpec('action', (1, 10, 3), 'float32')])
    found, = check_model(stacked(cameras('a', 'b')), model, Where('policy.yaml', {}))
    assert 'inputs.x is (1, 2, 3, 2, 4); expected (1, 3, 3, 2, 4)' in str(found)
    assert 'stacked' in str(found)


def test_rows_of_numbers_stacked_stay_finite():
    terms = [{'term': 'angular_velocity', 'topic': topic, 'scale': scale, 'history': HISTORY}
             for topic, scale in (('left', 1), ('right', 1e300))]
    assembler = Assembler(stacked(terms))
    still = Imu(MS, 'imu', np.array([1.0, 0, 0, 0]), np.zeros(3), np.zeros(3))
    for topic in ('left', 'right'):
        assembler.feed(topic, still)
    assert assembler.assemble(MS).inputs['x'].shape == (1, 2, 2, 3)
    assembler.feed('right', Imu(2 * MS, 'imu', still.orientation, np.ones(3), np.zeros(3)))
    with pytest.raises(Exception, match=r'inputs.x\[1\] .* a number that is not finite'):
        assembler.assemble(2 * MS)
