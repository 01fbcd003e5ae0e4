"""The command node as a process, with a small arm that obeys."""
import signal
import time

import numpy as np
from physai_ros.adapters.guard_port import INPUTS
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.loop import Gate
from physai_ros.adapters.qos import COMMAND, EVENTS, LATCHED, STATE_OUT
import pytest
import rclpy
from robots import Arm, JOINTS, write_profile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Header, String
from std_srvs.srv import SetBool, Trigger
from trajectory_msgs.msg import JointTrajectory

NODE = '/two1/command'


class Command:
    """A running command node with its robot."""

    def __init__(self, graph, profile, controllers=('arm_controller',), **parameters):
        self.graph, self.states = graph, []
        graph.node.create_subscription(
            String, f'{NODE}/state', lambda message: self.states.append(message.data), LATCHED)
        graph.up('command', '/two1', profile=profile, **parameters)
        self.arm = Arm(graph, controllers=controllers)

    def wait(self, condition, what, each=None):
        """Wait while the robot lives."""
        def live():
            self.arm.live()
            if each is not None:
                each()
        self.graph.wait(condition, what, each=live)

    def call(self, name, request):
        """Call one of the services while the robot lives."""
        return self.graph.call(type_of(request), f'{NODE}/{name}', request, self.arm.live)

    def engage(self):
        """Engage as soon as the robot's state is known."""
        self.wait(lambda: self.call('engage', SetBool.Request(data=True)).success, 'to engage')


def type_of(request):
    """Return the service type of a request."""
    return SetBool if isinstance(request, SetBool.Request) else Trigger


@pytest.fixture
def command(graph, tmp_path):
    """Return a command node that is active and disengaged."""
    return Command(graph, write_profile(tmp_path))


def test_without_limits_it_refuses_to_configure_and_says_why(graph, tmp_path):
    graph.start('command', '/two1', profile=write_profile(tmp_path, jerk={'shoulder': 40.0}))
    assert not graph.change(NODE, 'configure')
    assert "arm.jerk of elbow is 'missing'" in graph.fault(NODE)
    assert graph.value(NODE, 'lifecycle') == 'unconfigured'


def test_it_engages_moves_and_every_trajectory_ends_at_rest(command):
    command.wait(lambda: command.states == ['disengaged'], 'the latched state')
    command.engage()
    target = np.array([0.3, -0.2])
    command.wait(lambda: np.allclose(command.arm.position, target, atol=0.01),
                 'the arm to get there', lambda: command.arm.want(target))
    assert 'engaged' in command.states
    for trajectory in command.arm.trajectories:
        assert np.abs(trajectory.velocities[-1]).max() < 1e-6
        assert np.abs(trajectory.velocities).max() <= 1.0 + 1e-6
        assert trajectory.names == ('shoulder', 'elbow')


def test_nothing_is_engaged_and_the_robot_holds_while_nobody_listens(graph, tmp_path):
    graph.up('command', '/two1', profile=write_profile(tmp_path))
    answer = graph.call(SetBool, f'{NODE}/engage', SetBool.Request(data=True))
    assert not answer.success
    assert 'nobody listens to /two1/arm_controller/joint_trajectory' in answer.message
    graph.wait(lambda: 'nobody listens' in graph.value(NODE, 'dry_run'), 'the dry run')
    other = rclpy.create_node('controller', namespace='/two1', context=graph.node.context)
    reader = other.create_subscription(JointTrajectory, 'arm_controller/joint_trajectory',
                                       lambda message: None, COMMAND)
    arm = Arm(graph, controllers=())
    graph.wait(lambda: graph.call(SetBool, f'{NODE}/engage', SetBool.Request(data=True),
                                  arm.live).success, 'to engage', each=arm.live)
    other.destroy_subscription(reader)
    graph.wait(lambda: 'nobody listens' in graph.value(NODE, 'message'), 'it to hold',
               each=arm.live)
    assert graph.value(NODE, 'state') == 'holding'
    other.destroy_node()


