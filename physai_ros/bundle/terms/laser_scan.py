"""What a laser scanner sees."""
from typing import ClassVar, Literal

import numpy as np
from physai_ros.bundle.schema import mismatch, Pair, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Scan
from pydantic import Field, FiniteFloat, model_validator

TOLERANCE = 1e-3


class LaserScan(MeasuredVector):
    """
    The least distance in each of ``beams`` equal sectors of ``angles``, m.

    Nothing seen and everything further counts as ``far``, too close as the least range of the
    scanner. A beam without a measurement is left out; a sector without any counts as ``far``.
    """

    sample_type: ClassVar[type] = Scan
    default_max_age_s: ClassVar[float] = 0.3

    term: Literal['laser_scan'] = 'laser_scan'
    topic: Topic = Field(description='topic of sensor_msgs/LaserScan')
    beams: int = Field(ge=1, le=4096, description='how many numbers')
    angles: Pair = Field(description='[from, to], rad around z of the scanner')
    far: FiniteFloat = Field(gt=0, le=1000, description='the greatest distance, m')

    @property
    def source(self):
        return Source(self.topic, 'scan')

    @property
    def width(self):
        return self.beams

    def check(self, sample, frame_prefix):
        count = len(sample.ranges)
        ends = (sample.angle_min, sample.angle_min + (count - 1) * sample.angle_step)
        if not count or not min(ends) <= self.angles[0] + abs(sample.angle_step) or \
                not max(ends) >= self.angles[1] - abs(sample.angle_step) - TOLERANCE:
            raise SampleError(f'the angles of {self.topic}', ends,
                              f'at least {self.angles[0]:g} to {self.angles[1]:g} rad',
                              'correct angles in the manifest, or turn the scanner')

    def values(self, sample, context):
        ranges = np.asarray(sample.ranges, dtype=np.float64)
        angles = sample.angle_min + np.arange(len(ranges)) * sample.angle_step
        low, high = self.angles
        sector = np.floor((angles - low) / (high - low) * self.beams + TOLERANCE).astype(int)
        used = (sector >= 0) & (sector < self.beams) & ~np.isnan(ranges)
        distances = np.full(self.beams, self.far)
        np.minimum.at(distances, sector[used], ranges[used].clip(sample.range_min, self.far))
        return distances

    @model_validator(mode='after')
    def _angles(self):
        if self.angles[0] >= self.angles[1]:
            raise mismatch('angles', 'the lower angle first', 'write [-1.57, 1.57] for example')
        return self
