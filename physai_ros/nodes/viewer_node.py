"""What the robots see and do, for a web browser on this machine; it reads pictures only."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.images import read_image, write_jpeg
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import Parameter
from physai_ros.adapters.qos import SENSOR
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns, Runtime
from physai_ros.adapters.shared_memory import READS_PICTURES
from physai_ros.adapters.web import HOST, Web
from physai_ros.core.errors import ConfigError
from rclpy.node import Node
from sensor_msgs.msg import Image as ImageMessage

LOOK_NS = 50_000_000


class ViewerNode(Runtime, Node):
    """Subscribes to a picture only while a browser shows it."""

    MIDDLEWARE_PROFILE, NICE = READS_PICTURES, 5
    PARAMETERS = (
        Parameter('topics', [''], 'pictures to show, in the order of the page'),
        Parameter('port', 8765, 'of the page on 127.0.0.1; 0: any', 0, 65535),
    )

    def __init__(self):
        super().__init__('viewer', automatically_declare_parameters_from_overrides=True)
        self.start_runtime()
        self._inboxes = {topic.lstrip('/'): None for topic in self.value('topics') if topic}
        self._pictures = Meter('picture')
        try:
            self._web = Web(tuple(self._inboxes), self.value('port'))
        except OSError as error:
            raise ConfigError('parameter port of viewer', self.value('port'),
                              f'a free port of {HOST}', str(error)) from error
        self.get_logger().info(f'pictures of the robots: {self._web.url}')
        self.loop.every(LOOK_NS, self._look, steady=True)

    def report(self):
        """Tell where the page is, how many of its pictures are looked at, and what they cost."""
        watched = sum(inbox is not None for inbox in self._inboxes.values())
        return diagnostics.OK, 'watched' if watched else 'nobody looks', {
            'url': self._web.url, 'watched': str(watched), **self._pictures.read(monotonic_ns())}

    def stop(self):
        """Free the port."""
        self._web.close()

    def _look(self):
        for name, inbox in self._inboxes.items():
            if not self._web.watched(name):
                self._leave(name)
            elif inbox is None:
                self._inboxes[name] = self.inbox(
                    ImageMessage, '/' + name, SENSOR, read_image)
            else:
                self._show(name, inbox.newest())

    def _show(self, name, image):
        if image is None:
            return
        start_ns = monotonic_ns()
        self._web.put(name, write_jpeg(image))
        self._pictures.add(monotonic_ns() - start_ns)

    def _leave(self, name):
        if self._inboxes[name] is not None:
            self._inboxes[name].destroy(self)
            self._inboxes[name] = None


def main(args=None):
    """Run the node."""
    run(ViewerNode, args)


if __name__ == '__main__':
    main()
