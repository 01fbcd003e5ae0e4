"""The simulated cell: it stands in for the real robots, and knows the truth."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.images import write_image
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import ALWAYS, Parameter, watch
from physai_ros.adapters.qos import SENSOR_OUT, TF_STATIC_OUT
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns, Runtime
from physai_ros.adapters.shared_memory import SENDS_PICTURES
from physai_ros.adapters.sim_robot import SimRobotBridge
from physai_ros.adapters.stamps import to_time
from physai_ros.adapters.transforms import Transform, write_transforms
from physai_ros.core.errors import ConfigError
from physai_ros.core.steady import simultaneous
from physai_ros.core.types import Image, NS_PER_S
from physai_ros.paths import share
from physai_ros.robots.fleet import load_fleet
from physai_ros.robots.profile import load_profile
from physai_ros.sim import SimRobot, World
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image as ImageMessage
from std_srvs.srv import SetBool, Trigger
from tf2_msgs.msg import TFMessage
from transforms3d.euler import euler2quat

BATCH_NS = 10_000_000
MOST_BATCHES = 5
OVERVIEW_SIZE = 960, 540


class SimNode(Runtime, Node):
    """Steps the world in batches of 10 ms, paced to the wall clock, in one thread with OpenGL."""

    MIDDLEWARE_PROFILE = SENDS_PICTURES
    PARAMETERS = (
        Parameter('fleet', '', 'fleet file; config/fleet.yaml by default'),
        Parameter('robots', [''], 'robots of the fleet to simulate; all by default'),
        Parameter('seed', 0, 'of the next sim/reset', 0, 2**31 - 1, settable=ALWAYS),
        Parameter('cameras', True, 'render and publish the cameras'),
        Parameter('continuous', True, 'set the next task 2 s after one ended', settable=ALWAYS),
        Parameter('publish_clock', False, 'publish /clock, for nodes with use_sim_time'),
        Parameter('real_time_factor', 1.0, 'simulated per real time, with publish_clock; 0: as '
                  'fast as possible', 0.0, 100.0),
        Parameter('viewer', False, 'publish the picture sim/overview/image_raw'),
        Parameter('viewer_rate_hz', 5.0, 'rate of that picture', 0.1, 30.0),
    )

    def __init__(self):
        super().__init__('sim', automatically_declare_parameters_from_overrides=True)
        self.start_runtime()
        watch(self, self.PARAMETERS, lambda: False)
        self._clock_out, self._factor = None, self.value('real_time_factor')
        if self.value('publish_clock'):
            self._clock_out = self.advertise(Clock, '/clock', SENSOR_OUT)
        elif self._factor != 1.0:
            raise ConfigError('parameter real_time_factor of sim', self._factor,
                              '1.0 without publish_clock', 'set publish_clock')
        robots = self._robots()
        self._world = World(robots, seed=self.value('seed'), cameras=self.value('cameras'))
        for robot in robots if self.value('cameras') else ():
            if robot.profile.camera is not None:    # the first one takes 0.5 s: not while it runs
                self._world.render(robot.name)
        self._bridges = [SimRobotBridge(self, self._world, robot, k / len(robots))
                         for k, robot in enumerate(robots)]
        self._offset_ns = 0
        self._paused, self._steps, self._pictures = False, Meter('step'), Meter('picture')
        self._simulated_ns, self._reported_ns = 0, monotonic_ns()
        self._due_ns = monotonic_ns()
        self._period_ns = round(BATCH_NS / self._factor) if self._factor else 1
        self._static = self.advertise(TFMessage, '/tf_static', TF_STATIC_OUT)
        self._robot_bases = {robot.name: robot.profile.base for robot in robots}
        self._announce()
        self.create_service(Trigger, 'sim/reset', self._reset)
        self.create_service(SetBool, 'sim/pause', self._pause)
        self.loop.every(self._period_ns, self._advance, steady=True)
        if self.value('viewer'):
            self._overview = self.advertise(ImageMessage, 'sim/overview/image_raw', SENSOR_OUT)
            self.loop.every(int(NS_PER_S / self.value('viewer_rate_hz')), self._show, steady=True)

    def report(self):
        """Tell the real-time factor and what steps and pictures cost."""
        now_ns = monotonic_ns()
        factor = self._simulated_ns / max(1, now_ns - self._reported_ns)
        self._simulated_ns, self._reported_ns = 0, now_ns
        slow = self._factor and not self._paused and factor < 0.95 * self._factor
        text = 'paused' if self._paused else 'slower than real time' if slow else 'running'
        return (diagnostics.WARN if slow else diagnostics.OK, text, {
            'real_time_factor': f'{factor:.3f}', 'time_s': f'{self._world.time_ns * 1e-9:.2f}',
            **self._steps.read(now_ns), **self._pictures.read(now_ns)})

    def stop(self):
        """Free the OpenGL context."""
        self._world.close()

    def _robots(self):
        path = self.value('fleet') or share() / 'config' / 'fleet.yaml'
        fleet, wanted = load_fleet(path), [name for name in self.value('robots') if name]
        unknown = [name for name in wanted if name not in fleet.robots]
        if unknown:
            raise ConfigError('parameter robots of sim', unknown,
                              f'robots of {path}: {", ".join(fleet.robots)}')
        profiles = {name: load_profile(fleet.robots[name].profile)
                    for name in wanted or fleet.robots}
        return [SimRobot(name, profile, profile.description(), fleet.robots[name].pose,
                         fleet.robots[name].task) for name, profile in profiles.items()]

    def _announce(self):
        """Tell where the robots' odometry starts, or where they are bolted down."""
        places = {name: self._world.odom_frame(name) for name in self._robot_bases}
        self._static.publish(write_transforms([Transform(
            self.now_ns(), 'world',
            f'{name}/{"odom" if self._robot_bases[name] else self._world.root(name)}',
            (x, y, 0.0), euler2quat(0.0, 0.0, yaw)) for name, (x, y, yaw) in places.items()]))

    def _advance(self):
        if self._paused:
            self._due_ns = monotonic_ns()
            return
        for _ in range(MOST_BATCHES if self._factor else 1):
            if not self._due():
                return
            self._batch()
            self._due_ns += self._period_ns

    def _due(self) -> bool:
        """Return whether the next batch is due; before it, drop time that cannot be made up."""
        if self._factor:
            behind = (monotonic_ns() - self._due_ns) // self._period_ns
            if behind < 0:
                return False
            if behind >= MOST_BATCHES:
                lost = behind - MOST_BATCHES + 1
                self._due_ns += lost * self._period_ns
                self._world.lost_time(lost * BATCH_NS)
        if not self._clock_out:
            self._offset_ns = self._wall_offset()
        return True

    def _wall_offset(self) -> int:
        """Return ROS time minus world time: a batch that ends on schedule is stamped now."""
        now_ns, steady_ns = simultaneous(self.now_ns, monotonic_ns)
        return now_ns - (steady_ns - self._due_ns) - BATCH_NS - self._world.time_ns

    def _batch(self):
        start_ns, end_ns = monotonic_ns(), self._world.time_ns + BATCH_NS
        for bridge in self._bridges:
            bridge.read(self._offset_ns)
        while self._world.time_ns < end_ns:
            self._world.step()
        if self._clock_out:
            self._clock_out.publish(Clock(clock=to_time(self._world.time_ns + self._offset_ns)))
        for bridge in self._bridges:
            bridge.write(self._offset_ns)
            if self.value('continuous'):
                bridge.go_on()
        self._simulated_ns += BATCH_NS
        self._steps.add(monotonic_ns() - start_ns)
        self._render(self._factor and monotonic_ns() > self._due_ns + 2 * self._period_ns)

    def _render(self, behind):
        for bridge in self._bridges if self.value('cameras') else ():
            start_ns = monotonic_ns()
            if bridge.render(self._offset_ns, behind):
                self._pictures.add(monotonic_ns() - start_ns)

    def _show(self):
        if self._overview.get_subscription_count():
            pixels = self._world.overview(*OVERVIEW_SIZE, fine=False)
            stamp_ns = self._world.time_ns + self._offset_ns
            self._overview.publish(write_image(
                ImageMessage(), Image(stamp_ns, 'world', pixels)))

    def _reset(self, request, response):
        before_ns = self._world.time_ns
        self._world.reset(self.value('seed'))
        self._announce()
        self._offset_ns += before_ns - self._world.time_ns
        response.success, response.message = True, f'seed {self.value("seed")}'
        return response

    def _pause(self, request, response):
        self._paused = request.data
        response.success, response.message = True, 'paused' if self._paused else 'running'
        return response


def main(args=None):
    """Run the node."""
    run(SimNode, args)


if __name__ == '__main__':
    main()
