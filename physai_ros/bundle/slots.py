"""The samples of one term, and which of them stand for the moments that are asked for."""
from bisect import bisect_right
import math
from typing import List, Optional, Sequence, Tuple

import numpy as np
from physai_ros.bundle.history import History, NOW
from physai_ros.bundle.origin import Origin
from physai_ros.bundle.terms import Context, Lagged, Term
from physai_ros.core.errors import SampleError, StaleError
from physai_ros.core.types import NS_PER_S

FUTURE_NS = 50_000_000  # what clocks of one robot may be apart


def lags_ns(term: Term, history: Optional[History], dt_ns: int) -> Tuple[int, ...]:
    """Return how long before the tick each moment of a term lies, in the order of the history."""
    own_ns = term.lag * dt_ns if isinstance(term, Lagged) else 0
    return tuple(own_ns + lag_ns for lag_ns in (history or NOW).lags_ns(dt_ns))


def before_start(term: Term, history: Optional[History]) -> Optional[np.ndarray]:
    """Return what stands for moments before the first observation, None: what the term says."""
    zeros = history is not None and history.start == 'zeros'
    return np.zeros(term.shape, term.dtype) if zeros else None


def begun(context: Context) -> bool:
    """Return whether a moment is not before the first observation; ticks may come early."""
    return context.t_obs_ns >= context.t_start_ns - context.dt_ns // 2


class Derived:
    """A term that needs no sample."""

    def __init__(self, place: str, term: Term, history: Optional[History]):
        self.term, self.title = term, f'{place} ({term.term})'
        self._origin, self._before = Origin(term), before_start(term, history)

    def reset(self):
        """Begin a new episode."""
        self._origin.reset()

    def problem(self, now_ns: int) -> Optional[StaleError]:
        """Return None: nothing can be too old."""

    def build(self, contexts: Sequence[Context]) -> List[np.ndarray]:
        """Return the slice of each moment."""
        built = [self.term.build(None, context) if self._before is None or begun(context)
                 else self._before for context in contexts]
        return self._origin.related(built, contexts)