def test_others_who_command_the_robot_are_told(command):
    graph = command.graph
    command.engage()
    command.wait(lambda: graph.value(NODE, 'message') == 'holding: no fresh chunk', 'a report')
    other = rclpy.create_node('teleop', namespace='/two1', context=graph.node.context)
    for topic in ('arm_controller/joint_trajectory', 'policy/joint_chunk'):
        other.create_publisher(JointTrajectory, topic, EVENTS)
    command.wait(lambda: graph.value(NODE, 'message') == (
        'holding: no fresh chunk; /two1/arm_controller/joint_trajectory is published by '
        '/two1/teleop as well; /two1/policy/joint_chunk is published by /test and /two1/teleop, '
        'which is one too many'), 'the diagnostics to tell')
    other.destroy_node()


def test_it_engages_beside_the_manager_and_not_beside_others_who_command_the_robot(command):
    graph = command.graph
    manager, teleop = (rclpy.create_node(name, namespace='/two1', context=graph.node.context)
                       for name in ('manager', 'teleop'))
    manager.create_publisher(JointTrajectory, 'arm_controller/joint_trajectory', EVENTS)
    command.engage()
    assert command.call('engage', SetBool.Request()).success
    other = teleop.create_publisher(JointTrajectory, 'arm_controller/joint_trajectory', EVENTS)
    command.wait(lambda: 'teleop' in graph.value(NODE, 'message'), 'the diagnostics to tell')
    answer = command.call('engage', SetBool.Request(data=True))
    assert not answer.success
    assert ('/two1/arm_controller/joint_trajectory is published by /two1/teleop as well; expected '
            'this node and the manager alone') in answer.message
    teleop.destroy_publisher(other)
    command.engage()
    for node in (manager, teleop):
        node.destroy_node()


def test_a_predecessor_that_was_killed_keeps_nobody_from_engaging(graph, tmp_path):
    profile, answers = write_profile(tmp_path), []
    command = Command(graph, profile)
    command.engage()
    graph.end('two1/command', signal.SIGKILL)
    graph.up('command', '/two1', profile=profile)
    topic = '/two1/arm_controller/joint_trajectory'
    assert graph.node.count_publishers(topic) == 2, 'the one that was killed is forgotten'
    command.wait(lambda: answers and answers[-1].success, 'to engage', lambda: answers.append(
        command.call('engage', SetBool.Request(data=True))))
    assert not [answer.message for answer in answers if 'published' in answer.message]


def test_each_controller_gets_the_trajectories_of_its_joints(graph, tmp_path):
    controllers = {'second': ['elbow'], 'first': ['shoulder']}
    command = Command(graph, write_profile(tmp_path, controllers=controllers), list(controllers))
    command.engage()
    target = np.array([0.3, -0.2])
    command.wait(lambda: np.allclose(command.arm.position, target, atol=0.01),
                 'the arm to get there', lambda: command.arm.want(target))
    assert {t.names for t in command.arm.trajectories} == {('shoulder',), ('elbow',)}
    assert 'engaged' in command.states


@pytest.mark.parametrize('change, state', [
    ({}, 'faulted'), ({'tracking_exempt': ['elbow']}, 'holding'),
    ({'tracking_tolerance': {'elbow': 2.0}}, 'holding')])
def test_the_profile_says_which_joints_an_object_may_stop(graph, tmp_path, change, state):
    command = Command(graph, write_profile(tmp_path, **change),
                      guard__tracking_tolerance_rad=0.05)
    command.engage()
    command.arm.blocked = [1]
    command.arm.want((0.0, 0.9), steps=15)
    until = time.monotonic() + 3.0
    command.wait(lambda: time.monotonic() > until, 'the hand to grasp')
    assert command.arm.trajectories[-1].positions[-1, 1] > 0.1
    assert command.states[-1] == state, graph.value(NODE, 'message')


def test_not_engaged_nothing_is_commanded(command):
    until = time.monotonic() + 1.0
    command.wait(lambda: time.monotonic() > until, 'a second to pass',
                 lambda: command.arm.want((0.3, 0.3)))
    assert command.arm.trajectories == []
    assert command.graph.value(NODE, 'state') == 'disengaged'


