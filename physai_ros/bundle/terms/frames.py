"""Terms that can be expressed in another frame, through TF."""
from typing import Optional

import numpy as np
from physai_ros.bundle.schema import Label, Schema
from physai_ros.bundle.terms.base import Context
from physai_ros.core.errors import SampleError, StaleError
from pydantic import Field


class Framed(Schema):
    """A term whose sample has a ``frame_id``."""

    frame: Optional[Label] = Field(
        default=None, description='the frame that it is wanted in, without the prefix of the '
        'robot; TF leads there. By default that of the message')

    @property
    def needs_transforms(self):
        return self.frame is not None

    def change(self, sample, context: Context) -> Optional[np.ndarray]:
        """Return the pose (4, 4) of the sample's frame in the wanted one, None when they agree."""
        if self.frame is None:
            return None
        frame = sample.frame_id.removeprefix(context.frame_prefix)
        if frame == self.frame:
            return None
        return lookup(context, self.frame, frame, sample.stamp_ns)


def lookup(context: Context, target, source, stamp_ns) -> np.ndarray:
    """
    Return the pose (4, 4) of a frame in another.

    :raises StaleError: when TF does not know it
    """
    if context.transforms is None:
        raise StaleError(f'the transform {target} -> {source}', None, 'TF',
                         'give the assembler transforms')
    return context.transforms.lookup(target, source, stamp_ns)


def require_rotation(quaternion, thing,
                     remedy='see whether the sensor gives an orientation at all'):
    """Raise SampleError for a quaternion that is no rotation."""
    length = float(np.linalg.norm(quaternion))
    if not 0.9 < length < 1.1:
        raise SampleError(f'the length of the quaternion of {thing}', length, '1', remedy)
