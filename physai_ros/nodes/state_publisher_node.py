"""TF and robot_description of one robot, where robot_state_publisher is not installed."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.lifecycle import ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.qos import LATCHED, SENSOR, TF, TF_STATIC_OUT
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.sensors import read_joint_state
from physai_ros.adapters.transforms import overwrite, transform
from physai_ros.robots.kinematics import fixed_pose, MovingJoints
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage


class StatePublisherNode(ManagedNode):
    """Publishes ``/tf`` from ``joint_states``, ``/tf_static`` and ``robot_description``."""

    PARAMETERS = (
        Parameter('profile', '', 'profile that names the URDF', settable=UNCONFIGURED),
        Parameter('robot_description', '', 'URDF text; overrides that of the profile',
                  settable=UNCONFIGURED),
        FRAME_PREFIX,
        Parameter('publish_frequency', 20.0, '/tf messages per second at most', 1.0, 100.0),
    )

    def __init__(self):
        super().__init__('state_publisher')

    def configure(self):
        """Parse the robot; announce it and its fixed joints."""
        _, self._robot = read_robot(self)
        self._moving, self._names, self._stamp_ns = None, (), 0
        self._work = Meter('tf')
        self._tf = self.advertise(TFMessage, '/tf', TF)
        self._static = self.advertise(TFMessage, '/tf_static', TF_STATIC_OUT)
        self._description = self.advertise(String, 'robot_description', LATCHED)
        self._states = self.inbox(JointState, 'joint_states', SENSOR, read_joint_state)

    def activate(self):
        """Publish what never changes once, and transforms from now on."""
        self._description.publish(String(data=self._robot.text))
        fixed = [j for j in self._robot.joints.values() if not j.moves]
        self._static.publish(TFMessage(transforms=[
            self._message(joint, *fixed_pose(joint), self.now_ns()) for joint in fixed]))
        self.every(int(1e9 / self.value('publish_frequency')), self._publish)

    def report(self):
        """Tell how many transforms are published, and how old the joint states are."""
        age_s = (self.now_ns() - self._stamp_ns) * 1e-9
        fresh = self._stamp_ns and age_s < 1.0
        return (diagnostics.OK if fresh else diagnostics.WARN,
                'publishing' if fresh else 'no joint_states', {
                    **self._work.read(monotonic_ns()),
                    'joint_states_age_s': f'{age_s:.3f}' if self._stamp_ns else 'never',
                    'frames': str(len(self._moving.joints) if self._moving else 0)})

    def _publish(self):
        state = self._states.newest()
        if state is None or state.stamp_ns == self._stamp_ns:
            return
        start_ns = monotonic_ns()
        if state.names != self._names:
            self._follow(state.names)
        for message, xyz, quat in zip(self._messages, *self._moving.poses(state.position)):
            overwrite(message, xyz.tolist(), quat.tolist(), state.stamp_ns)
        self._tf.publish(TFMessage(transforms=self._messages))
        self._stamp_ns = state.stamp_ns
        self._work.add(monotonic_ns() - start_ns)

    def _follow(self, names):
        self._moving, self._names = MovingJoints(self._robot, names), names
        self._messages = [self._message(joint) for joint in self._moving.joints]
        missing = [name for name in self._robot.actuated if name not in names]
        if missing:
            self.get_logger().warning(f'joint_states lacks {", ".join(missing)}: no TF below')

    def _message(self, joint, *pose):
        return transform(self.prefix + joint.parent, self.prefix + joint.child, *pose)


def main(args=None):
    """Run the node."""
    run(StatePublisherNode, args)


if __name__ == '__main__':
    main()
