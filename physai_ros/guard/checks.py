"""What a chunk must be before it counts: shape, names, finite numbers, sane targets."""
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.stitching import column_index
from physai_ros.core.types import BaseChunk, JointChunk
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.limits import AXES, BaseLimits, JointLimits
from physai_ros.guard.states import Trip

LONGEST_DT_NS = 10 ** 12    # far from what overflows when it is multiplied by the steps


def joint_chunk(chunk: JointChunk, limits: JointLimits, config: GuardConfig, now_ns: int):
    """
    Check a chunk of joint positions.

    :return: the chunk with its positions inside the limits, and how many numbers were clamped
    :raises GuardError: for a chunk without meaning: shape, size, names, times
    :raises Trip: for a number that is not finite or grossly outside its limits
    """
    names = tuple(chunk.names)
    if not all(isinstance(name, str) for name in names):
        raise GuardError('joint chunk: names', names[:5], 'strings')
    rows = _rows('joint chunk: positions', chunk.positions, len(names), config)
    columns = column_index(names, limits.names)
    _times('joint chunk', chunk, config, now_ns)
    _finite('joint chunk: position of', rows, names)
    _unspoiled('joint chunk', chunk)
    lower, upper = limits.lower[columns], limits.upper[columns]
    beyond = np.maximum(rows - upper, lower - rows)
    tolerance = config.per_joint('limit_tolerance', limits)[columns]
    worst = np.unravel_index(np.argmax(beyond - tolerance), beyond.shape)
    if beyond[worst] > tolerance[worst[1]]:
        k = worst[1]
        raise Trip('limit', f'joint chunk: {names[k]} at step {worst[0]}',
                   round(float(rows[worst]), 4),
                   f'{lower[k]:g} to {upper[k]:g}, at most {tolerance[k]:g} outside',
                   'check the units and the scale of the output in the bundle')
    clamped = np.minimum(np.maximum(rows, lower), upper)
    return (JointChunk(int(chunk.stamp_ns), int(chunk.dt_ns), names, clamped),
            int(np.count_nonzero(beyond > 0)))


def base_chunk(chunk: BaseChunk, limits: BaseLimits, config: GuardConfig, now_ns: int):
    """
    Check a chunk of base twists.

    :return: the chunk with its twists inside the limits, and how many numbers were clamped
    :raises GuardError: for a chunk without meaning: shape, size, times
    :raises Trip: for a number that is not finite or grossly over its limit
    """
    rows = _rows('base chunk: twists', chunk.twists, len(AXES), config)
    _times('base chunk', chunk, config, now_ns)
    _finite('base chunk:', rows, AXES)
    _unspoiled('base chunk', chunk)
    top = limits.velocity
    over = (np.abs(rows) > config.twist_limit_ratio * top) & (top > 0)
    if over.any():
        k, axis = np.argwhere(over)[0]
        raise Trip('limit', f'base chunk: {AXES[axis]} at step {k}',
                   round(float(rows[k, axis]), 4),
                   f'at most {top[axis]:g}, or it is clamped up to '
                   f'{config.twist_limit_ratio:g} times that',
                   'check the units and the scale of the output in the bundle')
    clamped = np.minimum(np.maximum(rows, -top), top)
    return (BaseChunk(int(chunk.stamp_ns), int(chunk.dt_ns), clamped),
            int(np.count_nonzero(clamped != rows)))


def _rows(thing, values, columns, config):
    try:
        rows = np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise GuardError(thing, type(values).__name__, 'rows of numbers') from error
    if rows.ndim != 2 or rows.shape[1] != columns or not columns:
        raise GuardError(f'{thing}: shape', rows.shape, f'(steps, {columns}), a column a name')
    if not 1 <= len(rows) <= config.max_steps:
        raise GuardError(f'{thing}: steps', len(rows), f'1 to {config.max_steps}')
    return rows


def _times(thing, chunk, config, now_ns):
    for field in ('stamp_ns', 'dt_ns'):
        if not isinstance(getattr(chunk, field), (int, np.integer)):
            raise GuardError(f'{thing}: {field}', getattr(chunk, field), 'whole nanoseconds')
    if chunk.dt_ns <= 0:
        raise GuardError(f'{thing}: dt_ns', chunk.dt_ns, 'more than 0')
    if chunk.dt_ns > LONGEST_DT_NS:
        raise GuardError(f'{thing}: dt_ns', chunk.dt_ns, f'at most {LONGEST_DT_NS}')
    ahead_ns = chunk.stamp_ns - now_ns
    if ahead_ns > config.ns('future_tolerance_s'):
        raise GuardError(f'{thing}: stamp', f'{ahead_ns / 1e9:.3f} s ahead of the clock',
                         f'at most {config.future_tolerance_s:g} s',
                         'let policy and command use the same clock')


def _finite(thing, rows, names):
    bad = ~np.isfinite(rows)
    if bad.any():
        k, column = np.argwhere(bad)[0]
        raise _not_finite(f'{thing} {names[column]} at step {k}', float(rows[k, column]))


def _unspoiled(thing, chunk):
    if chunk.spoiled:
        raise _not_finite(f'{thing}: {chunk.spoiled}', None)


def _not_finite(place, value) -> Trip:
    return Trip('non_finite', place, value, 'finite numbers',
                'the whole chunk is refused; look at the model and its inputs')
