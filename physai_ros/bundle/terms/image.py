"""The picture of a camera."""
from typing import ClassVar, Literal

from physai_ros.bundle.pixels import Pixels, to_tensor
from physai_ros.bundle.schema import Topic
from physai_ros.bundle.terms.base import Measured, Source
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Image as Picture
from pydantic import Field


class Image(Pixels, Measured):
    """A picture, resized and scaled; alone in an input of the model, or stacked with others."""

    sample_type: ClassVar[type] = Picture
    default_max_age_s: ClassVar[float] = 0.2

    term: Literal['image'] = 'image'
    topic: Topic = Field(description='topic of sensor_msgs/Image or CompressedImage')
    compressed: bool = Field(default=False,
                             description='whether the topic is of sensor_msgs/CompressedImage')

    @property
    def source(self):
        return Source(self.topic, 'compressed_image' if self.compressed else 'image')

    @property
    def shape(self):
        return self.tensor_shape

    @property
    def flat_axis(self):
        return 0 if self.layout == 'CHW' else 2

    def check(self, sample, frame_prefix):
        pixels = sample.pixels
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != 'uint8' or not pixels.size:
            raise SampleError(f'a picture on {self.topic}', (pixels.shape, str(pixels.dtype)),
                              'height, width and 3 channels of uint8',
                              'publish the camera as rgb8 or bgr8')
        self.region(*pixels.shape[:2])

    def build(self, sample, context):
        return to_tensor(sample.pixels, self)
