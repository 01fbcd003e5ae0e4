"""The sources that bundle terms name, as inboxes."""
from typing import Dict

from nav_msgs.msg import Odometry
from physai_ros.adapters.images import read_image
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.qos import EVENTS, SENSOR
from physai_ros.adapters.sensors import read_imu, read_joint_state, read_odometry
from physai_ros.adapters.vision import read_objects
from physai_ros.core.errors import BundleError
from sensor_msgs.msg import Image, Imu, JointState
from std_msgs.msg import String
from vision_msgs.msg import Detection3DArray


def source_inboxes(node, sources) -> Dict[str, Inbox]:
    """
    Subscribe a node to sources, by topic.

    :param sources: each has ``topic`` and ``kind``; the kind ``action`` is no topic and is skipped
    :raises BundleError: for a kind that no adapter knows
    """
    kinds = {
        'joint_state': (JointState, SENSOR, read_joint_state),
        'image': (Image, SENSOR, read_image),
        'objects': (Detection3DArray, SENSOR, lambda m: read_objects(m, node.prefix)),
        'odometry': (Odometry, SENSOR, read_odometry),
        'imu': (Imu, SENSOR, read_imu),
        'text': (String, EVENTS, lambda m: m.data),
    }
    inboxes = {}
    for source in sources:
        if source.kind == 'action':
            continue
        if source.kind not in kinds:
            raise BundleError(f'source of topic {source.topic}', source.kind,
                              f'one of {", ".join(kinds)}')
        message_type, qos, convert = kinds[source.kind]
        inboxes[source.topic] = node.inbox(message_type, source.topic, qos, convert)
    return inboxes
