"""Send pictures from one process to another through DDS and count what arrives."""
import argparse
import json
import os
import subprocess
import sys
import time
import uuid

RATE_HZ, WIDTH, HEIGHT = 30.0, 640, 480
PATIENCE_S = 15.0


def measure(frames: int, rate_hz: float = RATE_HZ, width: int = WIDTH, height: int = HEIGHT):
    """
    Send pictures to a child process, best effort, and return what arrived there.

    :return: dict with ``sent``, ``received``, ``lost``, ``first_lost`` (numbers of pictures),
        ``damaged`` and the latency from stamp to arrival ``p50_ms``, ``p99_ms``, ``max_ms``
    """
    topic = f'image_path_{uuid.uuid4().hex}'
    child = subprocess.Popen(
        [sys.executable, '-m', __spec__.name, '--receive', topic, '--frames', str(frames)],
        stdout=subprocess.PIPE, text=True)
    try:
        _send(topic, frames, rate_hz, width, height, child.stdout.readline)
        answer, _ = child.communicate(timeout=PATIENCE_S)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    return {'sent': frames, **json.loads(answer)}


def _send(topic, frames, rate_hz, width, height, wait_for_receiver):
    import numpy as np
    from physai_ros.adapters.images import write_image
    from physai_ros.adapters.qos import EVERY_SENSOR
    from physai_ros.core.types import Image
    import rclpy
    from sensor_msgs.msg import Image as ImageMessage
    rclpy.init(args=[])
    node = rclpy.create_node('image_path_sender')
    publisher = node.create_publisher(ImageMessage, topic, EVERY_SENSOR)
    _until(lambda: publisher.get_subscription_count() == 1, 'no receiver was discovered')
    wait_for_receiver()
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    message, start_s = ImageMessage(), time.monotonic()
    for k in range(frames):
        time.sleep(max(0.0, start_s + k / rate_hz - time.monotonic()))
        pixels[0, 0] = k >> 16, k >> 8 & 255, k & 255
        publisher.publish(write_image(message, Image(time.time_ns(), 'camera', pixels)))
    _until(lambda: publisher.get_subscription_count() == 0, 'the receiver did not end')
    node.destroy_node()
    rclpy.shutdown()


def _receive(topic, frames):
    import numpy as np
    from physai_ros.adapters.images import read_image
    from physai_ros.adapters.qos import EVERY_SENSOR
    import rclpy
    from sensor_msgs.msg import Image as ImageMessage
    rclpy.init(args=[])
    node = rclpy.create_node('image_path_receiver')
    seen, ages_ms, checksums, last_s = set(), [], set(), [time.monotonic() + PATIENCE_S]

    def take(data):
        image = read_image(data)
        ages_ms.append((time.time_ns() - image.stamp_ns) * 1e-6)
        high, middle, low = (int(value) for value in image.pixels[0, 0])
        seen.add(high << 16 | middle << 8 | low)
        checksums.add(int(image.pixels[1:].sum()))
        last_s[0] = time.monotonic() + 2.0
    subscription = node.create_subscription(ImageMessage, topic, take, EVERY_SENSOR, raw=True)
    _until(lambda: subscription.get_publisher_count() == 1, 'no sender was discovered')
    print('ready', flush=True)
    while len(seen) < frames and time.monotonic() < last_s[0]:
        rclpy.spin_once(node, timeout_sec=0.1)
    node.destroy_node()
    rclpy.shutdown()
    p50, p99, most = np.percentile(ages_ms, (50, 99, 100)) if ages_ms else (0.0, 0.0, 0.0)
    missing = sorted(set(range(frames)) - seen)
    return {'received': len(seen), 'lost': len(missing), 'first_lost': missing[:10],
            'damaged': len(checksums) - 1, 'p50_ms': round(p50, 2),
            'p99_ms': round(p99, 2), 'max_ms': round(most, 2)}


def _until(condition, complaint):
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError(complaint)
        time.sleep(0.01)


def main(args=None) -> int:
    """Measure, print one line of JSON; exit code 1 when a picture was lost."""
    from physai_ros.adapters.shared_memory import choose_profile, SENDS_PICTURES
    from physai_ros.paths import share
    parser = argparse.ArgumentParser(prog='python -m physai_ros.cli.image_path',
                                     description=__doc__)
    parser.add_argument('--frames', type=int, default=1800)
    parser.add_argument('--rate', type=float, default=RATE_HZ, help='pictures per second')
    parser.add_argument('--size', type=int, nargs=2, default=(WIDTH, HEIGHT),
                        metavar=('WIDTH', 'HEIGHT'))
    parser.add_argument('--receive', metavar='TOPIC', help=argparse.SUPPRESS)
    options = parser.parse_args(args)
    os.environ.setdefault('FASTRTPS_DEFAULT_PROFILES_FILE',
                          str(share() / 'config' / 'fastdds.xml'))
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    choose_profile(SENDS_PICTURES)
    if options.receive:
        print(json.dumps(_receive(options.receive, options.frames)))
        return 0
    result = measure(options.frames, options.rate, *options.size)
    print(json.dumps(result))
    return 1 if result['lost'] or result['damaged'] else 0


if __name__ == '__main__':
    sys.exit(main())
