"""How a picture becomes a tensor; training and robot must use this one function."""
from typing import Literal, Optional, Tuple

import numpy as np
from physai_ros.bundle.schema import mismatch, Pair, Schema, Size, Triple
from pydantic import Field, model_validator

LEAST_STD = 1e-6


class Pixels(Schema):
    """What a model expects of a picture."""

    size: Size = Field(description='the size the picture is brought to: [height, width], pixels')
    encoding: Literal['rgb8', 'bgr8'] = Field(default='rgb8', description='the colour order')
    range: Pair = Field(default=(0.0, 1.0),  # noqa: A003
                        description='the numbers that black and full brightness become')
    mean: Optional[Triple] = Field(
        default=None, description='taken away from each channel, after range')
    std: Optional[Triple] = Field(
        default=None, description='what each channel is divided by, after mean')
    layout: Literal['CHW', 'HWC'] = Field(
        default='CHW', description='channels first (torch) or last')

    @property
    def tensor_shape(self) -> Tuple[int, int, int]:
        """Return the shape of the tensor without batch dimension."""
        return (3, *self.size) if self.layout == 'CHW' else (*self.size, 3)

    @model_validator(mode='after')
    def _plausible(self):
        if self.range[0] >= self.range[1]:
            raise mismatch('range', 'the lower number first', 'write [0, 1], [-1, 1] or [0, 255]')
        if (self.mean is None) != (self.std is None):
            raise mismatch('mean' if self.mean is None else 'std', 'mean and std together',
                           'give both or none')
        if self.std is not None and min(self.std) < LEAST_STD:
            raise mismatch('std', f'at least {LEAST_STD}', 'copy it from the training')
        return self


def to_tensor(pixels, wanted: Pixels):
    """
    Resize (area averaging), order and scale a picture.

    :param pixels: (H, W, 3) uint8 RGB
    :return: float32 of ``wanted.tensor_shape``
    """
    height, width = wanted.size
    if pixels.shape[:2] != (height, width):
        import cv2
        pixels = cv2.resize(np.ascontiguousarray(pixels), (width, height),
                            interpolation=cv2.INTER_AREA)
    if wanted.encoding == 'bgr8':
        pixels = pixels[..., ::-1]
    low, high = wanted.range
    mean = np.asarray(wanted.mean or (0.0, 0.0, 0.0))
    std = np.asarray(wanted.std or (1.0, 1.0, 1.0))
    factor = ((high - low) / 255.0 / std).astype(np.float32)
    shift = ((low - mean) / std).astype(np.float32)
    if wanted.layout == 'CHW':
        pixels = pixels.transpose(2, 0, 1)
        factor, shift = factor[:, np.newaxis, np.newaxis], shift[:, np.newaxis, np.newaxis]
    tensor = np.ascontiguousarray(pixels) * factor
    tensor += shift
    return tensor
