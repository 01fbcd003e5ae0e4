"""
A Hypothesis state machine of the guard, over random URDFs with collision shapes.

Whatever comes, in whatever order: what is published is finite, within every limit, without
contact, joined to what was published before, and ends at rest.
"""
from guard_bench import Bench, MS
from hypothesis import settings, strategies as st
from hypothesis.stateful import initialize, invariant, rule, RuleBasedStateMachine
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.core.types import JointChunk, JointState
from physai_ros.guard.bodies import Bodies
from physai_ros.guard.collision import Clearance
from physai_ros.guard.limits import joint_limits
from physai_ros.guard.states import DISENGAGED, FAULTED, STATES
from physai_ros.robots import parse
from physai_ros.robots.profile import Profile

MARGIN = 0.01
BAD = (np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 1e9)
LINK = """<link name="l{k}"><collision><origin xyz="{half} 0 0"/><geometry>{shape}</geometry>
  </collision></link>"""
JOINT = """<joint name="j{k}" type="{kind}"><parent link="l{k}"/><child link="l{next}"/>
  <origin xyz="{length} 0 0" rpy="{roll} 0 0"/><axis xyz="0 0 1"/>
  <limit lower="{low}" upper="{high}" velocity="{velocity}" effort="9"/></joint>"""


def any_robot(rng):
    """Return a random chain: its description and its limits."""
    count = int(rng.integers(1, 5))
    lengths = rng.uniform(0.15, 0.5, count + 1)
    shapes = ['<box size="{0} 0.06 0.08"/>', '<sphere radius="0.05"/>',
              '<box size="0.05 0.05 {0}"/>']
    parts = [LINK.format(k=k, half=length / 2, shape=rng.choice(shapes).format(length * 0.7))
             for k, length in enumerate(lengths)]
    for k in range(count):
        slides = rng.random() < 0.15
        reach = rng.uniform(0.05, 0.3) if slides else rng.uniform(0.3, 3.0)
        parts.append(JOINT.format(
            k=k, next=k + 1, kind='prismatic' if slides else 'revolute', length=lengths[k],
            roll=rng.choice([0.0, 1.57]), low=-reach, high=reach,
            velocity=10 ** rng.uniform(-1, 1)))
    description = parse(f'<robot name="r">{"".join(parts)}</robot>')
    profile = Profile(name='r', urdf='r', arm={
        'joints': [f'j{k}' for k in range(count)],
        'acceleration': {'default': 10 ** rng.uniform(-0.3, 1.5)},
        'jerk': {'default': 10 ** rng.uniform(0.7, 3)}})
    return description, joint_limits(description, profile)


