"""Targets for joints."""
from typing import Literal

from physai_ros.bundle.outputs.joints import JointOutput


class JointPositionOutput(JointOutput):
    """Joint positions to be at, rad or m."""

    kind: Literal['joint_position'] = 'joint_position'
