"""What every output of a model is: rows of numbers that become a chunk of actions."""
from functools import cached_property
from typing import Callable, ClassVar, Optional, Tuple

import numpy as np
from physai_ros.bundle.scaling import Scaling
from physai_ros.bundle.terms.joint_position import JointPosition
from physai_ros.core.errors import BundleError
from physai_ros.core.finite import all_finite
from pydantic import Field

Solver = Callable[['Output', np.ndarray, np.ndarray], np.ndarray]


class Output(Scaling):
    """
    One output of a model: ``chunk`` rows of ``width`` numbers, ``offset + row * scale``.

    A subclass is one file: the discriminating literal ``kind``, its fields, ``width``,
    ``to_chunk`` and, where a row is not the action itself, ``actions``. It is registered in
    ``outputs/__init__.py``.
    """

    moves: ClassVar[Optional[str]]
    invertible: ClassVar[bool] = True
    begins_at_reference: ClassVar[bool] = False     # or is the first action one step on

    chunk: int = Field(default=1, ge=1, le=1000, description='how many steps one answer has')

    @property
    def action_width(self) -> int:
        """Return how many numbers an action has."""
        return self.width

    @property
    def reference(self) -> Optional[JointPosition]:
        """Return the measurement at t_obs that the actions are relative to, None for none."""
        return None

    @property
    def follows_itself(self) -> bool:
        """Return whether the actions are relative to what was wanted before, once it exists."""
        return False

    @cached_property
    def tensor_shapes(self) -> Tuple[Tuple[int, ...], ...]:
        """Return the shapes that the model's tensor may have, batch dimension included."""
        shape = (1, self.chunk, self.width)
        return (shape, (1, self.width)) if self.chunk == 1 else (shape,)

    def to_chunk(self, actions, t_obs_ns, dt_ns):
        """
        Return the chunk of core.types.

        :param actions: float64 (steps, …), as ``actions`` returns them
        """
        raise NotImplementedError

    def rows(self, name, tensor) -> np.ndarray:
        """
        Return what the model answered, clipped, (chunk, width) float64.

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
        return self.clipped(rows)

    def clipped(self, rows):
        """Return rows within ``clip``."""
        for operation, bound in self.clipping:
            rows = operation(rows, bound)
        return rows

    def split(self, rows):
        """
        Yield (suffix of the place, part, its rows); a plain output is its only part.

        :param rows: (K, width) as ``rows`` returns them, or None for the parts alone
        """
        yield '', self, rows

    def actions(self, rows, dt_s, reference=None, solver: Optional[Solver] = None) -> np.ndarray:
        """
        Return what the rows mean, float64 (steps, …) in SI units.

        :param rows: (K, width) as the model answered
        :param dt_s: the time between two rows
        :param reference: (J,) where the joints of ``reference`` were at t_obs, rad or m
        :param solver: turns motion of a frame into joints
        """
        return self.from_model(rows)

    def to_rows(self, actions, reference=None) -> np.ndarray:
        """Undo ``actions``: what the model would have answered; for ``invertible`` ones only."""
        return self.back_to_model(actions)

    def join(self, columns) -> np.ndarray:
        """Undo ``split``: return the rows of the output from those of its parts."""
        return np.hstack(columns)


def require_finite(thing, rows):
    """
    Raise BundleError when a number is NaN or infinite.

    :param rows: (K, n)
    """
    if all_finite(rows):
        return
    step, place = np.argwhere(~np.isfinite(rows))[0]
    raise BundleError(f'{thing}, step {step}, number {place}', float(rows[step, place]),
                      'a finite number', 'the whole answer is thrown away; mend the model')
