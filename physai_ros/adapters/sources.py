"""The sources that bundle terms name, as inboxes."""
from typing import Callable, Dict

from geometry_msgs.msg import PoseStamped, TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry
from physai_ros.adapters.images import read_compressed_image, read_depth, read_image
from physai_ros.adapters.inbox import Inbox
from physai_ros.adapters.qos import EVERY_SENSOR, JOINTS, REMEMBERED, SENSOR
from physai_ros.adapters.sensors import (
    read_imu, read_joint_state, read_joy, read_motion, read_odometry, read_pose, read_scan,
    read_wrench)
from physai_ros.adapters.vision import read_objects
from physai_ros.core.errors import BundleError
from sensor_msgs.msg import CompressedImage, Image, Imu, JointState, Joy, LaserScan
from vision_msgs.msg import Detection3DArray

KINDS = {
    'joint_state': (JointState, read_joint_state),
    'image': (Image, read_image),
    'compressed_image': (CompressedImage, read_compressed_image),
    'depth': (Image, read_depth),
    'odometry': (Odometry, read_odometry),
    'imu': (Imu, read_imu),
    'twist': (TwistStamped, read_motion),
    'pose': (PoseStamped, read_pose),
    'wrench': (WrenchStamped, read_wrench),
    'scan': (LaserScan, read_scan),
    'joy': (Joy, read_joy),
}
"""Kind of source -> message type and its reader; for objects see :func:`kinds`."""


def kinds(prefix: Callable[[], str]) -> Dict[str, tuple]:
    """
    Return message type and reader of every kind of source.

    :param prefix: returns that of TF frames, ``<robot>/``
    """
    return {**KINDS, 'objects': (Detection3DArray, lambda m: read_objects(m, prefix()))}


def source_inboxes(node, sources) -> Dict[str, Inbox]:
    """
    Subscribe a node to sources, by topic.

    :param sources: bundle.terms.Source; the internal ones are no topics and are skipped
    :raises BundleError: for a kind that no adapter knows
    """
    known, inboxes = kinds(lambda: node.prefix), {}
    for source in sources:
        if source.internal:
            continue
        if source.kind not in known:
            raise BundleError(f'source of topic {source.topic}', source.kind,
                              f'one of {", ".join(known)}')
        message_type, convert = known[source.kind]
        qos = EVERY_SENSOR if source.every else _newest(node, source)
        inboxes[source.topic] = node.inbox(message_type, source.topic, qos, convert)
    return inboxes


def _newest(node, source):
    """Return how to listen for the newest; of objects also what was seen before, if it is kept."""
    if source.kind == 'joint_state':
        return JOINTS
    if source.kind == 'objects':
        known = node.get_publishers_info_by_topic(node.resolve_topic_name(source.topic))
        kept = [info.qos_profile.durability == REMEMBERED.durability for info in known]
        return REMEMBERED if kept and all(kept) else SENSOR
    return SENSOR
