"""TF: write transforms, and look up the few that a node needs (tf2_ros is not on PyPI)."""
from bisect import bisect_left
from collections import deque
from typing import Dict, List, NamedTuple, Sequence

import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.qos import TF, TF_STATIC
from physai_ros.core.errors import StaleError
from tf2_msgs.msg import TFMessage
from transforms3d.quaternions import quat2mat

HISTORY = 64
TF_TOLERANCE_NS = 200_000_000     # what policies look up


class Transform(NamedTuple):
    """Pose of the frame ``child`` in ``parent``; quaternion w first."""

    stamp_ns: int
    parent: str
    child: str
    xyz: Sequence[float] = (0.0, 0.0, 0.0)
    quat: Sequence[float] = (1.0, 0.0, 0.0, 0.0)


def write_transforms(transforms: Sequence[Transform]) -> bytes:
    """Return transforms as a TFMessage."""
    writer = cdr.Writer()
    writer.number(len(transforms))
    for stamp_ns, parent, child, xyz, quat in transforms:
        writer.header(stamp_ns, parent)
        writer.text(child)
        writer.doubles((*xyz, *quat[1:], quat[0]))
    return writer.data()


@cdr.from_bytes
def read_transforms(data: bytes) -> List[Transform]:
    """Return what a TFMessage says."""
    def parse(reader):
        return [_transform(*reader.header(), reader.text(), *reader.row(7))
                for _ in range(reader.number())]
    return cdr.read(TFMessage, data, parse)


def _transform(stamp_ns, parent, child, x, y, z, qx, qy, qz, qw) -> Transform:
    return Transform(stamp_ns, parent, child, (x, y, z), (qw, qx, qy, qz))


class _Edge:
    """The pose of one frame in its parent, over the last few messages."""

    def __init__(self, parent: str, static: bool):
        self.parent, self.static = parent, static
        self.stamps, self.rows = deque(maxlen=HISTORY), deque(maxlen=HISTORY)

    def add(self, stamp_ns, row):
        if self.stamps and stamp_ns <= self.stamps[-1]:
            if stamp_ns > self.stamps[0]:
                return
            self.stamps.clear()  # time was set back: a simulation was restarted
            self.rows.clear()
        self.stamps.append(stamp_ns)
        self.rows.append(row)

    def at(self, stamp_ns) -> np.ndarray:
        k = bisect_left(self.stamps, stamp_ns)
        if self.static or k == len(self.stamps):
            return self.rows[-1]
        if k == 0:
            return self.rows[0]
        before, after = self.rows[k - 1], self.rows[k]
        span_ns = self.stamps[k] - self.stamps[k - 1]
        share = (stamp_ns - self.stamps[k - 1]) / span_ns
        sign = 1.0 if before[3:] @ after[3:] >= 0.0 else -1.0
        row = before + share * (np.concatenate([after[:3], sign * after[3:]]) - before)
        row[3:] /= np.linalg.norm(row[3:])
        return row

    def age_ns(self, stamp_ns) -> int:
        """Return how far the stamp lies outside of the history."""
        if self.static:
            return 0
        return max(0, stamp_ns - self.stamps[-1], self.stamps[0] - stamp_ns)


class TransformBuffer:
    """
    Poses between frames of one robot, interpolated at a stamp.

    :param prefix: of the frames to keep, ``<robot>/``; names are looked up without it
    :param tolerance_ns: how long after the newest transform it still counts
    """

    def __init__(self, prefix: str, tolerance_ns: int):
        self._prefix, self._tolerance_ns = prefix, tolerance_ns
        self._edges: Dict[str, _Edge] = {}

    def add(self, transforms: Sequence[Transform], static: bool):
        """Take the transforms of a message; those of other robots are skipped."""
        for stamp_ns, parent, child, xyz, quat in transforms:
            if not (child.startswith(self._prefix) and parent.startswith(self._prefix)):
                continue
            edge = self._edges.get(child)
            if edge is None or edge.parent != parent:
                edge = self._edges[child] = _Edge(parent, static)
            edge.add(stamp_ns, np.array((*xyz, *quat)))

    def lookup(self, target: str, source: str, stamp_ns: int) -> np.ndarray:
        """
        Return the pose (4, 4) of ``source`` in ``target``, through their nearest common ancestor.

        :raises StaleError: when a link of the way is unknown or too old
        """
        up, down = self._prefix + source, self._prefix + target
        ancestors = self._ancestors(down)
        path = self._ancestors(up)
        shared = next((frame for frame in path if frame in ancestors), None)
        if shared is None:
            raise StaleError(f'transform {down} -> {up}', None,
                             f'{path[-1]} to have a parent in /tf or /tf_static',
                             'check that state_publisher is active')
        pose = self._pose(path[:path.index(shared)], stamp_ns)
        if shared == down:
            return pose
        return np.linalg.inv(self._pose(ancestors[:ancestors.index(shared)], stamp_ns)) @ pose

    def _pose(self, frames, stamp_ns) -> np.ndarray:
        """Return the pose of the first frame in the parent of the last one."""
        pose = np.eye(4)
        for frame in frames:
            edge = self._edges[frame]
            age_ns = edge.age_ns(stamp_ns)
            if age_ns > self._tolerance_ns:
                raise StaleError(f'transform {edge.parent} -> {frame} age',
                                 f'{age_ns * 1e-9:.3f} s',
                                 f'at most {self._tolerance_ns * 1e-9:g} s',
                                 'check state_publisher and joint_states')
            row = edge.at(stamp_ns)
            step = np.eye(4)
            step[:3, :3], step[:3, 3] = quat2mat(row[3:]), row[:3]
            pose = step @ pose
        return pose

    def _ancestors(self, frame) -> List[str]:
        """Return a frame, its parent and so on up to the root."""
        path = [frame]
        while path[-1] in self._edges and self._edges[path[-1]].parent not in path:
            path.append(self._edges[path[-1]].parent)
        return path


class TransformListener:
    """
    A :class:`TransformBuffer` that is fed from /tf and /tf_static when asked to.

    :param node: a :class:`~physai_ros.adapters.runtime.Runtime`
    :param prefix: see :class:`TransformBuffer`
    """

    def __init__(self, node, prefix: str, tolerance_ns: int):
        self._buffer = TransformBuffer(prefix, tolerance_ns)
        self._moving = node.inbox(TFMessage, '/tf', TF, read_transforms)
        self._static = node.inbox(TFMessage, '/tf_static', TF_STATIC, read_transforms)

    def lookup(self, target: str, source: str, stamp_ns: int) -> np.ndarray:
        """Take what has arrived, then look up; see :meth:`TransformBuffer.lookup`."""
        for transforms in self._static.take():
            self._buffer.add(transforms, static=True)
        for transforms in self._moving.take():
            self._buffer.add(transforms, static=False)
        return self._buffer.lookup(target, source, stamp_ns)
