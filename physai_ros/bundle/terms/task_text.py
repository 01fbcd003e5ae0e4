"""What the robot is told to do."""
from typing import Annotated, Literal

import numpy as np
from physai_ros.bundle.schema import Dtype
from physai_ros.bundle.terms.base import Term
from physai_ros.core.errors import StaleError
from pydantic import Field


class TaskText(Term):
    """
    The task in the numbers of the bundle's own tokenizer; it has an input to itself.

    Longer texts are cut off, shorter ones filled with ``pad_id``. ``mask`` gives 1 for each
    token and 0 for the filling.
    """

    dtype: Dtype = Field(default='int64', description='the type of the input of the model')
    term: Literal['task_text'] = 'task_text'
    length: int = Field(ge=1, le=4096, description='how many tokens the model takes')
    field: Literal['ids', 'mask'] = Field(default='ids', description='ids, or mask')
    pad_id: int = Field(default=0, ge=0, le=2 ** 31, description='the token that fills up')
    pad_side: Literal['right', 'left'] = Field(default='right',
                                               description='where it is filled up')
    template: Annotated[str, Field(max_length=1024, pattern=r'\{task\}')] = Field(
        default='{task}', description='the text that is tokenised, {task} being the task; '
        '"{task}\\n" for SmolVLA')

    @property
    def shape(self):
        return (self.length,)

    def build(self, sample, context):
        if not context.task or context.tokenize is None:
            raise StaleError('the task', context.task, 'what the robot is to do, in words',
                             'set the parameter task, or publish it on the topic task')
        ids = context.tokenize(self.template.replace('{task}', context.task))[:self.length]
        filling = self.length - len(ids)
        before, after = (0, filling) if self.pad_side == 'right' else (filling, 0)
        if self.field == 'mask':
            row = [0] * before + [1] * len(ids) + [0] * after
        else:
            row = [self.pad_id] * before + list(ids) + [self.pad_id] * after
        return np.array(row).astype(self.dtype)
