"""Count the times that a robot bumps into what it must not touch."""
import mujoco
import numpy as np
from physai_ros.sim.contacts import ENVIRONMENT

LEAST_FORCE = 5.0             # N; lighter touches are not counted
PAUSE_NS = 300_000_000        # contacts closer in time are one collision


class Collisions:
    """
    Watches the contacts of robots with fixed parts of the scenes, other robots and themselves.

    :param prefixes: the robots' prefixes in the model, in the order of the counts
    """

    def __init__(self, model: mujoco.MjModel, prefixes):
        self._model = model
        names = [model.body(model.geom_bodyid[g]).name for g in range(model.ngeom)]
        self._owner = np.full(model.ngeom, -1)
        for index, prefix in enumerate(prefixes):
            for geom, name in enumerate(names):
                if name.startswith(prefix) and not name.startswith(f'{prefix}scene/'):
                    self._owner[geom] = index
        self._hard = (self._owner >= 0) | (model.geom_contype == ENVIRONMENT)
        self._names = [name.rsplit('/', 1)[-1] for name in names]
        self._force = np.zeros(6)
        self._count = len(prefixes)
        self.reset()

    def reset(self, robot: int = None):
        """Forget the counts of one robot, or of all of them."""
        if robot is None:
            self.counts = [0] * self._count
            self.last = [''] * self._count
            self._seen_ns = [-PAUSE_NS - 1] * self._count
        else:
            self.counts[robot], self.last[robot] = 0, ''

    def update(self, data, now_ns: int):
        """Look at the contacts of the last physics step."""
        if data.ncon == 0:
            return
        pairs = data.contact.geom
        hits = self._hard[pairs[:, 0]] & self._hard[pairs[:, 1]]
        if not hits.any():
            return
        hits &= self._owner[pairs].max(axis=1) >= 0
        for contact in np.flatnonzero(hits):
            mujoco.mj_contactForce(self._model, data, contact, self._force)
            if self._force[0] >= LEAST_FORCE:
                self._note(pairs[contact], now_ns)

    def _note(self, pair, now_ns):
        for geom, other in (pair, pair[::-1]):
            robot = self._owner[geom]
            if robot < 0:
                continue
            if now_ns - self._seen_ns[robot] > PAUSE_NS:
                self.counts[robot] += 1
                self.last[robot] = f'{self._names[geom]} hit {self._names[other]}'
            self._seen_ns[robot] = now_ns