class Measurements:
    """
    The usable samples of one term, as far back as they are needed.

    :param place: of the term in the manifest
    :param max_age_ns: how much older than the moment a sample may be
    :param history: of the term or of its input, None for the present alone
    """

    def __init__(self, place: str, term: Term, max_age_ns: int, history, dt_ns: int):
        self.term, self.max_age_ns = term, max_age_ns
        self.title = f'{place} ({term.term} from {term.source.topic})'
        self.reason = ''
        self._history, self._dt_ns = history or NOW, dt_ns
        self._lags = lags_ns(term, history, dt_ns)
        self._align, self._initial = term.align, term.initial()
        self._newest_only = self._lags == (0,) and term.align == 'latest'
        self._keep_ns = max(self._lags) + max_age_ns + dt_ns
        self._silence_ns = math.inf if term.silence_s is None else term.silence_s * NS_PER_S
        self._cached = term.of_sample_alone and len(self._lags) > 1
        self._origin, self._before = Origin(term), before_start(term, history)
        self.reset()

    def reset(self):
        """Begin a new episode: forget all samples."""
        self._forget()
        self._origin.reset()

    @property
    def stamp_ns(self) -> Optional[int]:
        """Return the stamp of the newest sample."""
        return self._stamps[-1] if self._stamps else None

    @property
    def needs_every(self) -> bool:
        """Return whether more samples count than the newest one."""
        return not self._newest_only

    @property
    def reach_ns(self) -> int:
        """Return how long before the tick its oldest moment lies."""
        return max(self._lags)

    @property
    def newest(self):
        """Return the newest sample."""
        return self._samples[-1]

    def offer(self, sample, prefix):
        """
        Take a sample, if it says what the term needs.

        :raises SampleError: when it does so unusably
        """
        if not isinstance(sample, self.term.sample_type):
            raise SampleError(self.title, type(sample).__name__, self.term.sample_type.__name__,
                              'correct the topic in the manifest, or the publisher')
        absence = self.term.absence(sample)
        if not absence:
            self.term.check(sample, prefix)
            self._keep(sample)
        self.reason = f'the newest message cannot be used: {absence}' if absence else ''
        self._heard_ns = sample.stamp_ns

    def problem(self, now_ns) -> Optional[StaleError]:
        """Return what keeps the term from being used; forget samples from the future."""
        error = self._problem(now_ns)
        if error is None or self._initial is None:
            return error
        return None

    def build(self, contexts: Sequence[Context]) -> List[np.ndarray]:
        """
        Return the slice of each moment, after ``problem`` returned None.

        :param contexts: one for each moment, in the order of the history
        :raises StaleError: when a moment of the past has no sample
        """
        if self._newest_only and self._initial is None:
            built = [self.term.build(self._samples[-1], contexts[0])]
        else:
            built = [self._at(context, lag) for context, lag in zip(contexts, self._lags)]
        return self._origin.related(built, contexts)

    def _forget(self):
        self._stamps, self._samples, self._built, self.reason = [], [], [], ''
        self._heard_ns = 0

    def _keep(self, sample):
        stamps, samples, built = self._stamps, self._samples, self._built
        stamp_ns = sample.stamp_ns
        if not stamps or stamp_ns > stamps[-1]:
            if self._newest_only:
                stamps[:], samples[:], built[:] = (stamp_ns,), (sample,), (None,)
                return
            place = len(stamps)
        elif stamp_ns == stamps[-1]:
            samples[-1], built[-1] = sample, None
            return
        elif self._newest_only:
            return
        else:
            place = bisect_right(stamps, stamp_ns)
        stamps.insert(place, stamp_ns)
        samples.insert(place, sample)
        built.insert(place, None)
        old = bisect_right(stamps, stamps[-1] - self._keep_ns) - 1
        if old > 0:
            del stamps[:old], samples[:old], built[:old]

    def _problem(self, now_ns):
        if not self._stamps:
            return StaleError(f'{self.title} has no sample', None, '',
                              self.reason or f'see whether {self.term.source.topic} is published')
        age, silence = now_ns - self._stamps[-1], now_ns - self._heard_ns
        if 0 <= age <= self.max_age_ns and silence <= self._silence_ns:
            return None
        if age < -FUTURE_NS:
            reason = self.reason
            self._forget()
            self.reason = reason
            return StaleError(f'the age of {self.title}', seconds(age),
                              'a stamp that is not in the future',
                              'synchronise the clocks of the computers')
        return self._too_old(age) or self._unheard(silence)

    def _too_old(self, age):
        if age <= self.max_age_ns:
            return None
        return StaleError(f'the age of {self.title}', seconds(age),
                          f'at most {seconds(self.max_age_ns)}',
                          self.reason or f'see whether {self.term.source.topic} is still '
                          'published, and with its time as stamp')

    def _unheard(self, silence):
        if silence <= self._silence_ns:
            return None
        return StaleError(f'the age of the newest message for {self.title}', seconds(silence),
                          f'at most {self.term.silence_s:g} s, whatever it shows',
                          f'see whether {self.term.source.topic} is still published')

    def _at(self, context, lag) -> np.ndarray:
        """Return the slice of one moment."""
        if self._before is not None and not begun(context):
            return self._before
        initial, align = self._initial, self._align
        moment_ns = context.t_obs_ns if not lag else self.term.moment_ns(context)
        k = len(self._stamps) - 1 if not lag and align == 'latest' else \
            bisect_right(self._stamps, moment_ns) - 1
        if k < 0:
            if initial is not None:
                return initial
            if self._history.start == 'wait':
                raise StaleError(f'the history of {self.title}',
                                 seconds(context.t_obs_ns - self._stamps[0]),
                                 'samples for all its moments', 'they come with time')
            return self._one(0, context)
        if k + 1 < len(self._stamps) and align != 'latest':
            before, after = self._stamps[k], self._stamps[k + 1]
            near = min(moment_ns - before, after - moment_ns) <= self.max_age_ns
            share = (moment_ns - before) / (after - before)
            if near and align == 'interpolate':
                return self.term.blend(self._samples[k], self._samples[k + 1], share, context)
            k += near and share > 0.5
        age = moment_ns - self._stamps[k]
        if age > self.max_age_ns:
            if initial is not None:
                return initial
            raise self._too_old(age)
        return self._one(k, context)

    def _one(self, k, context):
        if not self._cached:
            return self.term.build(self._samples[k], context)
        if self._built[k] is None:
            self._built[k] = self.term.build(self._samples[k], context)
        return self._built[k]


class _Seconds(float):
    __slots__ = ()

    def __repr__(self):
        return f'{float(self):.3f} s'


def seconds(duration_ns):
    """Return a duration whose repr is in seconds."""
    return _Seconds(duration_ns / NS_PER_S)
