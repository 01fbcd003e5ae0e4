"""The topics between a robot, its policy and its guard."""
from functools import partial
from typing import Dict

from nav_msgs.msg import Odometry
from physai_ros.adapters.base_command import base_command
from physai_ros.adapters.cdr import from_bytes
from physai_ros.adapters.commands import read_base_chunk, read_joint_chunk, trajectory_message
from physai_ros.adapters.permission import Listener
from physai_ros.adapters.qos import CHUNK, COMMAND, JOINTS, SENSOR
from physai_ros.adapters.recorder import CALL, Recorder, TICK
from physai_ros.adapters.sensors import read_joint_state, read_odometry, read_scan
from physai_ros.core.errors import GuardError
from physai_ros.guard.guard import Guard, Tick
from physai_ros.guard.states import DISENGAGED
from sensor_msgs.msg import JointState, LaserScan
from std_msgs.msg import Bool, String
from trajectory_msgs.msg import JointTrajectory, MultiDOFJointTrajectory

INPUTS = {
    'joint_states': (JointState, JOINTS, read_joint_state),
    'odom': (Odometry, SENSOR, read_odometry),
    'scan': (LaserScan, SENSOR, read_scan),
    'policy/joint_chunk': (JointTrajectory, CHUNK, read_joint_chunk),
    'policy/base_chunk': (MultiDOFJointTrajectory, CHUNK, read_base_chunk),
}
FREE = 'nothing speaks against engaging'
CHUNKS = ('policy/joint_chunk', 'policy/base_chunk')


def feed(guard: Guard, topic: str, sample, now_ns: int):
    """Give a guard what came in on a topic of ``INPUTS``; return why it was refused, or None."""
    if topic == 'joint_states':
        return guard.on_joint_state(sample)
    if topic == 'odom':
        return guard.on_odometry(sample)
    if topic == 'scan':
        return guard.on_scan(sample)
    return guard.on_chunk(sample, now_ns)


class GuardPort:
    """
    Feeds a guard from topics, publishes what it lets through, and records all of it.

    :param node: that owns the topics
    :param profile: of the robot
    :param watch: called as ``watch(topic, sample)`` for each input

    ``hold`` may be set to another reason not to follow the policy now. ``unreadable``: how many
    messages could not be converted, and ``dropped`` why the last of them was, until its reader
    clears it. ``chunks``: the inboxes of the policy.
    """

    def __init__(self, node, profile, guard: Guard, recorder: Recorder, watch):
        self._guard, self._recorder, self._watch = guard, recorder, watch
        self.hold, self._held, self.unreadable, self.dropped = '', '', 0, ''
        names = {'joint_states', 'policy/joint_chunk'} if profile.arm else set()
        zones = profile.base.zones if profile.base else None
        names |= {'odom', 'policy/base_chunk'} if profile.base else set()
        names |= {'scan'} if zones else set()
        self._inboxes = [
            (name, node.inbox(kind, zones.topic if name == 'scan' else name, qos,
                              from_bytes(partial(read, most=guard.max_steps))
                              if name in CHUNKS else read, recorder.tap(name, kind)))
            for name, (kind, qos, read) in INPUTS.items() if name in names]
        self.chunks = [inbox for name, inbox in self._inboxes if name in CHUNKS]
        self._listener = Listener(node, guard.on_estop, recorder.tap('estop', Bool))
        self._tick, self._call = (recorder.tap(name, String) for name in (TICK, CALL))
        self._base_frame = f'{node.prefix}base_link'
        self._trajectories = [
            (joints, node.advertise(JointTrajectory, topic, COMMAND),
             recorder.tap(topic, JointTrajectory))
            for topic, joints in (profile.arm.trajectories.items() if profile.arm else ())]
        if profile.base:
            kind, self._twist_message, _ = base_command(profile.base)
            self._twists = node.advertise(kind, 'cmd_vel', COMMAND)
            self._twist_tap = recorder.tap('cmd_vel', kind)
        self._commands = [publisher for _, publisher, _ in self._trajectories] + (
            [self._twists] if profile.base else [])

    def read(self, now_ns: int) -> str:
        """Take all that came in; return why the last refused of it was refused, or ''."""
        self._recorder.now_ns, refusal = now_ns, ''
        for topic, inbox in self._inboxes:
            rejected = inbox.rejected
            for sample in inbox.take():
                refused = feed(self._guard, topic, sample, now_ns)
                refusal = str(refused) if refused is not None else refusal
                self._watch(topic, sample)
            if inbox.rejected > rejected:
                self.unreadable += inbox.rejected - rejected
                refusal = f'{topic}: {inbox.problem}'
                self.dropped = f'{topic}: message dropped: {inbox.problem}'
        return refusal

    def tick(self, now_ns: int) -> Tick:
        """Step the guard and publish what it lets through."""
        missing = self._listener.missing()      # heard in any case: an e-stop does not wait
        hold = self._held = self.hold or missing or self.unheard()
        tick = self._guard.tick(now_ns, hold)
        self._recorder.text(self._tick, hold=hold, state=tick.state, reason=tick.reason)
        if tick.trajectory is not None:
            for joints, publisher, tap in self._trajectories:
                data = trajectory_message(tick.trajectory.of(joints))
                publisher.publish(data)
                tap(data)
        if tick.twist is not None:
            data = self._twist_message(tick.twist, self._base_frame)
            self._twists.publish(data)
            self._twist_tap(data)
        return tick

    def unheard(self) -> str:
        """Return that nobody reads one of the commands, or ''; whoever comes late would jump."""
        for publisher in self._commands:
            if not publisher.get_subscription_count():
                return f'nobody listens to {publisher.topic_name}'
        return ''

    def report(self, now_ns: int, against: str) -> Dict[str, str]:
        """
        Return counters for diagnostics, and while disengaged what speaks against engaging.

        :param against: what others found to do so, '' for nothing
        """
        guard = self._guard
        counts = {'unreadable': self.unreadable, **guard.counters,
                  **{f'fault.{name}': count for name, count in guard.faults.items()}}
        if guard.state == DISENGAGED:
            counts['dry_run'] = against or self._held or guard.objection(now_ns) or FREE
        return {key: str(value) for key, value in counts.items()}

    def begin(self):
        """Begin to tick: what waited until now permits nothing."""
        self._listener.begin()

    def call(self, name: str, now_ns: int):
        """
        Call ``engage``, ``disengage``, ``stop`` or ``reset_fault``; raises what it raises.

        :raises GuardError: also for ``engage`` when nobody reads one of the commands
        """
        unheard = self.unheard() if name == 'engage' else ''
        if unheard:
            raise GuardError(unheard, None, 'a controller that does', 'start it, and compare the '
                             'controllers of the profile, and remap in the fleet file')
        self._recorder.now_ns = now_ns
        self._recorder.text(self._call, call=name)
        getattr(self._guard, name)(now_ns)
