"""The only publisher of robot commands: the guard at the control rate."""
from dataclasses import fields
import time

from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from physai_ros.adapters import diagnostics
from physai_ros.adapters.commands import (
    read_base_chunk, read_joint_chunk, TrajectoryWriter, write_twist)
from physai_ros.adapters.heartbeats import Pulse
from physai_ros.adapters.lifecycle import ACTIVE, ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.preview import Preview
from physai_ros.adapters.qos import CHUNK, COMMAND, EVENTS, LATCHED, SENSOR
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.sensors import read_joint_state, read_odometry
from physai_ros.core.errors import ConfigError, GuardError
from physai_ros.guard.build import parts
from physai_ros.guard.config import GuardConfig
from physai_ros.guard.guard import Guard
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, String
from std_srvs.srv import SetBool, Trigger
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory
from visualization_msgs.msg import MarkerArray

RETRY_NS, PREVIEW_NS, LONGEST_BRAKE_NS = 500_000_000, 200_000_000, 2_000_000_000
LEVELS = {ENGAGED: diagnostics.OK, FAULTED: diagnostics.ERROR}
GUARD = tuple(field for field in fields(GuardConfig)
              if isinstance(field.default, float) and field.name != 'control_period_s')


class CommandNode(ManagedNode):
    """Feeds the guard at ``control_rate_hz`` and publishes what it lets through."""

    PARAMETERS = (
        Parameter('profile', '', 'name or path of the robot profile', settable=UNCONFIGURED),
        Parameter('robot_description', '', 'URDF text; overrides that of the profile',
                  settable=UNCONFIGURED),
        Parameter('control_rate_hz', 100.0, 'how often the guard runs', 20.0, 500.0),
        Parameter('engage_on_activate', False, 'engage without being asked; for simulation only'),
        Parameter('required_nodes', [], 'nodes of this robot without whose heartbeat it holds'),
        Parameter('heartbeat_timeout_s', 0.2, 'silence after which a required node counts as gone',
                  0.1, 10.0, settable=UNCONFIGURED),
        Parameter('policy_timeout_s', 0.11, 'the same for policy, which works in a thread',
                  0.05, 10.0, settable=UNCONFIGURED),
        FRAME_PREFIX,
        *(Parameter(f'guard.{field.name}', field.default, 'see docs/nodes.md', 0.0, 1000.0,
                    settable=UNCONFIGURED) for field in GUARD),
    )

    def __init__(self):
        super().__init__('command')

    def configure(self):
        """Collect the limits; without all of them there is no guard."""
        profile, robot = read_robot(self)
        if profile is None or not (profile.arm or profile.base):
            raise ConfigError('parameter profile of command', self.value('profile'),
                              'a profile with an arm or a base')
        config = GuardConfig(control_period_s=1.0 / self.value('control_rate_hz'), **{
            field.name: self.value(f'guard.{field.name}') for field in GUARD})
        self._guard = Guard(**parts(robot, profile), config=config)
        self._preview = Preview(robot, f'{self.prefix}{robot.root}')
        self._writer, self._twist = TrajectoryWriter(), TwistStamped()
        self._twist.header.frame_id = f'{self.prefix}base_link'
        self._work, self._last = Meter('control'), None
        self._engage_wanted, self._refusal = False, ''
        self._subscribe(profile)
        self._pulse = Pulse(self, {name: self.value(
            'policy_timeout_s' if name == 'policy' else 'heartbeat_timeout_s')
            for name in self.value('required_nodes')})
        self._state = self.advertise(String, 'command/state', LATCHED)
        self._markers = self.advertise(MarkerArray, 'command/preview', EVENTS)
        self.serve(SetBool, 'command/engage', self._on_engage)
        self.serve(Trigger, 'command/stop', self._on_stop)
        self.serve(Trigger, 'command/reset_fault', self._on_reset_fault)

    def activate(self):
        """Begin to run the guard, disengaged."""
        self._engage_wanted = self.value('engage_on_activate')
        self._ticks = self.every(int(1e9 / self.value('control_rate_hz')), self._control)
        self.every(RETRY_NS, self._engage_if_wanted)
        self.every(PREVIEW_NS, self._show)

    def deactivate(self):
        """Brake within the limits, then fall silent."""
        self._engage_wanted = False
        self._guard.disengage(self.now_ns())
        end_ns = monotonic_ns() + LONGEST_BRAKE_NS
        while self._control() and monotonic_ns() < end_ns:
            self._publish_heartbeat()
            time.sleep(1.0 / self.value('control_rate_hz'))

    def report(self):
        """Tell the guard's state, why it is in it, and what it refused."""
        tick = self._last
        state, reason = (tick.state, tick.reason) if tick else (DISENGAGED, 'no tick yet')
        level = LEVELS.get(state, diagnostics.WARN)
        guard = self._guard
        counters = {key: str(value) for key, value in guard.counters.items()}
        counters.update({f'fault.{key}': str(value) for key, value in guard.faults.items()})
        return level, f'{state}: {reason}' if reason else state, {
            **self._work.read(monotonic_ns()), 'state': state, 'reason': reason,
            'refusal': self._refusal, 'ticks_missed': str(self._ticks.missed), **counters}

    def _subscribe(self, profile):
        guard = self._guard
        self._inputs = [(self.inbox(Bool, 'estop', EVENTS, lambda m: m.data), guard.on_estop)]
        self._trajectories = self._twists = None
        if profile.arm:
            self._inputs += [
                (self.inbox(JointState, 'joint_states', SENSOR, read_joint_state), self._on_state),
                (self.inbox(JointTrajectory, 'policy/joint_chunk', CHUNK, read_joint_chunk),
                 self._on_chunk)]
            self._trajectories = self.advertise(
                JointTrajectory, f'{profile.arm.controller}/joint_trajectory', COMMAND)
        if profile.base:
            self._inputs += [
                (self.inbox(Odometry, 'odom', SENSOR, read_odometry), guard.on_odometry),
                (self.inbox(MultiDOFJointTrajectory, 'policy/base_chunk', CHUNK, read_base_chunk),
                 self._on_chunk)]
            self._twists = self.advertise(TwistStamped, 'cmd_vel', COMMAND)

    def _control(self) -> bool:
        """Run the guard once; return whether it commands anything."""
        start_ns = monotonic_ns()
        for inbox, accept in self._inputs:
            for sample in inbox.take():
                self._refusal = str(accept(sample) or '') or self._refusal
        tick = self._guard.tick(self.now_ns(), self._pulse.silent())
        if tick.trajectory is not None:
            self._trajectories.publish(self._writer.write(tick.trajectory))
        if tick.twist is not None:
            self._twists.publish(write_twist(self._twist, tick.twist))
        if tick.changed:
            self._announce(tick)
        self._last = tick
        self._work.add(monotonic_ns() - start_ns)
        return tick.trajectory is not None or tick.twist is not None

    def _announce(self, tick):
        self._state.publish(String(data=tick.state))
        text = f'{tick.state}: {tick.reason}' if tick.reason else tick.state
        if tick.state == FAULTED:
            self._engage_wanted = False
            self.get_logger().error(text)
        else:
            self.get_logger().info(text)

    def _on_state(self, state):
        self._preview.measured = state
        return self._guard.on_joint_state(state)

    def _on_chunk(self, chunk):
        self._preview.chunk = chunk
        return self._guard.on_chunk(chunk, self.now_ns())

    def _show(self):
        if self._markers.get_subscription_count():
            state = self._last.state if self._last else DISENGAGED
            self._markers.publish(self._preview.markers(state))

    def _engage_if_wanted(self):
        if self._engage_wanted:
            self._try(self._guard.engage)

    def _on_engage(self, request, response):
        self._engage_wanted = False
        return self._answer(response, self._guard.engage if request.data
                            else self._guard.disengage)

    def _on_stop(self, request, response):
        self._engage_wanted = False
        return self._answer(response, self._guard.stop)

    def _on_reset_fault(self, request, response):
        return self._answer(response, self._guard.reset_fault)

    def _answer(self, response, action):
        inactive = False, f'command is {self.state}, not active'
        response.success, response.message = (
            self._try(action) if self.state == ACTIVE else inactive)
        return response

    def _try(self, action):
        try:
            action(self.now_ns())
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
