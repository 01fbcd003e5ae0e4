"""How the robot has to turn to follow a motion that the model tells."""
from typing import ClassVar, List, Literal

import numpy as np
from physai_ros.bundle.rotations import matrix, quaternion_of
from physai_ros.bundle.schema import mismatch
from physai_ros.bundle.terms.frames import require_rotation
from physai_ros.bundle.terms.imu import ImuTerm
from physai_ros.bundle.terms.rotation import Rotated
from physai_ros.bundle.terms.told import Told
from pydantic import Field, model_validator


class ModelOrientation(Told, Rotated, ImuTerm):
    """
    An orientation that an output told in the last answer, as seen from the robot.

    It is that of one body of a motion; that of the robot is measured by an IMU, of ``frame`` where
    that is given. The motion is turned about the vertical, so that at the first observation both
    have one heading (yaw): inverse(robot) * heading * motion. Before the first answer it is what
    the model answers to zeros in all its inputs.
    """

    relative_to: ClassVar[str] = 'start'

    term: Literal['model_orientation'] = 'model_orientation'
    body: int = Field(default=0, ge=0, le=1023, description='which of the quaternions of the '
                      'output is meant, from 0')
    order: Literal['wxyz', 'xyzw'] = Field(
        default='wxyz', description='the order of the quaternions of the output')

    @property
    def count(self):
        return self.rotation_size

    def check(self, sample, frame_prefix):
        require_rotation(sample.orientation, self.topic)

    def build(self, sample, context):
        """Return how the robot and the motion are turned, float64 (2, 3, 3)."""
        pose = self.change(sample, context)
        robot = matrix(sample.orientation)
        told = self.told(context)[4 * self.body:4 * self.body + 4]
        require_rotation(told, f'body {self.body} in output {self.output}',
                         f'correct output, body or order of {self.term} in policy.yaml')
        return np.array([robot if pose is None else robot @ pose[:3, :3].T,
                         matrix(told if self.order == 'wxyz' else np.roll(told, 1))])

    def blend(self, before, after, share, context):
        return self.build(before if share < 0.5 else after, context)

    def related(self, moments, origin) -> List[np.ndarray]:
        """
        Return the slice of each moment.

        :param moments: as ``build`` returns them
        :param origin: that of the first observation
        """
        heading = _yaw(origin[0]) @ _yaw(origin[1]).T
        return [self.finished(self.represented(quaternion_of(robot.T @ heading @ motion)))
                for robot, motion in moments]

    @model_validator(mode='after')
    def _quaternions(self):
        if self.size % 4:
            raise mismatch('size', 'four numbers for each body', 'name an output of quaternions')
        if 4 * self.body >= self.size:
            raise mismatch('body', f'0 to {self.size // 4 - 1}, as size says', 'count from 0')
        return self


def _yaw(rotation):
    """Return the turn about z that a rotation (3, 3) has, (3, 3)."""
    x, y = rotation[:2, 0] / max(np.hypot(*rotation[:2, 0]), 1e-12)
    return np.array([[x, -y, 0.0], [y, x, 0.0], [0.0, 0.0, 1.0]])
