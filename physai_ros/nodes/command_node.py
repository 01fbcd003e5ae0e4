"""The only publisher of robot commands: the guard at the control rate."""
from dataclasses import asdict
import json
import time

from physai_ros.adapters import diagnostics, guard_parameters, permission, recorder
from physai_ros.adapters.guard_port import GuardPort
from physai_ros.adapters.lifecycle import ACTIVE, ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.preview import Preview
from physai_ros.adapters.qos import EVENTS, LATCHED
from physai_ros.adapters.rivals import Rivals
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.core.errors import ConfigError, GuardError
from physai_ros.core.steady import simultaneous, SteadyTime
from physai_ros.guard.build import guard_config, parts
from physai_ros.guard.guard import Guard, Tick
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED
from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger
from visualization_msgs.msg import MarkerArray

RETRY_NS, PREVIEW_NS, LONGEST_BRAKE_NS = 500_000_000, 200_000_000, 2_000_000_000
FILE_NS, FILE_LOOK_S = 1_000_000_000, 0.02
NO_TICK = Tick(DISENGAGED, 'no tick yet', None, None, False)
LEVELS = {ENGAGED: diagnostics.OK, FAULTED: diagnostics.ERROR}


class CommandNode(ManagedNode):
    """Feeds the guard at ``control_rate_hz`` and publishes what it lets through."""

    PARAMETERS = (
        Parameter('profile', '', 'name or path of the robot profile', settable=UNCONFIGURED),
        Parameter('robot_description', '', 'URDF text; overrides that of the profile',
                  settable=UNCONFIGURED),
        Parameter('control_rate_hz', 100.0, 'how often the guard runs', 20.0, 500.0),
        Parameter('engage_on_activate', False, 'engage without being asked; for simulation only'),
        Parameter('collaborative', False, "keep the profile's frames, or its base, to 0.25 m/s",
                  settable=UNCONFIGURED),
        *permission.PARAMETERS,
        *recorder.PARAMETERS,
        FRAME_PREFIX,
        *guard_parameters.PARAMETERS,
    )

    def __init__(self):
        super().__init__('command')
        self._steady = SteadyTime(simulated=self.get_parameter('use_sim_time').value)

    def now_ns(self) -> int:
        """Return ROS time, which does not jump while the robot moves."""
        return self._steady.now_ns(*simultaneous(super().now_ns, monotonic_ns))

    def configure(self):
        """Collect the limits; without all of them there is no guard."""
        profile, robot = read_robot(self)
        if profile is None or not (profile.arm or profile.base):
            raise ConfigError('parameter profile of command', self.value('profile'),
                              'a profile with an arm or a base')
        config = guard_config(profile, control_period_s=1.0 / self.value('control_rate_hz'),
                              **guard_parameters.numbers(self))
        slow = self.value('collaborative')
        self._guard = Guard(**parts(robot, profile, slow), config=config)
        self._preview = Preview(robot, f'{self.prefix}{robot.root}')
        self._work, self._last = Meter('control'), NO_TICK
        self._engage_wanted, self._refusal = False, ''
        self._recorder = recorder.Recorder(self, {
            'robot': self.robot, 'profile': profile.model_dump_json(),
            'robot_description': robot.text, 'config': json.dumps(asdict(config)),
            'collaborative': json.dumps(slow)})
        self._port = GuardPort(self, profile, self._guard, self._recorder, self._preview.watch)
        self._rivals = Rivals(self, profile)
        self._state = self.advertise(String, 'command/state', LATCHED)
        self._markers = self.advertise(MarkerArray, 'command/preview', EVENTS)
        self.serve(SetBool, 'command/engage', self._on_engage)
        self.serve(Trigger, 'command/stop', self._on_stop)
        self.serve(Trigger, 'command/reset_fault', self._on_reset_fault)

    def activate(self):
        """Begin to run the guard, disengaged."""
        self._engage_wanted = self.value('engage_on_activate')
        self._port.begin()
        self._ticks = self.every(int(1e9 / self.value('control_rate_hz')), self._tick)
        self.every(RETRY_NS, self._engage_if_wanted, patient=True)
        self.every(PREVIEW_NS, self._show, patient=True)

    def deactivate(self):
        """Brake, though no ``/clock`` is heard, and fall silent when a black box is written."""
        self._engage_wanted = False
        self._hear_no_more()
        now_ns, begin_ns = self.now_ns(), monotonic_ns()
        self._port.call('disengage', now_ns)
        while self._control(now_ns + monotonic_ns() - begin_ns) and (
                monotonic_ns() < begin_ns + LONGEST_BRAKE_NS):
            self._publish_heartbeat()
            time.sleep(1.0 / self.value('control_rate_hz'))
        while not self._recorder.wait(FILE_LOOK_S) and monotonic_ns() < begin_ns + FILE_NS:
            self._publish_heartbeat()

    def report(self):
        """Tell the guard's state, why it is in it, and what it refused."""
        tick, rivals = self._last, self._rivals.found()
        dropped, self._port.dropped = self._port.dropped, ''
        waits = self._refusal if self._engage_wanted else ''
        level = LEVELS.get(tick.state, diagnostics.WARN)
        if rivals and level == diagnostics.OK:
            level = diagnostics.WARN
        return level, '; '.join(filter(None, (tick.text, waits, dropped, rivals))), {
            **self._work.read(monotonic_ns()), 'state': tick.state, 'reason': tick.reason,
            'refusal': self._refusal, 'ticks_missed': str(self._ticks.missed),
            **self._recorder.report(), **self._port.report(self.now_ns(), rivals)}

    def _tick(self):
        self._control(self.now_ns())
        for inbox in self._port.chunks:
            self.loop.watch(inbox, self._hear)

    def _hear(self):
        """Read a chunk when it comes: in the tick that is to follow it, that would cost time."""
        self._hear_no_more()
        self._read(self.now_ns())

    def _hear_no_more(self):
        for inbox in self._port.chunks:
            self.loop.unwatch(inbox)

    def _read(self, now_ns):
        self._refusal = self._port.read(now_ns) or self._refusal

    def _control(self, now_ns) -> bool:
        """Run the guard once; return whether it commands anything."""
        start_ns = monotonic_ns()
        self._read(now_ns)
        self._port.hold = self._steady.jumped
        tick = self._port.tick(now_ns)
        if tick.changed:
            self._announce(tick)
        self._last = tick
        self._work.add(monotonic_ns() - start_ns)
        return tick.trajectory is not None or tick.twist is not None

    def _announce(self, tick):
        self._state.publish(String(data=tick.state))
        if tick.state == FAULTED:
            self._engage_wanted = False
            self.get_logger().error(tick.text)
            self._recorder.save(self._guard.fault.fault)
        else:
            self.get_logger().info(tick.text)

    def _show(self):
        if self._markers.get_subscription_count():
            self._markers.publish(self._preview.markers(self._last.state))

    def _engage_if_wanted(self):
        if self._engage_wanted:
            self._try('engage')

    def _on_engage(self, request, response):
        self._engage_wanted = False
        return self._answer(response, 'engage' if request.data else 'disengage')

    def _on_stop(self, request, response):
        self._engage_wanted = False
        return self._answer(response, 'stop')

    def _on_reset_fault(self, request, response):
        return self._answer(response, 'reset_fault')

    def _answer(self, response, action):
        inactive = False, f'command is {self.state}, not active'
        response.success, response.message = (
            self._try(action) if self.state == ACTIVE else inactive)
        return response

    def _try(self, action):
        try:
            if action == 'engage':
                self._rivals.require_none(self._engage_wanted)
            self._port.call(action, self.now_ns())
        except GuardError as error:
            self._refusal = str(error)
            return False, self._refusal
        self._refusal, self._engage_wanted = '', False
        return True, ''


def main(args=None):
    """Run the node."""
    run(CommandNode, args)


if __name__ == '__main__':
    main()
