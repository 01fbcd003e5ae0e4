"""Who commands: the live policy, a shadow that only looks on, a successor on trial."""
from typing import Callable, Dict, FrozenSet, List, Optional

from physai_ros.core.errors import BundleError, PhysaiError
from physai_ros.core.types import NS_PER_S
from physai_ros.inference.disagreement import Disagreement
from physai_ros.inference.loading import in_thread, Loaded
from physai_ros.inference.policy import Answer, Policy

LIVE, SHADOW, SUCCESSOR = 'live', 'shadow', 'successor'
SHADOW_NICE = 10
LOADING_S, FIRST_LOADING_S, TRIAL_S = 60.0, 600.0, 3.0
HASH_DIGITS = 12

Wait = Callable[[Callable[[], bool], float], bool]


class Pilot:
    """
    Runs policies on the same observations; only the live one's chunks come out.

    :param load: function from the name of a bundle to a Loaded; it may take long
    :param make: function (loaded, nice) to a new Policy
    :param task: what to do, in words
    """

    def __init__(self, load: Callable[[str], Loaded], make: Callable[[Loaded, int], Policy],
                 task=''):
        self._load, self._make, self._task = load, make, task
        self._policies: Dict[str, Policy] = {}
        self.problems: Dict[str, str] = {}
        self._apart = Disagreement()
        self.swaps = 0
        self._given_ns = None

    @property
    def live(self) -> Policy:
        """Return the policy that commands."""
        return self._policies[LIVE]

    @property
    def shadow(self) -> Optional[Policy]:
        """Return the policy that only looks on, if there is one."""
        return self._policies.get(SHADOW)

    @property
    def sources(self) -> FrozenSet:
        """Return what all the policies want to see."""
        return frozenset().union(*(policy.sources for policy in self._policies.values()))

    @property
    def moves(self) -> FrozenSet[str]:
        """Return what chunks may move."""
        return frozenset().union(*(policy.moves for policy in self._policies.values()))

    def texts(self) -> List[str]:
        """Return a line for the log on each policy."""
        return [f'{role}: {policy.loaded.text}' for role, policy in self._policies.items()]

    def start(self, live: str, shadow: str, wait: Wait):
        """
        Load the bundles and make the policies; their workers wait for observations.

        :param shadow: '' for none
        :param wait: as for `exchange`: a node that loads for long still shows that it lives
        :raises PhysaiError: when one is refused
        """
        loaded = {role: self._loaded(which, wait, FIRST_LOADING_S)
                  for role, which in ((LIVE, live), (SHADOW, shadow)) if which or role == LIVE}
        for role, bundle in loaded.items():
            self._put(role, bundle, SHADOW_NICE if role == SHADOW else 0)

    def reset(self):
        """Begin a new episode: forget what was seen, done and not yet answered."""
        for policy in self._policies.values():
            policy.reset(self._task)
        self.problems.clear()
        self._given_ns = None

    @property
    def task(self) -> str:
        """Return what is to be done, in words; may be set."""
        return self._task

    @task.setter
    def task(self, text: str):
        self._task = text
        for policy in self._policies.values():
            policy.assembler.task = text

    def stop(self, timeout_s=1.0):
        """End all workers."""
        for policy in self._policies.values():
            policy.close(timeout_s)
        self._policies = {}

    def feed(self, source, sample):
        """
        Give a sample to those who ask for it.

        :raises SampleError: when the live policy cannot use it
        """
        for role in self._others():
            self._note(role, self._policies[role].feed, source, sample)
        self.live.feed(source, sample)

    def look(self, now_ns: int) -> bool:
        """Look, as Policy.look of the live one; the others see the same moment, or skip it."""
        try:
            return self.live.look(now_ns)
        finally:
            for role in self._others():
                self._note(role, self._policies[role].look, now_ns)

    def collect(self) -> Optional[Answer]:
        """
        Return what the live policy answered, None when it did not.

        :raises PhysaiError: when its model failed, or its answer is unusable
        """
        if SHADOW in self._policies:
            self._compare(1, self._note(SHADOW, self.shadow.collect))
        if SUCCESSOR in self._policies:
            answer = self._note(SUCCESSOR, self._policies[SUCCESSOR].collect)
            if answer is not None:
                self._promote()
                return self._given(answer)
        answer = self._given(self.live.collect())
        if SHADOW in self._policies:
            self._compare(0, answer)
        return answer

    def exchange(self, which: str, wait: Wait, on_loaded=lambda: None, trial=True):
        """
        Load a bundle beside the live one and let it take over with its first chunk.

        Where the live one gets no observation either, it takes over without that proof.

        :param wait: function (condition, timeout_s) -> whether it holds, that meanwhile lets the
            live policy work on
        :param on_loaded: called when there may be new sources
        :param trial: False when nobody looks now: no proof is asked for
        :raises PhysaiError: when it is refused; the live one then goes on
        """
        loaded = self._loaded(which, wait)
        answered = self.live.runner.counters.answered
        self._put(SUCCESSOR, loaded)
        on_loaded()
        patience_s = TRIAL_S + loaded.manifest.deadline_ns / NS_PER_S
        if not trial:
            self._promote()
        elif not wait(lambda: SUCCESSOR not in self._policies, patience_s):
            tried = self._policies[SUCCESSOR].runner
            failed = tried.counters.failed > 0 or tried.busy
            if failed or self.live.runner.counters.answered > answered:
                self._policies.pop(SUCCESSOR).close()
                raise BundleError(f'bundle {loaded.title}', 'no chunk',
                                  f'one within {patience_s:.1f} s',
                                  self.problems.get(SUCCESSOR) or 'see why it does not answer')
            self._promote()

    def observe_with(self, which: str, wait: Wait):
        """Let another bundle be the shadow, or none ('')."""
        loaded = self._loaded(which, wait) if which else None
        if SHADOW in self._policies:
            self._policies.pop(SHADOW).close()
        if loaded is not None:
            self._put(SHADOW, loaded, SHADOW_NICE)

    def report(self, now_ns: int) -> Dict[str, str]:
        """Return figures for diagnostics."""
        live, counters = self.live, self.live.runner.counters
        ages = {f'age_s.{place}': 'never' if age is None else f'{age:.3f}'
                for place, age in live.assembler.ages(now_ns).items()}
        return {'model': live.loaded.title,
                'model_sha256': live.loaded.bundle.sha256[:HASH_DIGITS],
                'provider': live.loaded.model.provider,
                'inference_p95_ms': f'{live.latency_ns() * 1e-6:.2f}',
                'answered': str(counters.answered), 'late': str(counters.late),
                'failed': str(counters.failed), 'skipped': str(live.skipped),
                'swaps': str(self.swaps), **self._report_shadow(), **ages}

    def _report_shadow(self):
        if self.shadow is None:
            return {}
        counters = self.shadow.runner.counters
        return {'shadow.model': self.shadow.loaded.title,
                'shadow.model_sha256': self.shadow.loaded.bundle.sha256[:HASH_DIGITS],
                'shadow.p95_ms': f'{self.shadow.latency_ns() * 1e-6:.2f}',
                'shadow.answered': str(counters.answered), 'shadow.late': str(counters.late),
                'shadow.skipped': str(self.shadow.skipped),
                'shadow.problem': self.problems.get(SHADOW, ''),
                **{f'shadow.{key}': value for key, value in self._apart.read().items()}}

    def _loaded(self, which, wait, patience_s=LOADING_S):
        loading = in_thread(self._load, which)
        if not wait(loading.done, patience_s):
            raise BundleError(f'bundle {which}', None, f'loaded within {patience_s:g} s',
                              'one that runs goes on')
        error = loading.exception()
        if error is None or isinstance(error, PhysaiError):
            return loading.result()
        raise BundleError(f'bundle {which} cannot be loaded', None, '',
                          f'{type(error).__name__}: {error}')

    def _put(self, role, loaded, nice=0):
        self.problems.pop(role, None)
        self._policies[role] = self._make(loaded, nice)
        self._policies[role].assembler.task = self._task

    def _promote(self):
        self.live.close()
        self._policies[LIVE] = self._policies.pop(SUCCESSOR)
        self.swaps += 1

    def _given(self, answer):
        """Return an answer unless another policy's to the same moment was given out before."""
        if answer is not None:
            given, self._given_ns = self._given_ns, answer.t_obs_ns
            if given == answer.t_obs_ns:
                return None
        return answer

    def _others(self):
        return [role for role in self._policies if role != LIVE]

    def _note(self, role, function, *arguments):
        """Call a function of a policy that does not command: its errors are noted, not raised."""
        try:
            answer = function(*arguments)
        except PhysaiError as error:
            self.problems[role] = str(error)
            return None
        except Exception as error:  # whatever it is, the live one goes on
            self.problems[role] = f'{type(error).__name__}: {error}'
            return None
        if isinstance(answer, Answer):
            self.problems.pop(role, None)
        return answer

    def _compare(self, side, answer):
        for chunk in answer.chunks if answer is not None else ():
            self._apart.add(side, chunk)
