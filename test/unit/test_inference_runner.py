"""The worker: one in flight, deadlines, failures told, an end. Models wait on events, not time."""
import threading

import numpy as np
from physai_ros.bundle.observation import Observation
from physai_ros.core.errors import BundleError
from physai_ros.inference.runner import Runner
import pytest

MS = 1_000_000
WAIT_S = 10.0


class Clock:
    """A clock that the test sets."""

    now_ns = 0

    def __call__(self):
        return self.now_ns


class Gated:
    """A model that answers when it is let through."""

    inputs = outputs = ()

    def __init__(self):
        self.started, self.gate, self.error = threading.Event(), threading.Semaphore(0), None

    def run(self, inputs):
        self.started.set()
        assert self.gate.acquire(timeout=WAIT_S)
        if self.error:
            raise self.error
        return {'action': inputs['state'] * 2}


class Bench:
    """A runner, its model, its clock, and what its callback saw."""

    def __init__(self):
        self.model, self.clock, self.done = Gated(), Clock(), threading.Semaphore(0)
        self.runner = Runner(self.model, 100 * MS, self.done.release, self.clock)

    def answer(self, number=1.0, takes_ms=10):
        """Submit, let the model answer after so long by the clock, return what poll gives."""
        assert self.runner.submit(observation(number))
        assert self.model.started.wait(WAIT_S)
        self.model.started.clear()
        self.clock.now_ns += takes_ms * MS
        self.model.gate.release()
        assert self.done.acquire(timeout=WAIT_S)
        return self.runner.poll()


def observation(number=1.0, t_obs_ns=5):
    return Observation(t_obs_ns, {'state': np.array([[number]])})


@pytest.fixture
def bench():
    bench = Bench()
    yield bench
    bench.model.gate.release()
    assert bench.runner.close(WAIT_S)


def test_an_answer_in_time(bench):
    result = bench.answer(3.0)
    assert result.outputs['action'].tolist() == [[6.0]]
    assert result.observation.t_obs_ns == 5
    assert result.latency_ns == 10 * MS
    assert result.error is None
    assert bench.runner.poll() is None


def test_what_an_answer_means_is_worked_out_in_the_worker_and_counts_as_its_time(bench):
    bench.runner.close(WAIT_S)

    def decide(outputs, seen):
        bench.clock.now_ns += 30 * MS
        return threading.current_thread().name, seen.t_obs_ns, outputs['action'][0, 0]
    bench.runner = Runner(bench.model, 100 * MS, bench.done.release, bench.clock, decide=decide)
    result = bench.answer(3.0)
    assert result.decision == ('inference', 5, 6.0) and result.latency_ns == 40 * MS
    assert bench.answer(takes_ms=80) is None and bench.runner.counters.late == 1


def test_one_in_flight_until_it_is_polled(bench):
    assert bench.runner.submit(observation())
    assert not bench.runner.submit(observation())
    assert bench.runner.poll() is None
    bench.clock.now_ns = 7
    assert bench.runner.waiting_ns == 7
    bench.model.gate.release()
    assert bench.done.acquire(timeout=WAIT_S)
    assert not bench.runner.submit(observation())
    assert bench.runner.poll() is not None
    assert bench.runner.waiting_ns == 0
    assert bench.runner.submit(observation())


def test_a_late_answer_is_discarded_and_counted(bench):
    assert bench.answer(takes_ms=100) is not None
    assert bench.answer(takes_ms=101) is None
    assert bench.answer(takes_ms=10) is not None
    counters = bench.runner.counters
    assert (counters.submitted, counters.answered, counters.late, counters.failed) == (3, 2, 1, 0)


def test_an_answer_that_waits_too_long_for_poll_is_late(bench):
    bench.runner.submit(observation())
    bench.model.gate.release()
    assert bench.done.acquire(timeout=WAIT_S)
    bench.clock.now_ns = 101 * MS
    assert bench.runner.poll() is None
    assert bench.runner.counters.late == 1


@pytest.mark.parametrize('error, text', [
    (BundleError('the model failed', 3), 'the model failed is 3'),
    (ZeroDivisionError('oh'), 'ZeroDivisionError: oh'),
    (SystemExit(3), 'SystemExit: 3'),
])
def test_failures_are_reported_and_survived(bench, error, text):
    bench.model.error = error
    result = bench.answer(takes_ms=500)
    assert result.outputs is None
    assert isinstance(result.error, BundleError) and text in str(result.error)
    assert bench.runner.counters.failed == 1
    bench.model.error = None
    assert bench.answer() is not None


def test_an_answer_that_was_forgotten_never_comes_and_the_next_one_does(bench):
    bench.runner.submit(observation())
    bench.runner.forget()
    assert not bench.runner.submit(observation())
    bench.model.gate.release()
    assert bench.done.acquire(timeout=WAIT_S)
    assert bench.runner.poll() is None and not bench.runner.busy
    assert bench.answer(2.0).outputs['action'].tolist() == [[4.0]]
    bench.runner.submit(observation())
    bench.model.gate.release()
    assert bench.done.acquire(timeout=WAIT_S)
    bench.runner.forget()
    assert not bench.runner.busy and bench.runner.poll() is None
    bench.runner.forget()
    assert bench.answer(3.0).outputs['action'].tolist() == [[6.0]]


def test_latency_quantiles_over_a_window(bench):
    assert bench.runner.latency_ns(0.5) is None
    for takes_ms in (10, 20, 30, 200):
        bench.answer(takes_ms=takes_ms)
    assert bench.runner.latency_ns(0.5) == 30 * MS
    assert bench.runner.latency_ns(0.0) == 10 * MS
    assert bench.runner.latency_ns(1.0) == 200 * MS


def test_old_latencies_leave_the_window():
    bench = Bench()
    bench.runner.close(WAIT_S)
    bench.runner = Runner(bench.model, 100 * MS, bench.done.release, bench.clock, window=2)
    for takes_ms in (90, 10, 20):
        bench.answer(takes_ms=takes_ms)
    assert bench.runner.latency_ns(1.0) == 20 * MS
    assert bench.runner.close(WAIT_S)


def test_a_failing_callback_does_not_end_the_worker(caplog):
    model, called = Gated(), threading.Semaphore(0)

    def fail():
        called.release()
        raise RuntimeError('no context')

    runner = Runner(model, 100 * MS, fail, Clock())
    for _ in range(2):
        model.gate.release()
        runner.submit(observation())
        assert called.acquire(timeout=WAIT_S)
        assert runner.poll() is not None
    assert runner.close(WAIT_S)
    assert 'no context' in caplog.text


def test_close(bench):
    assert bench.runner.close(WAIT_S)
    assert not bench.runner.submit(observation())
    assert bench.runner.close(WAIT_S)


def test_close_does_not_wait_for_a_model_that_hangs(bench):
    bench.runner.submit(observation())
    assert bench.model.started.wait(WAIT_S)
    assert not bench.runner.close(0.01)
