"""Rates and durations over the last diagnostics period."""
from typing import Dict


class Meter:
    """
    How often something happened and how long it took, since the last :meth:`read`.

    :param name: of the thing, the first part of the keys
    """

    def __init__(self, name: str):
        self.name = name
        self.total = 0
        self._count, self._sum_ns, self._max_ns, self._since_ns = 0, 0, 0, None

    def add(self, duration_ns: int = 0):
        """Count one, which took so long."""
        self.total += 1
        self._count += 1
        self._sum_ns += duration_ns
        self._max_ns = max(self._max_ns, duration_ns)

    def read(self, now_ns: int) -> Dict[str, str]:
        """
        Return rate (1/s), mean and largest duration (ms), and start again.

        :param now_ns: monotonic time
        """
        span_ns = 0 if self._since_ns is None else now_ns - self._since_ns
        rate = self._count * 1e9 / span_ns if span_ns else 0.0
        mean_ms = self._sum_ns * 1e-6 / self._count if self._count else 0.0
        values = {f'{self.name}_hz': f'{rate:.1f}'}
        if self._sum_ns:
            values[f'{self.name}_ms'] = f'{mean_ms:.2f}'
            values[f'{self.name}_max_ms'] = f'{self._max_ns * 1e-6:.2f}'
        self._count, self._sum_ns, self._max_ns, self._since_ns = 0, 0, 0, now_ns
        return values
