"""What every output of a model is: rows of numbers that become a chunk of actions."""
from typing import ClassVar, Tuple

import numpy as np
from physai_ros.bundle.schema import mismatch, Numbers, Schema
from physai_ros.core.errors import BundleError
from pydantic import Field, model_validator


class Output(Schema):
    """
    One output of a model: ``chunk`` rows of ``width`` numbers, ``offset + row * scale``.

    A subclass is one file: the discriminating literal ``kind``, its fields, ``width`` and
    ``to_chunk``. It is registered in ``outputs/__init__.py``.
    """

    moves: ClassVar[str]

    offset: Numbers = Field(
        default=(0.0,), description='offset + answer * scale is the action: a number, or one for '
        'each value')
    scale: Numbers = Field(
        default=(1.0,), description='offset + answer * scale is the action: a number, or one for '
        'each value')
    chunk: int = Field(default=1, ge=1, le=1000, description='how many steps one answer has')

    @property
    def width(self) -> int:
        """Return how many numbers a step has."""
        raise NotImplementedError

    @property
    def tensor_shapes(self) -> Tuple[Tuple[int, ...], ...]:
        """Return the shapes that the model's tensor may have, batch dimension included."""
        shape = (1, self.chunk, self.width)
        return (shape, (1, self.width)) if self.chunk == 1 else (shape,)

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        """
        Return the chunk of core.types.

        :param actions: (chunk, width) float64
        """
        raise NotImplementedError

    def rows(self, name, tensor) -> np.ndarray:
        """
        Return what the model answered, (chunk, width) float64.

        :param name: the name of the output, for messages
        :raises BundleError: for another shape, or a number that is not finite
        """
        tensor = np.asarray(tensor)
        if tensor.shape not in self.tensor_shapes:
            raise BundleError(f'the shape of output {name}', tensor.shape,
                              ' or '.join(map(str, self.tensor_shapes)),
                              'correct chunk and joints in policy.yaml, or export the model anew')
        rows = tensor.reshape(self.chunk, self.width).astype(np.float64)
        require_finite(f'output {name}', rows)
        return rows

    def decode(self, name, tensor, t_obs_ns, dt_ns):
        """Return the chunk that a tensor of the model means; raise as ``rows`` does."""
        with np.errstate(over='ignore', invalid='ignore'):
            actions = np.asarray(self.offset) + self.rows(name, tensor) * np.asarray(self.scale)
        require_finite(f'the action of output {name}', actions)
        return self.to_chunk(actions, t_obs_ns, dt_ns)

    @model_validator(mode='after')
    def _lengths(self):
        for field in ('offset', 'scale'):
            if len(getattr(self, field)) not in (1, self.width):
                raise mismatch(field, f'1 or {self.width} numbers, as a step of the output has',
                               'give one number for all, or one for each')
        return self


def require_finite(thing, rows):
    """
    Raise BundleError when a number is NaN or infinite.

    :param rows: (K, n)
    """
    bad = np.argwhere(~np.isfinite(rows))
    if bad.size:
        step, place = bad[0]
        raise BundleError(f'{thing}, step {step}, number {place}', float(rows[step, place]),
                          'a finite number', 'the whole answer is thrown away; mend the model')
