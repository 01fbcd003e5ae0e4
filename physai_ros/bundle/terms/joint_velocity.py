"""Measured joint velocities."""
from typing import ClassVar, Literal

from physai_ros.bundle.terms.joints import JointTerm


class JointVelocity(JointTerm):
    """Velocities, rad/s or m/s."""

    field: ClassVar[str] = 'velocity'

    term: Literal['joint_velocity'] = 'joint_velocity'
