"""TF and robot_description of one robot, where robot_state_publisher is not installed."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.lifecycle import ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.qos import JOINTS, LATCHED, TF, TF_STATIC_OUT
from physai_ros.adapters.robot import read_robot
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.sensors import read_joint_state
from physai_ros.adapters.transforms import Transform, write_transforms
from physai_ros.robots.kinematics import fixed_pose, MovingJoints
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

MOST_DRIVERS = 15   # orders of names that are remembered


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
        self._drivers, self._stamp_ns = {}, 0
        self._work = Meter('tf')
        self._tf = self.advertise(TFMessage, '/tf', TF)
        self._static = self.advertise(TFMessage, '/tf_static', TF_STATIC_OUT)
        self._description = self.advertise(String, 'robot_description', LATCHED)
        self._states = self.inbox(JointState, 'joint_states', JOINTS, read_joint_state)

    def activate(self):
        """Publish what never changes once, and transforms from now on."""
        self._description.publish(String(data=self._robot.text))
        fixed = [j for j in self._robot.joints.values() if not j.moves]
        self._static.publish(write_transforms([
            self._transform(self.now_ns(), joint, *fixed_pose(joint)) for joint in fixed]))
        self.every(int(1e9 / self.value('publish_frequency')), self._publish)

    def report(self):
        """Tell how many transforms are published, and how old the joint states are."""
        age_s = (self.now_ns() - self._stamp_ns) * 1e-9
        fresh = self._stamp_ns and age_s < 1.0
        told = {name for names in self._drivers for name in names}
        missing = ', '.join(name for name in self._robot.actuated if name not in told)
        text = 'no joint_states' if not fresh else 'publishing' if not missing else (
            f'joint_states lacks {missing}: no TF below')
        return (diagnostics.WARN if missing or not fresh else diagnostics.OK, text, {
                    **self._work.read(monotonic_ns()),
                    'joint_states_age_s': f'{age_s:.3f}' if self._stamp_ns else 'never',
                    'frames': str(sum(len(m.joints) for m, *_ in self._drivers.values()))})

    def _publish(self):
        start_ns = monotonic_ns()
        newest = {state.names: state for state in self._states.take()}
        moved = [transform for state in newest.values() for transform in self._move(state)]
        if moved:
            self._tf.publish(write_transforms(moved))
            self._work.add(monotonic_ns() - start_ns)

    def _move(self, state):
        """Return the transforms of a driver's joint states, none when it said that before."""
        if state.names not in self._drivers:
            moving = MovingJoints(self._robot, state.names)
            self._drivers = dict([*self._drivers.items()][-MOST_DRIVERS:])
            self._drivers[state.names] = (moving, [0])
        moving, stamp_ns = self._drivers[state.names]
        if state.stamp_ns == stamp_ns[0]:
            return []
        stamp_ns[0] = self._stamp_ns = state.stamp_ns
        return [self._transform(state.stamp_ns, *rest)
                for rest in zip(moving.joints, *moving.poses(state.position))]

    def _transform(self, stamp_ns, joint, *pose):
        return Transform(stamp_ns, self.prefix + joint.parent, self.prefix + joint.child, *pose)


def main(args=None):
    """Run the node."""
    run(StatePublisherNode, args)


if __name__ == '__main__':
    main()
