"""
LeRobot's normalisation as what it is: an affine map for each number.

Every mode is ``(raw - shift) / width`` on the way in and ``answer * width + shift`` on the way
out; the ``eps`` that keeps LeRobot from dividing by zero is only in the way in.
"""
from dataclasses import dataclass

import numpy as np
from physai_ros.core.errors import BundleError

# mode -> the statistics it needs: the centre and spread, or the two ends of [-1, 1]
NEEDED = {'MEAN_STD': ('mean', 'std'), 'MIN_MAX': ('min', 'max'), 'QUANTILES': ('q01', 'q99'),
          'QUANTILE10': ('q10', 'q90'), 'IDENTITY': ()}


@dataclass(frozen=True, eq=False)
class Affine:
    """One ``shift`` and ``width`` for each number (float64) of a feature; see above."""

    mode: str
    shift: np.ndarray
    width: np.ndarray


def affine(feature, mode, stats, eps=1e-8, always=True, inverse=False) -> Affine:
    """
    Return the affine map of one feature.

    :param feature: its name, for messages
    :param mode: one of NEEDED
    :param stats: arrays by statistic (``mean``, ``std`` …), each of one shape
    :param eps: what LeRobot adds to a divisor
    :param always: whether also to max - min that is not zero (LeRobot before 0.4)
    :param inverse: for the way out
    :raises BundleError: when a statistic is missing or not finite
    """
    if mode not in NEEDED:
        raise BundleError(f'the normalisation of {feature}', mode, f'one of {", ".join(NEEDED)}',
                          'export the policy with one of these')
    if mode == 'IDENTITY':
        return Affine(mode, np.zeros(1), np.ones(1))
    missing = [name for name in NEEDED[mode] if name not in stats]
    if missing:
        raise BundleError(f'{", ".join(missing)} of {feature}', None,
                          f'in the checkpoint, as its normalisation is {mode}',
                          'copy policy_preprocessor*.json, policy_postprocessor*.json and their '
                          '.safetensors files beside model.safetensors')
    first, second = (_flat(feature, name, stats[name]) for name in NEEDED[mode])
    eps = np.float32(eps)
    if mode == 'MEAN_STD':
        return Affine(mode, _double(first), _double(second if inverse else second + eps))
    span = second - first
    if not inverse:
        span = span + eps if always else np.where(span == 0, eps, span)
    elif not always:
        span = np.where(span == 0, eps, span)
    half = _double(span) / 2
    return Affine(mode, _double(first) + half, half)


def _flat(feature, name, values):
    values = np.asarray(values, np.float32).reshape(-1)
    if not np.isfinite(values).all():
        raise BundleError(f'{name} of {feature}', values.tolist(), 'finite numbers',
                          'this checkpoint was saved without its statistics: take a later one')
    return values


def _double(values):
    return np.asarray(values, np.float64)
