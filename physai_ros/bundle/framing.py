"""Which part of a picture a model sees, and at what size."""
from typing import Annotated, Literal, Optional, Tuple

import numpy as np
from physai_ros.bundle.schema import mismatch, Schema, Size
from physai_ros.core.errors import SampleError
from pydantic import Field, model_validator, Strict

METHODS = {'area': 'INTER_AREA', 'linear': 'INTER_LINEAR', 'cubic': 'INTER_CUBIC',
           'nearest': 'INTER_NEAREST'}
Place = Annotated[int, Field(ge=0, le=8192)]
Side = Annotated[int, Field(ge=1, le=8192)]


class Framing(Schema):
    """Turn, crop, then bring to a size."""

    size: Size = Field(description='the size the picture is brought to: [height, width], pixels')
    turn: int = Field(default=0, ge=0, le=270, multiple_of=90, description='how far the picture '
                      'is turned first, clockwise: 0, 90, 180 or 270 degrees')
    crop: Optional[Annotated[Tuple[Place, Place, Side, Side], Strict(False)]] = Field(
        default=None, description='the part of the picture that is used: [top, left, height, '
        'width], pixels')
    fit: Literal['stretch', 'crop', 'pad'] = Field(
        default='stretch', description='where the proportions differ: stretch, crop (the middle '
        'is kept) or pad')
    pad_at: Literal['both', 'end', 'start'] = Field(
        default='both', description='where fit: pad fills up: on both sides, behind (right, '
        'below) or in front (left, above)')
    pad_value: int = Field(default=0, ge=0, le=255, description='what fit: pad fills up with, '
                           'before range')
    interpolation: Literal['area', 'linear', 'cubic', 'nearest'] = Field(
        default='area', description='how it is resized: area, linear, cubic or nearest, as in '
        'OpenCV')

    def region(self, height: int, width: int) -> Tuple[int, int, int, int]:
        """
        Return the part (top, left, height, width) of a turned picture that is brought to ``size``.

        :param height: of the picture as it comes; ``width`` likewise
        :raises SampleError: when ``crop`` is not inside the picture
        """
        top, left = 0, 0
        height, width = self.turned(height, width)
        if self.crop is not None:
            top, left, tall, wide = self.crop
            if top + tall > height or left + wide > width:
                raise SampleError('the size of the picture', (height, width),
                                  f'at least {(top + tall, left + wide)}, for crop {self.crop}',
                                  'change the camera mode or crop')
            height, width = tall, wide
        if self.fit == 'crop':
            tall = min(height, round(width * self.size[0] / self.size[1]))
            wide = min(width, round(height * self.size[1] / self.size[0]))
            top, left = top + (height - tall) // 2, left + (width - wide) // 2
            height, width = max(tall, 1), max(wide, 1)
        return top, left, height, width

    def turned(self, height: int, width: int) -> Tuple[int, int]:
        """Return height and width of a picture that was turned, or is to be turned back."""
        return (width, height) if self.turn % 180 else (height, width)

    def bring(self, picture: np.ndarray) -> np.ndarray:
        """
        Return a picture (H, W, …) at ``size``; a view of it where nothing has to be done.

        :raises SampleError: when ``crop`` is not inside it
        """
        top, left, height, width = self.region(*picture.shape[:2])
        picture = np.rot90(picture, -self.turn // 90) if self.turn else picture
        picture = picture[top:top + height, left:left + width]
        if (height, width) == self.size:
            return picture
        if self.fit != 'pad':
            return self._resized(picture, self.size)
        tall, wide = self.size
        ratio = min(tall / height, wide / width)
        inner = (min(tall, max(1, round(height * ratio))), min(wide, max(1, round(width * ratio))))
        framed = np.full((tall, wide, *picture.shape[2:]), self.pad_value, picture.dtype)
        share = {'both': 2, 'end': 0, 'start': 1}[self.pad_at]
        top = (tall - inner[0]) // share if share else 0
        left = (wide - inner[1]) // share if share else 0
        framed[top:top + inner[0], left:left + inner[1]] = self._resized(picture, inner)
        return framed

    def _resized(self, picture, size):
        if picture.shape[:2] == size:
            return picture
        import cv2
        return cv2.resize(np.ascontiguousarray(picture), size[::-1],
                          interpolation=getattr(cv2, METHODS[self.interpolation]))

    @model_validator(mode='after')
    def _padding(self):
        for field in ('pad_at', 'pad_value'):
            if field in self.model_fields_set and self.fit != 'pad':
                raise mismatch(field, 'fit: pad beside it', 'add fit: pad, or remove this')
        return self
