"""One measured thing, what it is compared with, and whether it is within its bounds."""
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence

import numpy as np


@dataclass(frozen=True)
class Figure:
    """
    A figure of ``physai bench``.

    ``floor_*``: what it would be at best, measured in the same run; ``ratio_*``: of the figure to
    that. ``p999``: the 99.9th percentile, of a figure that has a bound on it. ``at_most``,
    ``at_least``: bounds by field. ``more``: whatever else belongs to it.
    """

    name: str
    unit: str
    p50: float
    p99: Optional[float] = None
    p999: Optional[float] = None
    floor_p50: Optional[float] = None
    floor_p99: Optional[float] = None
    ratio_p50: Optional[float] = None
    ratio_p99: Optional[float] = None
    count: int = 1
    at_most: Mapping[str, float] = field(default_factory=dict)
    at_least: Mapping[str, float] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def missed(self) -> Dict[str, str]:
        """Return the bounds that are not kept, by field, in words."""
        over = {name: f'at most {bound:g}' for name, bound in self.at_most.items()
                if getattr(self, name) is None or not getattr(self, name) <= bound}
        under = {name: f'at least {bound:g}' for name, bound in self.at_least.items()
                 if getattr(self, name) is None or not getattr(self, name) >= bound}
        return {**over, **under}

    def as_dict(self) -> Dict[str, Any]:
        """Return all of it, for JSON."""
        return {**asdict(self), 'ok': not self.missed}


def summary(name: str, unit: str, samples: Sequence[float],
            floor: Optional[Sequence[float]] = None, at_most=None, at_least=None,
            **more) -> Figure:
    """
    Return the figure of many samples.

    :param floor: samples of what it is compared with
    """
    p50, p99, p999 = (float(value) for value in np.percentile(samples, (50, 99, 99.9)))
    values = {'p50': p50, 'p99': p99}
    if 'p999' in (at_most or {}):
        values['p999'] = p999
    if floor is not None:
        low, high = (float(value) for value in np.percentile(floor, (50, 99)))
        values.update(floor_p50=low, floor_p99=high, ratio_p50=p50 / low, ratio_p99=p99 / high)
    return Figure(name, unit, count=len(samples), at_most=at_most or {}, at_least=at_least or {},
                  more=more, **values)