def test_a_dry_run_tells_what_would_be_a_fault(command):
    for target, verdict in (((0.3, 0.3), 'nothing speaks against engaging'),
                            ((0.9, 0.3), 'shoulder: first reference is 0.9')):
        command.wait(lambda: command.graph.value(NODE, 'dry_run').startswith(verdict), verdict,
                     lambda: command.arm.want(target, start=target))
    command.arm.alive = False
    command.wait(lambda: 'no fresh state' in command.graph.value(NODE, 'dry_run'), 'a lost state')
    assert command.arm.trajectories == [] and command.states == ['disengaged']


def test_silence_holds_and_a_new_chunk_resumes(command):
    command.engage()
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow',
                 lambda: command.arm.want((0.2, 0.2), steps=4))
    command.wait(lambda: command.states[-1] == 'holding', 'a hold after silence')
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow again',
                 lambda: command.arm.want((0.25, 0.2)))


def test_it_holds_while_a_required_node_is_silent(graph, tmp_path):
    command = Command(graph, write_profile(tmp_path), required_nodes=['policy'])
    beat = graph.node.create_publisher(Header, '/two1/heartbeat', EVENTS)

    def work():
        command.arm.want((0.2, 0.2))
        beat.publish(Header(frame_id='policy'))
    command.engage()
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow', work)

    def live():
        command.arm.want((0.2, 0.2))
        beat.publish(Header(frame_id='policy (inactive)'))
    command.wait(lambda: command.states[-1] == 'holding', 'a hold', live)
    command.graph.wait(lambda: graph.value(NODE, 'reason') == 'no heartbeat of policy',
                       'the reason', each=command.arm.live)
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow again', work)


def test_lost_joint_states_hold(command):
    command.engage()
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow',
                 lambda: command.arm.want((0.2, 0.2)))
    command.arm.alive = False
    command.wait(lambda: command.states[-1] == 'holding', 'a hold',
                 lambda: command.arm.want((0.2, 0.2)))


def test_one_nan_faults_and_latches_until_reset(command):
    command.engage()
    command.wait(lambda: command.states[-1] == 'engaged', 'to follow',
                 lambda: command.arm.want((0.2, 0.2)))
    command.arm.want((np.nan, 0.2))
    command.wait(lambda: command.states[-1] == 'faulted', 'the fault')
    answer = command.call('engage', SetBool.Request(data=True))
    assert not answer.success and 'reset_fault' in answer.message
    command.wait(lambda: command.graph.value(NODE, 'fault.non_finite') == '1',
                 'the fault in the diagnostics')
    assert command.call('reset_fault', Trigger.Request()).success
    command.engage()
    for trajectory in command.arm.trajectories:
        assert np.isfinite(trajectory.positions).all()


def test_stop_and_e_stop_end_the_command(command):
    command.engage()
    assert command.call('stop', Trigger.Request()).success
    command.wait(lambda: command.states[-1] == 'disengaged', 'the stop')
    command.engage()
    button = command.graph.node.create_publisher(Bool, '/two1/estop', 10)
    command.wait(lambda: command.states[-1] == 'faulted', 'the e-stop',
                 lambda: button.publish(Bool(data=True)))
    answer = command.call('reset_fault', Trigger.Request())
    assert not answer.success and 'pressed' in answer.message


def test_it_engages_by_itself_only_where_that_is_asked_for(graph, tmp_path):
    command = Command(graph, write_profile(tmp_path), engage_on_activate=True)
    command.wait(lambda: command.states and command.states[-1] in ('engaged', 'holding'),
                 'to engage when joint states arrive')


def test_it_does_not_engage_by_itself_beside_the_driver_of_a_real_robot(graph, tmp_path):
    other = rclpy.create_node('driver', namespace='/two1', context=graph.node.context)
    states = other.create_publisher(JointState, 'joint_states', STATE_OUT)
    command = Command(graph, write_profile(tmp_path), engage_on_activate=True)
    command.wait(lambda: graph.value(NODE, 'message').startswith(
        "disengaged: not engaged; publishers of /two1/joint_states is '/test and /two1/driver'; "
        'expected the simulator alone'), 'a word why')
    assert not command.arm.trajectories and command.states == ['disengaged']
    other.destroy_publisher(states)
    command.wait(lambda: command.states[-1] in ('engaged', 'holding'), 'to engage')
    other.destroy_node()


