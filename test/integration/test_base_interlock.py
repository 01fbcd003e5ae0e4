"""A simulated base that was started anew in the middle of its predecessor's motion."""
import numpy as np
from physai_ros.adapters.base_interlock import BaseInterlock, WAIT_NS
from physai_ros.core.types import Twist
import pytest


def taken(commands, now_ns=0):
    """Return those of (vx) commands that are passed on."""
    found = []
    base = BaseInterlock((2.0, 1.5, 4.0), lambda: now_ns,
                         lambda name, twist: found.append((name, twist.velocity[0])))
    for vx in commands:
        base('dog', Twist(0, np.array([vx, 0.0, 0.0])))
    return [vx for name, vx in found if name == 'dog']


@pytest.mark.parametrize('commands, passed', [
    ([0.2, 0.15, 0.05, 0.03, 0.0], [0.03, 0.0]),            # the end of a stop
    ([-0.2, 0.0, -0.4], [0.0, -0.4]),
    ([0.01, 0.03, 0.05, 0.4], [0.01, 0.03, 0.05, 0.4])])    # one that sets off
def test_the_end_of_another_motion_is_not_driven(commands, passed):
    assert taken(commands) == passed


def test_after_that_all_are_taken():
    assert taken([0.5], WAIT_NS) == [0.5]