class GuardMachine(RuleBasedStateMachine):
    """Things that happen to a guard."""

    @initialize(seed=st.integers(0, 2 ** 32 - 1))
    def build(self, seed):
        """Make a robot and engage it."""
        rng = self.rng = np.random.default_rng(seed)
        description, lim = any_robot(rng)
        self.bodies = Bodies(description, lim.names, {})
        clearance = Clearance(Bodies(description, lim.names, {}), lim.lower, lim.upper, MARGIN)
        start = rng.uniform(lim.lower, lim.upper) * 0.5
        self.bench = Bench(lim, start=start, clearance=clearance, jump_tolerance_rad=1.0,
                           stop_time_s=float(rng.choice([0.2, 0.3, 1.0])))
        self.bench.publishers = min(1 + seed % 2, len(lim.names))
        self.pairs = [shape for pair in clearance.pairs if not pair.reason
                      for shape in pair.shapes]
        self.bodies.watch(self.pairs)
        self.floor = self.gaps(start)
        self.bench.engage()

    def gaps(self, position):
        """Return the least distance of the links that are watched."""
        if not self.pairs:
            return np.inf
        self.bodies.place(np.asarray(position))
        return self.bodies.distances().min()

    @rule(ticks=st.integers(1, 12), dt=st.sampled_from([10, 10, 10, 7, 25, 60]))
    def tick(self, ticks, dt):
        """Let time pass; the bench checks every trajectory."""
        self.bench.tick(ticks, dt=dt * MS)
        if self.bench.trajectory is not None and self.bench.guard.state != DISENGAGED:
            plan = self.bench.trajectory.positions
            assert self.gaps(plan[-1]) >= min(MARGIN, self.floor) - 3e-4
            assert self.gaps(plan[len(plan) // 2]) >= min(MARGIN, self.floor) - 3e-4

    @rule(far=st.sampled_from([0.05, 0.3, 3.0]), steps=st.integers(1, 30),
          late=st.sampled_from([0, 0, 50, 300]))
    def chunk(self, far, steps, late):
        """Send a sound chunk, smooth or wild, in time or late."""
        lim = self.bench.joints
        rows = self.bench.position + far * self.rng.normal(size=(steps, len(lim.names)))
        self.bench.chunk(np.clip(rows, lim.lower, lim.upper), stamp=self.bench.now - late * MS)

    @rule(bad=st.sampled_from(BAD), place=st.integers(0, 10 ** 6))
    def spoiled_chunk(self, bad, place):
        """Send one bad number among good ones."""
        rows = np.tile(self.bench.position, (10, 1))
        rows.reshape(-1)[place % rows.size] = bad
        self.bench.chunk(rows)

    @rule(kind=st.integers(0, 6))
    def nonsense(self, kind):
        """Send a chunk without meaning: empty, oversize, misnamed, without time."""
        names, now = self.bench.joints.names, self.bench.now
        row = np.tile(self.bench.position, (3, 1))
        stamp, dt, names, rows = [
            (now, 50 * MS, names, row[:0]), (now, 50 * MS, names, np.tile(row, (2000, 1))),
            (now, 50 * MS, ('nose', *names[1:]), row), (now, 50 * MS, (*names, names[0]), row),
            (now, 0, names, row), (now + 10 ** 12, 50 * MS, names, row),
            (now, 50 * MS, (), row)][kind]
        assert self.bench.guard.on_chunk(JointChunk(stamp, dt, names, rows), now) is not None

    @rule(leap=st.sampled_from([-5000, -300, -20, 90, 700, 10 ** 6]))
    def clock_leaps(self, leap):
        """Set the clock."""
        bench = self.bench
        bench.now = max(bench.now + leap * MS, MS)
        if leap < 0:
            bench.trajectory, bench.velocity = None, np.zeros(len(bench.joints.names))
            bench.observer.forget()

    @rule()
    def measured_nan(self):
        """Measure what no sensor should."""
        bench = self.bench
        bench.guard.on_joint_state(JointState(
            bench.now, bench.joints.names, np.full(len(bench.joints.names), np.nan)))

    @rule(report=st.booleans())
    def sensors(self, report):
        """Lose the joint states, or get them back."""
        self.bench.report = report

    @rule(action=st.sampled_from(['stop', 'disengage', 'press', 'release']))
    def operator(self, action):
        """Stop, or press the e-stop."""
        guard = self.bench.guard
        if action in ('stop', 'disengage'):
            getattr(guard, action)(self.bench.now)
        else:
            guard.on_estop(action == 'press')

    @rule(hold=st.sampled_from(['no heartbeat of policy', 'deadman switch: not held']))
    def hold(self, hold):
        """Tell the guard to hold for a tick."""
        self.bench.tick(hold=hold)

    @rule()
    def go_on(self):
        """Reset what can be reset, and engage."""
        guard, bench = self.bench.guard, self.bench
        try:
            guard.on_estop(False)
            guard.reset_fault(bench.now)
            bench.report = True
            if guard.state == DISENGAGED:
                bench.engage()
                bench.observer.forget()
                self.floor = min(self.floor, self.gaps(bench.position))
        except GuardError:
            pass

    @invariant()
    def sound(self):
        """Look at what must always be so."""
        if hasattr(self, 'bench'):
            guard = self.bench.guard
            assert guard.state in STATES
            assert (guard.fault is not None) == (guard.state == FAULTED)
            assert np.isfinite(self.bench.position).all()

    def teardown(self):
        """Come to rest in the end."""
        if hasattr(self, 'bench'):
            self.bench.guard.on_estop(True)
            self.bench.tick(150)
            assert not self.bench.velocity.any()


GuardMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, derandomize=True)
TestGuardMachine = GuardMachine.TestCase
