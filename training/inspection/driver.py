"""What drives in the place of the model while an inspection episode is recorded."""
import numpy as np

from .expert import bearing, chunk, VIEW

PIECE = 5                       # answers between two changes of driver and disturbance
DISTURBANCE = (0.15, 0.12, 0.35)  # m/s, m/s, rad/s, standard deviation


class Driver:
    """
    Answers as expert or as policy, and keeps what it was asked with the expert's answer.

    :param policy: OnnxModel that drives some of the pieces
    :param pose: function that returns the robot's pose in the inspection area
    :param field: WayField
    :param mix: share of the pieces that the policy drives
    :param noise: share of the pieces that are disturbed
    """

    def __init__(self, policy, pose, field, random, mix, noise):
        self.inputs, self.outputs = policy.inputs, policy.outputs
        self._policy, self._pose, self._field = policy, pose, field
        self._random, self._mix, self._noise = random, mix, noise
        self._own, self._push, self._rows = False, np.zeros(3), []

    def run(self, inputs):
        """Answer an observation; label it by what the expert would do from here on."""
        picture = inputs['observation.images.head'][0]
        if not picture.any():
            return self._policy.run(inputs)  # warming up
        if len(self._rows) % PIECE == 0:
            self._own = self._random.random() < self._mix
            pushed = self._random.random() < self._noise
            self._push = self._random.normal(0.0, DISTURBANCE) if pushed else np.zeros(3)
        pose = self._pose()
        rows = chunk(self._field, pose)
        self._rows.append((np.rint(picture * 255).astype(np.uint8),
                           inputs['observation.velocity'][0].copy(), rows.astype(np.float32),
                           abs(bearing(self._field, pose)) < VIEW))
        if self._own:
            rows = self._policy.run(inputs)['action'][0]
        return {'action': (rows + self._push)[None].astype(np.float32)}

    def records(self):
        """Return pictures, velocities, chunks, and whether the beacon was in view, stacked."""
        return tuple(np.array(column) for column in zip(*self._rows))
