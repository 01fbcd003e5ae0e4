"""
The terms that a manifest may use.

To add one, write its file and name it here.
"""
from typing import Annotated, Union

from physai_ros.bundle.terms.angular_velocity import AngularVelocity
from physai_ros.bundle.terms.base import (
    ACTION, Context, INTERNAL, Lagged, Measured, MeasuredVector, Source, SOURCE_KINDS, Term,
    VectorTerm)
from physai_ros.bundle.terms.base_angular_velocity import BaseAngularVelocity
from physai_ros.bundle.terms.base_linear_velocity import BaseLinearVelocity
from physai_ros.bundle.terms.base_velocity import BaseVelocity
from physai_ros.bundle.terms.commanded_gait_clock import CommandedGaitClock
from physai_ros.bundle.terms.constant import Constant
from physai_ros.bundle.terms.depth import Depth
from physai_ros.bundle.terms.episode_step import EpisodeStep
from physai_ros.bundle.terms.gait_clock import GaitClock
from physai_ros.bundle.terms.goal import Goal
from physai_ros.bundle.terms.image import Image
from physai_ros.bundle.terms.joint_effort import JointEffort
from physai_ros.bundle.terms.joint_position import JointPosition
from physai_ros.bundle.terms.joint_velocity import JointVelocity
from physai_ros.bundle.terms.joy import Joy
from physai_ros.bundle.terms.laser_scan import LaserScan
from physai_ros.bundle.terms.linear_acceleration import LinearAcceleration
from physai_ros.bundle.terms.model_orientation import ModelOrientation
from physai_ros.bundle.terms.model_output import ModelOutput
from physai_ros.bundle.terms.noise import Noise
from physai_ros.bundle.terms.object_pose import ObjectPose
from physai_ros.bundle.terms.orientation import Orientation
from physai_ros.bundle.terms.pose import Pose
from physai_ros.bundle.terms.previous_action import Action, PreviousAction
from physai_ros.bundle.terms.previous_target import PreviousTarget
from physai_ros.bundle.terms.projected_gravity import ProjectedGravity
from physai_ros.bundle.terms.task_text import TaskText
from physai_ros.bundle.terms.told import Told
from physai_ros.bundle.terms.transform import Transform
from physai_ros.bundle.terms.velocity_command import VelocityCommand
from physai_ros.bundle.terms.wrench import Wrench
from pydantic import Field

TERMS = (AngularVelocity, BaseAngularVelocity, BaseLinearVelocity, BaseVelocity,
         CommandedGaitClock, Constant, Depth, EpisodeStep, GaitClock, Goal, Image, JointEffort,
         JointPosition, JointVelocity, Joy, LaserScan, LinearAcceleration, ModelOrientation,
         ModelOutput, Noise, ObjectPose, Orientation, Pose, PreviousAction, PreviousTarget,
         ProjectedGravity, TaskText, Transform, VelocityCommand, Wrench)

AnyTerm = Annotated[Union[TERMS], Field(discriminator='term')]

__all__ = [*(term.__name__ for term in TERMS), 'Action', 'ACTION', 'AnyTerm', 'Context',
           'INTERNAL', 'Lagged', 'Measured', 'MeasuredVector', 'Source', 'SOURCE_KINDS', 'Term',
           'TERMS', 'Told', 'VectorTerm']
