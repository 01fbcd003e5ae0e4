"""
The terms that a manifest may use.

To add one, write its file and name it here.
"""
from typing import Annotated, Union

from physai_ros.bundle.terms.base import ACTION, Context, Source, SOURCE_KINDS, Term, VectorTerm
from physai_ros.bundle.terms.base_velocity import BaseVelocity
from physai_ros.bundle.terms.image import Image
from physai_ros.bundle.terms.joint_position import JointPosition
from physai_ros.bundle.terms.joint_velocity import JointVelocity
from physai_ros.bundle.terms.object_pose import ObjectPose
from physai_ros.bundle.terms.previous_action import Action, PreviousAction
from pydantic import Field

TERMS = (BaseVelocity, Image, JointPosition, JointVelocity, ObjectPose, PreviousAction)

AnyTerm = Annotated[Union[TERMS], Field(discriminator='term')]

__all__ = ['Action', 'ACTION', 'AnyTerm', 'BaseVelocity', 'Context', 'Image', 'JointPosition',
           'JointVelocity', 'ObjectPose', 'PreviousAction', 'Source', 'SOURCE_KINDS', 'Term',
           'TERMS', 'VectorTerm']
