"""The topics that a robot needs to hear to follow its policy: heartbeats, e-stop, deadman."""
from physai_ros.adapters.heartbeats import Pulse
from physai_ros.adapters.parameters import Parameter, UNCONFIGURED
from physai_ros.adapters.qos import EVENTS, LATCHED, SWITCHES
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.guard.permission import DEADMAN, JOY, OFF, Permission, pressed
from sensor_msgs.msg import Joy
from std_msgs.msg import Bool

PARAMETERS = (
    Parameter('required_nodes', [], 'nodes of this robot without whose heartbeat it holds'),
    Parameter('heartbeat_timeout_s', 0.15, 'silence after which a required node counts as gone',
              0.1, 10.0, settable=UNCONFIGURED),
    Parameter('policy_timeout_s', 0.11, 'the same for policy, which works in a thread',
              0.05, 10.0, settable=UNCONFIGURED),
    Parameter('estop_timeout_s', 0.0, 'silence of the e-stop after which it holds; 0: any',
              0.0, 10.0, settable=UNCONFIGURED),
    Parameter('deadman', OFF, 'follow only while a button of joy, or the topic deadman, is true',
              choices=DEADMAN, settable=UNCONFIGURED),
    Parameter('deadman_button', 4, 'the button of joy', 0, 63, settable=UNCONFIGURED),
    Parameter('deadman_timeout_s', 0.2, 'silence after which the deadman switch counts as let go',
              0.05, 10.0, settable=UNCONFIGURED),
)


class Listener:
    """
    Hears what permits a robot to follow its policy.

    :param node: that listens, with the parameters above
    :param on_estop: called with the state of the e-stop, for each message
    :param tap: called with the bytes of each message of the e-stop
    """

    def __init__(self, node, on_estop, tap=None):
        mode, estop_s = node.value('deadman'), node.value('estop_timeout_s')
        deadman_ns = round(node.value('deadman_timeout_s') * 1e9)
        self._permission = Permission(None if mode == OFF else deadman_ns,
                                      round(estop_s * 1e9) if estop_s else None)
        self._on_estop, self._button = on_estop, node.value('deadman_button')
        self._pulse = Pulse(node, {name: node.value(
            'policy_timeout_s' if name == 'policy' else 'heartbeat_timeout_s')
            for name in node.value('required_nodes')})
        # Three readers: of a latched e-stop, of one that is sent again until it is heard, of any.
        self._estop = [node.inbox(Bool, 'estop', profile, tap=tap)
                       for profile in (LATCHED, EVENTS, SWITCHES)]
        self._deadman = None
        if mode == JOY:
            self._deadman = node.inbox(Joy, 'joy', SWITCHES, self._read_joy)
        elif mode != OFF:
            self._deadman = node.inbox(Bool, 'deadman', SWITCHES, lambda m: (m.data,))

    def begin(self):
        """Throw away what waited: only what is heard from now on permits anything."""
        if self._deadman is not None:
            self._deadman.take()
        self._pulse.forget()

    def missing(self) -> str:
        """Return why the robot must hold now, '' when nothing is missing; call it every tick."""
        now_ns = monotonic_ns()
        for inbox in self._estop:
            for message in inbox.take():
                self._permission.on_estop_line(now_ns)
                self._on_estop(message.data)
        for (held,) in self._deadman.take() if self._deadman else ():
            self._permission.on_deadman(held, now_ns)
        silent = self._pulse.silent()
        return self._permission.missing(now_ns) or silent

    def _read_joy(self, message):
        return (pressed(message.buttons, self._button),)
