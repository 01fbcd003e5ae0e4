"""Terms that tell a rotation: which of its two quaternions the model is given."""
import numpy as np
from physai_ros.bundle.rotations import matrix, represent
from physai_ros.bundle.terms import Context, Orientation, Pose, Transform
from physai_ros.core.types import Imu
from physai_ros.core.types import Pose as PoseSample
from pydantic import ValidationError
import pytest

AT = Context(t_obs_ns=2, dt_ns=1)
DOWN = (1.0, 0.0, 0.0, 0.0)                              # x, y, z, w: half a turn about x
ANGLES = np.linspace(0.9, 1.1, 21) * np.pi               # past half a turn


def about_x(angle):
    """Return the quaternion, w first, with the sign that a driver happens to give it."""
    sign = 1.0 if round(angle * 1e3) % 2 else -1.0
    return sign * np.array([np.cos(angle / 2), np.sin(angle / 2), 0.0, 0.0])


class Turned:
    """TF in which every frame is turned about x."""

    def __init__(self, angle):
        self.pose = np.eye(4)
        self.pose[:3, :3] = matrix(about_x(angle))

    def lookup(self, target, source, stamp_ns):
        return self.pose


def seen(term, **fields):
    """Return what a term tells of the turn about x, (angles, numbers)."""
    rows = []
    for angle in ANGLES:
        if term == 'transform':
            built = Transform(child='tool', field='orientation', **fields).build(
                None, AT._replace(transforms=Turned(angle)))
        elif term == 'pose':
            sample = PoseSample(1, 'base', np.zeros(3), about_x(angle))
            built = Pose(topic='t', field='orientation', **fields).build(sample, AT)
        else:
            sample = Imu(1, 'imu', about_x(angle), np.zeros(3), np.zeros(3))
            built = Orientation(**fields).build(sample, AT)
        rows.append(built)
    return np.array(rows)


@pytest.mark.parametrize('term', ['orientation', 'pose', 'transform'])
def test_near_a_tool_that_points_down_nothing_jumps(term):
    half = ANGLES / 2
    none = np.zeros_like(half)
    for rotation, expected in (
            ('quaternion_xyzw', (np.sin(half), none, none, np.cos(half))),
            ('quaternion_wxyz', (np.cos(half), np.sin(half), none, none)),
            ('rotation_vector', (ANGLES, none, none))):
        np.testing.assert_allclose(seen(term, rotation=rotation, near=DOWN),
                                   np.transpose(expected), atol=1e-6)
        assert np.abs(np.diff(seen(term, rotation=rotation), axis=0)).max() > 1.9


def test_by_default_it_is_near_no_turn():
    for rotation in ('quaternion_xyzw', 'quaternion_wxyz', 'rotation_vector'):
        np.testing.assert_array_equal(seen('pose', rotation=rotation),
                                      seen('pose', rotation=rotation, near=[0, 0, 0, 1]))


def test_the_length_of_near_does_not_count():
    np.testing.assert_array_equal(seen('pose', near=[0.3, 0, 0, 0.1]),
                                  seen('pose', near=[3000, 0, 0, 1000]))


def test_a_whole_turn_has_no_axis():
    whole = np.array([1.0, 0.0, 0.0, 0.0])
    assert represent(whole, 'rotation_vector', -whole).tolist() == [0, 0, 0]


@pytest.mark.parametrize('fields, message', [
    ({'rotation': 'rotation_6d'}, 'no near, as rotation is rotation_6d'),
    ({'rotation': 'rotation_6d_rows'}, 'no near, as rotation is rotation_6d_rows'),
    ({'rotation': 'euler_rpy'}, 'no near, as rotation is euler_rpy'),
    ({'field': 'position'}, 'no near, as field is position'),
    ({'near': [0, 0, 0, 0]}, 'a quaternion x, y, z, w whose length is not zero'),
    ({'near': [1, 0, 0]}, 'Field required'),
])
def test_a_near_that_cannot_be(fields, message):
    with pytest.raises(ValidationError, match=message):
        Pose(**{'topic': 't', 'near': DOWN, **fields})
