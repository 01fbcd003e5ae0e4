"""Where a frame of TF is."""
from typing import Literal

from physai_ros.bundle.rotations import quaternion_of
from physai_ros.bundle.schema import Label
from physai_ros.bundle.terms.base import VectorTerm
from physai_ros.bundle.terms.frames import lookup
from physai_ros.bundle.terms.posed import Posed
from pydantic import Field


class Transform(Posed, VectorTerm):
    """
    The pose of a frame in another, from TF: x, y, z in m, then the rotation; or one of the two.

    TF says how old a transform may be; the maximum age of terms does not apply.
    """

    term: Literal['transform'] = 'transform'
    child: Label = Field(description='the frame whose pose is wanted, without prefix')
    parent: Label = Field(default='base_link', description='the frame that it is wanted in')

    @property
    def needs_transforms(self):
        return True

    def values(self, sample, context):
        pose = self.pose(sample, context)
        if self.field == 'position':
            return pose[:3, 3]
        return self.told(pose[:3, 3], self.represented(quaternion_of(pose[:3, :3])))

    def pose(self, sample, context):
        return lookup(context, self.parent, self.child, context.t_obs_ns)
