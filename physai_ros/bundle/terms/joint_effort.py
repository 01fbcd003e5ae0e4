"""Measured joint efforts."""
from typing import ClassVar, Literal

from physai_ros.bundle.terms.joints import JointTerm


class JointEffort(JointTerm):
    """Efforts, N m or N."""

    field: ClassVar[str] = 'effort'

    term: Literal['joint_effort'] = 'joint_effort'
