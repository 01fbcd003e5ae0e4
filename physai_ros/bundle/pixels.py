"""How a picture becomes a tensor; training and robot must use this one function."""
from functools import cached_property
from typing import Literal, Optional, Tuple

import numpy as np
from physai_ros.bundle.framing import Framing
from physai_ros.bundle.schema import mismatch, Pair, Triple
from pydantic import Field, model_validator

LEAST_STD = 1e-6
BYTES = (0.0, 255.0)


class Pixels(Framing):
    """What a model expects of a picture."""

    encoding: Literal['rgb8', 'bgr8', 'mono8'] = Field(
        default='rgb8', description='the colour order; mono8 is one channel of brightness')
    range: Pair = Field(default=(0.0, 1.0),  # noqa: A003
                        description='the numbers that black and full brightness become')
    mean: Optional[Triple] = Field(
        default=None, description='taken away from each channel, after range, in which it lies')
    std: Optional[Triple] = Field(
        default=None, description='what each channel is divided by, after mean')
    layout: Literal['CHW', 'HWC'] = Field(
        default='CHW', description='channels first (torch) or last')
    dtype: Literal['float32', 'float16', 'uint8'] = Field(
        default='float32', description='the type of the input; uint8 takes the bytes as they are')

    @property
    def tensor_shape(self) -> Tuple[int, int, int]:
        """Return the shape of the tensor without batch dimension."""
        channels = 1 if self.encoding == 'mono8' else 3
        return (channels, *self.size) if self.layout == 'CHW' else (*self.size, channels)

    @cached_property
    def gain(self):
        """Return (factor, shift), float32: byte * factor + shift is the number of the model."""
        low, high = self.range
        mean = np.asarray(self.mean or (0.0, 0.0, 0.0))
        std = np.asarray(self.std or (1.0, 1.0, 1.0))
        factor = ((high - low) / 255.0 / std).astype(np.float32)
        shift = ((low - mean) / std).astype(np.float32)
        if self.encoding == 'mono8':
            factor, shift = factor[:1], shift[:1]
        if self.layout == 'CHW':
            factor, shift = factor[:, np.newaxis, np.newaxis], shift[:, np.newaxis, np.newaxis]
        return factor, shift

    @model_validator(mode='after')
    def _plausible(self):
        if self.range[0] >= self.range[1]:
            raise mismatch('range', 'the lower number first', 'write [0, 1], [-1, 1] or [0, 255]')
        if (self.mean is None) != (self.std is None):
            raise mismatch('mean' if self.mean is None else 'std', 'mean and std together',
                           'give both or none')
        if self.std is not None and min(self.std) < LEAST_STD:
            raise mismatch('std', f'at least {LEAST_STD}', 'copy it from the training')
        if self.mean is not None and not all(
                self.range[0] <= number <= self.range[1] for number in self.mean):
            raise mismatch('mean', f'numbers from {self.range[0]:g} to {self.range[1]:g}, the '
                           'range of a picture', 'write range: [0, 255] where the training took '
                           'it from bytes, or divide mean and std by 255')
        if self.range == BYTES and self.mean is not None and \
                0.0 <= min(self.mean) <= max(self.mean) <= 1.0 and any(self.mean):
            raise mismatch('mean', 'numbers of bytes, as range: [0, 255] says; these are of '
                           'pictures from 0 to 1', 'leave out range, which is then [0, 1]; where '
                           'bytes are all but black, divide mean and std by 255 besides')
        if self.dtype == 'uint8' and (self.mean is not None or 'range' in self.model_fields_set):
            raise mismatch('dtype', 'float32 or float16 beside range, mean and std',
                           'bytes are not scaled: remove those, or the dtype')
        return self


def to_tensor(pixels, wanted: Pixels):
    """
    Crop and resize (framing.Framing), order, scale and lay out a picture, in this order.

    :param pixels: (H, W, 3) uint8 RGB
    :return: ``wanted.dtype`` of ``wanted.tensor_shape``
    :raises SampleError: when it is too small for ``wanted.crop``
    """
    pixels = wanted.bring(pixels)
    if wanted.encoding == 'bgr8':
        pixels = pixels[..., ::-1]
    elif wanted.encoding == 'mono8':
        import cv2
        pixels = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)[..., np.newaxis]
    if wanted.layout == 'CHW':
        pixels = pixels.transpose(2, 0, 1)
    pixels = np.ascontiguousarray(pixels)
    if wanted.dtype == 'uint8':
        return pixels
    factor, shift = wanted.gain
    tensor = pixels * factor
    tensor += shift
    return tensor if wanted.dtype == 'float32' else tensor.astype(wanted.dtype)