def test_deactivated_it_brakes_and_falls_silent(command):
    command.engage()
    command.wait(lambda: command.arm.position[0] > 0.05, 'to move',
                 lambda: command.arm.want((0.5, 0.0)))
    assert command.graph.change(NODE, 'deactivate')
    command.graph.spin(0.2, command.arm.live)
    count = len(command.arm.trajectories)
    command.graph.spin(0.3, command.arm.live)
    assert len(command.arm.trajectories) == count
    assert np.abs(command.arm.trajectories[-1].velocities[-1]).max() < 1e-6
    answer = command.graph.call(SetBool, f'{NODE}/engage', SetBool.Request(data=True))
    assert not answer.success and 'inactive' in answer.message


def test_an_oversize_chunk_is_refused_before_it_costs_time(command):
    command.arm.want((0.2, 0.2), steps=20_000)
    command.wait(lambda: command.graph.value(NODE, 'unreadable') == '1', 'the refusal')
    assert 'policy/joint_chunk: points of a chunk is 20000' in command.graph.value(NODE, 'refusal')


@pytest.mark.parametrize('topic, kind', [
    ('joint_states', JointState), ('policy/joint_chunk', JointTrajectory), ('estop', Bool)])
def test_bytes_that_are_no_message_end_nothing(command, topic, kind):
    command.engage()
    publisher = command.graph.node.create_publisher(kind, f'/two1/{topic}', 10)
    command.wait(publisher.get_subscription_count, 'a reader')
    for _ in range(5):
        publisher.publish(b'\0\1\0\0')
        command.graph.spin(0.05, command.arm.live)
    command.wait(lambda: command.arm.position[0] > 0.05, 'to move',
                 lambda: command.arm.want((0.5, 0.0)))
    assert command.states[-1] == 'engaged'
    if topic != 'estop':
        command.wait(lambda: int(command.graph.value(NODE, 'unreadable')) >= 1, 'the count')


def test_a_state_that_cannot_be_used_is_told_beside_the_hold(command):
    command.engage()
    command.arm.alive = False
    publisher = command.graph.node.create_publisher(JointState, '/two1/joint_states', STATE_OUT)
    twice = JointState(name=['elbow', 'elbow'], position=[0.0, 0.0])
    command.wait(lambda: 'joint_states: message dropped' in command.graph.value(NODE, 'message'),
                 'the reason', lambda: publisher.publish(twice))
    said = command.graph.value(NODE, 'message')
    assert said.startswith('holding: ') and 'expected each joint once' in said


def test_joint_states_may_come_from_several_publishers(graph):
    kind, profile, convert = INPUTS['joint_states']
    inbox = Inbox(graph.node, kind, 'joint_states', profile, convert, Gate())
    publishers = [graph.node.create_publisher(kind, 'joint_states', STATE_OUT) for _ in JOINTS]
    graph.wait(lambda: inbox.publishers() == 2 and all(
        p.get_subscription_count() for p in publishers), 'to be heard')
    for name, publisher in zip(JOINTS, publishers):         # between two ticks
        publisher.publish(kind(name=[name], position=[0.5]))
    graph.spin(0.5)
    assert {sample.names for sample in inbox.take()} == {(name,) for name in JOINTS}


def test_bad_parameters_are_one_line_and_exit_code_2(graph):
    for name, value, text in (('control_rate_hz', 0.0, 'control_rate_hz of command is 0.0'),
                              ('speed', 1, 'parameter speed of command'),
                              ('profile', 3, 'expected text')):
        process = graph.launch('command', '/two1', stderr=-1, **{name: value})
        error = process.communicate(timeout=20.0)[1]
        assert process.returncode == 2 and text in error
        assert 'Traceback' not in error
