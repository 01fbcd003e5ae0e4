"""Live, shadow and successor on the same moments. Models answer when the test lets them."""
from contextlib import suppress
from dataclasses import replace
import threading
import time
from types import SimpleNamespace

from bundle_examples import JOINTS, manifest
import numpy as np
from physai_ros.bundle.terms import Source
from physai_ros.core.errors import BundleError, StaleError
from physai_ros.core.types import JointState
from physai_ros.inference.loading import Loaded
from physai_ros.inference.pilot import Pilot
from physai_ros.inference.policy import Policy
import pytest

STATES = Source('joint_states', 'joint_state')
PATIENCE_S = 5.0


class Constant:
    """A model that always wants the same."""

    inputs, outputs, notes, provider = (), (), (), 'test'

    def __init__(self, value):
        self.value = value

    def run(self, inputs):
        if isinstance(self.value, Exception):
            raise self.value
        return {'action': np.full((1, 10, 3), self.value)}


def loaded(value, term='joint_position', version='1.0.0'):
    """Return a bundle that sees joints and wants a value."""
    content = manifest(version=version, inputs={'state': [{'term': term, 'joints': JOINTS}]})
    return Loaded(SimpleNamespace(manifest=content, name='example', version=version,
                                  sha256='a' * 64, tokenizer_json=None), Constant(value))


def idle(condition, timeout_s):
    """Wait for a condition."""
    end_s = time.monotonic() + min(timeout_s, PATIENCE_S)
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.001)
    return condition()


class Listener(Constant):
    """A model that keeps what it saw."""

    def run(self, inputs):
        self.seen = inputs['state'][0].tolist()
        return super().run(inputs)


