"""
A pinhole camera with plumb_bob distortion: rectify pictures, project points, cast rays.

Pixel coordinates follow OpenCV: the centre of the top left pixel is (0, 0). *Raw* pixels are those
of the picture as taken, *rectified* ones those of :meth:`Camera.rectify`, where ``k`` alone
describes the projection.
"""
import cv2
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.core.types import CameraModel

DISTORTION_LENGTHS = (0, 4, 5)


class Camera:
    """
    The geometry of one camera; maps are computed once.

    :param model: intrinsics as in sensor_msgs/CameraInfo; an empty ``d`` means no distortion
    :raises ConfigError: when the intrinsics are not finite or no pinhole's
    """

    def __init__(self, model: CameraModel):
        self.model = model
        self.k = np.array(model.k, dtype=np.float64)
        self.d = np.array(model.d, dtype=np.float64).reshape(-1)
        _check(self.k, self.d)
        self.distorted = bool(np.any(self.d))
        self._maps = None

    def same_as(self, model: CameraModel) -> bool:
        """Return whether another model describes this very camera."""
        mine = self.model
        return model is mine or (
            (model.width, model.height) == (mine.width, mine.height)
            and np.array_equal(model.k, mine.k) and np.array_equal(model.d, mine.d))

    def rectify(self, pixels: np.ndarray) -> np.ndarray:
        """
        Remove the distortion.

        :param pixels: (H, W, 3) uint8, of the camera's size
        :return: (H, W, 3) uint8; ``pixels`` itself where there is no distortion
        :raises ConfigError: when the picture has another size than the camera
        """
        size = (self.model.width, self.model.height)
        if (pixels.shape[1], pixels.shape[0]) != size:
            raise ConfigError('picture size (width, height)',
                              (pixels.shape[1], pixels.shape[0]), f'{size}, as camera_info says')
        if not self.distorted:
            return pixels
        if self._maps is None:
            self._maps = cv2.initUndistortRectifyMap(
                self.k, self.d, np.eye(3), self.k, size, cv2.CV_16SC2)
        return cv2.remap(pixels, *self._maps, interpolation=cv2.INTER_LINEAR)

    def project(self, points: np.ndarray) -> np.ndarray:
        """
        Project points into the rectified picture.

        :param points: (N, 3) metres in the optical frame (x right, y down, z forward)
        :return: (N, 2) pixels, NaN for points that are not in front of the camera
        """
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        homogeneous = points @ self.k.T
        depth = homogeneous[:, 2:]
        ahead = depth > 0.0
        return np.where(ahead, homogeneous[:, :2] / np.where(ahead, depth, 1.0), np.nan)

    def ray(self, pixel) -> np.ndarray:
        """
        Return the direction in which a rectified pixel looks.

        :param pixel: (u, v), or (N, 2)
        :return: unit vectors in the optical frame, (3,) or (N, 3)
        """
        pixel = np.asarray(pixel, dtype=np.float64)
        homogeneous = np.concatenate([pixel, np.ones(pixel.shape[:-1] + (1,))], axis=-1)
        direction = homogeneous @ np.linalg.inv(self.k).T
        return direction / np.linalg.norm(direction, axis=-1, keepdims=True)

    def to_raw(self, pixels) -> np.ndarray:
        """
        Map rectified pixels to where they are in the picture as taken.

        :param pixels: (N, 2)
        :return: (N, 2)
        """
        pixels = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
        if not self.distorted or not len(pixels):
            return pixels
        raw, _ = cv2.projectPoints(self.ray(pixels), np.zeros(3), np.zeros(3), self.k, self.d)
        return raw.reshape(-1, 2)


def _check(k, d):
    if k.shape != (3, 3) or not np.isfinite(k).all() or k[0, 0] <= 0.0 or k[1, 1] <= 0.0 \
            or not np.array_equal(k[2], (0.0, 0.0, 1.0)):
        raise ConfigError('camera_info k', k.tolist(),
                          'a finite pinhole matrix, fx and fy above 0', 'calibrate the camera')
    if len(d) not in DISTORTION_LENGTHS or not np.isfinite(d).all():
        raise ConfigError('camera_info d', d.tolist(), 'the 5 finite values of plumb_bob',
                          'calibrate the camera with the plumb_bob model')
