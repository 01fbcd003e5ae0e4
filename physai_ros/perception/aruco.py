"""OpenCV's marker detection behind one function, for its API before and since 4.7."""
from typing import Callable, Tuple

import cv2
import numpy as np
from physai_ros.core.errors import ConfigError

Finder = Callable[[np.ndarray], Tuple[np.ndarray, np.ndarray]]


def dictionary_names() -> Tuple[str, ...]:
    """Return the names of the predefined dictionaries, ``DICT_4X4_50`` and so on."""
    return tuple(sorted(n for n in dir(_module()) if n.startswith('DICT_')))


def finder(dictionary: str) -> Finder:
    """
    Return a function that finds the markers of a dictionary.

    It takes a grey picture (H, W) uint8 and returns corners (N, 4, 2) float64 in pixels, clockwise
    from the marker's own top left, and ids (N,) int.

    :param dictionary: name of a predefined dictionary
    :raises ConfigError: when there is no such dictionary, or OpenCV was built without ArUco
    """
    aruco = _module()
    if dictionary not in dictionary_names():
        raise ConfigError('fiducial dictionary', dictionary, 'one of ' + ', '.join(
            dictionary_names()))
    table = aruco.getPredefinedDictionary(getattr(aruco, dictionary))
    since_4_7 = hasattr(aruco, 'ArucoDetector')
    detect = (_detect_since_4_7 if since_4_7 else _detect_before_4_7)(aruco, table)

    def find(grey):
        corners, ids, _ = detect(grey)
        if ids is None:
            return np.zeros((0, 4, 2)), np.zeros(0, dtype=int)
        return np.array(corners, dtype=np.float64).reshape(-1, 4, 2), np.array(ids).reshape(-1)
    return find


def _detect_since_4_7(aruco, table):
    return aruco.ArucoDetector(table, _refined(aruco, aruco.DetectorParameters())).detectMarkers


def _detect_before_4_7(aruco, table):
    parameters = _refined(aruco, aruco.DetectorParameters_create())
    return lambda grey: aruco.detectMarkers(grey, table, parameters=parameters)


def _refined(aruco, parameters):
    """Ask for sub-pixel corners and for small markers too."""
    parameters.cornerRefinementMethod = aruco.CORNER_REFINE_SUBPIX
    parameters.cornerRefinementWinSize = 3
    parameters.minMarkerPerimeterRate = 0.02
    parameters.perspectiveRemovePixelPerCell = 8
    return parameters


def _module():
    if not hasattr(cv2, 'aruco'):
        raise ConfigError('cv2.aruco', None, 'an OpenCV with ArUco',
                          'install opencv-contrib-python, or python3-opencv from Ubuntu')
    return cv2.aruco
