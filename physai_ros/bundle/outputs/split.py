"""One output of a model that moves several things."""
from typing import Annotated, ClassVar, Literal, Union

import numpy as np
from physai_ros.bundle.outputs.base import Output
from physai_ros.bundle.outputs.base_path import BasePathOutput
from physai_ros.bundle.outputs.base_twist import BaseTwistOutput
from physai_ros.bundle.outputs.frame_delta import FrameDeltaOutput
from physai_ros.bundle.outputs.frame_pose import FramePoseOutput
from physai_ros.bundle.outputs.gripper import GripperOutput
from physai_ros.bundle.outputs.joint_delta import JointDeltaOutput
from physai_ros.bundle.outputs.joint_position import JointPositionOutput
from physai_ros.bundle.outputs.joint_velocity import JointVelocityOutput
from physai_ros.bundle.outputs.unused import UnusedOutput
from physai_ros.bundle.schema import Listed, mismatch
from pydantic import Field, model_validator

PARTS = (BasePathOutput, BaseTwistOutput, FrameDeltaOutput, FramePoseOutput, GripperOutput,
         JointDeltaOutput, JointPositionOutput, JointVelocityOutput)

AnyPart = Annotated[Union[(*PARTS, UnusedOutput)], Field(discriminator='kind')]


class SplitOutput(Output):
    """Several outputs side by side; what is undone here is undone before that of the parts."""

    moves: ClassVar[str] = 'parts'

    kind: Literal['split'] = 'split'
    parts: Listed[AnyPart] = Field(
        min_length=1, max_length=64, description='what the numbers mean, from the first to '
        'the last: other outputs, without chunk')

    @property
    def width(self):
        return sum(part.width for part in self.parts)

    def split(self, rows):
        numbers = None if rows is None else self.from_model(rows)
        start = 0
        for n, part in enumerate(self.parts):
            stop = start + part.width
            yield (f'.parts[{n}]', part,
                   None if rows is None else part.clipped(numbers[:, start:stop]))
            start = stop

    def join(self, columns):
        rows, start = self.back_to_model(np.hstack(columns)), 0
        for part in self.parts:
            stop = start + part.width
            if part.moves is None:
                rows[:, start:stop] = 0.0
            start = stop
        return rows

    @model_validator(mode='after')
    def _one_chunk(self):
        if any('chunk' in part.model_fields_set for part in self.parts):
            raise mismatch('parts', 'parts without chunk', 'give chunk beside parts')
        if all(part.moves is None for part in self.parts):
            raise mismatch('parts', 'one at least that is used', 'leave this output out')
        return self
