"""Samples of every source as a robot at rest near its home pose could measure them."""
import numpy as np
from physai_ros.core.types import (
    Depth, Image, Imu, JointState, Joy, Motion, Object3D, Objects, Odometry, Pose, Scan, Wrench)

UPRIGHT = np.array((1.0, 0.0, 0.0, 0.0))
STILL = np.zeros(3)
RAYS = 720
WITHOUT_LIMITS = CIRCLE = (-np.pi, np.pi)


class Plausible:
    """
    Makes samples; one seed makes one row of them.

    :param terms: all terms that the samples are for
    :param profile: the robot's robots.profile.Profile, or None
    :param description: the robot's robots.urdf.Description, or None
    """

    def __init__(self, terms, profile=None, description=None, seed=0):
        self._terms, self._profile = tuple(terms), profile
        self._joints = dict(description.joints) if description is not None else {}
        self._random = np.random.default_rng(seed)

    def __call__(self, source, stamp_ns: int):
        """Return a sample of a source, None for a kind that is not known here."""
        make = getattr(self, f'_{source.kind}', None)
        return make and make(source, stamp_ns)

    def lookup(self, target, source, stamp_ns):
        """Return a pose (4, 4) for any two frames, as TF would."""
        pose = np.eye(4)
        pose[:3, 3] = (0.4, 0.0, 0.3)
        return pose

    def _joint_state(self, source, stamp_ns):
        names = dict.fromkeys(name for name, joint in self._joints.items() if joint.moves)
        for term in self._of(source):
            names.update(dict.fromkeys(term.joints))
        position = np.array([self._position(name) for name in names])
        noise = self._random.normal(0.0, 0.02, (2, len(names)))
        return JointState(stamp_ns, tuple(names), position, noise[0], noise[1])

    def _position(self, name):
        joint = self._joints.get(name)
        lower, upper = WITHOUT_LIMITS
        if joint is not None and joint.lower is not None and joint.upper is not None:
            lower, upper = joint.lower, joint.upper
        arm = getattr(self._profile, 'arm', None)
        base = getattr(self._profile, 'base', None)
        home = {**(base.stance if base else {}), **(arm.home if arm else {})}
        position = home.get(name, min(max(0.0, lower), upper))
        noise = self._random.uniform(-0.05, 0.05) * (upper - lower)
        return min(max(position + noise, lower), upper)

    def _image(self, source, stamp_ns):
        height, width = self._size(source)
        pixels = self._random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        return Image(stamp_ns, 'camera', pixels)

    _compressed_image = _image

    def _depth(self, source, stamp_ns):
        metres = self._random.uniform(0.5, 3.0, self._size(source)).astype(np.float32)
        return Depth(stamp_ns, 'camera', metres)

    def _size(self, source):
        camera = getattr(self._profile, 'camera', None)
        sizes = [(camera.height, camera.width)] if camera else []
        for term in self._of(source):
            top, left, tall, wide = getattr(term, 'crop', None) or (0, 0, *term.size)
            sizes.append(term.turned(top + tall, left + wide))
        return tuple(max(side) for side in zip(*sizes))

    def _objects(self, source, stamp_ns):
        perception = getattr(self._profile, 'perception', None)
        heights = perception.support_planes if perception else {}
        far = 0.4 if getattr(self._profile, 'arm', None) else 2.0
        terms = self._of(source)
        items = tuple(Object3D(name, 0.9, np.array((
            far + self._random.uniform(-0.05, 0.05), self._random.uniform(-0.2, 0.2),
            heights.get(name, 0.5))), UPRIGHT, np.full(3, 0.05))
            for name in sorted({term.class_id for term in terms}))
        return Objects(stamp_ns, terms[0].frame, items)

    def _odometry(self, source, stamp_ns):
        return Odometry(stamp_ns, STILL, UPRIGHT, self._small(), self._small())

    def _imu(self, source, stamp_ns):
        return Imu(stamp_ns, self._frame(source), UPRIGHT, self._small(),
                   np.array((0.0, 0.0, 9.81)) + self._small())

    def _twist(self, source, stamp_ns):
        return Motion(stamp_ns, self._frame(source), np.array((0.3, 0.0, 0.0)), self._small())

    def _pose(self, source, stamp_ns):
        return Pose(stamp_ns, self._frame(source), np.array((0.4, 0.0, 0.3)), UPRIGHT)

    def _wrench(self, source, stamp_ns):
        return Wrench(stamp_ns, self._frame(source), self._small(), self._small())

    def _scan(self, source, stamp_ns):
        terms = self._of(source)
        angles = [term.angles for term in terms if term.angles is not None] or [CIRCLE]
        low, high = min(first for first, _ in angles), max(last for _, last in angles)
        as_they_are = [term.beams for term in terms if term.angles is None]
        rays = as_they_are[0] if as_they_are else max(RAYS, *(term.beams for term in terms))
        return Scan(stamp_ns, self._frame(source), low, (high - low) / rays, 0.05, 20.0,
                    self._random.uniform(1.0, 5.0, rays))

    def _joy(self, source, stamp_ns):
        terms = self._of(source)
        axes, buttons = (1 + max((place for term in terms for place in getattr(term, field)),
                                 default=0) for field in ('axes', 'buttons'))
        return Joy(stamp_ns, np.zeros(axes), np.zeros(buttons))

    def _small(self):
        return self._random.normal(0.0, 0.02, 3)

    def _frame(self, source):
        frames = (getattr(term, 'frame', None) for term in self._of(source))
        return next(filter(None, frames), 'base_link')

    def _of(self, source):
        return [term for term in self._terms
                if (term.source.topic, term.source.kind) == (source.topic, source.kind)]
