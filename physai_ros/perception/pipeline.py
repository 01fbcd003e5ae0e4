"""One picture in; detections, objects in base_link and, on request, an annotated picture out."""
from collections import Counter
import math
from typing import Callable, List, NamedTuple

import cv2
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import CameraModel, Detection, Image, Object3D, Objects
from physai_ros.perception.annotate import annotate
from physai_ros.perception.camera import Camera
from physai_ros.perception.detector import Detector
from physai_ros.perception.fiducials import Fiducials
from physai_ros.perception.lifting import lift
from transforms3d.quaternions import mat2quat

BASE_FRAME = 'base_link'
UPRIGHT = np.array((1.0, 0.0, 0.0, 0.0))


class Perceived(NamedTuple):
    """What is in one picture; ``annotated()`` draws it: (H, W, 3) uint8 RGB."""

    detections: List[Detection]
    objects: Objects
    annotated: Callable[[], np.ndarray]


class Pipeline:
    """
    Detects, lifts, and keeps count of what could not be lifted.

    ``counters`` holds ``pictures``, ``detections``, ``objects`` and ``not_lifted``. OpenCV is set
    to one thread in this process, because the other nodes need the processor.

    :param bundle: a verified detector bundle
    :param perception: the ``perception`` part of the robot's profile
    :raises ConfigError: when the profile has a support plane for a class unknown to the detector
    """

    def __init__(self, bundle, perception):
        cv2.setNumThreads(1)
        self._detector = Detector(bundle)
        self._classes = {c.class_id: c for c in bundle.manifest.classes}
        self._planes = perception.support_planes
        _check_planes(self._classes, self._planes)
        markers = perception.fiducials
        self._fiducials = Fiducials(**markers.model_dump()) if markers else None
        self._camera = None
        self.counters = Counter(pictures=0, detections=0, objects=0, not_lifted=0)

    def process(self, image: Image, model: CameraModel, base_t_camera: np.ndarray) -> Perceived:
        """
        Look at one picture.

        :param image: raw picture
        :param model: intrinsics of the camera that took it
        :param base_t_camera: (4, 4) pose of the optical frame in ``base_link`` at its stamp
        :raises ConfigError: when the intrinsics or the size of the picture cannot be used
        """
        if self._camera is None or not self._camera.same_as(model):
            self._camera = Camera(model)
        pixels = self._camera.rectify(image.pixels)
        seen = self._from_network(pixels, base_t_camera) + self._from_markers(
            pixels, base_t_camera)
        detections = [self._raw(class_id, score, box) for class_id, score, box, _ in seen]
        items = tuple(item for *_, item in seen if item is not None)
        self.counters.update(pictures=1, detections=len(seen), objects=len(items),
                             not_lifted=len(seen) - len(items))
        return Perceived(detections, Objects(image.stamp_ns, BASE_FRAME, items),
                         lambda: annotate(image.pixels, detections, items))

    def _from_network(self, pixels, base_t_camera):
        return [(s.class_id, s.score, s.box, self._lifted(s, base_t_camera))
                for s in self._detector.find(pixels)]

    def _lifted(self, sighting, base_t_camera):
        """Return the object on its class's plane, None where there is no such plane or place."""
        kind = self._classes[sighting.class_id]
        plane_z = self._planes.get(kind.class_id, math.nan) + kind.anchor_z
        point = lift(self._camera.ray(sighting.anchor), base_t_camera, plane_z)
        if point is None:
            return None
        point[2] -= kind.anchor_z
        return Object3D(kind.class_id, sighting.score, point, UPRIGHT, np.array(kind.size_m))

    def _from_markers(self, pixels, base_t_camera):
        if self._fiducials is None:
            return []
        return [self._posed(m, base_t_camera) for m in self._fiducials.find(pixels, self._camera)]

    def _posed(self, marker, base_t_camera):
        """Return class, score, box and object of a marker; no object where TF is not finite."""
        box = np.concatenate([marker.corners.min(axis=0), marker.corners.max(axis=0)])
        pose = base_t_camera @ marker.camera_t_marker
        if not np.isfinite(pose).all():
            return marker.class_id, 1.0, box, None
        side = self._fiducials.size_m
        return marker.class_id, 1.0, box, Object3D(
            marker.class_id, 1.0, pose[:3, 3], mat2quat(pose[:3, :3]), np.array((side, side, 0.0)))

    def _raw(self, class_id, score, box):
        """Return the upright box, in raw pixels, around a box in rectified ones."""
        left, top, right, bottom = box
        corners = self._camera.to_raw([(left, top), (right, top), (right, bottom), (left, bottom)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        return Detection(class_id, score, tuple((0.5 * (low + high)).tolist()),
                         tuple((high - low).tolist()))


def _check_planes(classes, planes):
    unknown = sorted(set(planes) - set(classes))
    if unknown:
        raise ConfigError('profile: perception.support_planes', unknown,
                          f'classes of the detector: {", ".join(sorted(classes))}',
                          'mend the names, or use the detector that knows them')
