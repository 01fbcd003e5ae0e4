"""A process that answers each picture with its stamp: the floor of what two hops take."""
from contextlib import suppress
import os

from physai_ros.adapters.doorbell import Doorbell
from physai_ros.adapters.qos import EVENTS, SENSOR
from physai_ros.adapters.shared_memory import choose_profile, READS_PICTURES
from physai_ros.bench.tap import Tap
import rclpy
from rclpy.impl.implementation_singleton import rclpy_implementation
from sensor_msgs.msg import Image
from std_msgs.msg import Header


def main():
    """Answer until the process is ended."""
    choose_profile(READS_PICTURES)
    rclpy.init()
    node = rclpy.create_node('echo')
    pictures = Tap(node, Image, 'floor/image', SENSOR)
    answers = node.create_publisher(Header, 'floor/answer', EVENTS)
    bell, parent = Doorbell(rclpy.get_default_context()), os.getppid()
    # SIGTERM ends the context at any point
    with suppress(KeyboardInterrupt, rclpy_implementation.RCLError):
        while rclpy.ok() and os.getppid() == parent:
            bell.wait([pictures], 0.5)
            for picture, _ in pictures.take():
                answers.publish(picture.header)


if __name__ == '__main__':
    main()
