"""The least that a node process can be: the floor of start-up and memory."""
from contextlib import suppress
import os
import time

from physai_ros.adapters.qos import EVENTS
from physai_ros.adapters.shared_memory import choose_profile, NO_PICTURES
import rclpy
from rclpy.impl.implementation_singleton import rclpy_implementation
from std_msgs.msg import Header

PERIOD_S = 0.05


def main():
    """Beat until the process is ended."""
    choose_profile(NO_PICTURES)
    rclpy.init()
    node = rclpy.create_node('minimal')
    beats, parent = node.create_publisher(Header, 'heartbeat', EVENTS), os.getppid()
    # SIGTERM ends the context at any point
    with suppress(KeyboardInterrupt, rclpy_implementation.RCLError):
        while rclpy.ok() and os.getppid() == parent:
            beats.publish(Header(frame_id='minimal'))
            time.sleep(PERIOD_S)


if __name__ == '__main__':
    main()
