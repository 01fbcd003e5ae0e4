"""Where a frame of TF is."""
from typing import Literal

import numpy as np
from physai_ros.bundle.rotations import quaternion_of
from physai_ros.bundle.schema import Label
from physai_ros.bundle.terms.base import VectorTerm
from physai_ros.bundle.terms.frames import lookup
from physai_ros.bundle.terms.rotation import Rotated
from physai_ros.bundle.terms.taken import Taken
from pydantic import Field


class Transform(Rotated, Taken, VectorTerm):
    """
    The pose of a frame in another, from TF: x, y, z in m, then the rotation; or one of the two.

    TF says how old a transform may be; the maximum age of terms does not apply.
    """

    term: Literal['transform'] = 'transform'
    child: Label = Field(description='the frame whose pose is wanted, without prefix')
    parent: Label = Field(default='base_link', description='the frame that it is wanted in')
    field: Literal['pose', 'position', 'orientation'] = Field(
        default='pose', description='pose, position or orientation')

    @property
    def needs_transforms(self):
        return True

    @property
    def count(self):
        return 3 * (self.field != 'orientation') + self.rotation_size * (self.field != 'position')

    def values(self, sample, context):
        pose = lookup(context, self.parent, self.child, context.t_obs_ns)
        if self.field == 'position':
            return pose[:3, 3]
        rotation = self.represented(quaternion_of(pose[:3, :3]))
        return rotation if self.field == 'orientation' else np.concatenate([pose[:3, 3], rotation])
