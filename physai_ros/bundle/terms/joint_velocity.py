"""Measured joint velocities."""
from typing import ClassVar, Literal

from physai_ros.bundle.terms.joints import AngularJointTerm


class JointVelocity(AngularJointTerm):
    """Velocities, rad/s or m/s."""

    field: ClassVar[str] = 'velocity'

    term: Literal['joint_velocity'] = 'joint_velocity'
