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
        for jacobian in self._bodies.jacobians(self._frames, position):
            reach = np.linalg.norm(jacobian, axis=0)
            moves, speed = reach > 1e-9, float(np.linalg.norm(jacobian @ velocity))
            share = max(aim - speed, 0.0) / max(float(reach.sum()), 1e-9)
            now = velocity * (min(1.0, aim / speed) if speed > 0.0 else 1.0)
            lowest[moves] = np.maximum(lowest, np.minimum(now, 0.0) - share)[moves]
            highest[moves] = np.minimum(highest, np.maximum(now, 0.0) + share)[moves]
        return lowest, highest

    def exceeded(self, path: np.ndarray, period_s: float) -> bool:
        """
        Return whether a frame is too fast anywhere on a path (3, N, J), also between its rows.

        Accelerations are linear between two rows, so velocities there are parabolas. They are
        looked at half way, and what they may exceed that by is added.
        """
        position, velocity, acceleration = path
        if not velocity.any():
            return False
        jacobian = np.array([self._bodies.jacobians(self._frames, p) for p in position])
        change = acceleration[1:] - acceleration[:-1]
        middle = (velocity[1:] + velocity[:-1]) / 2 - change * (period_s / 8)
        between = (jacobian[1:] + jacobian[:-1]) / 2
        more = np.einsum('nfj,nj->nf', np.linalg.norm(between, axis=2),
                         np.abs(change) * (period_s / 32))
        at = np.linalg.norm(np.einsum('nfij,nj->nfi', jacobian, velocity), axis=2)
        half_way = np.linalg.norm(np.einsum('nfij,nj->nfi', between, middle), axis=2)
        return bool((at > self.limit).any()
                    or (np.maximum(np.maximum(at[1:], at[:-1]), half_way) + more
                        > self.limit).any())
