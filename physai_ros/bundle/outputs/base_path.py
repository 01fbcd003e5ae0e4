"""Waypoints for a base."""
import math
from typing import ClassVar, Literal, Optional

import numpy as np
from physai_ros.bundle.outputs.base import require_finite
from physai_ros.bundle.outputs.base_twist import AXES, Axes, BaseOutput
from physai_ros.bundle.scaling import require_bounds
from physai_ros.bundle.schema import Bounds, mismatch
from pydantic import Field, model_validator

THERE_M = 1e-4
HEADINGS = {'none': 0, 'yaw': 1, 'cos_sin': 2, 'sin_cos': 2}


class BasePathOutput(BaseOutput):
    """
    Where the base is to be after each period: x, y in m, in base_link as it was at t_obs.

    The path becomes one twist a period, from where the base is after the twists before. A base
    that cannot go sideways (``axes`` without vy) drives what lies ahead of it and turns by the
    bearing; it does not back up, and turns to the heading only where it stands. One that can goes
    straight there and turns to the heading.
    """

    invertible: ClassVar[bool] = False

    kind: Literal['base_path'] = 'base_path'
    axes: Axes = Field(
        default=('vx', 'wz'), description='how the base can move: vx with wz, vy or both')
    heading: Literal[tuple(HEADINGS)] = Field(
        default='none', description='what follows x and y: the heading in rad, its cosine and '
        'sine, its sine and cosine, or nothing')
    steps: Literal['from_reference', 'from_step_before'] = Field(
        default='from_reference', description='from_reference: each x and y counts from the base '
        'at t_obs; from_step_before: from those of the step before, along the same axes')
    follow: Optional[int] = Field(
        default=None, ge=0, description='drive to this point alone, counted from 0, as if it were '
        'one period away, as the deployments of GNM, ViNT and NoMaD do; by default the whole path')
    within: Optional[Bounds] = Field(
        default=None, description='[the least, the greatest] of each of axes, m/s and rad/s, as '
        'the deployment of the model bounds them: a faster path is followed that fast')

    @property
    def width(self):
        return 2 + HEADINGS[self.heading]

    def actions(self, rows, dt_s, reference=None, solver=None):
        points = self.from_model(rows)
        if self.steps == 'from_step_before':
            points = np.hstack([np.cumsum(points[:, :2], axis=0), points[:, 2:]])
        require_finite('the path of the base', points)
        if self.follow is not None:
            points = points[self.follow:self.follow + 1]
        headings = self._headings(points)
        x = y = yaw = 0.0
        twists = np.zeros((len(points), len(AXES)))
        for twist, point, heading in zip(twists, points, headings):
            turn = 0.0 if heading is None else math.remainder(heading - yaw, math.tau)
            twist[:] = self._bounded(self._leg(point[0] - x, point[1] - y, yaw, turn) / dt_s)
            vx, vy, wz = twist * dt_s
            chord, cos, sin = _arc(yaw, wz)
            x, y = x + chord * (cos * vx - sin * vy), y + chord * (sin * vx + cos * vy)
            yaw += wz
        return np.repeat(twists, len(rows) // len(twists), axis=0)

    def _leg(self, dx, dy, yaw, turn):
        """Return how far to go along x and y and to turn, (3,), towards a point (dx, dy) away."""
        if 'vy' in self.axes:
            turn = turn if 'wz' in self.axes else 0.0
            chord, cos, sin = _arc(yaw, turn)
            return np.array([(cos * dx + sin * dy) / chord, (cos * dy - sin * dx) / chord, turn])
        ahead, aside = (math.cos(yaw) * dx + math.sin(yaw) * dy,
                        math.cos(yaw) * dy - math.sin(yaw) * dx)
        if math.hypot(ahead, aside) < THERE_M:
            return np.array([0.0, 0.0, turn])
        return np.array([max(ahead, 0.0), 0.0, math.atan2(aside, ahead)])

    def _headings(self, points):
        if self.heading == 'none':
            return [None] * len(points)
        if self.heading == 'yaw':
            return points[:, 2]
        cos, sin = points[:, 2:].T if self.heading == 'cos_sin' else points[:, :1:-1].T
        return np.arctan2(sin, cos)

    def _bounded(self, twist):
        if self.within is not None:
            places = [AXES.index(axis) for axis in self.axes]
            twist[places] = twist[places].clip(*map(np.array, self.within))
        return twist

    @model_validator(mode='after')
    def _drives(self):
        if 'vx' not in self.axes or len(self.axes) < 2:
            raise mismatch('axes', 'vx with wz, vy or both', 'a base reaches no point with less')
        require_bounds('within', self.within, len(self.axes))
        return self


def _arc(yaw, turn):
    """Return chord / length of an arc that begins at ``yaw``, and its direction (cos, sin)."""
    return np.sinc(turn / math.tau), math.cos(yaw + turn / 2), math.sin(yaw + turn / 2)
