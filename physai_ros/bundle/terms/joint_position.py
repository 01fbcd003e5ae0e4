"""Measured joint positions."""
from typing import ClassVar, Literal

from physai_ros.bundle.terms.joints import AngularJointTerm


class JointPosition(AngularJointTerm):
    """Positions, rad or m; with ``offset`` the default pose they are relative to it."""

    field: ClassVar[str] = 'position'

    term: Literal['joint_position'] = 'joint_position'
