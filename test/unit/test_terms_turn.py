"""Pictures of cameras that are mounted upside down or on their side."""
from types import SimpleNamespace

from bundle_examples import manifest
import cv2
import numpy as np
from physai_ros.bundle.check_robot import check_picture
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.plausible import Plausible
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.core.types import Depth, Image
import pytest

PIXELS = np.random.default_rng(1).integers(0, 256, (4, 6, 3), dtype=np.uint8)
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def picture(turn, size, **keys):
    return {'term': 'image', 'topic': 'c', 'turn': turn, 'size': list(size), 'dtype': 'uint8',
            'layout': 'HWC', **keys}


def seen(term, sample):
    assembler = Assembler(manifest(inputs={'x': [term]}))
    assembler.feed('c', sample)
    return assembler.assemble(sample.stamp_ns).inputs['x'][0]


@pytest.mark.parametrize('turn', TURNS)
def test_a_picture_is_turned_clockwise(turn):
    expected = cv2.rotate(PIXELS, TURNS[turn])
    found = seen(picture(turn, expected.shape[:2]), Image(1, 'c', PIXELS))
    np.testing.assert_array_equal(found, expected)
    cut = seen(picture(turn, (2, 3), crop=[1, 0, 2, 3]), Image(1, 'c', PIXELS))
    np.testing.assert_array_equal(cut, expected[1:3, :3])


@pytest.mark.parametrize('turn', TURNS)
def test_a_turned_picture_is_fitted(turn):
    expected = cv2.rotate(PIXELS, TURNS[turn])
    found = seen(picture(turn, (8, 8), fit='pad', interpolation='nearest'),
                 Image(1, 'c', PIXELS))
    upright = seen(picture(0, (8, 8), fit='pad', interpolation='nearest'),
                   Image(1, 'c', expected))
    np.testing.assert_array_equal(found, upright)
    assert found.any()


def test_a_depth_picture():
    metres = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = seen({'term': 'depth', 'topic': 'c', 'size': [3, 2], 'turn': 90, 'layout': 'HW'},
                 Depth(1, 'c', metres))
    assert found.tolist() == [[3, 0], [4, 1], [5, 2]]


@pytest.mark.parametrize('turn', [45, -90, 360, True, '180'])
def test_other_angles(turn):
    with pytest.raises(InvalidBundleError, match=r'inputs.x.0..turn is '):
        manifest(inputs={'x': [picture(turn, (4, 6))]})


def test_the_size_of_the_camera():
    def problems(turn, size, **keys):
        term, = manifest(inputs={'x': [picture(turn, size, **keys)]}).inputs['x']
        return [str(found) for found in check_picture(('inputs', 'x', 0), term, 4, 6,
                                                      Where('policy.yaml', {}))]

    assert not problems(90, (6, 4)) and not problems(180, (4, 6))
    assert 'expected the proportions of the camera, 4 x 6' in problems(90, (4, 6))[0]
    assert not problems(90, (6, 2), crop=[0, 0, 6, 2])
    found, = problems(90, (2, 6), crop=[0, 0, 2, 6])
    assert 'expected a part of the picture, 4 x 6 pixels' in found


def test_plausible_pictures_hold_what_is_cut_out():
    term, = manifest(inputs={'x': [picture(90, (6, 2), crop=[0, 1, 6, 2])]}).inputs['x']
    sample = Plausible([term], SimpleNamespace(camera=None))(term.source, 1)
    assert sample.pixels.shape == (3, 6, 3)
