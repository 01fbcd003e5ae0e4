"""The detector that comes with the package on the simulator's pictures, from pixels to metres."""
import math

import numpy as np
from physai_ros.bundle.detector import load_detector
from physai_ros.perception.pipeline import Pipeline
from physai_ros.robots.kinematics import Chain
from physai_ros.robots.profile import load_profile
from physai_ros.robots.urdf import parse
from physai_ros.sim import SimRobot, World
import pytest

SEEDS = (200_000, 200_001, 200_002)


class Eye:
    """A simulated robot, and what its perception makes of its pictures."""

    def __init__(self, profile, task):
        self.profile = load_profile(profile)
        description = self.profile.description()
        self.world = World([SimRobot('robot', self.profile, description, (0., 0., 0.), task)])
        self.chain = Chain(parse(description), self.profile.camera.frame)
        self.pipeline = Pipeline(load_detector(self.profile.perception.detector),
                                 self.profile.perception)

    def look(self):
        """Return the pipeline's view of the present moment."""
        state = self.world.joint_state('robot')
        pose = self.chain.pose(dict(zip(state.names, state.position)))
        return self.pipeline.process(self.world.render('robot'), self.world.camera('robot'), pose)

    def error(self, seen, class_id):
        """Return how far, on the ground, the only object of a class is from where it is seen."""
        item, = (o for o in seen.objects.items if o.class_id == class_id)
        truth, _ = self.world.truth('robot')[class_id]
        return float(np.hypot(*(item.position - truth)[:2]))


@pytest.fixture(scope='module')
def bench():
    """Return the humanoid at its bench."""
    eye = Eye('honda_style', 'kitting')
    yield eye
    eye.world.close()


@pytest.fixture(scope='module')
def ground():
    """Return the quadruped on its ground."""
    eye = Eye('sony_style', 'inspection')
    yield eye
    eye.world.close()


@pytest.mark.parametrize('seed', SEEDS)
def test_workpiece_and_tray_are_within_15_mm(bench, seed):
    bench.world.reset(seed)
    seen = bench.look()
    assert bench.error(seen, 'workpiece') < 0.015
    assert bench.error(seen, 'tray') < 0.015


def test_the_beacon_is_within_a_twelfth_of_its_distance(ground):
    in_sight = 0
    for seed in range(SEEDS[0], SEEDS[0] + 30):
        ground.world.reset(seed)
        truth, _ = ground.world.truth('robot')['beacon']
        if abs(math.atan2(truth[1], truth[0])) < math.radians(35):
            in_sight += 1
            assert ground.error(ground.look(), 'beacon') < np.hypot(*truth[:2]) / 12
    assert in_sight


def test_nothing_is_seen_on_an_empty_picture(bench):
    image, camera = bench.world.render('robot'), bench.world.camera('robot')
    dark = type(image)(image.stamp_ns, image.frame_id, np.zeros_like(image.pixels))
    assert bench.pipeline.process(dark, camera, np.eye(4)).detections == []
