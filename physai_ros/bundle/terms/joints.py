"""What the terms on joints have in common: joints are found by name, never by place."""
from typing import ClassVar

from physai_ros.bundle.scaling import Angular
from physai_ros.bundle.schema import JointNames, Topic
from physai_ros.bundle.terms.base import MeasuredVector, pick, places_of, Source
from physai_ros.core.errors import SampleError
from physai_ros.core.types import JointState
from pydantic import Field

JOINT_STATES = 'joint_states'


class JointTerm(MeasuredVector):
    """One number a joint from a joint state, in the order of ``joints``."""

    sample_type: ClassVar[type] = JointState
    default_max_age_s: ClassVar[float] = 0.1
    field: ClassVar[str]

    topic: Topic = Field(default=JOINT_STATES, description='topic of sensor_msgs/JointState')
    joints: JointNames = Field(description='the names of the joints, in the order of the model')

    @property
    def source(self):
        return Source(self.topic, 'joint_state')

    @property
    def width(self):
        return len(self.joints)

    def absence(self, sample):
        if getattr(sample, self.field) is None:
            return f'it has no {self.field}'
        if places_of(self.joints, sample.names) is None:
            missing = ', '.join(name for name in self.joints if name not in sample.names)
            return f'it has no {missing}'
        return None

    def check(self, sample, frame_prefix):
        found = getattr(sample, self.field).shape
        if found != (len(sample.names),):
            raise SampleError(f'the shape of {self.field} on {self.topic}', found,
                              f'{(len(sample.names),)}, one for each name',
                              'look for the fault in the node that sends it')
        super().check(sample, frame_prefix)

    def values(self, sample, context):
        return pick(getattr(sample, self.field), self.joints, sample.names)


class AngularJointTerm(Angular, JointTerm):
    """The same where the model may have been trained in degrees."""
