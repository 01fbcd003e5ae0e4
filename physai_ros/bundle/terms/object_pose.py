"""Where perception saw an object."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import Label, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.taken import Taken
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Objects
from pydantic import Field


class ObjectPose(Taken, MeasuredVector):
    """
    Position (x, y, z) of the best scored object of a class, metres in ``frame``.

    A picture without such an object is no sample of this term: the last one that showed it
    counts, with its own age, until that is over the maximum.
    """

    sample_type: ClassVar[type] = Objects
    default_max_age_s: ClassVar[float] = 0.5
    silence_s: ClassVar[float] = 1.0

    term: Literal['object_pose'] = 'object_pose'
    topic: Topic = Field(default='perception/objects',
                         description='topic of vision_msgs/Detection3DArray')
    class_id: Label = Field(description='the class of the object, as the detector calls it')
    frame: Label = Field(default='base_link',
                         description='the frame of the position, without the prefix of the robot')

    @property
    def source(self):
        return Source(self.topic, 'objects')

    @property
    def count(self):
        return 3

    def absence(self, sample):
        if any(item.class_id == self.class_id for item in sample.items):
            return None
        return f'it shows no {self.class_id}'

    def check(self, sample, frame_prefix):
        if sample.frame_id not in (self.frame, frame_prefix + self.frame):
            raise SampleError(f'the frame of {self.source.topic}', sample.frame_id,
                              repr(frame_prefix + self.frame),
                              'set the output frame of perception or the frame of the term')
        super().check(sample, frame_prefix)

    def values(self, sample, context):
        seen = [item for item in sample.items if item.class_id == self.class_id]
        best = max(seen, key=lambda item: item.score)
        return np.asarray(best.position, dtype=np.float64)
