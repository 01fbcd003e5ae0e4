"""Where the links of a URDF are for given joint positions, quick enough for every message."""
from typing import Dict, Sequence, Tuple

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.robots.urdf import Description, Joint
from transforms3d.euler import euler2quat
from transforms3d.quaternions import quat2mat


class MovingJoints:
    """
    The child poses of moving joints, all at once.

    :param description: a robot
    :param names: names of the joints whose positions are given, in the order given; joints that
        mimic one of them are included, joints that depend on none are left out
    """

    def __init__(self, description: Description, names: Sequence[str]):
        index = {name: k for k, name in enumerate(names)}
        source = {j.name: j.mimic.joint if j.mimic else j.name
                  for j in description.joints.values() if j.moves}
        self.joints: Tuple[Joint, ...] = tuple(
            description.joints[name] for name, lead in source.items() if lead in index)
        self._index = np.array([index[source[j.name]] for j in self.joints], dtype=int)
        self._gain = np.array([j.mimic.multiplier if j.mimic else 1.0 for j in self.joints])
        self._bias = np.array([j.mimic.offset if j.mimic else 0.0 for j in self.joints])
        self._slides = np.array([j.type == 'prismatic' for j in self.joints], dtype=bool)
        self._axis = np.array([_unit(j) for j in self.joints]).reshape(-1, 3)
        self._xyz = np.array([j.origin_xyz for j in self.joints]).reshape(-1, 3)
        self._quat = np.array(
            [euler2quat(*j.origin_rpy, 'sxyz') for j in self.joints]).reshape(-1, 4)
        mats = np.array([quat2mat(q) for q in self._quat]).reshape(-1, 3, 3)
        self._slide = np.einsum('nij,nj->ni', mats, self._axis) * self._slides[:, None]

    def poses(self, positions: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """
        Return translations (N, 3) and quaternions (N, 4) of the children in their parents.

        :param positions: (J,) rad or m, in the order of the names given
        """
        q = positions[self._index] * self._gain + self._bias
        half = np.where(self._slides, 0.0, 0.5 * q)
        turn = np.concatenate([np.cos(half)[:, None], np.sin(half)[:, None] * self._axis], axis=1)
        return self._xyz + self._slide * q[:, None], _multiply(self._quat, turn)


class Chain:
    """
    The pose of one link in the root link.

    :raises ConfigError: for a link that the description does not have
    """

    def __init__(self, description: Description, link: str):
        if link not in description.links:
            raise ConfigError('link', link, f'one of {", ".join(description.links)}')
        by_child = {joint.child: joint for joint in description.joints.values()}
        self._joints = []
        while link != description.root:
            self._joints.insert(0, by_child[link])
            link = by_child[link].parent

    def pose(self, positions: Dict[str, float]) -> np.ndarray:
        """
        Return the link's pose as (4, 4).

        :param positions: rad or m by joint name; joints that are not named count as 0
        """
        pose = np.eye(4)
        for joint in self._joints:
            pose = pose @ _transform(joint, positions)
        return pose


def fixed_pose(joint: Joint) -> Tuple[np.ndarray, np.ndarray]:
    """Return translation (3,) and quaternion (4,) of a joint's origin."""
    return np.array(joint.origin_xyz), euler2quat(*joint.origin_rpy, 'sxyz')


def _transform(joint, positions) -> np.ndarray:
    xyz, quat = fixed_pose(joint)
    transform = np.eye(4)
    transform[:3, :3], transform[:3, 3] = quat2mat(quat), xyz
    if joint.moves:
        mimic = joint.mimic
        q = (positions.get(joint.name, 0.0) if mimic is None
             else mimic.multiplier * positions.get(mimic.joint, 0.0) + mimic.offset)
        axis = _unit(joint)
        motion = np.eye(4)
        if joint.type == 'prismatic':
            motion[:3, 3] = axis * q
        else:
            motion[:3, :3] = quat2mat((np.cos(q / 2), *(np.sin(q / 2) * axis)))
        transform = transform @ motion
    return transform


def _unit(joint) -> np.ndarray:
    axis = np.array(joint.axis)
    length = np.linalg.norm(axis)
    if not length > 0.0:
        raise ConfigError(f'axis of joint {joint.name}', joint.axis, 'a direction')
    return axis / length


def _multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Hamilton products of (N, 4) quaternions, w first."""
    aw, ax, ay, az = a.T
    bw, bx, by, bz = b.T
    return np.stack([aw * bw - ax * bx - ay * by - az * bz, aw * bx + ax * bw + ay * bz - az * by,
                     aw * by - ax * bz + ay * bw + az * bx, aw * bz + ax * by - ay * bx + az * bw],
                    axis=1)
