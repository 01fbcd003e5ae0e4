"""A limit on how fast chosen frames (a hand, a tool) move through space."""
from typing import Sequence

import numpy as np
from physai_ros.guard.bodies import Bodies

COLLABORATIVE = 0.25     # m/s, the reduced speed of ISO 10218-1
SHARE = 0.95             # of the limit is aimed at; the rest is for what the stop adds


class FrameSpeed:
    """
    Keep frames slower than a limit, over every state of a plan and its way to rest.

    :param bodies: of the robot
    :param frames: names of links
    :param limit: m/s
    """

    def __init__(self, bodies: Bodies, frames: Sequence[str], limit: float):
        self._bodies, self.limit = bodies, limit
        self._frames = [bodies.frame(name) for name in frames]

    def bounds(self, position: np.ndarray, velocity: np.ndarray):
        """
        Bound the joints' velocities (J,) so that one step keeps the frames within the limit.

        :return: lowest and highest: what is left of the limit, shared out among the joints;
            all of them slower where a frame is too fast already
        """
        aim, lowest, highest = SHARE * self.limit, np.full(len(position), -np.inf), np.full(
            len(position), np.inf)
        for frame in self._frames:
            jacobian = self._bodies.jacobian(frame, position)
            reach = np.linalg.norm(jacobian, axis=0)
            moves, speed = reach > 1e-9, float(np.linalg.norm(jacobian @ velocity))
            share = max(aim - speed, 0.0) / max(float(reach.sum()), 1e-9)
            now = velocity * (min(1.0, aim / speed) if speed > 0.0 else 1.0)
            lowest[moves] = np.maximum(lowest, np.minimum(now, 0.0) - share)[moves]
            highest[moves] = np.minimum(highest, np.maximum(now, 0.0) + share)[moves]
        return lowest, highest

    def exceeded(self, path: np.ndarray) -> bool:
        """Return whether a frame is too fast anywhere on a path (3, N, J)."""
        for position, velocity in zip(path[0], path[1]):
            if velocity.any() and self.fastest(position, velocity) > self.limit:
                return True
        return False

    def fastest(self, position: np.ndarray, velocity: np.ndarray) -> float:
        """Return the speed (m/s) of the fastest of the frames."""
        return max(float(np.linalg.norm(self._bodies.jacobian(frame, position) @ velocity))
                   for frame in self._frames)
