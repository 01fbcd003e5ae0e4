"""The inspection ground seen from anywhere in it."""
import numpy as np
from training.detector.stage import Stage

HALF = 2.6                    # m, how far from the middle of its ground the robot stands


class InspectionStage(Stage):
    """The quadruped among crates."""

    def __init__(self, alone: bool = False):
        super().__init__('inspection', alone)

    def arrange(self, rng):
        """Stand anywhere, four times in five with the beacon in sight."""
        beacon = self.place.local(*self.data.xpos[self.body('scene/beacon')][:2])
        distance, angle = rng.uniform(0.55, 4.0), rng.uniform(-np.pi, np.pi)
        at = np.clip(beacon + distance * np.array((np.cos(angle), np.sin(angle))), -HALF, HALF)
        towards = np.arctan2(*(beacon - at)[::-1])
        yaw = towards + (rng.uniform(-0.75, 0.75) if rng.random() < 0.8
                         else rng.uniform(-np.pi, np.pi))
        for name, value in zip(('base_x', 'base_y', 'base_yaw'), (*at, yaw)):
            self.joint(name, value)
        for name in ('head_pan', 'head_tilt'):
            wide = 0.25 if rng.random() < 0.2 else 0.03
            self.joint(name, self.profile.base.stance[name] + rng.uniform(-wide, wide))
