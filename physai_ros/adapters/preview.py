"""Markers that show where a chunk wants to go."""
import math
from typing import List, Optional, Union

from geometry_msgs.msg import Point
import numpy as np
from physai_ros.adapters.stamps import to_time
from physai_ros.core.types import BaseChunk, JointChunk, JointState, NS_PER_S
from physai_ros.robots.kinematics import Chain
from visualization_msgs.msg import Marker, MarkerArray

MOST_STEPS = 12
LINE_M = 0.01
TCP_SUFFIX = '_tcp'
COLORS = {'engaged': (0.1, 0.8, 0.2), 'holding': (1.0, 0.7, 0.0), 'faulted': (0.9, 0.1, 0.1),
          'disengaged': (0.3, 0.5, 1.0)}


class Preview:
    """
    Draws the way of the tool frames (links named ``*_tcp``) and of the base under a chunk.

    Let it :meth:`watch` the inputs of the guard: the joints that a chunk does not move are where
    they were measured.

    :param description: the robot
    :param frame_id: its root link's TF frame
    """

    def __init__(self, description, frame_id: str):
        self._frame_id = frame_id
        self._chains = {link: Chain(description, link) for link in description.links
                        if link.endswith(TCP_SUFFIX)}
        self._measured: Optional[JointState] = None
        self._chunk: Union[JointChunk, BaseChunk, None] = None

    def watch(self, topic: str, sample):
        """Take what came in on a topic."""
        if topic == 'joint_states':
            self._measured = sample
        elif topic.startswith('policy'):
            self._chunk = sample

    def markers(self, state: str) -> MarkerArray:
        """Return a line for each tool frame or the base, coloured by the guard's state."""
        chunk = self._chunk
        if chunk is None:
            return MarkerArray()
        if isinstance(chunk, BaseChunk):
            lines = {'base': _drive(chunk)}
        else:
            lines = {link: self._reach(chain, chunk) for link, chain in self._chains.items()}
        return MarkerArray(markers=[self._line(k, name, points, chunk.stamp_ns, state)
                                    for k, (name, points) in enumerate(lines.items())])

    def _reach(self, chain: Chain, chunk: JointChunk) -> List[np.ndarray]:
        state, rows = self._measured, chunk.positions[
            ::math.ceil(len(chunk.positions) / MOST_STEPS)]
        rest = dict(zip(state.names, state.position.tolist())) if state else {}
        return [chain.pose({**rest, **dict(zip(chunk.names, row.tolist()))})[:3, 3]
                for row in rows]

    def _line(self, number, name, points, stamp_ns, state) -> Marker:
        marker = Marker(ns=name, id=number, type=Marker.LINE_STRIP, action=Marker.ADD)
        marker.header.frame_id, marker.header.stamp = self._frame_id, to_time(stamp_ns)
        marker.pose.orientation.w = 1.0
        marker.scale.x = LINE_M
        marker.color.r, marker.color.g, marker.color.b = COLORS[state]
        marker.color.a = 1.0
        marker.lifetime.sec = 1
        marker.points = [Point(x=float(p[0]), y=float(p[1]), z=float(p[2])) for p in points]
        return marker


def _drive(chunk: BaseChunk) -> List[np.ndarray]:
    """Return the way (x, y, 0) of a base that follows its twists, seen from where it is now."""
    x = y = yaw = 0.0
    points, dt = [np.zeros(3)], chunk.dt_ns / NS_PER_S
    for vx, vy, wz in chunk.twists:
        x += dt * (vx * math.cos(yaw) - vy * math.sin(yaw))
        y += dt * (vx * math.sin(yaw) + vy * math.cos(yaw))
        yaw += dt * wz
        points.append(np.array((x, y, 0.0)))
    return points
