"""Where the robot is to go."""
from typing import Annotated, ClassVar, Literal

import numpy as np
from physai_ros.bundle.rotations import matrix
from physai_ros.bundle.schema import Distinct, Label, Listed, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.bundle.terms.frames import lookup, require_rotation
from physai_ros.core.types import Pose as PoseSample
from pydantic import Field

Axis = Literal['distance', 'bearing', 'bearing_sin', 'bearing_cos', 'x', 'y', 'z', 'turn',
               'turn_sin', 'turn_cos']


class Goal(MeasuredVector):
    """
    Where a goal is as seen from a frame of the robot: distance and bearing, or other numbers.

    Distance and bearing are in the x-y plane of the frame; the bearing is 0 ahead and pi/2 on the
    left, the turn tells how the x axis of the goal stands there, both from -pi to pi. Unlike a
    ``pose`` the goal stays where it is in its own frame while the robot drives: TF leads from
    there at the moment that is asked for, not at the stamp of the message. When it falls silent
    there is no observation.
    """

    sample_type: ClassVar[type] = PoseSample
    default_max_age_s: ClassVar[float] = 1.0
    of_sample_alone: ClassVar[bool] = False

    term: Literal['goal'] = 'goal'
    topic: Topic = Field(description='topic of geometry_msgs/PoseStamped')
    frame: Label = Field(default='base_link', description='the frame that the goal is seen from, '
                         'without the prefix of the robot')
    axes: Annotated[Listed[Axis], Field(min_length=1), Distinct] = Field(
        default=('distance', 'bearing'), description='the numbers, of distance, x, y, z (m), '
        'bearing, turn (rad), and bearing_sin, bearing_cos, turn_sin, turn_cos')

    @property
    def source(self):
        return Source(self.topic, 'pose')

    @property
    def width(self):
        return len(self.axes)

    @property
    def turns(self) -> bool:
        """Return whether the orientation of the goal counts."""
        return any(axis.startswith('turn') for axis in self.axes)

    @property
    def needs_transforms(self):
        return True

    def check(self, sample, frame_prefix):
        super().check(sample, frame_prefix)
        if self.turns:
            require_rotation(sample.orientation, self.topic)

    def measured(self, sample, frame_prefix):
        return sample.position

    def values(self, sample, context):
        frame = sample.frame_id.removeprefix(context.frame_prefix)
        pose = np.eye(4) if frame == self.frame else \
            lookup(context, self.frame, frame, context.t_obs_ns)
        x, y, z = pose[:3, :3] @ sample.position + pose[:3, 3]
        numbers = {'x': x, 'y': y, 'z': z, 'distance': np.hypot(x, y),
                   **_angle('bearing', np.arctan2(y, x))}
        if self.turns:
            ahead = pose[:3, :3] @ matrix(sample.orientation)[:, 0]
            numbers.update(_angle('turn', np.arctan2(ahead[1], ahead[0])))
        return np.array([numbers[axis] for axis in self.axes])

    def blend(self, before, after, share, context):
        return self.build(before if share < 0.5 else after, context)


def _angle(name, angle):
    return {name: angle, f'{name}_sin': np.sin(angle), f'{name}_cos': np.cos(angle)}
