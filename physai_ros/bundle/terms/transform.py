"""Where a frame of TF is."""
from typing import Literal, Optional

import numpy as np
from physai_ros.bundle.rotations import quaternion_of
from physai_ros.bundle.schema import Label, mismatch
from physai_ros.bundle.terms.base import VectorTerm
from physai_ros.bundle.terms.frames import lookup
from physai_ros.bundle.terms.posed import Posed
from pydantic import Field, model_validator


class Transform(Posed, VectorTerm):
    """
    The pose of a frame in another, from TF: x, y, z in m, then the rotation; or one of the two.

    TF says how old a transform may be; the maximum age of terms does not apply.
    """

    term: Literal['transform'] = 'transform'
    child: Label = Field(description='the frame whose pose is wanted, without prefix')
    parent: Label = Field(default='base_link', description='the frame that it is wanted in')
    axes: Optional[Label] = Field(
        default=None, description='along whose axes, those of a third frame: child less parent, '
        'and the turn from parent to child about these axes. By default those of parent')

    @property
    def needs_transforms(self):
        return True

    def values(self, sample, context):
        pose = self.pose(sample, context)
        if self.field == 'position':
            return pose[:3, 3]
        return self.told(pose[:3, 3], self.represented(quaternion_of(pose[:3, :3])))

    def pose(self, sample, context):
        if self.axes is None:
            return lookup(context, self.parent, self.child, context.t_obs_ns)
        parent, child = (lookup(context, self.axes, frame, context.t_obs_ns)
                         for frame in (self.parent, self.child))
        pose = np.eye(4)
        pose[:3, :3] = child[:3, :3] @ parent[:3, :3].T
        pose[:3, 3] = child[:3, 3] - parent[:3, 3]
        return pose

    @model_validator(mode='after')
    def _one_relation(self):
        if self.axes is not None and self.relative_to is not None:
            raise mismatch('axes', f'no axes, as relative_to is {self.relative_to}',
                           'leave one of the two out')
        return self