class Bench:
    """A pilot of bundles by name, and time."""

    def __init__(self, **bundles):
        self.bundles, self.now_ns = bundles, 10 ** 9
        self.pilot = Pilot(self.load, lambda loaded, nice: Policy(loaded, nice=nice))

    def load(self, name):
        found = self.bundles[name]
        if isinstance(found, Exception):
            raise found
        return found

    def turn(self):
        """See, look and collect until there is a chunk; return its wish for the first joint."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            self.now_ns += 1_000_000
            self.pilot.feed(STATES, JointState(self.now_ns, tuple(JOINTS), np.zeros(3), None))
            self.pilot.look(self.now_ns)
            answer = self.pilot.collect()
            if answer is not None:
                return float(answer.chunks[0].positions[0, 0])
            time.sleep(0.001)       # its time must not run away from a worker that has to wait
        raise AssertionError('no answer')

    def wait(self, condition, timeout_s):
        """Let the live policy work on; time-outs are short."""
        end_s = time.monotonic() + min(timeout_s, 0.3)
        while not condition() and time.monotonic() < end_s:
            self.turn()
        return condition()


@pytest.fixture
def bench():
    bench = Bench(one=loaded(1.0), two=loaded(2.0, version='2.0.0'),
                  blind=loaded(3.0, 'joint_velocity'), broken=loaded(BundleError('no answer')),
                  bad=BundleError('the bundle', 'bad'), odd=ZeroDivisionError('oh'))
    bench.pilot.start('one', '', idle)
    yield bench
    bench.pilot.stop()


def test_what_was_wanted_is_what_is_seen_next():
    bundle = loaded(0.25, 'previous_target')
    bundle = replace(bundle, model=Listener(0.25))
    bench = Bench(a=bundle)
    bench.pilot.start('a', '', idle)
    bench.turn()
    assert bundle.model.seen == [0.0] * 3
    bench.turn()
    assert bundle.model.seen == [0.25] * 3
    bench.pilot.reset()
    bench.turn()
    assert bundle.model.seen == [0.0] * 3
    bench.pilot.stop()


def test_a_first_bundle_that_is_refused_or_never_loaded_makes_no_policy(bench):
    pilot = Pilot(bench.load, lambda loaded, nice: Policy(loaded, nice=nice))
    with pytest.raises(BundleError, match="the bundle is 'bad'"):
        pilot.start('bad', '', idle)
    with pytest.raises(BundleError, match="the bundle is 'bad'"):
        pilot.start('one', 'bad', idle)
    with pytest.raises(BundleError, match='loaded within 600 s'):
        pilot.start('one', '', lambda condition, timeout_s: False)
    assert pilot.sources == pilot.moves == frozenset()


def test_a_new_bundle_takes_over_between_chunks(bench):
    assert bench.turn() == 1.0
    bench.pilot.exchange('two', bench.wait)
    assert bench.turn() == 2.0
    assert bench.pilot.live.loaded.title == 'example 2.0.0' and bench.pilot.swaps == 1


@pytest.mark.parametrize('name, text', [
    ('bad', "the bundle is 'bad'"), ('odd', 'ZeroDivisionError: oh'),
    ('blind', 'joint_velocity'), ('broken', 'No answer')])
def test_a_refused_bundle_leaves_the_old_one_running(bench, name, text):
    assert bench.turn() == 1.0
    with pytest.raises(BundleError, match=text):
        bench.pilot.exchange(name, bench.wait)
    assert bench.turn() == 1.0
    assert bench.pilot.swaps == 0


def test_where_nobody_sees_anything_a_new_one_takes_over_at_once(bench):
    def wait(condition, timeout_s):
        end_s = time.monotonic() + 0.1
        while not condition() and time.monotonic() < end_s:
            with pytest.raises(StaleError):
                bench.pilot.look(bench.now_ns)
        return condition()
    bench.pilot.exchange('two', wait)
    assert bench.pilot.live.loaded.title == 'example 2.0.0'


def test_a_new_one_that_fails_does_not_replace_one_that_fails(bench):
    bench.pilot.live.loaded.model.value = BundleError('worse')

    def wait(condition, timeout_s):
        end_s = time.monotonic() + 0.3
        while not condition() and time.monotonic() < end_s:
            with suppress(BundleError):
                bench.now_ns += 1_000_000
                bench.pilot.feed(STATES, JointState(bench.now_ns, tuple(JOINTS), np.zeros(3)))
                bench.pilot.look(bench.now_ns)
                bench.pilot.collect()
        return condition()
    with pytest.raises(BundleError, match='No answer'):
        bench.pilot.exchange('broken', wait)
    assert bench.pilot.live.loaded is bench.bundles['one']


def test_a_shadow_sees_the_same_and_commands_nothing(bench):
    bench.pilot.observe_with('two', bench.wait)
    assert {bench.turn() for _ in range(20)} == {1.0}
    end_s = time.monotonic() + PATIENCE_S
    while (report := bench.pilot.report(bench.now_ns)).get('shadow.joints_max') is None:
        assert time.monotonic() < end_s
        bench.turn()
    assert report['shadow.joints_rms'] == report['shadow.joints_max'] == '1.0000'
    assert report['model'] == 'example 1.0.0' and report['shadow.model'] == 'example 2.0.0'
    bench.pilot.observe_with('', bench.wait)
    assert bench.pilot.shadow is None


def test_a_shadow_that_fails_is_told_and_disturbs_nobody(bench):
    bench.pilot.observe_with('broken', bench.wait)
    end_s = time.monotonic() + PATIENCE_S
    while not bench.pilot.report(bench.now_ns)['shadow.problem']:
        assert time.monotonic() < end_s and bench.turn() == 1.0
    with pytest.raises(BundleError):
        bench.pilot.observe_with('bad', bench.wait)
    assert bench.pilot.shadow.loaded.model.value.args == ('no answer',)


@pytest.mark.parametrize('method', ['look', 'collect'])
def test_whatever_happens_in_a_shadow_stays_there(bench, monkeypatch, method):
    def fail(*_):
        raise ValueError('oh')
    bench.pilot.observe_with('two', bench.wait)
    monkeypatch.setattr(bench.pilot.shadow, method, fail)
    assert bench.turn() == 1.0
    assert bench.pilot.report(bench.now_ns)['shadow.problem'] == 'ValueError: oh'


def test_a_model_that_hangs_is_told(bench, monkeypatch):
    hour_ns = 3600 * 10 ** 9
    monkeypatch.setattr(type(bench.pilot.live.runner), 'waiting_ns', hour_ns)
    monkeypatch.setattr(type(bench.pilot.live.runner), 'busy', True)
    with pytest.raises(BundleError, match=r'example 1.0.0 .* is 3600.000 s; expected at most 0.1'):
        bench.pilot.look(bench.now_ns)


def test_an_answer_of_the_episode_before_is_forgotten_with_it(bench):
    gate = threading.Semaphore(0)

    class Counting(Constant):

        def run(self, inputs):
            assert gate.acquire(timeout=PATIENCE_S)
            return {**super().run(inputs), 'count_out': inputs['count'] + 1}
    content = manifest(inputs={'state': [{'term': 'joint_position', 'joints': JOINTS}]},
                       recurrent={'count': {'output': 'count_out', 'shape': [1]}})
    bundle = SimpleNamespace(manifest=content, name='example', version='1.0.0', sha256='a' * 64,
                             tokenizer_json=None)
    pilot = Pilot(lambda which: Loaded(bundle, Counting(1.0)),
                  lambda loaded, nice: Policy(loaded, nice=nice))
    pilot.start('example', '', idle)

    def submit(now_ns):
        pilot.feed(STATES, JointState(now_ns, tuple(JOINTS), np.zeros(3), None))
        assert pilot.look(now_ns)

    def answer():
        gate.release()
        end_s = time.monotonic() + PATIENCE_S
        while pilot.live.runner._done.empty():
            assert time.monotonic() < end_s
        return pilot.collect()

    submit(10 ** 9)
    assert answer() is not None
    submit(2 * 10 ** 9)
    pilot.reset()
    assert answer() is None
    submit(3 * 10 ** 9)
    assert pilot.live.runner._done.empty() and answer() is not None
    assert pilot.live.assembler._feedback.inputs(0, {}, 0)['count'].tolist() == [1.0]
    pilot.stop()


def test_a_model_for_rtc_is_told_how_many_steps_will_be_over(monkeypatch):
    policy = Policy(loaded(1.0), margin_s=0.08)
    manifest = policy.loaded.manifest.model_copy(update={'rtc': object()})
    policy.loaded = replace(policy.loaded, bundle=SimpleNamespace(manifest=manifest))
    monkeypatch.setattr(policy.runner, 'latency_ns', lambda quantile: 130_000_000)
    told = []

    def assemble(now_ns, delay_steps):
        told.append(delay_steps)
        raise StaleError('nothing')
    monkeypatch.setattr(policy.assembler, 'assemble', assemble)
    with pytest.raises(StaleError):
        policy.look(0)
    policy.close(1.0)
    assert told == [5]  # 210 ms in steps of 50
