"""Detections: vision_msgs <-> core types."""
from typing import Sequence

import numpy as np
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.sensors import quaternion, set_pose, set_vector, vector
from physai_ros.adapters.stamps import to_ns, write
from physai_ros.core.types import Detection, Object3D, Objects
from vision_msgs.msg import (
    Detection2D, Detection2DArray, Detection3D, Detection3DArray, ObjectHypothesisWithPose)


def detections(items: Sequence[Detection], stamp_ns: int, frame_id: str) -> Detection2DArray:
    """Return boxes in a picture as a message, in the picture's frame and at its time."""
    message = Detection2DArray()
    _head(message.header, stamp_ns, frame_id)
    for item in items:
        box = Detection2D(header=message.header, results=[_hypothesis(item)])
        box.bbox.center.position.x, box.bbox.center.position.y = map(float, item.center)
        box.bbox.size_x, box.bbox.size_y = map(float, item.size)
        message.detections.append(box)
    return message


def objects(found: Objects, prefix: str) -> Detection3DArray:
    """
    Return objects in space as a message.

    :param prefix: of TF frames, ``<robot>/``
    """
    message = Detection3DArray()
    _head(message.header, found.stamp_ns, prefix + found.frame_id)
    for item in found.items:
        result = _hypothesis(item)
        set_pose(result.pose.pose, item.position, item.orientation)
        box = Detection3D(header=message.header, results=[result])
        set_pose(box.bbox.center, item.position, item.orientation)
        set_vector(box.bbox.size, item.size)
        message.detections.append(box)
    return message


def read_objects(message: Detection3DArray, prefix: str) -> Objects:
    """
    Return objects in space; of several hypotheses the most likely one.

    :param prefix: of TF frames, taken off the frame's name
    :raises MessageError: for a detection without a result
    """
    return Objects(to_ns(message.header.stamp), message.header.frame_id.removeprefix(prefix),
                   tuple(_object(item) for item in message.detections))


def _object(item: Detection3D) -> Object3D:
    if not item.results:
        raise MessageError('results of a detection', [], 'at least one hypothesis')
    best = max(item.results, key=lambda result: result.hypothesis.score)
    return Object3D(best.hypothesis.class_id, best.hypothesis.score,
                    vector(item.bbox.center.position), quaternion(item.bbox.center.orientation),
                    np.array((item.bbox.size.x, item.bbox.size.y, item.bbox.size.z)))


def _hypothesis(item) -> ObjectHypothesisWithPose:
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id, result.hypothesis.score = item.class_id, float(item.score)
    return result


def _head(header, stamp_ns, frame_id):
    write(header.stamp, stamp_ns)
    header.frame_id = frame_id
