"""One robot's manager: its nodes' lifecycle in order, their heartbeats, the last-resort stop."""
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from physai_ros.adapters import diagnostics, qos
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns, Runtime
from physai_ros.adapters.stamps import write
from physai_ros.core.lifecycle import ACTIVE, Conductor, CONFIGURE, GET_STATE, Timing
from rclpy.node import Node
from std_msgs.msg import Header

TICK_NS = 20_000_000
TRANSITIONS = {CONFIGURE: Transition.TRANSITION_CONFIGURE}
COMMAND = 'command'


class ManagerNode(Runtime, Node):
    """Drives what :class:`~physai_ros.core.lifecycle.Conductor` decides, over services."""

    PARAMETERS = (
        Parameter('nodes', ['perception', 'policy', COMMAND],
                  'lifecycle nodes of this robot in the order of activation'),
        Parameter('base', False, 'the robot has a base that follows cmd_vel'),
        Parameter('heartbeat_timeout_s', 0.2, 'silence after which a node counts as gone',
                  0.1, 60.0),
        FRAME_PREFIX,
    )

    def __init__(self):
        super().__init__('manager', automatically_declare_parameters_from_overrides=True)
        self.start_runtime()
        names = self.value('nodes')
        timing = Timing(silence_ns=round(self.value('heartbeat_timeout_s') * 1e9))
        self._conductor = Conductor(names, timing)
        self._faults, self._unsent, self._futures = {}, {}, {}
        self._get = {name: self.create_client(GetState, f'{name}/get_state') for name in names}
        self._change = {name: self.create_client(ChangeState, f'{name}/change_state')
                        for name in names}
        self._beats = self.inbox(Header, 'heartbeat', qos.EVENTS)
        self._statuses = self.inbox(DiagnosticArray, '/diagnostics', qos.EVENTS)
        self._zero = TwistStamped()
        self._zero.header.frame_id = f'{self.prefix}base_link'
        stops = self.value('base') and COMMAND in names
        self._cmd_vel = self.advertise(TwistStamped, 'cmd_vel', qos.COMMAND) if stops else None
        self.loop.every(TICK_NS, self._tick, steady=True)

    def report(self):
        """Say which nodes are not active, and how often each was lost."""
        states, losses = self._conductor.states(), self._conductor.losses()
        problems = self._conductor.problems()
        waiting = [f'{name}: {problems[name]}' if name in problems else f'{name} is {state}'
                   for name, state in states.items() if state != ACTIVE]
        level = (diagnostics.ERROR if problems else
                 diagnostics.WARN if waiting else diagnostics.OK)
        values = {**states, **{f'{name}_losses': str(count) for name, count in losses.items()}}
        return level, ', '.join(waiting) or 'all nodes are active', values

    def _tick(self):
        for beat in self._beats.take():
            self._conductor.heard(beat.frame_id, monotonic_ns())
        self._read_faults()
        now_ns = monotonic_ns()
        if self._cmd_vel and self._conductor.gone(COMMAND, now_ns):
            write(self._zero.header.stamp, self.now_ns())
            self._cmd_vel.publish(self._zero)
        for request in self._conductor.tick(now_ns):
            self._unsent[request.node] = request
        for request in tuple(self._unsent.values()):
            self._send(request)
        for event in self._conductor.events():
            self._log(event)

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
