"""What the terms that give a pose have in common."""
from typing import List, Literal, Optional

import numpy as np
from physai_ros.bundle.rotations import quaternion_of
from physai_ros.bundle.terms.base import Context
from physai_ros.bundle.terms.rotation import Rotated
from physai_ros.bundle.terms.taken import Taken
from pydantic import Field


class Posed(Rotated, Taken):
    """
    A pose: x, y, z in m, then the rotation; or one of the two.

    With ``relative_to`` the moments of a history are seen from one of them, or from the first of
    the episode: inverse(that pose) * pose.
    """

    field: Literal['pose', 'position', 'orientation'] = Field(
        default='pose', description='pose, position or orientation')
    relative_to: Optional[Literal['now', 'start']] = Field(
        default=None, description='the poses of a history as seen from where the thing itself is '
        'at the tick (now), or was at the first observation (start), along its own axes then; '
        'field takes a part of that. By default they are seen from the other frame')

    @property
    def count(self):
        return 3 * (self.field != 'orientation') + self.rotation_size * (self.field != 'position')

    def pose(self, sample, context: Context) -> np.ndarray:
        """Return what ``values`` tells as a matrix, float64 (4, 4), m."""
        raise NotImplementedError

    def told(self, position, rotation) -> np.ndarray:
        """
        Return the numbers that ``field`` asks for, float64 (count,).

        :param position: (3,) m
        :param rotation: as ``represented`` gives it
        """
        return {'pose': np.concatenate([position, rotation]), 'position': position,
                'orientation': rotation}[self.field]

    def build(self, sample, context):
        """Return the slice, or the pose (4, 4) that ``related`` makes it of."""
        if self.relative_to is None:
            return super().build(sample, context)
        return self.pose(sample, context)

    def related(self, moments, origin) -> List[np.ndarray]:
        """
        Return the slices of poses as seen from another one.

        :param moments: poses (4, 4) that ``build`` returned
        :param origin: (4, 4) in the same frame
        """
        return [self.finished(self.told(pose[:3, 3], self.represented(quaternion_of(
            pose[:3, :3])))) for pose in np.linalg.inv(origin) @ np.array(moments)]
