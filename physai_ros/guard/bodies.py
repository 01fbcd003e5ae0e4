"""The collision shapes of a robot, placed by the joints under command (Pinocchio and coal)."""
import math
from typing import Dict, Sequence, Tuple

import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.guard.hulls import convex
from physai_ros.robots.kinematic_model import complete_limits, kinematic_model
from physai_ros.robots.meshes import with_files
from physai_ros.robots.urdf import Description


class Bodies:
    """
    Shapes of the URDF's ``<collision>`` elements and the half-spaces that a workspace leaves out.

    ``names``: of the link that each shape belongs to, or of the half-space; ``fixed`` (S,) bool:
    half-spaces. Meshes are replaced by their convex hulls.

    :param description: the robot
    :param joints: names of the commanded joints (J), the order of all configurations
    :param outside: half-spaces {name: (normal (3,), offset m)} in the root link: points with
        ``normal . x < offset`` must stay empty
    :raises ConfigError: for a URDF or a mesh that Pinocchio cannot use
    """

    def __init__(self, description: Description, joints: Sequence[str],
                 outside: Dict[str, Tuple[Sequence[float], float]]):
        import pinocchio
        self._pin, self.joints = pinocchio, tuple(joints)
        text = with_files(description.text, complete_limits, only='.//collision//')
        self._model = kinematic_model(text)
        try:
            self._shapes = pinocchio.buildGeomFromUrdfString(
                self._model, text, pinocchio.GeometryType.COLLISION)
        except Exception as error:  # Boost.Python and C++ exceptions of many kinds
            raise ConfigError(
                'robot description', None, 'valid URDF whose collision shapes can be loaded',
                f'{error} (more of it in the lines before)') from error
        self._make_convex()
        links = [self._model.frames[shape.parentFrame].name
                 for shape in self._shapes.geometryObjects]
        for name, (normal, offset) in outside.items():
            self._add_half_space(name, np.asarray(normal, float), float(offset))
        self.names = (*links, *outside)
        self.fixed = np.arange(len(self.names)) >= len(links)
        self._data = self._model.createData()
        self._wire(description)
        self._reach = [self._reach_of(shape) for shape in self._shapes.geometryObjects]

    def watch(self, pairs: Sequence[Tuple[int, int]]):
        """Choose the pairs of shapes whose distances are asked for, by index from then on."""
        self._shapes.removeAllCollisionPairs()
        for pair in pairs:
            self._shapes.addCollisionPair(self._pin.CollisionPair(*pair))
        self._placed = self._pin.GeometryData(self._shapes)

    def place(self, position: np.ndarray):
        """Move the shapes to where the commanded joints (J,) put them."""
        self._pin.updateGeometryPlacements(self._model, self._data, self._shapes, self._placed,
                                           self._configuration(position))

    def frame(self, name: str) -> int:
        """
        Return the number of a link.

        :raises ConfigError: for a link that the robot does not have
        """
        if not self._model.existFrame(name):
            raise ConfigError('frame', name, 'a link of the URDF')
        return self._model.getFrameId(name)

    def jacobians(self, frames: Sequence[int], position: np.ndarray) -> np.ndarray:
        """Return (F, 3, J): velocity of links' origins, in the root's axes, per rad/s or m/s."""
        model, data = self._model, self._data
        self._pin.computeJointJacobians(model, data, self._configuration(position))
        return np.array([self._pin.getFrameJacobian(
            model, data, frame, self._pin.LOCAL_WORLD_ALIGNED)[:3] for frame in frames
        ]) @ self._driven

    def jacobian(self, frame: int, position: np.ndarray) -> np.ndarray:
        """Return (3, J): velocity of a link's origin, in the root's axes, per rad/s or m/s."""
        return self.jacobians((frame,), position)[0]

    def _configuration(self, position):
        q = self._rest.copy()
        q[self._plain] = self._gain * position[self._source] + self._bias
        for at, source, gain, bias in self._turning:
            angle = gain * position[source] + bias
            q[at], q[at + 1] = math.cos(angle), math.sin(angle)
        return q

    def distance(self, pair: int) -> float:
        """Measure a pair as placed: its distance in m, negative when the shapes overlap."""
        return self._pin.computeDistance(self._shapes, self._placed, pair).min_distance

    def distances(self) -> np.ndarray:
        """Measure all pairs as placed: distances of shape (P,)."""
        return np.array([self.distance(pair) for pair in range(len(self._shapes.collisionPairs))])

    def relative_reach(self, first: int, second: int) -> np.ndarray:
        """
        Bound how fast two shapes can near each other, by commanded joint.

        :return: (J,) m of distance lost at most per rad or m of the joint
        """
        reach = np.zeros(len(self.joints))
        one, other = self._reach[first], self._reach[second]
        for joint in one.keys() ^ other.keys():
            source, gain, _ = self._drive.get(joint, (None, 0.0, 0.0))
            if source is not None:
                reach[source] += abs(gain) * (one.get(joint) or other.get(joint))
        return reach

    def uncommanded(self, first: int, second: int) -> Tuple[str, ...]:
        """Return the joints that move two shapes against each other and are not commanded."""
        between = self._reach[first].keys() ^ self._reach[second].keys()
        return tuple(self._model.names[j] for j in sorted(between) if j not in self._drive)

    def _make_convex(self):
        for shape in self._shapes.geometryObjects:
            if hasattr(shape.geometry, 'buildConvexRepresentation'):
                shape.geometry = convex(shape.geometry.vertices())

    def _add_half_space(self, name, normal, offset):
        import coal
        length = np.linalg.norm(normal)
        if not (np.isfinite(normal).all() and math.isfinite(offset) and length > 0.0):
            raise ConfigError(f'workspace {name}', (normal.tolist(), offset),
                              'a direction and a finite offset')
        self._shapes.addGeometryObject(self._pin.GeometryObject(
            name, 0, self._pin.SE3.Identity(), coal.Halfspace(normal / length, offset / length)))

    def _wire(self, description):
        """Find what drives each joint of the model: a commanded joint, its gain and its bias."""
        index = {name: k for k, name in enumerate(self.joints)}
        self._drive, plain, self._turning = {}, [], []
        self._rest = self._pin.neutral(self._model)
        low, high = self._model.lowerPositionLimit, self._model.upperPositionLimit
        for k in range(1, self._model.njoints):
            joint = description.joints[self._model.names[k]]
            lead, gain, bias = joint.name, 1.0, 0.0
            if joint.mimic is not None:
                lead, gain, bias = joint.mimic.joint, joint.mimic.multiplier, joint.mimic.offset
            at = self._model.joints[k].idx_q
            if lead not in index:
                if joint.type != 'continuous':
                    self._rest[at] = min(max(0.0, low[at]), high[at])
                continue
            self._drive[k] = (index[lead], gain, bias)
            if joint.type == 'continuous':
                self._turning.append((at, index[lead], gain, bias))
            else:
                plain.append((at, index[lead], gain, bias))
        self._driven = np.zeros((self._model.nv, len(self.joints)))
        for k, (source, gain, _) in self._drive.items():
            self._driven[self._model.joints[k].idx_v, source] = gain
        places = np.array(plain, dtype=float).reshape(-1, 4)
        self._plain, self._source = places[:, 0].astype(int), places[:, 1].astype(int)
        self._gain, self._bias = places[:, 2], places[:, 3]
        self._slides = {k for k in self._drive
                        if description.joints[self._model.names[k]].type == 'prismatic'}

    def _reach_of(self, shape):
        """Return {joint of the model: farthest that it moves a point of a shape, per rad or m}."""
        joint, reach = shape.parentJoint, {}
        if joint == 0:
            return reach
        shape.geometry.computeLocalAABB()
        centre = shape.placement.act(shape.geometry.aabb_center)
        distance = float(np.linalg.norm(centre) + shape.geometry.aabb_radius)
        while joint != 0:
            slides = joint in self._slides
            reach[joint] = 1.0 if slides else distance
            distance += float(np.linalg.norm(self._model.jointPlacements[joint].translation))
            if slides:
                at = self._model.joints[joint].idx_q
                distance += max(abs(self._model.lowerPositionLimit[at]),
                                abs(self._model.upperPositionLimit[at]))
            joint = self._model.parents[joint]
        return reach
