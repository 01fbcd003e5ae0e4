"""Inference in a worker thread: one in flight, a deadline, nothing that fails is swallowed."""
from collections import deque
from dataclasses import dataclass
import logging
import math
import os
from queue import SimpleQueue
import threading
import time
from typing import Any, Callable, Dict, Optional

import numpy as np
from physai_ros.bundle.observation import Observation
from physai_ros.core.errors import BundleError, PhysaiError
from physai_ros.inference.model import Model

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Result:
    """
    What came of one observation: ``outputs``, or the ``error`` that took their place.

    ``decision`` is what they mean. ``latency_ns`` is the time from submission to both.
    """

    observation: Observation
    latency_ns: int
    outputs: Optional[Dict[str, np.ndarray]] = None
    decision: Any = None
    error: Optional[PhysaiError] = None


@dataclass
class Counters:
    """How many observations were submitted, answered in time, answered too late, failed."""

    submitted: int = 0
    answered: int = 0
    late: int = 0
    failed: int = 0


class Runner:
    """
    Runs a model on one observation at a time, off the caller's thread.

    ``submit``, ``poll`` and ``close`` are for one thread, the caller's.

    :param model: see inference.model
    :param deadline_ns: an answer collected later than this after its submission is discarded
    :param on_done: called without arguments in the worker's thread when there is something to
        poll; it should only wake the caller up
    :param clock: monotonic clock, ns
    :param window: over how many answers latencies are observed
    :param nice: added to the niceness of the worker's thread (Linux; positive gives way)
    :param decide: function (outputs, observation) to what they mean; it is part of an answer and
        may take long, too
    """

    def __init__(self, model: Model, deadline_ns: int, on_done: Callable[[], None] = None,
                 clock: Callable[[], int] = time.monotonic_ns, window=200, nice=0,
                 decide: Callable[[Dict, Observation], Any] = lambda outputs, observation: None):
        self.counters = Counters()
        self._model, self._deadline_ns, self._on_done = model, deadline_ns, on_done
        self._decide = decide
        self._clock, self._nice = clock, nice
        self._latencies = deque(maxlen=window)
        self._todo, self._done = SimpleQueue(), SimpleQueue()
        self._since: Optional[int] = None
        self._closed = self._forgotten = False
        self._thread = threading.Thread(target=self._work, name='inference', daemon=True)
        self._thread.start()

    def submit(self, observation: Observation) -> bool:
        """
        Hand over an observation.

        :return: False when one is in flight, up to its ``poll``, or the runner is closed
        """
        if self._since is not None or self._closed:
            return False
        self._since = self._clock()
        self.counters.submitted += 1
        self._todo.put((observation, self._since))
        return True

    def poll(self) -> Optional[Result]:
        """Return an answer or a failure; None when there is none, or it is not wanted any more."""
        if self._done.empty():
            return None
        result = self._done.get()
        waited, self._since = self._clock() - self._since, None
        if self._forgotten:
            self._forgotten = False
            return None
        if result.error is not None:
            self.counters.failed += 1
            return result
        self._latencies.append(result.latency_ns)
        if waited > self._deadline_ns:
            self.counters.late += 1
            return None
        self.counters.answered += 1
        return result

    def forget(self):
        """Throw away the answer to what is in flight, when it comes."""
        self._forgotten = self.busy
        self.poll()

    @property
    def busy(self) -> bool:
        """Return whether an observation is in flight."""
        return self._since is not None

    @property
    def waiting_ns(self) -> int:
        """Return for how long the observation in flight has been so, 0 when none is."""
        return 0 if self._since is None else self._clock() - self._since

    def latency_ns(self, quantile: float) -> Optional[int]:
        """
        Return a quantile of the latest latencies, late answers included; None before the first.

        :param quantile: 0 to 1
        """
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[math.ceil(quantile * (len(ordered) - 1))]

    def close(self, timeout_s=1.0) -> bool:
        """
        End the worker; what it still answers is not polled any more.

        :return: whether it ended in time; a model that hangs does not keep the process alive
        """
        self._closed = True
        self._todo.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self):
        if self._nice:
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread,
                           os.getpriority(os.PRIO_PROCESS, thread) + self._nice)
        while True:
            item = self._todo.get()
            if item is None:
                return
            observation, since = item
            answer = self._infer(observation)
            self._done.put(Result(observation, self._clock() - since, *answer))
            self._announce()

    def _announce(self):
        if self._on_done is None or self._closed:
            return
        try:
            self._on_done()
        except Exception:  # the answer can still be polled
            _LOG.exception('on_done failed')

    def _infer(self, observation):
        """Return outputs, decision and error."""
        try:
            outputs = self._model.run(observation.inputs)
            return outputs, self._decide(outputs, observation), None
        except PhysaiError as error:
            return None, None, error
        except BaseException as error:  # whatever a model raises, the worker lives on
            return None, None, BundleError('the model failed', None, 'an answer',
                                           f'{type(error).__name__}: {error}')
