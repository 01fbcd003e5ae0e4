"""
One thread for one node: periodic work on time, the rest of ROS in between.

A stock executor rebuilds its wait set twice per callback, about 1.4 ms of CPU for a lifecycle node
with a dozen topics. Eleven such processes share two cores, so work here is periodic: it reads its
inputs when it needs them (:mod:`physai_ros.adapters.inbox`), and services, parameters and
lifecycle transitions are handled by a single-threaded executor twenty times a second. Where a
message should not wait, the loop is told to watch its topic (:mod:`physai_ros.adapters.doorbell`).
"""
from math import inf
import threading
import time
from typing import Callable, Dict, List, Optional

from physai_ros.adapters.doorbell import Doorbell
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.service_executor import ServiceExecutor
from rclpy.callback_groups import CallbackGroup
from rclpy.executors import ExternalShutdownException
from rclpy.subscription import Subscription

SERVICE_PERIOD_NS = 50_000_000
EVENT_PERIOD_NS = 1_000_000_000
LONGEST_WAIT_S = 0.05
ROOM_NS = 3_000_000     # that work which can wait leaves before work which cannot
BURST = 10


class Gate(CallbackGroup):
    """Keep topics out of the executor's wait set; their QoS warnings may pass while open."""

    def __init__(self):
        super().__init__()
        self.open = False

    def can_execute(self, entity) -> bool:
        """Return whether the executor may wait for this entity."""
        return self.open and not isinstance(entity, Subscription)

    def beginning_execution(self, entity) -> bool:
        """Return whether the executor may run this entity's callback now."""
        return self.can_execute(entity)

    def ending_execution(self, entity):
        """Do nothing: one thread needs no bookkeeping."""


class Periodic:
    """
    A callback to run every ``period_ns``; a period that is missed is dropped and counted.

    :param clock: returns nanoseconds
    :param patient: it may be late by a period where that keeps other work on time
    """

    def __init__(self, period_ns: int, callback: Callable[[], None], clock: Callable[[], int],
                 patient=False):
        self.period_ns, self.callback, self.clock = period_ns, callback, clock
        self.patient, self.missed = patient, 0
        self.due_ns = clock()

    def wait_ns(self) -> int:
        """Return how long it is until the callback is due: now, where the clock was set back."""
        wait_ns = self.due_ns - self.clock()
        return wait_ns if wait_ns <= self.period_ns else 0

    def can_wait(self) -> bool:
        """Return whether it need not run yet."""
        return self.patient and self.wait_ns() > -self.period_ns

    def run_if_due(self):
        """Run the callback if it is due."""
        if self.wait_ns() > 0:
            return
        now_ns = self.clock()
        self.due_ns = min(self.due_ns, now_ns) + self.period_ns
        if self.due_ns <= now_ns:
            late = (now_ns - self.due_ns) // self.period_ns + 1
            self.missed += late
            self.due_ns += late * self.period_ns
        self.callback()


class Loop:
    """
    The main loop of a node's process.

    :param node: an rclpy node; periodic work follows its ROS clock where that is simulated, and
        the monotonic clock otherwise
    """

    def __init__(self, node):
        self.gate = Gate()
        self._node = node
        self._work: List[Periodic] = []
        self._signals: List[Callable[[], None]] = []
        self._wake = threading.Event()
        self._running = True
        self._executor = None
        self._serving = False
        self._watched: Dict[Inbox, Callable[[], None]] = {}
        self._bell: Optional[Doorbell] = None
        self._simulated = node.get_parameter('use_sim_time').value
        self.every(SERVICE_PERIOD_NS, self._serve, steady=True, patient=True)
        self.every(EVENT_PERIOD_NS, self._warn, steady=True, patient=True)

    def every(self, period_ns: int, callback: Callable[[], None], steady=False,
              patient=False) -> Periodic:
        """
        Run a callback periodically from now on, in the loop's thread.

        :param steady: keep to the monotonic clock even when ROS time is simulated
        :param patient: it may be late by a period where that keeps other work on time
        """
        simulated = self._simulated and not steady
        periodic = Periodic(period_ns, callback, self._ros_ns if simulated else time.monotonic_ns,
                            patient)
        self._work.append(periodic)
        return periodic

    def cancel(self, periodic: Periodic):
        """Stop running a periodic callback."""
        self._work.remove(periodic)

    def signal(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Return a function for any thread to call that has ``callback`` run in the loop's."""
        def trigger():
            self._signals.append(callback)
            self._wake.set()
            if self._bell is not None:
                self._bell.ring()
        return trigger

    def watch(self, inbox: Inbox, callback: Callable[[], None]):
        """
        Run a callback when there is a message in an inbox, until :meth:`unwatch`.

        The callback has to take it. While time is simulated it may also run when there is none.
        """
        if self._bell is None:
            self._bell = Doorbell(self._node.context)
        self._watched[inbox] = callback

    def unwatch(self, inbox: Inbox):
        """Let messages wait again until they are read."""
        self._watched.pop(inbox, None)

    def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """
        Go on with everything but services, inside a service's callback.

        Simulated time stands still meanwhile, as /clock comes through the executor.

        :return: whether the condition came to hold in time
        """
        end_s = time.monotonic() + timeout_s
        while self._running and not condition() and time.monotonic() < end_s:
            self._turn()
        return condition()

    def stop(self):
        """End :meth:`spin` within ``LONGEST_WAIT_S``; safe in signal handlers and threads."""
        self._running = False

    def spin(self):
        """Run until :meth:`stop` is called or the ROS context is shut down."""
        self._executor = ServiceExecutor(context=self._node.context)
        self._executor.add_node(self._node)
        try:
            while self._running and self._node.context.ok():
                self._turn()
        except ExternalShutdownException:
            self._running = False
        finally:
            self._executor.remove_node(self._node)
            self._executor.shutdown()
            if self._bell is not None:
                self._bell.close()

    def _turn(self):
        self._run_due()
        urgent_ns = self._urgent_ns()
        self._wait(min(urgent_ns if work.can_wait() and urgent_ns < ROOM_NS else work.wait_ns()
                       for work in self._work) * 1e-9)

    def _run_due(self):
        while self._signals:
            self._signals.pop(0)()
        for work in tuple(self._work):
            due = work in self._work and work.wait_ns() <= 0
            if due and not (work.can_wait() and self._urgent_ns() < ROOM_NS):
                work.run_if_due()

    def _urgent_ns(self) -> float:
        """Return how long it is until work is due that cannot wait."""
        return min((work.wait_ns() for work in self._work if not work.can_wait()), default=inf)

    def _wait(self, wait_s: float):
        wait_s = min(max(wait_s, 0.0), LONGEST_WAIT_S)
        ready = frozenset()
        if self._simulated and not self._serving:
            self._serve_once(wait_s)
            ready = frozenset(self._watched)
        elif self._watched and not self._signals:
            ready = self._bell.wait(tuple(self._watched), wait_s)
        elif wait_s > 0.0:
            self._wake.wait(wait_s)
        self._wake.clear()
        for inbox in ready:
            if inbox in self._watched:
                self._watched[inbox]()

    def _serve(self):
        if self._serving or not self._executor.requested():
            return
        for _ in range(BURST):
            if not self._serve_once(0):
                return

    def _serve_once(self, timeout_s) -> bool:
        self._serving = True
        try:
            return self._executor.spin_once(timeout_sec=timeout_s)
        finally:
            self._serving = False

    def _warn(self):
        if self._serving:
            return
        self.gate.open = True
        self._serve_once(0)
        self.gate.open = False

    def _ros_ns(self) -> int:
        return self._node.get_clock().now().nanoseconds
