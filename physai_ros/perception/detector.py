"""A detector bundle at work: rectified picture in, sightings out."""
from dataclasses import dataclass
from typing import List

import cv2
import numpy as np
from physai_ros.bundle.detector import DetectorBundle
from physai_ros.core.errors import BundleError
from physai_ros.inference.onnx import OnnxModel
from physai_ros.perception.heatmap import decode


@dataclass(frozen=True, eq=False)
class Sighting:
    """
    An object in a rectified picture.

    ``anchor`` (2,) is where the point that can be lifted to 3D appears, ``box`` (4,) the left,
    top, right and bottom edge; all in pixels.
    """

    class_id: str
    score: float
    anchor: np.ndarray
    box: np.ndarray


class Detector:
    """
    Runs the network of a verified detector bundle.

    :param bundle: manifest and the verified bytes of the model
    :raises BundleError: when the model's inputs or outputs are not what the manifest says
    """

    def __init__(self, bundle: DetectorBundle):
        self.manifest = bundle.manifest
        self._model = OnnxModel(bundle.model_bytes)
        check_shapes(self.manifest, self._model)

    def find(self, pixels: np.ndarray) -> List[Sighting]:
        """
        Find all objects.

        :param pixels: (H, W, 3) uint8 RGB, rectified, of any size
        """
        height, width = self.manifest.input.size
        picture, scale = letterbox(pixels, width, height)
        if self.manifest.input.encoding == 'bgr8':
            picture = np.ascontiguousarray(picture[..., ::-1])
        maps = self._model.run({self.manifest.input.name: picture[None]})
        found = decode(maps['heatmap'][0], maps['offset'][0], maps['box'][0],
                       self.manifest.stride, self.manifest.threshold)
        return [Sighting(self.manifest.classes[kind].class_id, score,
                         (anchor + 0.5) / scale - 0.5, (box + 0.5) / scale - 0.5)
                for kind, score, anchor, box in found]


def letterbox(pixels: np.ndarray, width: int, height: int):
    """
    Scale a picture to fit and pad it with black at the right or at the bottom.

    :param pixels: (H, W, 3) uint8
    :return: (height, width, 3) uint8 and the scale, network pixels per picture pixel
    """
    rows, columns = pixels.shape[:2]
    if (rows, columns) == (height, width):
        return pixels, 1.0
    scale = min(width / columns, height / rows)
    size = (min(width, round(columns * scale)), min(height, round(rows * scale)))
    smaller = cv2.resize(pixels, size,
                         interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(smaller, 0, height - size[1], 0, width - size[0],
                              cv2.BORDER_CONSTANT, value=(0, 0, 0)), scale


def check_shapes(manifest, model):
    """Raise BundleError when inputs or outputs of a model are not what a manifest says."""
    height, width = manifest.input.size
    rows, columns = height // manifest.stride, width // manifest.stride
    expected = {
        manifest.input.name: ('uint8', (1, height, width, 3)),
        'heatmap': ('float32', (1, len(manifest.classes), rows, columns)),
        'offset': ('float32', (1, 2, rows, columns)),
        'box': ('float32', (1, 4, rows, columns)),
    }
    found = {spec.name: (spec.dtype, spec.shape) for spec in (*model.inputs, *model.outputs)}
    if found != expected:
        raise BundleError(f'{manifest.name}: inputs and outputs of the model', found,
                          f'{expected}, after detector.yaml',
                          'export the model and its manifest together')
