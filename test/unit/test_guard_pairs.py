"""Which pairs of links are watched: also those that only few poses of their joints bring near."""
import numpy as np
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.pairs import link_pairs
from physai_ros.robots import parse
import pytest

JOINTS = ('x', 'y', 'z')


def axis(name, parent, child, axis):
    return f"""<joint name="{name}" type="prismatic"><parent link="{parent}"/>
        <child link="{child}"/><axis xyz="{axis}"/>
        <limit lower="-9" upper="9" velocity="1" effort="1"/></joint>"""


def box(name, size, at):
    return f"""<link name="{name}"><collision><origin xyz="{at}"/><geometry><box size="{size}"/>
        </geometry></collision></link>"""


def reason(x, y, size=0.1, half=2.0, height=0.3):
    """Return why a post and what hangs from a gantry, half its travel wide, are not watched."""
    gantry = parse('<robot name="g">' + box('post', f'{size} {size} 0.6', f'{x} {y} {height}')
                   + '<link name="a"/><link name="b"/>'
                   + box('tool', f'{size} {size} 0.5', '0 0 0.9') + axis('x', 'post', 'a', '1 0 0')
                   + axis('y', 'a', 'b', '0 1 0') + axis('z', 'b', 'tool', '0 0 1') + '</robot>')
    high = np.array([half, half, 1.0])
    pair, = link_pairs(Bodies(gantry, JOINTS, {}), -high * [1, 1, 0.5], high, 0.01, ())
    return pair.reason


@pytest.mark.parametrize('x', [-2.05, 2.05])
@pytest.mark.parametrize('y', [-2.05, 2.05])
def test_a_post_in_a_corner_of_the_range_is_watched(x, y):
    assert not reason(x, y)


def test_a_thin_post_within_a_large_range_is_watched():
    for x, y in np.random.default_rng(3).uniform(-7.0, 7.0, (10, 2)):
        assert not reason(x, y, size=0.01, half=8.0)


def test_a_post_out_of_reach_is_not_watched():
    assert reason(2.3, 2.3).startswith('never nearer than 0.28 m in 1000 random poses')
    assert reason(0.0, 0.0, height=-0.6).startswith('never nearer than 0.4')
    assert reason(1.0, -3.0) == reason(1.0, -3.0) != ''
