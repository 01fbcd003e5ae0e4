"""One robot's manager: its nodes' lifecycle in order, their heartbeats, the last-resort stop."""
from contextlib import suppress
from dataclasses import replace
import os
import signal

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from physai_ros.adapters import diagnostics, qos
from physai_ros.adapters.base_command import base_command
from physai_ros.adapters.heartbeats import name_of, not_working, read_heartbeat
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns, Runtime
from physai_ros.core.lifecycle import ACTIVATE, ACTIVE, Conductor, CONFIGURE, GET_STATE, Timing
from physai_ros.guard.last_resort import LastResort
from physai_ros.guard.limits import base_limits
from physai_ros.robots import load_profile
from physai_ros.supervise.processes import age_s, sibling
from rclpy.node import Node
from std_msgs.msg import Header

TICK_NS = 20_000_000
TRANSITIONS = {CONFIGURE: Transition.TRANSITION_CONFIGURE}
COMMAND = 'command'
START_S = 30.0    # a process that does not beat by then will not do so


class ManagerNode(Runtime, Node):
    """Drives what :class:`~physai_ros.core.lifecycle.Conductor` decides, over services."""

    PARAMETERS = (
        Parameter('nodes', ['perception', 'policy', COMMAND],
                  'lifecycle nodes of this robot in the order of activation'),
        Parameter('profile', '', 'robot profile; a base that it has is stopped when need be'),
        Parameter('heartbeat_timeout_s', 0.2, 'silence after which a node counts as gone',
                  0.1, 60.0),
        Parameter('hung_timeout_s', 3.0, 'silence after which a process is ended; 0: never',
                  0.0, 600.0),
        FRAME_PREFIX,
    )

    def __init__(self):
        super().__init__('manager', automatically_declare_parameters_from_overrides=True)
        self.start_runtime()
        names = self.value('nodes')
        timing = Timing(silence_ns=round(self.value('heartbeat_timeout_s') * 1e9),
                        hung_ns=round(self.value('hung_timeout_s') * 1e9))
        self._conductor = Conductor(names, timing)
        self._faults, self._unsent, self._futures = {}, {}, {}
        self._get = {name: self.create_client(GetState, f'{name}/get_state') for name in names}
        self._change = {name: self.create_client(ChangeState, f'{name}/change_state')
                        for name in names}
        self._beats = self.inbox(Header, 'heartbeat', qos.EVENTS, read_heartbeat)
        self._statuses = self.inbox(DiagnosticArray, '/diagnostics', qos.EVENTS)
        self._prepare_stop(COMMAND in names)
        self.loop.every(TICK_NS, self._tick, steady=True)

    def report(self):
        """Say which nodes are not active, how often each fell silent and was started anew."""
        states = self._conductor.states()
        counts = {'losses': self._conductor.losses(), 'restarts': self._conductor.restarts()}
        problems = self._conductor.problems()
        waiting = [f'{name}: {problems[name]}' if name in problems else f'{name} is {state}'
                   for name, state in states.items() if state != ACTIVE]
        level = (diagnostics.ERROR if problems else
                 diagnostics.WARN if waiting else diagnostics.OK)
        counted = {f'{name}_{what}': str(count) for what, each in counts.items()
                   for name, count in each.items()}
        return level, ', '.join(waiting) or 'all nodes are active', {**states, **counted}

    def alive_as(self):
        """Return what the heartbeat says: the name alone once all nodes have been active."""
        name = self.get_name()
        return name if self._conductor.ready_once else not_working(name, 'starting')

    def _prepare_stop(self, commanded):
        profile = load_profile(self.value('profile')) if self.value('profile') else None
        limits = profile and base_limits(profile)
        self._stop = LastResort(limits, TICK_NS) if limits and commanded else None
        if self._stop:
            kind, self._twist_message, read = base_command(profile.base)
            self._cmd_vel = self.advertise(kind, 'cmd_vel', qos.COMMAND)
            self._twists = self.inbox(kind, 'cmd_vel', qos.SENSOR, read)

    def _tick(self):
        for beat in self._beats.take():
            name = name_of(beat)
            self._conductor.heard(name, monotonic_ns(), works=beat == name)
        self._read_faults()
        now_ns = monotonic_ns()
        requests = self._conductor.tick(now_ns)
        if self._stop:
            self._stop_base(self._conductor.gone(COMMAND, now_ns))
        for name, silence_ns in self._conductor.hung(now_ns).items():
            self._end(name, silence_ns * 1e-9)
        for request in requests:
            self._unsent[request.node] = request
        for request in tuple(self._unsent.values()):
            if not self._must_wait(request):
                self._send(request)
        events = self._conductor.events()
        for event in events:
            self._log(event)
        if events:
            self._publish_diagnostics()

    def _must_wait(self, request) -> bool:
        """Return whether it would let a new command set off while the base is being stopped."""
        return bool(self._stop and self._stop.under_way and request.node == COMMAND
                    and request.kind == ACTIVATE)

    def _stop_base(self, gone):
        """Stop the base to the end, also when command is back, unless that commands already."""
        newest = self._twists.newest()
        if gone or self._stop.under_way and (newest is None or self._stop.said(newest)):
            self._cmd_vel.publish(self._twist_message(
                self._stop.stop(self.now_ns()), f'{self.prefix}base_link'))
            return
        self._stop.release()
        if newest is not None:
            self._stop.heard(replace(newest, stamp_ns=newest.stamp_ns or self.now_ns()))

    def _end(self, name, silence_s):
        """End a process that hangs, not one that is starting; who started it starts it again."""
        pid = sibling(name, self.get_namespace())
        if pid is None:
            self.get_logger().warning(f'{name} has no process beside this one',
                                      throttle_duration_sec=30.0)
        elif age_s(pid) > min(silence_s, START_S):
            self.get_logger().error(f'{name} hangs: ending its process {pid}')
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _log(self, event):
        logger = self.get_logger()
        if event.level == 'error':  # rclpy wants a line of its own for each severity
            logger.error(event.text)
        elif event.level == 'warning':
            logger.warning(event.text)
        else:
            logger.info(event.text)

    def _send(self, request):
        name = request.node
        if request.kind == GET_STATE:
            client, message = self._get[name], GetState.Request()
        else:
            client, message = self._change[name], ChangeState.Request()
            message.transition.id = TRANSITIONS.get(
                request.kind, Transition.TRANSITION_ACTIVATE)
        if not client.service_is_ready():
            return
        del self._unsent[name]
        if name in self._futures:
            old_client, old_future = self._futures[name]
            old_client.remove_pending_request(old_future)
        future = client.call_async(message)
        self._futures[name] = client, future
        future.add_done_callback(lambda done: self._answered(request, done.result()))

    def _answered(self, request, response):
        if response is None:
            return
        if request.kind == GET_STATE:
            self._conductor.answered(
                request, monotonic_ns(), state=response.current_state.label)
            return
        self._read_faults()
        self._conductor.answered(request, monotonic_ns(), success=response.success,
                                 reason=self._faults.get(request.node, ''))

    def _read_faults(self):
        for array in self._statuses.take():
            for status in array.status:
                robot, _, rest = status.name.partition('/')
                if robot == self.robot:
                    failed = status.level == diagnostics.ERROR
                    self._faults[rest.partition(':')[0]] = status.message if failed else ''


def main(args=None):
    """Run the node."""
    run(ManagerNode, args)


if __name__ == '__main__':
    main()
