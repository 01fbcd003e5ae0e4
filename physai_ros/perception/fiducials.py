"""ArUco and AprilTag markers: which ones are in the picture, and their 6-D poses."""
from dataclasses import dataclass
from typing import List

import cv2
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.perception.aruco import finder
from physai_ros.perception.camera import Camera

MAX_REPROJECTION_PX = 2.0


@dataclass(frozen=True, eq=False)
class Marker:
    """
    A marker in one picture.

    ``corners`` (4, 2) in rectified pixels, clockwise from the marker's top left;
    ``camera_t_marker`` (4, 4) its pose in the optical frame (x right, y up on the marker, z out
    of it).
    """

    class_id: str
    corners: np.ndarray
    camera_t_marker: np.ndarray


class Fiducials:
    """
    Finds square markers of one dictionary and one size.

    :param dictionary: name of a predefined OpenCV dictionary, ``DICT_APRILTAG_36h11`` for instance
    :param size_m: length of a marker's black square
    :param upscale: how many times to enlarge the picture before the search
    :raises ConfigError: when the dictionary is unknown or the size is not positive
    """

    def __init__(self, dictionary: str, size_m: float, upscale: int = 1):
        if not (np.isfinite(size_m) and size_m > 0.0):
            raise ConfigError('fiducial size_m', size_m, 'a length above 0 metres')
        self.size_m = float(size_m)
        self._upscale = upscale
        self._find = finder(dictionary)
        self._family = family(dictionary)
        self._square = 0.5 * self.size_m * np.array(
            [(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], dtype=np.float64)

    def find(self, pixels: np.ndarray, camera: Camera) -> List[Marker]:
        """
        Find all markers.

        :param pixels: (H, W, 3) uint8 RGB, rectified
        :param camera: the camera that took it
        :return: markers whose pose fits their corners within 2 pixels
        """
        found, numbers = self._find(self._grey(pixels))
        found = (found + 0.5) / self._upscale - 0.5
        posed = ((number, corners, self._pose(corners, camera.k))
                 for number, corners in zip(numbers, found))
        return [Marker(f'{self._family}:{number}', corners, pose)
                for number, corners, pose in posed if pose is not None]

    def _grey(self, pixels):
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if self._upscale == 1:
            return grey
        return cv2.resize(grey, None, fx=self._upscale, fy=self._upscale,
                          interpolation=cv2.INTER_CUBIC)

    def _pose(self, corners, k):
        """
        Return the pose with the smaller reprojection error of the two that a square allows.

        Source: Collins and Bartoli, Infinitesimal Plane-Based Pose Estimation, IJCV 2014. It is
        solved with y down and z into the marker, because OpenCV's solver fails at the half turn
        by which a marker that faces the camera would differ from it.
        """
        count, rotations, translations, errors = cv2.solvePnPGeneric(
            self._square, corners, k, None, flags=cv2.SOLVEPNP_IPPE)
        if not count:
            return None
        best = int(np.argmin(np.ravel(errors)))
        pose = np.eye(4)
        pose[:3, :3] = cv2.Rodrigues(rotations[best])[0] * (1.0, -1.0, -1.0)
        pose[:3, 3] = translations[best].ravel()
        fits = float(np.ravel(errors)[best]) <= MAX_REPROJECTION_PX
        return pose if fits and np.isfinite(pose).all() and pose[2, 3] > 0.0 else None


def family(dictionary: str) -> str:
    """Return the class prefix of a dictionary: ``tag36h11`` or ``aruco_4x4_50``."""
    name = dictionary[len('DICT_'):].lower()
    if name.startswith('apriltag_'):
        return 'tag' + name[len('apriltag_'):]
    return name if name.startswith('aruco') else f'aruco_{name}'
