"""What a laser scanner sees."""
from typing import ClassVar, Literal, Optional

import numpy as np
from physai_ros.bundle.schema import mismatch, Pair, Topic
from physai_ros.bundle.terms.base import MeasuredVector, Source
from physai_ros.core.errors import SampleError
from physai_ros.core.types import Scan
from pydantic import Field, FiniteFloat, model_validator

TOLERANCE = 1e-3     # rad at the ends, and of a sector
CIRCLE = 2.0 * np.pi


class LaserScan(MeasuredVector):
    """
    The least distance in each of ``beams`` equal sectors of ``angles``, m.

    Nothing seen and everything further counts as ``far``, too close as the least range of the
    scanner. A beam without a measurement is left out; a sector without any counts as ``far``. A
    beam at the upper angle belongs to the last sector, and angles a whole turn apart are the same.
    Without ``angles`` each beam of the scanner is a number, in its order.
    """

    sample_type: ClassVar[type] = Scan
    default_max_age_s: ClassVar[float] = 0.3

    term: Literal['laser_scan'] = 'laser_scan'
    topic: Topic = Field(description='topic of sensor_msgs/LaserScan')
    beams: int = Field(ge=1, le=4096, description='how many numbers')
    angles: Optional[Pair] = Field(
        default=None, description='[from, to], rad around z of the scanner; without it the '
        'scanner has as many beams as numbers are wanted, and they are taken as they are')
    far: FiniteFloat = Field(gt=0, le=1000, description='the greatest distance, m')

    @property
    def source(self):
        return Source(self.topic, 'scan')

    @property
    def width(self):
        return self.beams

    def check(self, sample, frame_prefix):
        count = len(sample.ranges)
        if self.angles is None:
            if count != self.beams:
                raise SampleError(f'the number of beams of {self.topic}', count,
                                  f'{self.beams}, one for each number',
                                  'correct beams in the manifest, or give it angles')
            return
        ends = (sample.angle_min, sample.angle_min + (count - 1) * sample.angle_step)
        if not count or not self._within(*ends, abs(sample.angle_step)):
            raise SampleError(f'the angles of {self.topic}', ends,
                              f'at least {self.angles[0]:g} to {self.angles[1]:g} rad',
                              'correct angles in the manifest, or turn the scanner')

    def values(self, sample, context):
        ranges = np.asarray(sample.ranges, dtype=np.float64)
        distances, seen = np.full(self.beams, self.far), ~np.isnan(ranges)
        sectors = np.arange(self.beams) if self.angles is None else self._sectors(
            sample.angle_min + np.arange(len(ranges)) * sample.angle_step)
        seen &= sectors >= 0
        np.minimum.at(distances, sectors[seen], ranges[seen].clip(sample.range_min, self.far))
        return distances

    def _within(self, first, last, step):
        """Return whether beams between two angles see all of ``angles``, but for a step."""
        low, high = self.angles
        least, most = min(first, last) - step - TOLERANCE, max(first, last) + step + TOLERANCE
        turned = CIRCLE * np.ceil((least - low) / CIRCLE)
        return high + turned <= most or most - least >= max(CIRCLE, high - low)

    def _sectors(self, angles):
        """Return the sector of each angle (N,), -1 for those in none."""
        low, high = self.angles
        ahead = angles - low
        beyond = (ahead < -TOLERANCE) | (ahead > high - low + TOLERANCE)
        ahead[beyond] = (ahead[beyond] + TOLERANCE) % CIRCLE - TOLERANCE
        sectors = np.floor(ahead / (high - low) * self.beams + TOLERANCE).astype(int)
        return np.where(ahead > high - low + TOLERANCE, -1, sectors.clip(0, self.beams - 1))

    @model_validator(mode='after')
    def _angles(self):
        if self.angles is not None and self.angles[0] >= self.angles[1]:
            raise mismatch('angles', 'the lower angle first', 'write [-1.57, 1.57] for example')
        return self
